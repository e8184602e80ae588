import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let room: Strongroom;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-sdk-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_ATTACHMENT_MIB: '1' });
  system = await composeSystem(config, createLog('silent'));
  const url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  const { key } = await admin.keys.create({ name: 'app', role: 'application' });
  room = createStrongroom({ url, key, purpose: 'service.support' });
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

test('the SDK stores, lists, reads back whole and in part, and takes away what the real server keeps', async () => {
  const { id } = await room.records.create({ collection: 'customer', fields: { last_name: 'Holder' } });
  const bytes = randomBytes(300_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');

  const made = await room.attachments.put(id, 'Vertrag für Ana.pdf', bytes, { type: 'application/pdf', sha256 });
  const again = await room.attachments.put(id, 'stream', () => new Blob([bytes]).stream());
  const got = await room.attachments.get(id, 'Vertrag für Ana.pdf');
  const part = await room.attachments.get(id, { id: made.id }, { range: { start: 100, end: 70_000 } });
  const { attachments } = await room.attachments.list(id);

  assert.deepEqual([got.name, got.type, got.sha256, got.sizeBytes], ['Vertrag für Ana.pdf', 'application/pdf', sha256, bytes.length]); // prettier-ignore
  assert.deepEqual(Buffer.from(await new Response(got.content).arrayBuffer()), bytes);
  assert.deepEqual(Buffer.from(await new Response(part.content).arrayBuffer()), bytes.subarray(100, 70_001));
  assert.deepEqual(attachments.map(({ name }) => name), ['Vertrag für Ana.pdf', 'stream']); // prettier-ignore
  assert.equal(again.replaced, false);
  await room.attachments.delete(id, 'stream');
  await room.attachments.delete(id, { id: made.id });
  assert.deepEqual((await room.attachments.list(id)).attachments, []);
  await assert.rejects(room.attachments.get(id, 'stream'), { code: 'VAULT_ATTACHMENT_NOT_FOUND' });
});

test('what the server refuses comes through as its problem, also while the file is being sent', async () => {
  const { id } = await room.records.create({ collection: 'customer', fields: { last_name: 'Holder' } });
  const large = new Uint8Array(8 * 2 ** 20);

  await assert.rejects(room.attachments.put(id, 'a', large), { code: 'VAULT_ATTACHMENT_TOO_LARGE' });
  await assert.rejects(room.attachments.put(id, 'a', new Blob([large]).stream()), {
    code: 'VAULT_ATTACHMENT_TOO_LARGE',
  });
  const sha256 = 'ab'.repeat(32);
  await assert.rejects(room.attachments.put(id, 'a', new Uint8Array(1), { sha256 }), { code: 'VAULT_DIGEST_MISMATCH' });
  await assert.rejects(room.attachments.put(id, 'a/b', new Uint8Array(1)), { code: 'VAULT_ATTACHMENT_NAME_INVALID' });
  assert.deepEqual((await room.attachments.list(id)).attachments, []);
});
