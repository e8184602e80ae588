/** A log on PostgreSQL and witnesses over HTTP that are asked, as they run. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';

import { parsePolicy, parseProof, provesEntry, splitNote } from '#platform/tlog';

import { verifyLog } from './index.ts';
import {
  newSigner,
  startWitness,
  auditOn,
  logWith,
  append,
  verify,
  sizeOf,
  startStranger,
} from './testing-witnesses.ts';

test('each published checkpoint carries the cosignatures, and the policy is met by verifier, status and proof', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  let remembered: string | null = null;

  for (const count of [1, 300, 5]) {
    await append(log.audit, count);
    const report = await verify(log, remembered);
    assert.deepEqual(report.problems, []);
    assert.equal(report.quorum?.met, true);
    assert.deepEqual(
      report.quorum.cosigned.map(({ witness: name }) => name),
      ['dpo-ed', 'dpo-pq'],
    );
    remembered = report.note;
  }
  assert.equal(splitNote(remembered ?? '')?.signatures.length, 4);
  // no request more than there were checkpoints: the size that was cosigned last is known
  assert.deepEqual(witness.requests, ['old 0 200', 'old 1 200', 'old 301 200']);
  await log.audit.publish();
  assert.equal(witness.requests.length, 3);
  const { quorum, size, witnessedSize, publishedSize } = await log.audit.status();
  assert.deepEqual(
    { quorum, size, witnessedSize, publishedSize },
    { quorum: 'met', size: 306, witnessedSize: 306, publishedSize: 306 },
  );
  const proof = parseProof(await log.audit.prove(17, { withEntry: true }));
  assert.ok(proof?.extra && provesEntry(proof, proof.extra));
  assert.equal(splitNote(proof.note)?.signatures.length, 4);
});

test('a witness that is gone stops nothing; what it saw stays provable, and when it is back it catches up', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 10);
  await log.audit.checkpoint();
  const { port } = new URL(witness.url);
  witness.stop();

  await append(log.audit, 10);
  const without = await verify(log);
  assert.deepEqual(
    [without.ok, without.size, without.quorum?.met, without.quorum?.witnessedSize],
    [true, 20, false, 10],
  );
  assert.deepEqual(without.quorum?.missing, ['dpo-ed', 'dpo-pq']);
  assert.equal((await log.audit.status()).quorum, 'not met');
  assert.deepEqual(log.news, [{ witness: `${witness.url}/`, problem: 'it cannot be reached' }]);
  // an entry that was witnessed is proven under what was witnessed, a later one without
  assert.equal(sizeOf(parseProof(await log.audit.prove(5))?.note ?? ''), 10);
  assert.equal(sizeOf(parseProof(await log.audit.prove(15))?.note ?? ''), 20);

  await new Promise<void>((resolve) => witness.server.listen(Number(port), '127.0.0.1', resolve));
  await log.audit.publish();
  assert.equal((await verify(log)).quorum?.met, false, 'it is left alone for a while');
  log.clock.ahead += 60_000;
  const again = await verify(log);
  assert.deepEqual([again.ok, again.quorum?.met, again.quorum?.witnessedSize], [true, true, 20]);
  assert.deepEqual(log.news.at(-1), { witness: `${witness.url}/`, problem: null });
});

test('one of two is enough when the policy says so, and both keys of it are needed when it says that', async (t) => {
  const signer = newSigner();
  const [one, other] = [await startWitness(t, 'a', signer), await startWitness(t, 'b', signer)];
  const any = `${one.lines}${other.lines}group either any a b\nquorum either\n`;
  const log = await logWith(t, signer, any);
  const strict = parsePolicy(Buffer.from(any.replace('either any', 'either all')));
  other.stop();

  await append(log.audit, 3);

  assert.equal((await verify(log)).quorum?.met, true);
  const asked = await verify({ ...log, policy: strict });
  assert.deepEqual([asked.quorum?.met, asked.quorum?.missing], [false, ['b-ed', 'b-pq']]);
});

const ANSWERS: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['hangs', () => undefined, /did not answer in time/],
  ['answers with junk', (_request, response) => response.end('junk'), /without a cosignature/],
  ['answers with nothing', (_request, response) => response.end(), /without a cosignature/],
  ['answers without end', (_request, response) => response.end(Buffer.alloc(5 * 2 ** 20, 'x')), /too long/],
  [
    'answers with what is no text',
    (_request, response) => response.end(Buffer.from([0xff, 0xfe])),
    /too long, or no text/,
  ],
  [
    'sends elsewhere',
    (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /cannot be reached/,
  ],
  ['knows no such log', (_request, response) => response.writeHead(404).end(), /does not know this log/],
  ['refuses the signature', (_request, response) => response.writeHead(403).end(), /does not accept the signature/],
  ['finds a fork', (_request, response) => response.writeHead(422).end(), /was rewritten/],
  ['is out of order', (_request, response) => response.writeHead(500).end('secret'), /^it answered 500$/],
  ['names no size', (_request, response) => response.writeHead(409).end('7\n'), /409 without a size/],
  [
    'names a size above the log',
    (_request, response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('99\n'),
    /has cosigned 99 entries, this log has 4/,
  ],
  [
    'names the size that was asked from',
    (_request, response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('0\n'),
    /changes with each answer/,
  ],
];
test('a witness that', async (t) => {
  const signer = newSigner();
  const genuine = await startWitness(t, 'dpo', signer);
  for (const [what, listener, pattern] of ANSWERS)
    await t.test(`${what} is not counted, and why is said in our own words`, async (inner) => {
      const url = await startStranger(inner, listener);
      const log = await logWith(inner, signer, `${genuine.lines.replaceAll(`${genuine.url}/`, url)}quorum dpo\n`);
      await append(log.audit, 4);

      const report = await verify(log);

      assert.deepEqual([report.ok, report.size, report.quorum?.met], [true, 4, false]);
      assert.equal(splitNote(report.note)?.signatures.length, 2);
      const [row] = (await log.audit.status()).witnesses;
      assert.match(row?.problem ?? '', pattern);
      assert.doesNotMatch(row?.problem ?? '', /secret|junk/);
    });
});

test('a witness whose key was replaced does not count, whoever answers in its name', async (t) => {
  const signer = newSigner();
  const [old, replaced] = [await startWitness(t, 'dpo', signer), await startWitness(t, 'dpo', signer)];
  const log = await logWith(t, signer, `${old.lines.replaceAll(old.url, replaced.url)}quorum dpo\n`);
  await append(log.audit, 4);

  const report = await verify(log);

  assert.equal(report.quorum?.met, false);
  assert.equal(splitNote(report.note)?.signatures.length, 2);
  assert.match((await log.audit.status()).witnesses[0]?.problem ?? '', /without a cosignature of a known key/);
});

test('a log that was set back whole is found by its witness, and so is one that was rewritten', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 100);
  const old = await log.audit.checkpoint();
  await append(log.audit, 100);
  await log.audit.checkpoint();
  // somebody puts yesterday's database back
  for (const table of ['entries', 'tiles', 'head', 'tree', 'checkpoints'])
    await log.db.unsafe(`alter table audit.${table} disable trigger all`);
  await log.db
    .unsafe(`delete from audit.entries where index >= 100; update audit.head set size = 100; delete from audit.checkpoints where size > 100;
    update audit.tiles set hashes = substring(hashes from 1 for 100 * 32)`);
  await log.db`update audit.tree set size = 100, signed = ${old}, published = ${old}, witnessed = ${old}`;
  const restarted = { ...log, ...auditOn(log.db, signer, log.policy, 'node_b') };
  await log.db`delete from audit.publisher`;

  await append(restarted.audit, 5);
  const report = await verify(restarted);

  // from what lies in the database alone it is a log like any other; the witness knows better
  assert.deepEqual([report.ok, report.size, report.quorum?.met], [true, 105, false]);
  assert.match(
    restarted.news.at(-1)?.problem ?? '',
    /^it has cosigned 200 entries, this log has 105: it was set back, or forked$/,
  );
  // and goes on refusing when the new history has grown past what it saw
  await append(restarted.audit, 200);
  restarted.clock.ahead += 60_000;
  const later = await verify(restarted);
  assert.deepEqual([later.size, later.quorum?.met], [305, false]);
  assert.match(
    restarted.news.at(-1)?.problem ?? '',
    /does not only add to what it has cosigned: the log was rewritten/,
  );
});

test('a witness that has lost its memory is told apart: it cosigns, and status says that it forgot', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 10);
  await log.audit.checkpoint();
  witness.forget();

  await append(log.audit, 10);
  const report = await verify(log);

  assert.equal(report.quorum?.met, true);
  assert.match(
    (await log.audit.status()).witnesses[0]?.problem ?? '',
    /knew of 0 entries only, after it had cosigned 10/,
  );
});

test('a cosignature that somebody forged in the database is thrown out, not published on', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 10);
  const note = await log.audit.checkpoint();
  const forged = note.replace(
    /(— witness\.example\/dpo \S{30})(.)/,
    (_all, head: string, one: string) => head + (one === 'A' ? 'B' : 'A'),
  );
  assert.notEqual(forged, note);
  await log.db`update audit.tree set published = ${forged}, witnessed = ${forged}`;

  const source = { ...log.audit.source, checkpoint: () => Promise.resolve(forged) };
  const seen = await verifyLog({ source, verifierKey: log.audit.verifierKey, policy: log.policy });
  assert.deepEqual(seen.problems, ['a cosignature in the name of a witness of the policy is forged']);
  assert.equal(seen.quorum?.met, false);
  const report = await verify(log);

  assert.deepEqual([report.ok, report.quorum?.met], [true, true]);
  assert.equal(report.note.includes(forged.split('\n').find((line) => line.startsWith('— witness')) ?? '-'), false);
});

test('a log that gets witnesses later, and one that loses its policy, go on', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  const alone = auditOn(log.db, signer, null, 'node_b');
  await append(alone.audit, 5);
  await alone.audit.checkpoint();
  assert.equal((await alone.audit.status()).quorum, 'none');

  assert.equal((await verify(log)).quorum?.met, true);
  await append(alone.audit, 5);
  assert.equal(sizeOf(await alone.audit.checkpoint()), 10);
  assert.equal((await verify(log)).quorum?.met, true);
  const report = await verifyLog({ source: alone.audit.source, verifierKey: alone.audit.verifierKey });
  assert.deepEqual([report.ok, report.size], [true, 10]);
});
