/** Statements on plans and runs of retention, their items and approvals. */
import { isSilent, type Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type RunState = 'planning' | 'planned' | 'approved' | 'running' | 'done' | 'cancelled' | 'refused';
/** What a plan found. Counts by `collection action field`. */
export type PlanCounts = Readonly<{
  subjects: number;
  records: number;
  counts: Readonly<Record<string, number>>;
  /** Records held for a matter, and of restricted subjects: they wait. */
  held: number;
  restricted: number;
  /** Records by the field and event that they wait for: `collection field event`. */
  awaiting: Readonly<Record<string, number>>;
  /** Fields that fall due in a month, `YYYY-MM`: of what was looked at. */
  upcoming: Readonly<Record<string, number>>;
  /** Records looked at, of them with a value, by `collection field`; by `collection` alone: records. */
  present: Readonly<Record<string, number>>;
  /** Values by the month they are from, `collection field YYYY-MM`. */
  ages: Readonly<Record<string, number>>;
  samples: readonly string[];
}>;
export type RunRow = Readonly<{
  run_id: Uuid;
  state: RunState;
  requested_by: string;
  as_of: Date;
  rule_hash: string;
  cursor: string | null;
  plan_hash: string;
  plan: PlanCounts;
  needed: number;
  because: string[];
  done: Readonly<Record<string, number>>;
  refused: string | null;
  created_at: Date;
  planned_at: Date | null;
  begun_at: Date | null;
  finished_at: Date | null;
  updated_at: Date;
  certificate: string | null;
}>;
export type Item = Readonly<{ subjectId: SubjectId; recordNo: bigint; actions: readonly string[] }>;

const json = (value: unknown): string => JSON.stringify(value);

/** @returns false when another one is under way */
export async function insertRun(
  tx: Statements,
  run: Pick<RunRow, 'run_id' | 'requested_by' | 'as_of' | 'rule_hash' | 'plan_hash' | 'plan'>,
): Promise<boolean> {
  const inserted = await tx`
    insert into collection.retention_runs (run_id, state, requested_by, as_of, rule_hash, plan_hash, plan, created_at, updated_at)
    values (${run.run_id}, 'planning', ${run.requested_by}, ${run.as_of}, ${run.rule_hash}, ${run.plan_hash}, ${json(run.plan)}::text::jsonb, ${run.as_of}, 'epoch')
    on conflict do nothing`;
  return inserted.count === 1;
}

/** A plan that nobody approved makes room for a newer one. */
export async function cancelPlanned(tx: Statements, at: Date): Promise<void> {
  await tx`
    with gone as (
      update collection.retention_runs set state = 'cancelled', finished_at = ${at} where state = 'planned' returning run_id)
    delete from collection.retention_items i using gone where i.run_id = gone.run_id`;
}

export async function newestRun(db: Statements): Promise<RunRow | null> {
  const [row] = await db<
    RunRow[]
  >`select * from collection.retention_runs order by created_at desc, run_id desc limit 1`;
  return row ?? null;
}

/** The newest one that looked at everything. */
export async function newestWholePlan(db: Statements): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`
    select * from collection.retention_runs where planned_at is not null order by planned_at desc limit 1`;
  return row ?? null;
}

/**
 * The time of the newest run that was done, and that somebody looked at if there was reason to: a plan that was only given
 * up, or had nothing to do, says nothing of the clock and the orders it was made by.
 */
export async function lastTrusted(db: Statements, but: Uuid): Promise<Date | null> {
  const [row] = await db<{ as_of: Date }[]>`
    select as_of from collection.retention_runs
    where state = 'done' and run_id <> ${but} and (needed > 0 or not because && array['clock', 'ordered'])
    order by created_at desc, run_id desc limit 1`;
  return row?.as_of ?? null;
}

export async function findRun(db: Statements, runId: Uuid): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`select * from collection.retention_runs where run_id = ${runId}`;
  return row ?? null;
}

export async function lockRun(tx: Statements, runId: Uuid): Promise<RunRow | null> {
  const [row] = await tx<RunRow[]>`select * from collection.retention_runs where run_id = ${runId} for update`;
  return row ?? null;
}

export async function listRuns(db: Statements, limit: number): Promise<RunRow[]> {
  return db<RunRow[]>`select * from collection.retention_runs order by created_at desc, run_id desc limit ${limit}`;
}

/** Takes work that nobody has touched for so long. @param dropped runs that this server had and let go */
export async function claimRun(db: Statements, leaseMs: number, dropped: readonly Uuid[]): Promise<RunRow | null> {
  const [row] = await db<RunRow[]>`
    update collection.retention_runs set updated_at = now()
    where run_id = (
      select run_id from collection.retention_runs
      where state in ('planning', 'approved', 'running')
        and (${isSilent(db, 'updated_at', leaseMs / 1000)} or run_id = any(${[...dropped]}::uuid[]))
      limit 1 for update skip locked)
    returning *`;
  return row ?? null;
}

export async function renewRun(db: Statements, runId: Uuid): Promise<void> {
  await db`update collection.retention_runs set updated_at = now() where run_id = ${runId}`;
}

/** Ends this lease, so that another server goes on at once. */
export async function handBackRun(db: Statements, runId: Uuid): Promise<void> {
  await db`
    update collection.retention_runs set updated_at = 'epoch'
    where run_id = ${runId} and state in ('planning', 'approved', 'running')`;
}

/** Free for the next who looks. */
export async function endRunLeases(db: Statements): Promise<void> {
  await db`update collection.retention_runs set updated_at = 'epoch' where state in ('planning', 'approved', 'running')`;
}

/** @returns false when another server has planned on from there: its page counts, not this one */
export async function movePlan(
  tx: Statements,
  runId: Uuid,
  from: string | null,
  to: Pick<RunRow, 'cursor' | 'plan_hash' | 'plan'>,
): Promise<boolean> {
  const moved = await tx`
    update collection.retention_runs
    set cursor = ${to.cursor}, plan_hash = ${to.plan_hash}, plan = ${json(to.plan)}::text::jsonb, updated_at = now()
    where run_id = ${runId} and state = 'planning' and cursor is not distinct from ${from}`;
  return moved.count === 1;
}

export async function insertItems(tx: Statements, runId: Uuid, items: readonly Item[]): Promise<void> {
  if (items.length === 0) return;
  await tx`
    insert into collection.retention_items (run_id, subject_id, record_no, actions)
    select ${runId}::uuid, s, n, array(select jsonb_array_elements_text(a::jsonb))
    from unnest(${items.map((each) => each.subjectId)}::uuid[], ${items.map((each) => String(each.recordNo))}::bigint[],
      ${items.map((each) => json(each.actions))}::text[]) as t (s, n, a)`;
}

export async function endPlan(
  tx: Statements,
  runId: Uuid,
  { state, needed, because, at }: Readonly<{ state: RunState; needed: number; because: readonly string[]; at: Date }>,
): Promise<boolean> {
  const ended = await tx`
    update collection.retention_runs
    set state = ${state}, needed = ${needed}, because = ${[...because]}::text[], planned_at = ${at}, cursor = null, updated_at = 'epoch',
      finished_at = case when ${state} = 'done' then ${at}::timestamptz end
    where run_id = ${runId} and state = 'planning'`;
  return ended.count === 1;
}

/** Only from the state before: what somebody cancelled meanwhile stays so. */
export async function setRunState(tx: Statements, runId: Uuid, state: 'approved' | 'running', at: Date): Promise<void> {
  await tx`
    update collection.retention_runs
    set state = ${state}, begun_at = case when ${state} = 'running' then coalesce(begun_at, ${at}::timestamptz) end,
      updated_at = case when ${state} = 'approved' then 'epoch'::timestamptz else updated_at end
    where run_id = ${runId} and state = case when ${state} = 'running' then 'approved' else 'planned' end`;
}

/** Ends it without more being done. */
export async function stopRun(
  tx: Statements,
  runId: Uuid,
  { state, refused, at }: Readonly<{ state: 'cancelled' | 'refused'; refused: string | null; at: Date }>,
): Promise<boolean> {
  const stopped = await tx`
    update collection.retention_runs set state = ${state}, refused = ${refused}, finished_at = ${at}
    where run_id = ${runId} and state in ('planning', 'planned', 'approved', 'running')`;
  await tx`delete from collection.retention_items where run_id = ${runId}`;
  return stopped.count === 1;
}

/** Those who approved exactly this. @returns how many different people */
export async function approveRun(
  tx: Statements,
  row: Readonly<{ runId: Uuid; who: string; actor: string; planHash: string; at: Date }>,
): Promise<number> {
  await tx`
    insert into collection.retention_approvals (run_id, who, actor, plan_hash, at)
    values (${row.runId}, ${row.who}, ${row.actor}, ${row.planHash}, ${row.at}) on conflict do nothing`;
  const [found] = await tx<{ n: number }[]>`
    select count(*)::int as n from collection.retention_approvals where run_id = ${row.runId} and plan_hash = ${row.planHash}`;
  return found?.n ?? 0;
}

export async function approversOf(db: Statements, runId: Uuid): Promise<string[]> {
  const rows = await db<{ actor: string }[]>`
    select actor from collection.retention_approvals where run_id = ${runId} order by at`;
  return rows.map((row) => row.actor);
}

/** Whom there is something left to do for, in key order. */
export async function nextSubjects(db: Statements, runId: Uuid, limit: number): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select distinct subject_id from collection.retention_items where run_id = ${runId} order by subject_id limit ${limit}`;
  return rows.map((row) => row.subject_id);
}

/** Takes a subject's items, once. INVARIANT: in the transaction that does what they say. */
export async function takeItems(tx: Statements, runId: Uuid, subjectId: SubjectId): Promise<Item[]> {
  const rows = await tx<{ record_no: bigint; actions: string[] }[]>`
    delete from collection.retention_items where run_id = ${runId} and subject_id = ${subjectId} returning record_no, actions`;
  return rows.map((row) => ({ subjectId, recordNo: BigInt(row.record_no), actions: row.actions }));
}

export async function addDone(tx: Statements, runId: Uuid, counts: Readonly<Record<string, number>>): Promise<void> {
  await tx`
    update collection.retention_runs r set updated_at = now(), done = (
      select coalesce(jsonb_object_agg(key, total), '{}') from (
        select key, sum(n) as total from (
          select key, value::bigint as n from jsonb_each_text(r.done)
          union all select key, value::bigint from jsonb_each_text(${json(counts)}::text::jsonb)) both_of_them
        group by key) sums)
    where run_id = ${runId}`;
}

export async function endRun(
  tx: Statements,
  runId: Uuid,
  { certificate, at }: Readonly<{ certificate: string; at: Date }>,
): Promise<boolean> {
  const ended = await tx`
    update collection.retention_runs set state = 'done', certificate = ${certificate}, finished_at = ${at}
    where run_id = ${runId} and state = 'running'`;
  return ended.count === 1;
}

/** Fields known to be coarse, as `record number field`, at the version that the record has. */
export async function coarseOf(
  db: Statements,
  subjectIds: readonly SubjectId[],
): Promise<ReadonlyMap<SubjectId, { recordNo: bigint; field: string; version: number }[]>> {
  const rows = await db<{ subject_id: SubjectId; record_no: bigint; field: string; version: number }[]>`
    select subject_id, record_no, field, version from collection.coarse_fields where subject_id = any(${[...subjectIds]}::uuid[])`;
  const found = new Map<SubjectId, { recordNo: bigint; field: string; version: number }[]>();
  for (const { subject_id, record_no, ...row } of rows)
    found.set(subject_id, [...(found.get(subject_id) ?? []), { recordNo: BigInt(record_no), ...row }]);
  return found;
}

export async function noteCoarse(
  tx: Statements,
  subjectId: SubjectId,
  recordNo: bigint,
  fields: readonly string[],
  version: number,
): Promise<void> {
  // what was coarse before stays so: the version moved by our own hand
  await tx`
    insert into collection.coarse_fields (subject_id, record_no, field, version)
    select ${subjectId}::uuid, ${String(recordNo)}::bigint, f, ${version} from unnest(${[...fields]}::text[]) as t (f)
    on conflict (subject_id, record_no, field) do update set version = excluded.version`;
}

export async function forgetRecord(tx: Statements, subjectId: SubjectId, recordNo: bigint): Promise<void> {
  await tx`delete from collection.coarse_fields where subject_id = ${subjectId} and record_no = ${String(recordNo)}::bigint`;
}

export async function orders(
  db: Statements,
): Promise<{ collection: string; field: string; action: 'erase' | 'coarsen'; at: Date }[]> {
  return db`select collection, field, action, at from collection.field_orders`;
}

export type ProofRow = Readonly<{ proof_id: Uuid; at: Date; ok: boolean; result: Record<string, unknown> }>;
export async function insertProof(tx: Statements, proof: ProofRow): Promise<void> {
  await tx`
    insert into collection.retention_proofs (proof_id, at, ok, result)
    values (${proof.proof_id}, ${proof.at}, ${proof.ok}, ${json(proof.result)}::text::jsonb)`;
}
export async function newestProof(db: Statements): Promise<ProofRow | null> {
  const [row] = await db<ProofRow[]>`select * from collection.retention_proofs order by at desc limit 1`;
  return row ?? null;
}
