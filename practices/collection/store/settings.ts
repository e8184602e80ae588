/** Statements on the settings of retention. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type SettingsRow = Readonly<{
  settings_id: Uuid;
  settings: Record<string, unknown>;
  hash: string;
  proposed_by: string;
  proposed_who: string;
  proposed_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
}>;

export async function approvedSettings(db: Statements): Promise<SettingsRow | null> {
  const [row] = await db<SettingsRow[]>`
    select * from collection.retention_settings where approved_at is not null order by approved_at desc limit 1`;
  return row ?? null;
}

/** The newest one, when nobody has approved it yet. */
export async function proposedSettings(db: Statements): Promise<SettingsRow | null> {
  const [row] = await db<
    SettingsRow[]
  >`select * from collection.retention_settings order by proposed_at desc, settings_id desc limit 1`;
  return row === undefined || row.approved_at !== null ? null : row;
}

export async function insertSettings(
  tx: Statements,
  row: Omit<SettingsRow, 'approved_by' | 'approved_at'>,
): Promise<void> {
  await tx`
    insert into collection.retention_settings (settings_id, settings, hash, proposed_by, proposed_who, proposed_at)
    values (${row.settings_id}, ${JSON.stringify(row.settings)}::text::jsonb, ${row.hash}, ${row.proposed_by}, ${row.proposed_who}, ${row.proposed_at})`;
}

export async function approveSettings(
  tx: Statements,
  id: Uuid,
  { by, at }: Readonly<{ by: string; at: Date }>,
): Promise<boolean> {
  const done = await tx`
    update collection.retention_settings set approved_by = ${by}, approved_at = ${at} where settings_id = ${id} and approved_at is null`;
  return done.count === 1;
}
