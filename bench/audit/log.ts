/** An audit log of its own, in an empty database of the world's PostgreSQL. */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import { createAudit, type Audit, type AuditEvent } from '#platform/audit';
import { migrate, openDb, type Db } from '#platform/db';
import { newSubjectId } from '#platform/ids';

import type { World } from '../world/world.ts';

export type Log = Readonly<{ audit: Audit; db: Db; close: () => Promise<void> }>;

export async function openLog(world: World, name: string): Promise<Log> {
  const db = openDb(await world.emptyDatabase(name), { connections: 10, statementTimeoutMs: 0 });
  await migrate(db, [{ schema: 'audit', folder: new URL('../../platform/audit/sql/', import.meta.url) }]);
  const audit = createAudit({
    db,
    clock: () => new Date(),
    signer: { name: 'bench', privateKey: generateKeyPairSync('ed25519').privateKey },
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_subject, bytes) => Promise.resolve(bytes),
    node: 'node_bench',
  });
  return { audit, db, close: () => db.end({ timeout: 5 }) };
}

/** What a read leaves in the log: about 400 bytes. */
export const someEvent = (): AuditEvent => ({
  action: 'vault.read',
  actor: { kind: 'service', id: 'key_06b8v1k5qd3m9g0r2x7n4t8w5c', role: 'support' },
  purpose: 'service.support',
  subjects: [newSubjectId()],
  classes: ['internal', 'personal'],
  decision: { allow: true, policies: ['role-action', 'role-purpose'], policyVersion: 'gate-1' },
  outcome: 'done',
  detail: { collections: ['customer'], records: 1, clear: ['company'], masked: ['email'] },
  requestId: '019ab2c4-7d5e-7f60-8a1b-2c3d4e5f6071',
});

/** Keeps `waiting` callers waiting for about `ms`. @returns how many were answered */
export async function callers(ms: number, waiting: number, once: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + ms;
  let answered = 0;
  await Promise.all(
    Array.from({ length: waiting }, async () => {
      while (performance.now() < until) {
        await once();
        answered += 1;
      }
    }),
  );
  return answered;
}
