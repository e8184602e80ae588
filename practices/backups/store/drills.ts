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

export async function keepDrill(
  db: Statements,
  id: Uuid,
  attestation: Readonly<Record<string, unknown> & { backupSeq: number; passed: boolean }>,
): Promise<void> {
  await db`
    insert into backups.drills (drill_id, backup_seq, passed, attestation)
    values (${id}, ${attestation.backupSeq}, ${attestation.passed}, ${JSON.stringify(attestation)}::text::jsonb)`;
}

export async function listDrills(db: Statements, limit: number): Promise<DrillRow[]> {
  return [...(await db<DrillRow[]>`select * from backups.drills order by at desc limit ${limit}`)];
}
