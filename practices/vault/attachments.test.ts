import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { isFailure } from '#platform/failure';
import type { RecordId } from '#platform/ids';

import type { Attached } from './attach.ts';
import type { Caller, Vault } from './index.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';
import { rightsAreAsked } from './attachments-rights.tests.ts';
import { erasureTakesThem } from './attachments-erased.tests.ts';
import { keysAreRenewed } from './attachments-keys.tests.ts';
import { damageIsRefused } from './attachments-damage.tests.ts';

let installation: Installation;
let vault: Vault;
let number = 0;

before(async () => {
  installation = await testInstallation();
  vault = await installation.server();
});
after(() => installation.close());

const app = callerFor('application');
const dpo = callerFor('dpo', 'legal.request');
const CHUNK = 65_536;

async function* pieces(bytes: Uint8Array, sizeBytes = 50_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + sizeBytes);
  }
}
const newRecord = (): Promise<RecordId> => putOne(vault, `attach-${(number += 1)}`, { last_name: 'Holder' });

type Ask = Parameters<Vault['stageAttachment']>[1];
const askFor = (id: RecordId, name: string, content: Uint8Array): Ask => ({
  id, name, type: 'application/pdf', source: pieces(content),
}); // prettier-ignore
async function attach(id: RecordId, name: string, content: Uint8Array, caller: Caller = app): Promise<Attached> {
  const staged = await vault.stageAttachment(caller, askFor(id, name, content));
  return await staged.place();
}
async function download(id: RecordId, name: string, caller: Caller = app, from = vault): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of (await from.openAttachment(caller, id, { name })).content()) parts.push(part);
  return Buffer.concat(parts);
}
const code = (expected: string) => (thrown: unknown) => isFailure(thrown, expected);

/** What is stored of a subject's attachments, loose ones too. */
async function stored(id: RecordId): Promise<{ attachments: number; chunks: number; loose: number }> {
  const { db } = installation;
  const [row] = await db<{ attachments: number; chunks: number; loose: number }[]>`
    select (select count(*)::int from vault.attachments where subject_id = ${id.subjectId}) as attachments,
      (select count(*)::int from vault.chunks where subject_id = ${id.subjectId}) as chunks,
      (select count(*)::int from vault.loose_attachments where subject_id = ${id.subjectId}) as loose`;
  return row as { attachments: number; chunks: number; loose: number };
}

const logSince = async (from: number): Promise<Record<string, unknown>[]> =>
  (await vault.core.audit.read(from, from + 1000)).map(({ bytes }) => JSON.parse(bytes.toString()));

test('files of every length around chunk and batch come back, with name, type and digest', async () => {
  const id = await newRecord();
  for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 5, 40 * CHUNK]) {
    const content = randomBytes(size);

    const made = await attach(id, `file ${size}.pdf`, content);
    const opened = await vault.openAttachment(app, id, { attachmentId: made.attachmentId });

    const { name, type, sha256, sizeBytes } = opened;
    const digest = createHash('sha256').update(content).digest('hex');
    assert.deepEqual({ name, type, sha256, sizeBytes }, { name: `file ${size}.pdf`, type: 'application/pdf', sha256: digest, sizeBytes: size }); // prettier-ignore
    assert.deepEqual(await download(id, `file ${size}.pdf`), content);
  }
});

test('ranges are the bytes asked for, across chunks and batches', async () => {
  const id = await newRecord();
  const content = randomBytes(35 * CHUNK + 77);
  await attach(id, 'r', content);
  const opened = await vault.openAttachment(app, id, { name: 'r' });

  for (const [start, end] of [
    [0, 0],
    [CHUNK - 1, CHUNK],
    [5, 20 * CHUNK],
    [33 * CHUNK + 3, content.length - 1],
  ] as const) {
    // prettier-ignore
    const parts: Buffer[] = [];
    for await (const part of opened.content({ start, end })) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(content.subarray(start, end + 1)), `${start}-${end}`);
  }
});

test('an upload that breaks in the middle leaves nothing, and the file of that name as it was', async () => {
  const id = await newRecord();
  const first = randomBytes(3 * CHUNK);
  await attach(id, 'contract.pdf', first);
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces(randomBytes(40 * CHUNK));
    throw new Error('cut off');
  };

  const failing = vault.stageAttachment(app, { ...askFor(id, 'contract.pdf', first), source: broken() });
  await assert.rejects(failing, /cut off/);

  assert.deepEqual(await stored(id), { attachments: 1, chunks: 3, loose: 0 });
  assert.deepEqual(await download(id, 'contract.pdf'), first);
});

test('a file is read until the one that replaces it is whole, also by who began before', async () => {
  const id = await newRecord();
  const [first, second] = [randomBytes(40 * CHUNK), randomBytes(20 * CHUNK)];
  await attach(id, 'contract.pdf', first);
  const staged = await vault.stageAttachment(app, askFor(id, 'contract.pdf', second));
  assert.deepEqual(await download(id, 'contract.pdf'), first);
  const reading = (await vault.openAttachment(app, id, { name: 'contract.pdf' })).content();
  const begun = [(await reading.next()).value as Buffer];

  const made = await staged.place();

  assert.equal(made.replaced, true);
  assert.deepEqual(await download(id, 'contract.pdf'), second);
  for await (const part of reading) begun.push(part);
  assert.deepEqual(Buffer.concat(begun), first);
  await staged.discard();
  assert.deepEqual(await download(id, 'contract.pdf'), second, 'discarding what was placed takes nothing away');
});

test('uploads of one name at once: each is whole, one of them stays, the record has one file', async () => {
  const id = await newRecord();
  const contents = Array.from({ length: 6 }, (_, n) => randomBytes(CHUNK * 3 + n));

  const made = await Promise.all(contents.map((content) => attach(id, 'same.pdf', content)));

  assert.equal(made.filter(({ replaced }) => !replaced).length, 1);
  const { attachments } = await vault.attachments(app, id);
  assert.equal(attachments.length, 1);
  const left = await download(id, 'same.pdf');
  assert.ok(contents.some((content) => content.equals(left)));
});

test('what uploads left behind and what was replaced goes after an hour, not before', async () => {
  const id = await newRecord();
  await attach(id, 'a', randomBytes(CHUNK));
  await attach(id, 'a', randomBytes(CHUNK));
  await vault.stageAttachment(app, askFor(id, 'a', randomBytes(2 * CHUNK)));
  assert.deepEqual(await stored(id), { attachments: 1, chunks: 4, loose: 2 });

  await vault.sweep();
  assert.equal((await stored(id)).loose, 2);
  await installation.db`update vault.loose_attachments set touched_at = touched_at - interval '61 minutes' where subject_id = ${id.subjectId}`;
  await vault.sweep();

  assert.deepEqual(await stored(id), { attachments: 1, chunks: 1, loose: 0 });
});

test('an upload that was swept meanwhile is refused, not placed without its chunks', async () => {
  const id = await newRecord();
  const staged = await vault.stageAttachment(app, askFor(id, 'slow', randomBytes(2 * CHUNK)));
  await installation.db`update vault.loose_attachments set touched_at = 'epoch' where subject_id = ${id.subjectId}`;
  await vault.sweep();

  await assert.rejects(staged.place(), code('VAULT_UPLOAD_LOST'));

  assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  installation,
  vault,
  app,
  dpo,
  CHUNK,
  pieces,
  newRecord,
  askFor,
  attach,
  download,
  code,
  stored,
  logSince,
});
export type Running = ReturnType<typeof running>;

rightsAreAsked(running);
erasureTakesThem(running);
keysAreRenewed(running);
damageIsRefused(running);
