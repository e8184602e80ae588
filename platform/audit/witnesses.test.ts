/** A log on PostgreSQL and witnesses over HTTP, as they run. */
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import {
  formatVerifierKey,
  judgeNote,
  NOTE_ED25519,
  noteKeyOf,
  parseCheckpoint,
  parsePolicy,
  parseProof,
  parseVerifierKeys,
  provesEntry,
  splitNote,
  type Policy,
} from '#platform/tlog';
import {
  createWitness,
  createWitnessServer,
  keysByOrigin,
  listen,
  makeHome,
  openMemory,
  pullOnce,
  type Pulled,
  makeMemory,
  type Memory,
} from '#platform/witness';

import { auditRoutes, createAudit, verifyLog, type Audit, type LogSigner } from './index.ts';

const newSigner = (): LogSigner => ({
  name: 'example.org/log',
  privateKey: generateKeyPairSync('ed25519').privateKey,
  mlDsa44Seed: randomBytes(32),
});

type RunningWitness = {
  name: string;
  url: string;
  /** Lines of a policy that asks for both keys. */
  lines: string;
  server: Server;
  memory: Memory;
  requests: string[];
  stop: () => void;
  /** The same keys with an empty memory, as after a loss. */
  forget: () => void;
};

async function startWitness(t: TestContext, name: string, signer: LogSigner, port = 0): Promise<RunningWitness> {
  const parent = mkdtempSync(join(tmpdir(), 'sr-witness-'));
  const key = formatVerifierKey(noteKeyOf({ ...signer, type: NOTE_ED25519 }));
  const home = makeHome(join(parent, 'home'), { name: `witness.example/${name}`, policy: `log ${key}\nquorum none\n` });
  let memory = openMemory(home.memoryPath);
  const witnessOn = (one: Memory) =>
    createWitness({
      signers: home.signers,
      logs: keysByOrigin(home.logs),
      memory: one,
      clock: () => new Date(),
      onEvidence: () => undefined,
    });
  let witness = witnessOn(memory);
  const requests: string[] = [];
  const server = createWitnessServer({
    witness: {
      addCheckpoint: (body) => {
        const answer = witness.addCheckpoint(body);
        requests.push(`${Buffer.from(body).toString().split('\n')[0]} ${answer.status}`);
        return answer;
      },
    },
    describe: () => ({}),
    onFault: (thrown) => assert.fail(String(thrown)),
  });
  const url = await listen(server, { host: '127.0.0.1', port });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  t.after(() => {
    stop();
    memory.close();
    rmSync(parent, { recursive: true, force: true });
  });
  const [ed, pq] = home.verifierKeys;
  const lines = `witness ${name}-ed ${ed} ${url}/\nwitness ${name}-pq ${pq} ${url}/\ngroup ${name} all ${name}-ed ${name}-pq\n`;
  const forget = (): void => {
    memory.close();
    const path = join(parent, 'empty.sqlite');
    makeMemory(path);
    memory = openMemory(path);
    witness = witnessOn(memory);
  };
  return { name, url, lines, server, memory, requests, stop, forget };
}

type Log = Readonly<{
  db: Db;
  audit: Audit;
  policy: Policy;
  news: { witness: string; problem: string | null }[];
  clock: { ahead: number };
}>;

function auditOn(db: Db, signer: LogSigner, policy: Policy | null, node = 'node_a'): Omit<Log, 'db' | 'policy'> {
  const news: Log['news'] = [];
  const clock = { ahead: 0 };
  const audit = createAudit({
    db,
    clock: () => new Date(Date.now() + clock.ahead),
    signer,
    node,
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_id, bytes) => Promise.resolve(bytes),
    witnesses: policy && { policy, fetch, timeoutMs: 1000, onNews: (each) => news.push(each) },
  });
  return { audit, news, clock };
}

async function logWith(t: TestContext, signer: LogSigner, policyText: string): Promise<Log> {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  const policy = parsePolicy(Buffer.from(policyText));
  return { db, policy, ...auditOn(db, signer, policy) };
}

const append = async (audit: Audit, count: number): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      audit.append({ action: 'test.event', actor: { kind: 'system', id: 'test' }, outcome: 'done', detail: { n } }),
    ),
  );
};
const verify = ({ audit, policy }: Pick<Log, 'audit' | 'policy'>, remembered: string | null = null) =>
  verifyLog({ source: audit.source, verifierKey: audit.verifierKey, policy, remembered });
const sizeOf = (note: string): number => parseCheckpoint(splitNote(note)?.text ?? '')?.size ?? -1;

/** A server that answers as it likes. */
async function startStranger(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return url;
}

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
  const began = performance.now();
  const without = await verify(log);
  assert.ok(performance.now() - began < 3000);
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

test('two servers on one database publish forward only, and the witness never sees a contradiction', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  const others = ['node_b', 'node_c'].map((node) => auditOn(log.db, signer, log.policy, node));
  const audits = [log.audit, ...others.map(({ audit }) => audit)];
  const published: number[] = [];

  await Promise.all(
    audits.map(async (audit) => {
      for (let round = 0; round < 12; round += 1) {
        await append(audit, 7);
        await audit.integrate();
        await audit.publish();
        const [row] = await log.db<{ published: string | null }[]>`select published from audit.tree`;
        if (row?.published) published.push(sizeOf(row.published));
      }
    }),
  );
  // the one that has the lease brings it to an end
  for (const audit of audits) await audit.publish();

  const report = await verify(log);
  assert.deepEqual([report.problems, report.size, report.quorum?.met], [[], 252, true]);
  assert.deepEqual(
    published,
    published.toSorted((one, other) => one - other),
  );
  assert.ok(
    witness.requests.every((one) => one.endsWith(' 200')),
    witness.requests.join(),
  );
});

test('a server that stops hands the witnesses over: another asks them at once, and not when the lease has ended', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 3);
  await log.audit.checkpoint();
  const other = auditOn(log.db, signer, log.policy, 'node_b');
  await append(other.audit, 3);
  await other.audit.integrate();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3, 'it is not its turn');
  // what is not one's own is not handed over
  await other.audit.endPublishing();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3);

  await log.audit.endPublishing();
  await other.audit.publish();

  const { publishedSize, witnessedSize } = await log.audit.status();
  assert.deepEqual([publishedSize, witnessedSize], [6, 6]);
});

test('when the server that asks the witnesses dies, another takes over', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 3);
  await log.audit.checkpoint();
  const other = auditOn(log.db, signer, log.policy, 'node_b');
  await append(other.audit, 3);

  await other.audit.integrate();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3);
  await log.db`update audit.publisher set until = now() - interval '1 second'`;
  await other.audit.publish();

  assert.deepEqual(
    [(await verify({ ...other, policy: log.policy })).size, (await log.audit.status()).quorum],
    [6, 'met'],
  );
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

type Puller = Readonly<{
  lines: string;
  pull: () => Promise<Pulled>;
  memory: Memory;
  addCheckpoint: (body: string) => number;
}>;

/** A witness that nobody can reach, and the log's routes where it fetches. */
async function startPuller(t: TestContext, name: string, signer: LogSigner, url: () => string): Promise<Puller> {
  const parent = mkdtempSync(join(tmpdir(), 'sr-puller-'));
  const key = formatVerifierKey(noteKeyOf({ ...signer, type: NOTE_ED25519 }));
  const home = makeHome(join(parent, 'home'), { name: `witness.example/${name}`, policy: `log ${key}\nquorum none\n` });
  const memory = openMemory(home.memoryPath);
  t.after(() => {
    memory.close();
    rmSync(parent, { recursive: true, force: true });
  });
  const witness = createWitness({
    signers: home.signers,
    logs: keysByOrigin(home.logs),
    memory,
    clock: () => new Date(),
    onEvidence: () => undefined,
  });
  const [ed, pq] = home.verifierKeys;
  return {
    lines: `witness ${name}-ed ${ed}\nwitness ${name}-pq ${pq}\ngroup ${name} all ${name}-ed ${name}-pq\n`,
    pull: () => pullOnce({ witness, memory, fetch, timeoutMs: 2000 }, { origin: signer.name, url: url() }),
    memory,
    addCheckpoint: (body) => witness.addCheckpoint(Buffer.from(body)).status,
  };
}
async function serveLog(t: TestContext, audit: () => Audit): Promise<string> {
  const http = await createHttp({ log: createLog('silent'), version: '0' });
  const lazy = new Proxy({} as Audit, { get: (_target, name) => audit()[name as keyof Audit] });
  const reader = { kind: 'staff', id: 'key_reader', role: 'auditor' } as const;
  auditRoutes(http, { audit: lazy, requireReader: () => Promise.resolve(reader) });
  t.after(() => http.close());
  return `${await http.listen({ host: '127.0.0.1', port: 0 })}/v1/audit`;
}
/** What is served may be half a second old. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600));

test('witnesses that fetch meet on one checkpoint while the log grows, and their quorum is kept', async (t) => {
  const signer = newSigner();
  const running: { audit?: Audit } = {};
  const url = await serveLog(t, () => running.audit as Audit);
  const [one, other] = [await startPuller(t, 'a', signer, () => url), await startPuller(t, 'b', signer, () => url)];
  const log = await logWith(t, signer, `${one.lines}${other.lines}group both all a b\nquorum both\n`);
  running.audit = log.audit;
  await append(log.audit, 300);
  await log.audit.checkpoint();
  await settle();

  assert.deepEqual(await one.pull(), { kind: 'cosigned', size: 300 });
  // a hundred checkpoints later the other one comes
  for (let i = 0; i < 5; i += 1) {
    await append(log.audit, 20);
    await log.audit.checkpoint();
  }
  await settle();
  assert.equal((await log.audit.status()).quorum, 'not met');
  assert.deepEqual(await other.pull(), { kind: 'cosigned', size: 300 });

  const status = await log.audit.status();
  assert.deepEqual([status.witnessedSize, status.publishedSize], [300, 400]);
  const proof = parseProof(await log.audit.prove(299));
  assert.equal(
    judgeNote(proof?.note ?? '', log.policy, parseVerifierKeys(log.audit.verifierKey) ?? []).quorumMet,
    true,
  );
  assert.equal((await verify(log)).quorum?.witnessedSize, 300);
  // the next one is offered now, and both prove by tiles that it adds to what they cosigned
  await log.audit.publish();
  await settle();
  assert.deepEqual(
    [await one.pull(), await other.pull()],
    [
      { kind: 'cosigned', size: 400 },
      { kind: 'cosigned', size: 400 },
    ],
  );
  assert.equal((await verify(log)).quorum?.met, true);
});

test('an offer that not all cosigned gives way after a minute, and one that is idle is not offered anew', async (t) => {
  const signer = newSigner();
  const running: { audit?: Audit } = {};
  const url = await serveLog(t, () => running.audit as Audit);
  const puller = await startPuller(t, 'a', signer, () => url);
  const log = await logWith(t, signer, `${puller.lines}quorum a\n`);
  running.audit = log.audit;
  await append(log.audit, 5);
  await log.audit.checkpoint();
  await append(log.audit, 5);
  await log.audit.checkpoint();
  assert.equal(sizeOf(await log.audit.offered()), 5);

  log.clock.ahead += 61_000;
  await log.audit.publish();
  await settle();
  assert.equal(sizeOf(await log.audit.offered()), 10);
  assert.deepEqual(await puller.pull(), { kind: 'cosigned', size: 10 });
  assert.deepEqual(await puller.pull(), { kind: 'cosigned', size: 10 });
  assert.equal(splitNote((await log.audit.source.witnessed()) ?? '')?.signatures.length, 4);
});

test('cosignatures are taken from witnesses of the policy only, of what is public only, and each once', async (t) => {
  const signer = newSigner();
  const running: { audit?: Audit } = {};
  const url = await serveLog(t, () => running.audit as Audit);
  const [known, stranger] = [
    await startPuller(t, 'a', signer, () => url),
    await startPuller(t, 'a', signer, () => url),
  ];
  const log = await logWith(t, signer, `${known.lines}quorum a\n`);
  running.audit = log.audit;
  await append(log.audit, 5);
  const note = await log.audit.checkpoint();
  await settle();
  const send = async (body: string): Promise<[number, string]> => {
    const response = await fetch(`${url}/cosignatures`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
    });
    return [response.status, ((await response.json().catch(() => ({}))) as { code?: string }).code ?? ''];
  };

  assert.deepEqual(await stranger.pull(), {
    kind: 'failed',
    why: 'the cosignature was made, and the log answered 422',
  });
  assert.deepEqual(await send(note), [422, 'AUDIT_NO_WITNESS']);
  assert.deepEqual(await send(note.replace('\n5\n', '\n6\n')), [409, 'AUDIT_STALE']);
  for (const junk of ['', 'junk', '\n\n', `${note}junk`, note.replace(/^— .*$/gm, '— a b')])
    assert.equal((await send(junk))[0] >= 400, true, junk);
  assert.deepEqual(await send('x'.repeat(200_000)), [413, 'HTTP_TOO_LARGE']);
  assert.equal((await log.audit.status()).quorum, 'not met');
  assert.equal((await known.pull()).kind, 'cosigned');
  assert.equal((await log.audit.status()).quorum, 'met');
  assert.equal(splitNote(await log.audit.checkpoint())?.signatures.length, 4);
});

test('a witness that fetches from a log that was set back, or forged on the way, cosigns nothing', async (t) => {
  const signer = newSigner();
  const running: { audit?: Audit } = {};
  const url = await serveLog(t, () => running.audit as Audit);
  const at = { url };
  const puller = await startPuller(t, 'a', signer, () => at.url);
  const log = await logWith(t, signer, `${puller.lines}quorum a\n`);
  running.audit = log.audit;
  await append(log.audit, 300);
  await log.audit.checkpoint();
  await settle();
  assert.equal((await puller.pull()).kind, 'cosigned');

  // another log of the same key: shorter, then longer
  const other = await logWith(t, signer, `${puller.lines}quorum a\n`);
  running.audit = other.audit;
  await append(other.audit, 20);
  await other.audit.checkpoint();
  await settle();
  assert.match(((await puller.pull()) as { why: string }).why, /offers 20 entries, 300 were cosigned/);
  await append(other.audit, 400);
  other.clock.ahead += 61_000;
  await other.audit.checkpoint();
  await other.audit.publish();
  await settle();
  assert.match(((await puller.pull()) as { why: string }).why, /was rewritten/);
  assert.equal(puller.memory.last(signer.name)?.size, 300);

  for (const [listener, pattern] of [
    [() => undefined, /did not answer in time/],
    [(_request, response) => response.end('junk'), /offers no checkpoint/],
    [(_request, response) => response.writeHead(500).end(), /answered 500/],
    [(_request, response) => response.end(Buffer.alloc(2 ** 20, 'x')), /too long/],
    [(_request, response) => response.writeHead(301, { location: url }).end(), /cannot be reached/],
  ] as readonly [RequestListener, RegExp][]) {
    at.url = await startStranger(t, listener);
    assert.match(((await puller.pull()) as { why: string }).why, pattern);
  }
});
