/** Statements on drills that are under way, and on their canaries. */
import { isSilent, type Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type DrillRun = Readonly<{
  drill_id: Uuid;
  state: 'running' | 'passed' | 'failed';
  step: string;
  backup_seq: bigint | null;
  started_by: string;
  started_at: Date;
  beat_at: Date;
  finished_at: Date | null;
  because: string | null;
}>;

/** A drill that no server has worked on for so long is nobody's. */
const BEAT_SECONDS = 60;

/** @returns false when another one is under way */
export async function startDrill(db: Statements, id: Uuid, startedBy: string): Promise<boolean> {
  const made = await db`
    insert into backups.drill_runs (drill_id, state, step, started_by) values (${id}, 'running', 'prepare', ${startedBy})
    on conflict do nothing`;
  return made.count === 1;
}

/** @returns false when another server took it for dead */
export async function beatDrill(db: Statements, id: Uuid, step: string, seq: bigint | null): Promise<boolean> {
  const done = await db`
    update backups.drill_runs set beat_at = now(), step = ${step}, backup_seq = ${seq === null ? null : String(seq)}::bigint
    where drill_id = ${id} and state = 'running'`;
  return done.count === 1;
}

export async function endDrill(db: Statements, id: Uuid, state: 'passed' | 'failed', because: string | null): Promise<void> {
  await db`
    update backups.drill_runs set state = ${state}, because = ${because}, finished_at = now()
    where drill_id = ${id} and state = 'running'`;
} // prettier-ignore

/** Those whose server was killed have failed. */
export async function giveUpDrills(db: Statements): Promise<void> {
  await db`
    update backups.drill_runs set state = 'failed', because = 'KILLED', finished_at = now()
    where state = 'running' and ${isSilent(db, 'beat_at', BEAT_SECONDS)}`;
}

export async function findDrill(db: Statements, id: Uuid): Promise<DrillRun | null> {
  const [row] = await db<DrillRun[]>`select * from backups.drill_runs where drill_id = ${id}`;
  return row ?? null;
}

export async function runningDrill(db: Statements): Promise<DrillRun | null> {
  const [row] = await db<DrillRun[]>`select * from backups.drill_runs where state = 'running'`;
  return row ?? null;
}

/** The newest first. */
export async function listDrillRuns(db: Statements, limit: number): Promise<DrillRun[]> {
  return [...(await db<DrillRun[]>`select * from backups.drill_runs order by started_at desc limit ${limit}`)];
}

export type DrillsBefore = Readonly<{
  passedAt: Date | null;
  triedAt: Date | null;
  failed: number;
  firstBackup: Date | null;
}>;

/** When a restore was last proven, of the schedule or by hand; how many drills failed since; since when there are backups. */
export async function drillsBefore(db: Statements): Promise<DrillsBefore> {
  const [row] = await db<{ passed: Date | null; tried: Date | null; failed: number; first: Date | null }[]>`
    with passed as (select max(at) as at from backups.drills where passed and at < now() + interval '1 day')
    select (select at from passed) as passed, (select max(started_at) from backups.drill_runs where started_at < now() + interval '1 day') as tried,
      (select count(*)::int from backups.drill_runs
        where state = 'failed' and started_at > coalesce((select at from passed), '-infinity')) as failed,
      (select min(started_at) from backups.runs where plane = 'data' and state = 'done') as first`;
  return {
    passedAt: row?.passed ?? null,
    triedAt: row?.tried ?? null,
    failed: row?.failed ?? 0,
    firstBackup: row?.first ?? null,
  };
}

/** INVARIANT: at once when they are planted, so that somebody shreds them whatever becomes of the drill. */
export async function keepCanaries(db: Statements, drill: Uuid, subjects: readonly SubjectId[]): Promise<void> {
  await db`
    insert into backups.canaries (subject_id, drill_id)
    select s, ${drill}::uuid from unnest(${[...subjects]}::uuid[]) as t (s) on conflict do nothing`;
}

/** Of drills that are over, or of all but one. */
export async function leftCanaries(db: Statements): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select c.subject_id from backups.canaries c where shredded_at is null and not exists
      (select from backups.drill_runs d where d.drill_id = c.drill_id and d.state = 'running') limit 100`;
  return rows.map((row) => row.subject_id);
}

export async function shreddedCanaries(db: Statements, subjects: readonly SubjectId[]): Promise<void> {
  await db`update backups.canaries set shredded_at = now() where subject_id = any(${[...subjects]}::uuid[])`;
}
