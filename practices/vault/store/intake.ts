/** Statements on the keys that forms are sealed to, and on envelopes that were opened. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type IntakeKeyRow = Readonly<{
  /** 16 bytes in hex. */
  keyId: string;
  madeAt: Date;
  publishUntil: Date;
  acceptUntil: Date;
  auditIndex: bigint;
}>;

type KeyRecord = { key_id: Buffer; made_at: Date; publish_until: Date; accept_until: Date; audit_index: bigint };

const asKey = (row: KeyRecord): IntakeKeyRow => ({
  keyId: row.key_id.toString('hex'),
  madeAt: row.made_at,
  publishUntil: row.publish_until,
  acceptUntil: row.accept_until,
  auditIndex: row.audit_index,
});

/** Newest first, in the order of the log: clocks of servers differ. */
export async function intakeKeys(db: Statements): Promise<IntakeKeyRow[]> {
  const rows = await db<KeyRecord[]>`
    select key_id, made_at, publish_until, accept_until, audit_index from vault.intake_keys order by audit_index desc`;
  return rows.map(asKey);
}

/** Keeps other servers from making a key at the same time, until the transaction ends. Readers are not kept. */
export async function lockIntakeKeys(tx: Statements): Promise<void> {
  await tx`lock table vault.intake_keys in share row exclusive mode`;
}

export async function insertIntakeKey(tx: Statements, row: IntakeKeyRow): Promise<void> {
  await tx`
    insert into vault.intake_keys (key_id, made_at, publish_until, accept_until, audit_index)
    values (decode(${row.keyId}, 'hex'), ${row.madeAt}, ${row.publishUntil}, ${row.acceptUntil}, ${String(row.auditIndex)}::bigint)`;
}

/** Takes a key away with its secret. */
export async function deleteIntakeKey(tx: Statements, keyId: string, identity: string): Promise<boolean> {
  const gone = await tx`delete from vault.intake_keys where key_id = decode(${keyId}, 'hex')`;
  if (gone.count === 1) await tx`delete from vault.identities where name = ${identity}`;
  return gone.count === 1;
}

/** @returns false when this envelope was opened before; a transaction that is about to keep it is waited for */
export async function insertSeen(tx: Statements, envelopeId: Uuid, expiresAt: Date): Promise<boolean> {
  const kept = await tx`
    insert into vault.intake_seen (envelope_id, expires_at)
    values (decode(${envelopeId.replaceAll('-', '')}, 'hex'), ${expiresAt}) on conflict do nothing`;
  return kept.count === 1;
}

export async function isSeen(db: Statements, envelopeId: Uuid): Promise<boolean> {
  const [row] =
    await db`select from vault.intake_seen where envelope_id = decode(${envelopeId.replaceAll('-', '')}, 'hex')`;
  return row !== undefined;
}

/** Ids of envelopes that would be refused for their age anyway. */
export async function dropSeen(db: Statements, expiredBefore: Date): Promise<number> {
  return (await db`delete from vault.intake_seen where expires_at < ${expiredBefore}`).count;
}
