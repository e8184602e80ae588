import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { pino } from 'pino';

import { readConfig } from '#platform/config';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { whatIsRefused } from './attachments-refused.tests.ts';
import { largeOnesFit } from './attachments-large.tests.ts';

const MIB = 2 ** 20;
const CHUNK = 65_536;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
let app: string;
const logged: string[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-attach-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_ATTACHMENT_MIB: '64' });
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  system = await composeSystem(config, log);
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  app = await keyFor('application');
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Headers = Record<string, string>;
const headersFor = (key: string, more: Headers = {}): Headers => ({
  authorization: `Bearer ${key}`,
  'strongroom-purpose': 'service.support',
  ...more,
});
async function json(method: string, path: string, key: string, body?: object, more: Headers = {}) {
  const headers = headersFor(key, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more });
  const response = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
async function keyFor(role: string): Promise<string> {
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const made = await json('POST', '/v1/access/keys', admin, { name: role, role }, { 'strongroom-purpose': 'legal' });
  return made.body.key as string;
}
async function newRecord(): Promise<{ id: string; subjectId: string; files: string }> {
  const made = await json('POST', '/v1/vault/records', app, {
    collection: 'customer',
    fields: { last_name: 'Holder' },
  });
  const { id, subjectId } = made.body as { id: string; subjectId: string };
  return { id, subjectId, files: `/v1/vault/records/${id}/attachments` };
}
type Put = { status: number; body: Record<string, unknown> };
async function put(
  files: string,
  name: string,
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  more: Headers = {},
  key = app,
): Promise<Put> {
  const headers = headersFor(key, {
    'content-type': 'application/pdf',
    'strongroom-name': encodeURIComponent(name),
    ...more,
  });
  const response = await fetch(`${url}${files}/named`, { method: 'PUT', headers, body, duplex: 'half' });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const get = (files: string, name: string, more: Headers = {}, key = app): Promise<Response> =>
  fetch(`${url}${files}/named`, { headers: headersFor(key, { 'strongroom-name': encodeURIComponent(name), ...more }) });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code?: unknown }).code;
const uuidOf = (publicId: string): Promise<string> =>
  import('#platform/ids').then(
    ({ parsePublicId }) => parsePublicId(publicId.split('_')[0] as string, publicId) as string,
  );
async function stored(subjectId: string): Promise<{ chunks: number; loose: number }> {
  const subject = await uuidOf(subjectId);
  const [row] = await fresh.db<{ chunks: number; loose: number }[]>`
    select (select count(*)::int from vault.chunks where subject_id = ${subject}) as chunks,
      (select count(*)::int from vault.loose_attachments where subject_id = ${subject}) as loose`;
  return row as { chunks: number; loose: number };
}
const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 60_000; !(await holds());) {
    assert.ok(Date.now() < end, 'it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('a file goes in and out with name and type, and nothing lets a browser run it', async () => {
  const { files, id } = await newRecord();
  const content = randomBytes(3 * CHUNK + 1);
  const name = "contract 'ünï' 100%; \"x\".pdf";

  const stored = await put(files, name, content);
  const got = await get(files, name);

  assert.deepEqual([stored.status, stored.body.recordId, stored.body.sizeBytes, stored.body.replaced], [201, id, content.length, false]);
  assert.deepEqual(await bytesOf(got), content);
  assert.equal(got.headers.get('content-type'), 'application/octet-stream');
  assert.equal(got.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(got.headers.get('cache-control'), 'no-store');
  assert.equal(got.headers.get('content-security-policy'), "default-src 'none'; sandbox");
  assert.equal(got.headers.get('content-disposition'), `attachment; filename*=UTF-8''contract%20%27%C3%BCn%C3%AF%27%20100%25%3B%20%22x%22.pdf`);
  assert.equal(decodeURIComponent(got.headers.get('strongroom-name') ?? ''), name);
  assert.equal(got.headers.get('strongroom-type'), 'application/pdf');
  assert.equal(got.headers.get('repr-digest'), `sha-256=:${createHash('sha256').update(content).digest('base64')}:`);
  const entry = await system.audit.read(Number(got.headers.get('strongroom-audit-index')), Number(got.headers.get('strongroom-audit-index')) + 1);
  assert.match(entry[0]?.bytes.toString() ?? '', /"action":"vault.download"/);
  const byId = await fetch(`${url}${files}/${String(stored.body.id)}`, { headers: headersFor(app) });
  assert.deepEqual(await bytesOf(byId), content);
  const list = await json('GET', files, app);
  assert.deepEqual((list.body.attachments as { name: string }[]).map((each) => each.name), [name]);
}); // prettier-ignore

test('any type is a file: JSON that is none, an empty one, one without type and length', async () => {
  const { files } = await newRecord();
  const stream = (): ReadableStream<Uint8Array> => new Blob([randomBytes(70_000)]).stream();

  assert.equal((await put(files, 'a.json', '{"broken', { 'content-type': 'application/json' })).status, 201);
  assert.equal((await put(files, 'empty', new Uint8Array(0))).status, 201);
  assert.equal((await put(files, 'stream', stream())).body.sizeBytes, 70_000);

  assert.equal(await (await get(files, 'a.json')).text(), '{"broken');
  const empty = await get(files, 'empty');
  assert.deepEqual([empty.status, empty.headers.get('content-length'), (await bytesOf(empty)).length], [200, '0', 0]);
});

test('ranges: parts, the end, and what is not there', async () => {
  const { files } = await newRecord();
  const content = randomBytes(2 * CHUNK + 10);
  await put(files, 'r', content);

  for (const [range, from, to] of [
    ['bytes=0-0', 0, 0],
    [`bytes=${CHUNK - 1}-${CHUNK}`, CHUNK - 1, CHUNK],
    ['bytes=131072-', 131_072, 131_081],
    ['bytes=-5', 131_077, 131_081],
    ['bytes=5-999999999', 5, 131_081],
  ] as const) {
    // prettier-ignore
    const part = await get(files, 'r', { range });
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes ${from}-${to}/${content.length}`]);
    assert.ok((await bytesOf(part)).equals(content.subarray(from, to + 1)), range);
  }
  for (const range of [`bytes=${content.length}-`, 'bytes=9-5', 'bytes=-', 'bytes=0-1,4-5', 'bytes=-0']) {
    const refused = await get(files, 'r', { range });
    assert.deepEqual([refused.status, await codeOf(refused)], [416, 'VAULT_RANGE_INVALID'], range);
  }
  assert.equal((await get(files, 'r', { range: 'lines=1-2' })).status, 200);
});

test('too large: refused before it is sent when it says so, and in the middle when it does not; nothing stays', async () => {
  const { files, subjectId } = await newRecord();
  const endless = new ReadableStream<Uint8Array>({ pull: (out) => out.enqueue(new Uint8Array(MIB)) });

  const declared = await put(files, 'a', new Uint8Array(64 * MIB + 1));
  const streamed = await put(files, 'a', endless);

  for (const { status, body } of [declared, streamed]) {
    assert.deepEqual([status, body.code, body.maxBytes], [413, 'VAULT_ATTACHMENT_TOO_LARGE', 64 * MIB]);
  }
  assert.deepEqual(await stored(subjectId), { chunks: 0, loose: 0 });
});

test('bad asks are problems that repeat nothing of the name', async () => {
  const { files } = await newRecord();
  await put(files, 'a', 'x');
  const named = (name: string): Headers => headersFor(app, { 'strongroom-name': name });
  const ask = async (method: string, path: string, headers: Headers, body?: string) =>
    await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const cases: [number, string, Promise<Response>][] = [
    [400, 'VAULT_ATTACHMENT_NAME_INVALID', ask('PUT', `${files}/named`, headersFor(app), 'x')],
    [400, 'VAULT_ATTACHMENT_NAME_INVALID', ask('PUT', `${files}/named`, named('canary%2Fb'), 'x')],
    [400, 'VAULT_ATTACHMENT_NAME_INVALID', ask('PUT', `${files}/named`, named('canary%FF'), 'x')],
    [400, 'VAULT_ATTACHMENT_TYPE_INVALID', ask('PUT', `${files}/named`, { ...named('a'), 'content-type': `x/canary${'y'.repeat(300)}` }, 'x')],
    [400, 'VAULT_DIGEST_INVALID', ask('PUT', `${files}/named`, { ...named('a'), 'repr-digest': 'sha-256=canary' }, 'x')],
    [422, 'VAULT_DIGEST_MISMATCH', ask('PUT', `${files}/named`, { ...named('a'), 'repr-digest': `sha-256=:${'A'.repeat(43)}=:` }, 'x')],
    [400, 'VAULT_ID_INVALID', ask('GET', `${files}/canary.pdf`, headersFor(app))],
    [400, 'VAULT_ID_INVALID', ask('DELETE', `${files}/canary.pdf`, headersFor(app))],
    [404, 'HTTP_NOT_FOUND', ask('PUT', `${files}/canary.pdf`, headersFor(app), 'x')],
    [404, 'VAULT_ATTACHMENT_NOT_FOUND', ask('GET', `${files}/named`, named('canary'))],
    [400, 'VAULT_PURPOSE_MISSING', ask('GET', `${files}/named`, { authorization: `Bearer ${app}`, 'strongroom-name': 'a' })],
    [400, 'VAULT_PURPOSE_UNKNOWN', ask('GET', files, { ...named('a'), 'strongroom-purpose': 'canary' })],
    [401, 'ACCESS_UNAUTHENTICATED', ask('PUT', `${files}/named`, { 'strongroom-name': 'canary' }, 'x')],
  ]; // prettier-ignore

  for (const [status, code, asked] of cases) {
    const response = await asked;
    const text = await response.text();
    assert.deepEqual([response.status, (JSON.parse(text) as { code: string }).code], [status, code]);
    assert.doesNotMatch(text, /canary/);
  }
  assert.doesNotMatch(logged.join(''), /canary/);
});

/** Sends the beginning of an upload and holds the connection open. */
function beginUpload(files: string, name: string, sizeBytes: number, part: Buffer, at = url) {
  const { port, hostname } = new URL(at);
  const sending = request({ port, hostname, method: 'PUT', path: `${files}/named`, headers: headersFor(app, { 'strongroom-name': name, 'content-length': String(sizeBytes) }) }); // prettier-ignore
  sending.on('error', () => undefined);
  sending.write(part);
  return sending;
}

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  MIB,
  CHUNK,
  fresh,
  home,
  system,
  app,
  logged,
  headersFor,
  json,
  keyFor,
  newRecord,
  put,
  get,
  bytesOf,
  codeOf,
  uuidOf,
  stored,
  eventually,
  beginUpload,
});
export type Running = ReturnType<typeof running>;

whatIsRefused(running);
largeOnesFit(running);
