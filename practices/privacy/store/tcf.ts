/** Statements on settings of the TCF and the lists they are about: both are added, and stay. */
import type { Statements } from '#platform/db';

export type TcfRow = Readonly<{
  seq: number;
  settings: unknown;
  list_version: number;
  list: unknown;
  set_at: Date;
  set_by: string;
}>;

export async function newestSettings(db: Statements): Promise<TcfRow | null> {
  const [row] = await db<TcfRow[]>`select * from privacy.tcf_settings order by seq desc limit 1`;
  return row ?? null;
}

export type ListRow = Readonly<{ version: number; hash: Buffer; list: unknown }>;

export async function newestList(db: Statements): Promise<ListRow | null> {
  const [row] = await db<ListRow[]>`
    select version, hash, list from privacy.vendor_lists order by version desc limit 1`;
  return row ?? null;
}

/** @returns false when this version is there with another content */
export async function insertList(tx: Statements, row: ListRow & Readonly<{ at: Date; by: string }>): Promise<boolean> {
  await tx`
    insert into privacy.vendor_lists (version, hash, list, stored_at, stored_by)
    values (${row.version}, ${row.hash}, ${JSON.stringify(row.list)}::text::jsonb, ${row.at}, ${row.by}) on conflict (version) do nothing`;
  const [there] = await tx<{ hash: Buffer }[]>`select hash from privacy.vendor_lists where version = ${row.version}`;
  return there?.hash.equals(row.hash) === true;
}

/** Of two at once the second begins again. */
export async function insertSettings(tx: Statements, row: Omit<TcfRow, 'seq'>): Promise<TcfRow> {
  const [made] = await tx<TcfRow[]>`
    insert into privacy.tcf_settings (seq, settings, list_version, list, set_at, set_by)
    select coalesce(max(seq), 0) + 1, ${JSON.stringify(row.settings)}::text::jsonb, ${row.list_version}, ${JSON.stringify(row.list)}::text::jsonb, ${row.set_at}, ${row.set_by}
    from privacy.tcf_settings on conflict (seq) do nothing returning *`;
  if (made === undefined) throw Object.assign(new Error('set at once'), { code: '40001' });
  return made;
}
