import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { createStrongroom, readIntakeKey, sealForm, type IntakeForm, type Strongroom } from '@strongroom/sdk';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
let admin: Strongroom;
let number = 0;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-intake-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_INTAKE_DAYS: '30' });
  system = await composeSystem(config, createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const roomOf = async (role: string): Promise<Strongroom> =>
  createStrongroom({ url, key: (await admin.keys.create({ name: role, role })).key, purpose: 'service.support' });
const formFor = (more: Partial<IntakeForm> = {}): IntakeForm => ({
  collection: 'customer',
  subject: `form-${(number += 1)}`,
  purpose: 'service.support',
  fields: { last_name: 'Okonkwo', email: 'ngozi@example.org' },
  ...more,
});

test('anybody fetches the key, seals where the form is filled in, and a collector hands it in without seeing it', async () => {
  const anybody = createStrongroom({ url });
  const collector = await roomOf('collector');
  const form = formFor();

  const key = await anybody.intake.key();
  const envelope = await sealForm(key, form);
  const received = await collector.intake.submit(envelope);

  assert.equal(received.id, undefined);
  assert.ok(typeof received.auditIndex === 'number');
  const app = await roomOf('application');
  const { recordId } = await app.subjects.find({ collection: 'customer', externalId: form.subject as string });
  assert.equal((await app.records.get(recordId)).fields.last_name?.value, 'Okonkwo');
  await assert.rejects(collector.records.get(recordId), { code: 'VAULT_DENIED' });
  assert.doesNotMatch(Buffer.from(envelope).toString('latin1'), /Okonkwo|ngozi/);
});

test('the published key: cached a little, with fingerprint and end, the same from the log', async () => {
  const response = await fetch(`${url}/v1/vault/intake/key`);
  const published = (await response.json()) as Record<string, string>;

  assert.equal(response.headers.get('cache-control'), 'public, max-age=300');
  assert.deepEqual([published.format, published.maxLifetimeSeconds], ['strongroom/intake-key/1', 30 * 86_400]);
  assert.ok(published.fingerprint?.startsWith(published.keyId as string));
  const left = new Date(published.notAfter as string).getTime() - Date.now();
  assert.ok(left > 29 * 86_400_000 && left < 30 * 86_400_000);
  const [entry] = await system.audit.read(Number(published.auditIndex), Number(published.auditIndex) + 1);
  assert.ok(entry?.bytes.toString().includes(published.fingerprint as string));
});

test('a key that is not what it says, not the expected one, or at its end is not sealed with', async () => {
  const { document } = await createStrongroom({ url }).intake.key();
  const other = randomBytes(1216).toString('base64url');

  await assert.rejects(readIntakeKey({ ...document, publicKey: other }), /fingerprint/);
  await assert.rejects(readIntakeKey(document, { fingerprint: 'ab'.repeat(32) }), /another intake key/);
  await assert.rejects(createStrongroom({ url }).intake.key({ fingerprint: 'ab'.repeat(32) }), { code: 'SDK_REFUSED' });
  assert.ok(await createStrongroom({ url }).intake.key({ fingerprint: document.fingerprint.toUpperCase() }));
  const ended = await readIntakeKey({ ...document, notAfter: '2020-01-01T00:00:00Z' });
  await assert.rejects(sealForm(ended, formFor()), /has ended/);
});

test('a hand-in repeated with its key is answered alike; the envelope under another key, or by another, is a replay', async () => {
  const [collector, second] = [await roomOf('collector'), await roomOf('intake')];
  const envelope = await sealForm(await collector.intake.key(), formFor());

  const first = await collector.intake.submit(envelope, { idempotencyKey: 'hand-in-1' });
  const again = await collector.intake.submit(envelope, { idempotencyKey: 'hand-in-1' });

  assert.deepEqual(again, first);
  const other = await sealForm(await collector.intake.key(), formFor());
  const reused = collector.intake.submit(other, { idempotencyKey: 'hand-in-1' });
  await assert.rejects(reused, { code: 'VAULT_IDEMPOTENCY_KEY_REUSED' });
  for (const room of [collector, second]) {
    await assert.rejects(room.intake.submit(envelope), { code: 'SEALING_ENVELOPE_SEEN', status: 409 });
  }
  assert.ok((await second.intake.submit(other)).id?.startsWith('rec_'));
});

test('bodies that are no envelopes: too large, of another type, empty, without a key', async () => {
  const { key } = await admin.keys.create({ name: 'c', role: 'collector' });
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const all = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream', ...headers };
    const response = await fetch(`${url}/v1/vault/intake`, { method: 'POST', headers: all, body });
    return [response.status, ((await response.json()) as { code?: string }).code];
  };

  assert.deepEqual(await post(new Uint8Array(90_000)), [413, 'HTTP_TOO_LARGE']);
  assert.deepEqual(await post('{}', { 'content-type': 'application/json' }), [415, 'HTTP_MEDIA_TYPE']);
  assert.deepEqual(await post(new Uint8Array(0)), [422, 'SEALING_ENVELOPE_UNKNOWN']);
  assert.deepEqual(await post('SRI\u0001'), [422, 'SEALING_ENVELOPE_UNKNOWN']);
  assert.deepEqual(await post('x', { authorization: 'Bearer srk_x' }), [401, 'ACCESS_UNAUTHENTICATED']);
});

test('a custodian renews the key; what was sealed to the old one still goes in, until the others are ended', async () => {
  const collector = await roomOf('collector');
  const { key: bearer } = await admin.keys.create({ name: 'k', role: 'custodian' });
  const renew = async (body: object, with_ = bearer) => {
    const headers = { authorization: `Bearer ${with_}`, 'content-type': 'application/json' };
    return await fetch(`${url}/v1/vault/intake/keys`, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const before = await collector.intake.key();
  const [one, two] = [await sealForm(before, formFor()), await sealForm(before, formFor())];

  const renewed = (await (await renew({})).json()) as { keyId: string };
  assert.equal((await collector.intake.key()).document.keyId, renewed.keyId);
  await collector.intake.submit(one);
  assert.equal((await renew({ others: 'end' })).status, 201);

  await assert.rejects(collector.intake.submit(two), { code: 'SEALING_ENVELOPE_FOREIGN' });
  const { key: weak } = await admin.keys.create({ name: 'c', role: 'collector' });
  assert.equal((await renew({}, weak)).status, 403);
  const list = await fetch(`${url}/v1/vault/intake/keys`, { headers: { authorization: `Bearer ${bearer}` } });
  assert.equal(((await list.json()) as { keys: unknown[] }).keys.length, 1);
});
