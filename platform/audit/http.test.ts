import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { migrate } from '#platform/db';
import { failures } from '#platform/failure';
import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { decodeBundle, parseCheckpoint, splitNote } from '#platform/tlog';

import { auditRoutes, createAudit, type Audit } from './index.ts';

const denied = failures('TEST', { DENIED: { status: 403, says: 'not a reader', hint: 'be one' } });
const READER = { 'x-reader': 'yes' };

type Served = Readonly<{
  audit: Audit;
  url: string;
  get: (path: string, headers?: Record<string, string>) => Promise<{ status: number; headers: Headers; body: Buffer }>;
}>;

async function serve(t: TestContext): Promise<Served> {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  const audit = createAudit({
    db,
    clock: () => new Date(),
    signer: {
      name: 'example.org/log',
      privateKey: generateKeyPairSync('ed25519').privateKey,
      mlDsa44Seed: randomBytes(32),
    },
    node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_id, bytes) => Promise.resolve(bytes),
  });
  const http = await createHttp({ log: createLog('silent'), version: '0' });
  await auditRoutes(http, {
    audit,
    requireReader: (request) => {
      const { headers } = request as { headers?: Record<string, unknown> };
      if (headers?.['x-reader'] !== 'yes') return Promise.reject(denied('DENIED'));
      return Promise.resolve({ kind: 'staff', id: 'key_reader', role: 'auditor' });
    },
  });
  const url = await http.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => http.close());
  return {
    audit,
    url: `${url}/v1/audit`,
    get: async (path, headers = {}) => {
      // node:fetch undoes the encoding, so that it is asked for plainly here unless a test wants it
      const response = await fetch(`${url}/v1/audit/${path}`, {
        headers: { 'accept-encoding': 'identity', ...headers },
      });
      return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
    },
  };
}

async function append(audit: Audit, count: number, size = 1): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      audit.append({
        action: 'test.event',
        actor: { kind: 'system', id: 'test' },
        outcome: 'done',
        detail: { n, text: 'x'.repeat(size) },
      }),
    ),
  );
}
/** What is served may be half a second old. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600));
const sizeIn = (body: Buffer): number => parseCheckpoint(splitNote(body.toString())?.text ?? '')?.size ?? -1;
const readings = async (audit: Audit): Promise<unknown[]> =>
  (await audit.read(0, 100_000))
    .map(({ bytes }) => JSON.parse(bytes.toString()) as { action: string; detail: unknown; actor: { id: string } })
    .filter(({ action }) => action.startsWith('audit.'))
    .map(({ action, detail, actor }) => [action, detail, actor.id]);

test('asking for the checkpoint takes nothing in, however many ask; it is what was published', async (t) => {
  const { audit, get } = await serve(t);
  assert.equal((await get('checkpoint')).status, 404);
  await append(audit, 3);
  await audit.checkpoint();
  await settle();
  await append(audit, 4);

  const answers = await Promise.all(Array.from({ length: 100 }, () => get('checkpoint')));

  assert.deepEqual(new Set(answers.map(({ body }) => sizeIn(body))), new Set([3]));
  assert.equal((await audit.status()).signedSize, 3);
  const [first] = answers;
  assert.equal(first?.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(first.headers.get('cache-control'), 'public, max-age=2');
  await audit.checkpoint();
  await settle();
  assert.equal(sizeIn((await get('checkpoint')).body), 7);
  assert.equal((await get('witnessed')).status, 404);
  assert.equal((await get('key')).body.toString(), `${audit.verifierKey}\n`);
});

test('tiles may be kept for ever, entries never, and bundles come compressed to who can read them', async (t) => {
  const { audit, get, url } = await serve(t);
  await append(audit, 300);
  await audit.checkpoint();

  for (const [path, bytes] of [
    ['tile/0/000', 8192],
    ['tile/0/001.p/44', 44 * 32],
    ['tile/0/000.p/7', 7 * 32],
    ['tile/1/000.p/1', 32],
  ] as const) {
    const { status, headers, body } = await get(path);
    assert.deepEqual([status, body.length], [200, bytes], path);
    assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(headers.get('content-type'), 'application/octet-stream');
  }
  for (const path of [
    'tile/0/1',
    'tile/0/0000',
    'tile/0/002',
    'tile/0/001',
    'tile/0/001.p/45',
    'tile/0/001.p/0',
    'tile/00/000',
    'tile/64/000',
    'tile/x/000',
  ])
    assert.equal((await get(path)).status, 404, path);
  const plain = await get('tile/entries/001.p/44', READER);
  assert.deepEqual(
    [plain.headers.get('cache-control'), plain.headers.get('content-encoding')],
    ['private, no-store', null],
  );
  assert.equal(decodeBundle(plain.body).length, 44);
  const packed = await new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
    request(`${url}/tile/entries/000`, { headers: { ...READER, 'accept-encoding': 'br, gzip' } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(pieces) }),
      );
    })
      .on('error', reject)
      .end();
  });
  assert.equal(packed.encoding, 'gzip');
  assert.equal(decodeBundle(gunzipSync(packed.body)).length, 256);
});

test('every reading of entries, and every proof, is an entry; what was refused is not a reading', async (t) => {
  const { audit, get } = await serve(t);
  await append(audit, 10);
  await audit.checkpoint();

  for (const path of ['entries', 'tile/entries/000.p/10', 'entries/3/proof', 'witnesses'])
    assert.equal((await get(path)).status, 403, path);
  assert.deepEqual(await readings(audit), []);
  assert.equal((await get('entries?from=2&limit=3', READER)).status, 200);
  assert.equal((await get('tile/entries/000.p/10', READER)).status, 200);
  assert.equal((await get('entries/3/proof', READER)).status, 200);
  assert.equal((await get('entries/4/proof?with=entry', READER)).status, 200);

  assert.deepEqual(await readings(audit), [
    ['audit.read', { from: 2, entries: 3 }, 'key_reader'],
    ['audit.read', { from: 0, entries: 10 }, 'key_reader'],
    ['audit.prove', { index: 3, withEntry: false }, 'key_reader'],
    ['audit.prove', { index: 4, withEntry: true }, 'key_reader'],
  ]);
  const early = await get('entries/12/proof', READER);
  assert.deepEqual(
    [early.status, (JSON.parse(early.body.toString()) as { code: string }).code],
    [503, 'AUDIT_NOT_PUBLISHED'],
  );
  assert.equal(early.headers.get('retry-after'), '1');
  assert.equal((await get('entries/99/proof', READER)).status, 404);
});

test('an answer with entries has an end: 1,000 of them, or 4 MiB', async (t) => {
  const { audit, get } = await serve(t);
  await append(audit, 150, 50_000);
  await append(audit, 1200);

  const answer = async (query: string): Promise<{ bytes: number; first: number; count: number }> => {
    const { body } = await get(`entries?${query}`, READER);
    const { entries } = JSON.parse(body.toString()) as { entries: { index: number }[] };
    return { bytes: body.length, first: entries[0]?.index ?? -1, count: entries.length };
  };
  const large = await answer('from=0&limit=1000');
  const next = await answer(`from=${large.count}&limit=1000`);
  const small = await answer('from=150&limit=9999');

  assert.ok(large.bytes < 4.5 * 2 ** 20 && large.count < 100, `${large.bytes} bytes, ${large.count} entries`);
  assert.ok(large.count > 50);
  assert.equal(next.first, large.count);
  assert.equal(small.count, 1000);

  // whoever writes much must not push what came last out of sight
  await append(audit, 100, 50_000);
  await append(audit, 3);
  const size = await audit.size();
  const last = await answer('limit=1000');
  assert.ok(last.count < 100 && last.first + last.count === size, `${last.first}, ${last.count} of ${size}`);
});
