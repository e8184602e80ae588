import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';
import { openNote, parseVerifierKeys, splitNote } from '#platform/tlog';

import { createAudit, verifyLog, type Audit, type LogSigner } from './index.ts';

const NAME = 'example.org/log';
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const mlDsa44Seed = randomBytes(32);

function auditOn(db: Db, signer: LogSigner): Audit {
  return createAudit({
    db,
    clock: () => new Date(),
    signer,
    node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_id, bytes) => Promise.resolve(bytes),
  });
}
async function logBy(t: Parameters<typeof freshDatabase>[0], signer: LogSigner): Promise<{ db: Db; audit: Audit }> {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  return { db, audit: auditOn(db, signer) };
}
const append = (audit: Audit) =>
  audit.append({ action: 'test.event', actor: { kind: 'system', id: 'test' }, outcome: 'done' });

test('a log signs with both its keys, and whoever has both asks for both', async (t) => {
  const { audit } = await logBy(t, { name: NAME, privateKey: ed25519, mlDsa44Seed });
  await append(audit);
  const note = await audit.checkpoint();
  const keys = parseVerifierKeys(audit.verifierKey) ?? [];
  const [classic, quantum] = audit.verifierKey.split('\n') as [string, string];

  assert.deepEqual(
    keys.map(({ type }) => type),
    [1, 6],
  );
  assert.equal(openNote(note, keys)?.signed.size, 2);
  for (const verifierKey of [audit.verifierKey, classic, quantum])
    assert.deepEqual((await verifyLog({ source: audit.source, verifierKey })).problems, []);
  // somebody with a quantum computer has the Ed25519 key, and leaves the other line out
  const [first] = splitNote(note)?.signatures ?? [];
  const stripped = `${splitNote(note)?.text}\n${first?.line}`;
  const source = { ...audit.source, checkpoint: () => Promise.resolve(stripped) };
  assert.equal((await verifyLog({ source, verifierKey: classic })).ok, true);
  for (const verifierKey of [audit.verifierKey, quantum])
    assert.match((await verifyLog({ source, verifierKey })).problems.join(), /not signed by this log/);
});

test('a log from before it had the second key is signed again as it is; what was remembered stays good', async (t) => {
  const { db, audit: old } = await logBy(t, { name: NAME, privateKey: ed25519 });
  await append(old);
  const remembered = await old.checkpoint();

  const now = auditOn(db, { name: NAME, privateKey: ed25519, mlDsa44Seed });
  const { ok, size, problems } = await verifyLog({ source: now.source, verifierKey: now.verifierKey, remembered });

  assert.deepEqual({ ok, size, problems }, { ok: true, size: 1, problems: [] });
  assert.equal((await verifyLog({ source: now.source, verifierKey: old.verifierKey, remembered })).ok, true);
  assert.equal(openNote(await now.published(), parseVerifierKeys(now.verifierKey) ?? [])?.signed.size, 2);
});

test('one key may be exchanged while the other stays; with neither nothing is signed', async (t) => {
  const { db, audit } = await logBy(t, { name: NAME, privateKey: ed25519, mlDsa44Seed });
  await append(audit);
  await audit.checkpoint();

  const other = auditOn(db, { name: NAME, privateKey: generateKeyPairSync('ed25519').privateKey, mlDsa44Seed });
  await append(other);
  const stranger = auditOn(db, { name: NAME, privateKey: generateKeyPairSync('ed25519').privateKey });

  // the ML-DSA-44 key is the same, so this is the log with a new Ed25519 key
  assert.equal((await verifyLog({ source: other.source, verifierKey: other.verifierKey })).ok, true);
  await append(stranger);
  await assert.rejects(stranger.integrate(), { code: 'AUDIT_TAMPERED' });
});
