/** Statements on what courses leave behind: steps of a walk, of so many at a time, so that none holds its tables for long. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** From where on, and how many. */
export type Step<T> = Readonly<{ after: T; most: number }>;
export const FIRST_RUN = '00000000-0000-0000-0000-000000000000' as Uuid;

/** Of runs that nobody ended, when the last one of a step was over. @returns null: there are fewer */
export async function endOfLeftRuns(db: Statements, { after, most }: Step<Date>, before: Date): Promise<Date | null> {
  const [row] = await db<{ ends_at: Date }[]>`
    select ends_at from education.course_runs
    where state = 'open' and ends_at >= ${after} and ends_at < ${before} order by ends_at offset ${most - 1} limit 1`;
  return row?.ends_at ?? null;
}

/** Answers and the like, of runs that ended before. @returns where to go on; null: that was all */
export async function dropAllowed(tx: Statements, step: Step<Uuid>, before: Date): Promise<Uuid | null> {
  const runs = await runsWith(tx, 'statements', step);
  await tx`
    delete from education.part_statements s using education.course_runs r
    where s.run_id = any(${runs}::uuid[]) and s.kind = 'allowed' and r.run_id = s.run_id and r.ended_at < ${before}`;
  return goesOn(runs, step);
}

/** What parts kept in runs and sessions that are over. */
export async function dropStates(tx: Statements, step: Step<Uuid>): Promise<Uuid | null> {
  const runs = await runsWith(tx, 'documents', step);
  await tx`
    delete from education.part_documents d where d.run_id = any(${runs}::uuid[])
      and not exists (select from education.course_runs r where r.run_id = d.run_id and r.state = 'open')
      and not exists (select from education.part_sessions s where s.run_id = d.run_id and s.state = 'open')`;
  return goesOn(runs, step);
}

/** What courses left with their learners, whose last run of it ended before; preferences, of any. */
export async function dropProfiles(tx: Statements, step: Step<string>, before: Date): Promise<string | null> {
  const rows = await tx<{ shelf: string }[]>`
    select distinct shelf from education.part_documents where run_id is null and shelf > ${step.after} order by shelf limit ${step.most}`;
  const shelves = rows.map(({ shelf }) => shelf);
  await tx`
    delete from education.part_documents d where d.run_id is null and d.shelf = any(${shelves}::text[]) and d.updated_at < ${before}
      and not exists (
        select from education.course_runs r where r.person_id = d.person_id and (r.state = 'open' or r.ended_at >= ${before})
          and d.shelf in ('learner ' || r.person_id, 'agent ' || r.person_id || ' ' || r.course))`;
  return goesOn(shelves, step);
}

/** Looked up one after the other, however much there is of each. */
async function runsWith(tx: Statements, what: 'statements' | 'documents', { after, most }: Step<Uuid>): Promise<Uuid[]> {
  const held = what === 'statements' ? tx`education.part_statements h where h.kind = 'allowed'` : tx`education.part_documents h where h.run_id is not null`;
  const rows = await tx<{ run_id: Uuid }[]>`
    with recursive walk as (
      (select h.run_id from ${held} and h.run_id > ${after} order by h.run_id limit 1)
      union all
      select (select h.run_id from ${held} and h.run_id > walk.run_id order by h.run_id limit 1) from walk where walk.run_id is not null)
    select run_id from walk where run_id is not null limit ${most}`;
  return rows.map(({ run_id }) => run_id);
} // prettier-ignore

const goesOn = <T>(found: readonly T[], { most }: Step<T>): T | null =>
  found.length < most ? null : (found.at(-1) ?? null);
