/** Statements on sessions of the parts of courses (cmi5). */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type PartSessionRow = Readonly<{
  session_id: Uuid;
  run_id: Uuid;
  person_id: Uuid;
  part: number;
  mode: 'Normal' | 'Review';
  token: string;
  exchange: string;
  auth: string | null;
  console: string;
  began_at: Date;
  ends_at: Date;
  state: 'open' | 'terminated' | 'abandoned';
  ended_at: Date | null;
}>;

export async function insertPartSession(tx: Statements, row: PartSessionRow): Promise<void> {
  await tx`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at)
    values (${row.session_id}, ${row.run_id}, ${row.person_id}, ${row.part}, ${row.mode}, ${row.token}, ${row.exchange}, ${row.console}, ${row.began_at}, ${row.ends_at})`;
}

/** @param by what a request brings, as its hash */
export async function partSessionBy(db: Statements, by: 'token' | 'exchange' | 'auth', hash: string): Promise<PartSessionRow | null> {
  const [row] = await db<PartSessionRow[]>`select * from education.part_sessions where ${db(by)} = ${hash}`;
  return row ?? null;
} // prettier-ignore

/** Held until the transaction ends; its run is held before. */
export async function openPartSession(tx: Statements, run: Uuid): Promise<PartSessionRow | null> {
  const [row] = await tx<PartSessionRow[]>`
    select * from education.part_sessions where run_id = ${run} and state = 'open' for update`;
  return row ?? null;
}

/** One that takes what is written in this transaction: it does not end before. */
export async function shareOpenSession(tx: Statements, session: Uuid): Promise<Pick<PartSessionRow, 'ends_at'> | null> {
  const [row] = await tx<Pick<PartSessionRow, 'ends_at'>[]>`
    select ends_at from education.part_sessions where session_id = ${session} and state = 'open' for share`;
  return row ?? null;
}

/** Whoever begins several parts at once begins one after the other; before a run is held. */
export async function holdPerson(tx: Statements, person: Uuid): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`education parts ${person}`}, 0))`;
}

/** In which other runs this person is by now, in the same order for everybody. */
export async function otherRunsOpen(db: Statements, person: Uuid, run: Uuid): Promise<Uuid[]> {
  const rows = await db<{ run_id: Uuid }[]>`
    select run_id from education.part_sessions where person_id = ${person} and state = 'open' and run_id <> ${run} order by run_id`;
  return rows.map(({ run_id }) => run_id);
}

/** When the oldest one of so many was begun since then; null: it were not so many. */
export async function begunBefore(db: Statements, person: Uuid, since: Date, most: number): Promise<Date | null> {
  const [row] = await db<{ began_at: Date }[]>`
    select began_at from education.part_sessions where person_id = ${person} and began_at > ${since} order by began_at desc offset ${most - 1} limit 1`;
  return row?.began_at ?? null;
}

/** Once: whoever comes second gets nothing. */
export async function takeAuth(tx: Statements, session: Uuid, auth: string): Promise<boolean> {
  const taken = await tx`
    update education.part_sessions set auth = ${auth} where session_id = ${session} and auth is null and state = 'open'`;
  return taken.count === 1;
}

export async function endPartSession(
  tx: Statements,
  { session_id, state, ended_at }: Pick<PartSessionRow, 'session_id' | 'state' | 'ended_at'>,
): Promise<void> {
  await tx`update education.part_sessions set state = ${state}, ended_at = ${ended_at} where session_id = ${session_id}`;
}

/** Runs with a session whose time is over, and that nobody ended. */
export async function runsLeftOpen(db: Statements, now: Date, most: number): Promise<Uuid[]> {
  const rows = await db<{ run_id: Uuid }[]>`
    select run_id from education.part_sessions where state = 'open' and ends_at <= ${now} order by ends_at limit ${most}`;
  return rows.map(({ run_id }) => run_id);
}

export async function newestPartSession(db: Statements, run: Uuid): Promise<PartSessionRow | null> {
  const [row] = await db<PartSessionRow[]>`
    select * from education.part_sessions where run_id = ${run} order by state = 'open' desc, began_at desc, session_id desc limit 1`;
  return row ?? null;
}
