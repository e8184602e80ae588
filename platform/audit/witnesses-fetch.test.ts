/** Witnesses that fetch: nobody can reach them, and they cosign what the log offers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';
import {
  formatVerifierKey,
  judgeNote,
  NOTE_ED25519,
  noteKeyOf,
  parseProof,
  parseVerifierKeys,
  splitNote,
} from '#platform/tlog';
import {
  createWitness,
  keysByOrigin,
  makeHome,
  openMemory,
  pullOnce,
  type Pulled,
  type Memory,
} from '#platform/witness';

import { auditRoutes, type Audit, type LogSigner } from './index.ts';
import { newSigner, logWith, append, verify, sizeOf, startStranger } from './testing-witnesses.ts';

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
    pull: () => pullOnce({ witness, memory, fetch, timeoutMs: 8000 }, { origin: signer.name, url: url() }),
    memory,
    addCheckpoint: (body) => witness.addCheckpoint(Buffer.from(body)).status,
  };
}
async function serveLog(t: TestContext, audit: () => Audit): Promise<string> {
  const http = await createHttp({ log: createLog('silent'), version: '0' });
  const lazy = new Proxy({} as Audit, { get: (_target, name) => audit()[name as keyof Audit] });
  const reader = { kind: 'staff', id: 'key_reader', role: 'auditor' } as const;
  await auditRoutes(http, { audit: lazy, requireReader: () => Promise.resolve(reader) });
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
