/** Statements on runs and on what they put into stores. */
import { isSilent, transact, type Db, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Stored } from '../targets/target.ts';

export type RunPlane = 'data' | 'key';
/** Segments are runs too: what they put into stores is journalled and swept like a backup's. */
export type ChainPlane = RunPlane | 'segment';
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
  /** Of the segments that go on from it; null: none do. */
  timeline: Uuid | null;
  segments_from: bigint | null;
}>;
/** Signed: from then on the run is finished, never given up. A large one has a megabyte: it is read where it is put. */
export type SignedRun = RunRow & Readonly<{ manifest: Buffer | null }>;
const COLUMNS = ['run_id', 'plane', 'state', 'seq', 'previous', 'manifest_name', 'manifest_sha256', 'keys_seq', 'rows', 'bytes', 'sealed_bytes', 'total_bytes', 'objects', 'ledger_seq', 'started_by', 'started_at', 'finished_at', 'because', 'pruned_at', 'timeline', 'segments_from'] as const; // prettier-ignore

/** A run that no server has worked on for so long is nobody's. */
const BEAT_SECONDS = 30;

/** The newest backup there is of a plane. */
export async function newestRun(db: Statements, plane: ChainPlane): Promise<RunRow | null> {
  const [row] = await db<
    RunRow[]
  >`select ${db(COLUMNS)} from backups.runs where plane = ${plane} and state = 'done' order by seq desc limit 1`;
  return row ?? null;
}

export async function findRun(db: Statements, id: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select ${db(COLUMNS)} from backups.runs where run_id = ${id} and plane <> 'segment'`;
  return row ?? null;
}

export async function runningRun(db: Statements, plane: RunPlane): Promise<RunRow | null> {
  const [row] = await db<
    RunRow[]
  >`select ${db(COLUMNS)} from backups.runs where plane = ${plane} and state = 'running'`;
  return row ?? null;
}

export async function listRuns(db: Statements, limit: number): Promise<RunRow[]> {
  return [
    ...(await db<
      RunRow[]
    >`select ${db(COLUMNS)} from backups.runs where plane <> 'segment' order by started_at desc, run_id desc limit ${limit}`),
  ];
}

export type NewRun = Readonly<{
  id: Uuid;
  plane: ChainPlane;
  manifestName: (seq: bigint) => string;
  startedBy: string;
}>;

/**
 * It follows the newest there is. INVARIANT: nobody ends a run between asking which that is and beginning this one, or two
 * would have the same number.
 * @returns false when another one is running
 */
export async function startRun(db: Db, { id, plane, manifestName, startedBy }: NewRun): Promise<boolean> {
  return transact(db, async (tx) => {
    await tx`lock table backups.runs in exclusive mode`;
    const before = await newestRun(tx, plane);
    const seq = (before?.seq ?? 0n) + 1n;
    const made = await tx`
      insert into backups.runs (run_id, plane, state, seq, previous, manifest_name, started_by)
      values (${id}, ${plane}, 'running', ${String(seq)}::bigint, ${before?.manifest_sha256 ?? null}, ${manifestName(seq)}, ${startedBy})
      on conflict do nothing`;
    return made.count === 1;
  });
}

export type Attempts = Readonly<{ backupMs: number | null; attemptMs: number | null; failed: number }>;

/**
 * How long ago the newest backup of data and the last attempt were begun, and how many failed since, all by the database's
 * clock. What is later than now was begun while that ran ahead: it counts as long past, or none would be taken until then.
 */
export async function attempts(db: Statements): Promise<Attempts> {
  const [row] = await db<{ backup: number | null; attempt: number | null; failed: number }[]>`
    with data as (select state, because, seq, extract(epoch from clock_timestamp() - started_at)::float8 * 1000 as ago from backups.runs where plane = 'data'),
      newest as (select seq, ago from data where state = 'done' order by seq desc limit 1)
    select (select ago from newest where ago >= 0) as backup, min(ago) filter (where ago >= 0) as attempt,
      count(*) filter (where state = 'failed' and because is distinct from 'BACKUPS_STOPPED' and seq > coalesce((select seq from newest), 0))::int as failed
    from data`;
  return { backupMs: row?.backup ?? null, attemptMs: row?.attempt ?? null, failed: row?.failed ?? 0 };
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

export type NotedManifest = Readonly<{
  bytes: Buffer;
  sha256: string;
  keysSeq: bigint | null;
  ledgerSeq: bigint;
  joins: Readonly<{ timeline: Uuid; from: bigint }> | null;
}>;

/**
 * INVARIANT: before the manifest is in any store; from then on the run is finished, by this server or another one.
 * @returns false when the run was given up meanwhile: its manifest must not be put
 */
export async function noteManifest(db: Statements, id: Uuid, manifest: NotedManifest): Promise<boolean> {
  const { bytes, sha256, keysSeq, ledgerSeq, joins } = manifest;
  const noted = await db`
    update backups.runs set manifest = ${bytes}, manifest_sha256 = ${sha256},
      keys_seq = ${keysSeq === null ? null : String(keysSeq)}::bigint, ledger_seq = ${String(ledgerSeq)}::bigint,
      timeline = ${joins?.timeline ?? null}, segments_from = ${joins === null ? null : String(joins.from)}::bigint
    where run_id = ${id} and state = 'running'`;
  return noted.count === 1;
}

/** Its manifest is in the stores. */
export async function finishRun(db: Statements, id: Uuid): Promise<void> {
  await db`
    update backups.runs set state = 'done', finished_at = now(), because = null
    where run_id = ${id} and state = 'running' and manifest is not null`;
}

/** A run whose manifest is signed does not fail: it waits until the stores take that. */
export async function failRun(db: Statements, id: Uuid, because: string): Promise<void> {
  await db`
    update backups.runs set because = ${because}, state = case when manifest is null then 'failed' else state end,
      finished_at = case when manifest is null then now() end
    where run_id = ${id} and state = 'running'`;
}

/** Backups whose manifest is not in this store, in order. */
export async function runsWithout(db: Statements, plane: RunPlane, store: string): Promise<SignedRun[]> {
  return [
    ...(await db<SignedRun[]>`
      select r.* from backups.runs r where r.plane = ${plane} and r.state = 'done' and r.manifest is not null
      and not exists (select from backups.objects o
        where o.name = r.manifest_name and o.store = ${store} and o.stored_at is not null)
      order by r.seq limit 10`),
  ];
}

/** Runs whose server was killed. */
export async function abandonedRuns(db: Statements): Promise<SignedRun[]> {
  return [
    ...(await db<SignedRun[]>`
      select * from backups.runs where state = 'running' and plane <> 'segment'
      and ${isSilent(db, 'beat_at', BEAT_SECONDS)}`),
  ];
}

/** INVARIANT: before the object is put, so that there is none in a store that is not here. */
export async function intendObject(db: Statements, run: Uuid, store: string, name: string): Promise<void> {
  await db`insert into backups.objects (name, store, run_id) values (${name}, ${store}, ${run}) on conflict do nothing`;
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

/**
 * A store that has the manifest of a run has its objects, and those of the segments that were there before a restore: what
 * the journal knows of in another store may lie in this one.
 */
export async function knowObjects(db: Db, run: Uuid, store: string): Promise<void> {
  await transact(db, async (tx) => {
    const known = await tx`
      insert into backups.objects (name, store, run_id)
      select distinct o.name, ${store}, o.run_id from backups.objects o join backups.runs r using (run_id)
      where (o.run_id = ${run} or r.plane = 'segment' and r.started_by = 'restore')
        and split_part(o.name, '/', 1) = (select plane from backups.runs where run_id = ${run})
        and not exists (select from backups.objects h where h.name = o.name and h.store = ${store})
      on conflict do nothing`;
    if (known.count > 0) await tx`update backups.runs set pruned_at = null where run_id = ${run}`;
  });
}

/** What failed and cut-off runs left in stores, but what is known to be locked. */
export async function orphans(db: Statements): Promise<ObjectRow[]> {
  return [
    ...(await db<ObjectRow[]>`
      select o.* from backups.objects o join backups.runs r using (run_id)
      where r.state = 'failed' and o.removed_at is null and (o.locked_until is null or o.locked_until < now()) order by o.name limit 1000`),
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

/** Those that were not read for the longest time, but of these stores. */
export async function dueForScrub(db: Statements, limit: number, but: readonly string[]): Promise<ObjectRow[]> {
  return [
    ...(await db<ObjectRow[]>`
      select o.* from backups.objects o join backups.runs r using (run_id)
      where r.state = 'done' and o.removed_at is null and o.sha256 is not null and o.store <> all(${[...but]}::text[])
      order by r.plane = 'segment' and o.scrubbed_at > now() - interval '20 days', o.scrubbed_at nulls first limit ${limit}`),
  ];
}

export type Fault = 'damaged' | 'missing' | 'unlocked';

export async function scrubbedObject(
  db: Statements,
  { name, store }: Pick<ObjectRow, 'name' | 'store'>,
  fault: Fault | null,
): Promise<void> {
  await db`update backups.objects set scrubbed_at = now(), fault = ${fault} where name = ${name} and store = ${store}`;
}

export async function prunedRun(db: Statements, id: Uuid): Promise<void> {
  await db`update backups.runs set pruned_at = now() where run_id = ${id}`;
}

/** Backups of a plane that still have their objects, the newest first. */
export async function livingRuns(db: Db, plane: RunPlane): Promise<RunRow[]> {
  return [
    ...(await db<
      RunRow[]
    >`select ${db(COLUMNS)} from backups.runs where plane = ${plane} and state = 'done' and pruned_at is null order by seq desc`),
  ];
}

export type Coverage = Readonly<{ objects: number; locked: number; scrubbed: number; faulty: number; bytes: number }>;

/** @param scrubDays an object read within this time counts as looked after */
export async function coverage(db: Statements, scrubDays: number): Promise<Coverage> {
  const [row] = await db<Coverage[]>`
    select count(*)::int as objects, count(*) filter (where locked_until > now())::int as locked,
      count(*) filter (where scrubbed_at > now() - make_interval(days => ${scrubDays}) and fault is null)::int as scrubbed,
      count(*) filter (where fault is not null)::int as faulty,
      coalesce(sum(size_bytes), 0)::float8 as bytes
    from backups.objects o join backups.runs r using (run_id)
    where r.state = 'done' and removed_at is null and stored_at is not null`;
  return row as Coverage;
}
