/** Statements on export profiles and their runs. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { lockOf } from './spool.ts';

export type ProfileState = 'proposed' | 'approved' | 'retired';
export type ProfileRow = Readonly<{
  profile_id: Uuid;
  name: string;
  kind: 'records' | 'counts';
  recipient: string;
  purpose: string;
  profile: Readonly<Record<string, unknown>>;
  hash: string;
  state: ProfileState;
  proposed_by: string;
  proposed_who: string;
  proposed_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
}>;
export type RunState = 'preparing' | 'sending' | 'sent' | 'cut' | 'refused';
export type ExportRunRow = Readonly<{
  run_id: Uuid;
  profile_id: Uuid;
  name: string;
  recipient: string;
  requested_by: string;
  state: RunState;
  report: Readonly<Record<string, unknown>>;
  refused: string | null;
  begun_at: Date;
  finished_at: Date | null;
}>;

const NEWEST = 200;

/** One of a name waits at a time: what was proposed before is retired. */
export async function insertProfile(
  tx: Statements,
  row: Omit<ProfileRow, 'state' | 'approved_by' | 'approved_at'>,
): Promise<void> {
  await tx`update collection.export_profiles set state = 'retired' where name = ${row.name} and state = 'proposed'`;
  await tx`
    insert into collection.export_profiles (profile_id, name, kind, recipient, purpose, profile, hash, state, proposed_by, proposed_who, proposed_at)
    values (${row.profile_id}, ${row.name}, ${row.kind}, ${row.recipient}, ${row.purpose}, ${JSON.stringify(row.profile)}::text::json,
      ${row.hash}, 'proposed', ${row.proposed_by}, ${row.proposed_who}, ${row.proposed_at})`;
}

export async function findProfile(db: Statements, id: Uuid): Promise<ProfileRow | null> {
  const [row] = await db<ProfileRow[]>`select * from collection.export_profiles where profile_id = ${id}`;
  return row ?? null;
}

export async function lockProfile(tx: Statements, id: Uuid): Promise<ProfileRow | null> {
  const [row] = await tx<ProfileRow[]>`select * from collection.export_profiles where profile_id = ${id} for update`;
  return row ?? null;
}

/** @returns whether another profile has the budget of this recipient and purpose already */
export async function isBudgetTaken(tx: Statements, row: ProfileRow): Promise<boolean> {
  const [found] = await tx`
    select 1 from collection.export_profiles
    where state = 'approved' and kind = 'counts' and recipient = ${row.recipient} and purpose = ${row.purpose} and name <> ${row.name}`;
  return found !== undefined;
}

/** From now on it is the one of its name. */
export async function approveProfile(
  tx: Statements,
  { profile_id: id, name }: ProfileRow,
  { by, at }: Readonly<{ by: string; at: Date }>,
): Promise<void> {
  await tx`update collection.export_profiles set state = 'retired' where name = ${name} and state = 'approved'`;
  await tx`update collection.export_profiles set state = 'approved', approved_by = ${by}, approved_at = ${at} where profile_id = ${id}`;
}

export async function retireProfile(tx: Statements, id: Uuid): Promise<void> {
  await tx`update collection.export_profiles set state = 'retired' where profile_id = ${id}`;
}

/** Those that wait or hold first, then the newest. */
export async function listProfiles(db: Statements): Promise<ProfileRow[]> {
  return db<ProfileRow[]>`
    select * from collection.export_profiles
    order by state = 'retired', name, proposed_at desc limit ${NEWEST}`;
}

export async function insertExportRun(
  db: Statements,
  row: Pick<ExportRunRow, 'run_id' | 'profile_id' | 'requested_by' | 'begun_at'>,
): Promise<void> {
  await db`
    insert into collection.export_runs (run_id, profile_id, requested_by, state, begun_at)
    values (${row.run_id}, ${row.profile_id}, ${row.requested_by}, 'preparing', ${row.begun_at})`;
}

export async function setExportRun(
  db: Statements,
  id: Uuid,
  now: Readonly<{ state: RunState; report?: object; refused?: string; at?: Date }>,
): Promise<void> {
  await db`
    update collection.export_runs set state = ${now.state}, refused = ${now.refused ?? null}, finished_at = ${now.at ?? null},
      report = coalesce(${now.report === undefined ? null : JSON.stringify(now.report)}::text::jsonb, report)
    where run_id = ${id}`;
}

/** Newest first. What says that it goes on, and has no connection any more that does it, was cut: its server was killed. */
export async function listExportRuns(db: Statements): Promise<ExportRunRow[]> {
  const rows = await db<ExportRunRow[]>`
    select r.*, p.name, p.recipient from collection.export_runs r join collection.export_profiles p using (profile_id)
    order by r.begun_at desc limit ${NEWEST}`;
  const isUnderWay = ({ state }: ExportRunRow): boolean => state === 'preparing' || state === 'sending';
  if (!rows.some(isUnderWay)) return rows;
  const held = await db<{ lock: bigint }[]>`
    select (classid::bigint << 32) | objid::bigint as lock from pg_locks
    where locktype = 'advisory' and objsubid = 1 and database = (select oid from pg_database where datname = current_database())`;
  const alive = new Set(held.map(({ lock }) => lock));
  return rows.map((row) => (isUnderWay(row) && !alive.has(lockOf(row.run_id)) ? { ...row, state: 'cut' } : row));
}
