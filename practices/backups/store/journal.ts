/** Statements on runs and on what they put into stores. */
import type { Db, Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Stored } from '../targets/target.ts';

export type RunPlane = 'data' | 'key';
export type RunRow = Readonly<{
  run_id: Uuid;
  plane: RunPlane;
  state: 'running' | 'done' | 'failed';
  seq: bigint;
  previous: string | null;
  manifest_name: string;
  manifest_sha256: string | null;
  keys_seq: bigint | null;
  rows: bigint;
  bytes: bigint;
  sealed_bytes: bigint;
  total_bytes: bigint;
  objects: number;
  ledger_seq: bigint;
  started_by: string;
  started_at: Date;
  finished_at: Date | null;
  because: string | null;
  pruned_at: Date | null;
}>;

/** A run that no server has worked on for so long is nobody's. */
const BEAT_SECONDS = 30;

/** The newest backup there is of a plane. */
export async function newestRun(db: Statements, plane: RunPlane): Promise<RunRow | null> {
  const [row] = await db<
    RunRow[]
  >`select * from backups.runs where plane = ${plane} and state = 'done' order by seq desc limit 1`;
  return row ?? null;
}

export async function findRun(db: Statements, id: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from backups.runs where run_id = ${id}`;
  return row ?? null;
}

export async function runningRun(db: Statements, plane: RunPlane): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from backups.runs where plane = ${plane} and state = 'running'`;
  return row ?? null;
}

export async function listRuns(db: Statements, limit: number): Promise<RunRow[]> {
  return [...(await db<RunRow[]>`select * from backups.runs order by started_at desc, run_id desc limit ${limit}`)];
}

export type NewRun = Readonly<{
  id: Uuid;
  plane: RunPlane;
  seq: bigint;
  previous: string | null;
  manifestName: string;
  startedBy: string;
}>;

/** @returns false when another one is running */
export async function startRun(db: Statements, run: NewRun): Promise<boolean> {
  const made = await db`
    insert into backups.runs (run_id, plane, state, seq, previous, manifest_name, started_by)
    values (${run.id}, ${run.plane}, 'running', ${String(run.seq)}::bigint, ${run.previous}, ${run.manifestName}, ${run.startedBy})
    on conflict do nothing`;
  return made.count === 1;
}

/** Shows that somebody is at it, and how far it is. */
export async function beatRun(
  db: Statements,
  id: Uuid,
  at: { rows: number; bytes: number; sealedBytes: number; objects: number; totalBytes: number },
): Promise<void> {
  await db`
    update backups.runs set beat_at = now(), rows = ${at.rows}, bytes = ${at.bytes}, sealed_bytes = ${at.sealedBytes},
      objects = ${at.objects}, total_bytes = ${Math.round(at.totalBytes)}
    where run_id = ${id} and state = 'running'`;
}

export async function finishRun(
  db: Statements,
  id: Uuid,
  done: { manifestSha256: string; keysSeq: bigint | null; ledgerSeq: bigint },
): Promise<void> {
  await db`
    update backups.runs set state = 'done', finished_at = now(), manifest_sha256 = ${done.manifestSha256},
      keys_seq = ${done.keysSeq === null ? null : String(done.keysSeq)}::bigint, ledger_seq = ${String(done.ledgerSeq)}::bigint
    where run_id = ${id}`;
}

/** INVARIANT: before the manifest is put: what is in the store under its name is compared with this. */
export async function noteManifest(db: Statements, id: Uuid, sha256: string): Promise<void> {
  await db`update backups.runs set manifest_sha256 = ${sha256} where run_id = ${id}`;
}

export async function failRun(db: Statements, id: Uuid, because: string): Promise<void> {
  await db`update backups.runs set state = 'failed', finished_at = now(), because = ${because} where run_id = ${id} and state = 'running'`;
}

/** Runs whose server was killed. @param alone no other server is on this database: whatever runs was cut off */
export async function abandonedRuns(db: Statements, alone: boolean): Promise<RunRow[]> {
  return [
    ...(await db<RunRow[]>`
      select * from backups.runs where state = 'running'
      and (${alone} or beat_at < now() - make_interval(secs => ${BEAT_SECONDS}))`),
  ];
}

/** INVARIANT: before the object is put, so that there is none in a store that is not here. */
export async function intendObject(db: Statements, run: Uuid, store: string, name: string): Promise<void> {
  await db`insert into backups.objects (name, store, run_id) values (${name}, ${store}, ${run})`;
}

export async function storedObject(db: Statements, store: string, stored: Stored): Promise<void> {
  await db`
    update backups.objects set version = ${stored.version}, size_bytes = ${stored.sizeBytes}, sha256 = ${stored.sha256},
      locked_until = ${stored.lockedUntil}, stored_at = now(), scrubbed_at = now()
    where name = ${stored.name} and store = ${store}`;
}

export type ObjectRow = Readonly<{
  name: string;
  store: string;
  run_id: Uuid;
  version: string | null;
  sha256: string | null;
  size_bytes: bigint | null;
  locked_until: Date | null;
  scrubbed_at: Date | null;
}>;

/** What failed and cut-off runs left in stores. */
export async function orphans(db: Statements): Promise<ObjectRow[]> {
  return [
    ...(await db<ObjectRow[]>`
      select o.* from backups.objects o join backups.runs r using (run_id)
      where r.state = 'failed' and o.removed_at is null order by o.name limit 1000`),
  ];
}

/** Manifests stay when the rest goes: the chain is whole for good. */
export async function objectsOfRun(db: Statements, run: Uuid): Promise<ObjectRow[]> {
  return [
    ...(await db<
      ObjectRow[]
    >`select * from backups.objects where run_id = ${run} and removed_at is null order by name`),
  ];
}

export async function removedObject(db: Statements, { name, store }: Pick<ObjectRow, 'name' | 'store'>): Promise<void> {
  await db`update backups.objects set removed_at = now() where name = ${name} and store = ${store}`;
}

/** Those that were not read for the longest time. */
export async function dueForScrub(db: Statements, limit: number): Promise<ObjectRow[]> {
  return [
    ...(await db<ObjectRow[]>`
      select o.* from backups.objects o join backups.runs r using (run_id)
      where r.state = 'done' and o.removed_at is null and o.sha256 is not null order by o.scrubbed_at nulls first limit ${limit}`),
  ];
}

export async function scrubbedObject(
  db: Statements,
  { name, store }: Pick<ObjectRow, 'name' | 'store'>,
): Promise<void> {
  await db`update backups.objects set scrubbed_at = now() where name = ${name} and store = ${store}`;
}

export async function prunedRun(db: Statements, id: Uuid): Promise<void> {
  await db`update backups.runs set pruned_at = now() where run_id = ${id}`;
}

/** Backups of a plane that still have their objects, the newest first. */
export async function livingRuns(db: Db, plane: RunPlane): Promise<RunRow[]> {
  return [
    ...(await db<
      RunRow[]
    >`select * from backups.runs where plane = ${plane} and state = 'done' and pruned_at is null order by seq desc`),
  ];
}

export type Coverage = Readonly<{ objects: number; locked: number; scrubbed: number; bytes: number }>;

/** @param scrubDays an object read within this time counts as looked after */
export async function coverage(db: Statements, scrubDays: number): Promise<Coverage> {
  const [row] = await db<Coverage[]>`
    select count(*)::int as objects, count(*) filter (where locked_until > now())::int as locked,
      count(*) filter (where scrubbed_at > now() - make_interval(days => ${scrubDays}))::int as scrubbed,
      coalesce(sum(size_bytes), 0)::float8 as bytes
    from backups.objects o join backups.runs r using (run_id)
    where r.state = 'done' and removed_at is null and stored_at is not null`;
  return row as Coverage;
}
