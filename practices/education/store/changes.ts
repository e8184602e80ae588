/** Statements on what changed how somebody stands: servers ask with each request what is new. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** As the last thing of a transaction but for the log, whose head is held after it: until it ends, other changes wait, so that numbers are seen in their order. */
export async function noteChange(tx: Statements, person: Uuid | null): Promise<void> {
  await tx`
    with head as (update education.change_head set n = n + 1 returning n)
    insert into education.changes (n, person_id) select n, ${person}::uuid from head`;
}

/** How many changes there were, and the latest time that any server has told. */
export async function headAndFloor(db: Statements): Promise<Readonly<{ n: bigint; floor: Date | null }>> {
  const [row] = await db<{ n: bigint; floor: Date | null }[]>`
    select n, (select ran_at from education.runs where name = 'time') as floor from education.change_head`;
  return row ?? { n: 0n, floor: null };
}

/** At a time; who is further behind forgets all. */
export const MOST_CHANGES = 1000;
export async function changesAfter(db: Statements, n: bigint): Promise<{ n: bigint; person_id: Uuid | null }[]> {
  return db`select n, person_id from education.changes where n > ${n} order by n limit ${MOST_CHANGES}`;
}

/** Who was away for longer forgets all that it remembers. */
export async function sweepChanges(db: Statements): Promise<void> {
  await db`delete from education.changes where at < now() - interval '1 day'`;
}
