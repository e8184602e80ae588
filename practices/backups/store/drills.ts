/** Statements on restores that were tried. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type DrillRow = Readonly<{
  drill_id: Uuid;
  backup_seq: bigint;
  passed: boolean;
  attestation: Record<string, unknown>;
  at: Date;
}>;

/** Once, and of the time that it tells of: one that is handed in again makes no drill of today. */
export async function keepDrill(
  db: Statements,
  id: Uuid,
  attestation: Readonly<Record<string, unknown> & { backupSeq: number; passed: boolean; restoredAt: string }>,
): Promise<void> {
  const text = JSON.stringify(attestation);
  await db`
    insert into backups.drills (drill_id, backup_seq, passed, attestation, at)
    select ${id}::uuid, ${attestation.backupSeq}::bigint, ${attestation.passed}::boolean, ${text}::text::jsonb, ${attestation.restoredAt}::timestamptz
    where not exists (select from backups.drills where attestation = ${text}::text::jsonb)`;
}

export async function listDrills(db: Statements, limit: number): Promise<DrillRow[]> {
  return [...(await db<DrillRow[]>`select * from backups.drills order by at desc limit ${limit}`)];
}
