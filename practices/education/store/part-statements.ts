/** Statements on what was stated in a run of a course (cmi5): written once, read in the order in which it came. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { VERBS } from '../cmi5/words.ts';

export type PartStatementRow = Readonly<{
  run_id: Uuid;
  statement_id: Uuid;
  session_id: Uuid;
  part: number | null;
  kind: 'defined' | 'allowed' | 'ours';
  verb: string;
  object: string;
  said_at: Date;
  stored_at: Date;
  sha256: string;
  /** JSON. */
  statement: string;
}>;
export type StoredStatement = PartStatementRow & Readonly<{ seq: number }>;

/** Its run is held: nothing else comes at the same time. */
export async function insertPartStatement(tx: Statements, row: PartStatementRow): Promise<void> {
  await tx`
    insert into education.part_statements (run_id, statement_id, seq, session_id, part, kind, verb, object, said_at, stored_at, sha256, statement)
    values (${row.run_id}, ${row.statement_id},
      (select coalesce(max(seq), 0) + 1 from education.part_statements where run_id = ${row.run_id}), ${row.session_id}, ${row.part}, ${row.kind}, ${row.verb}, ${row.object}, ${row.said_at},
      ${row.stored_at}, ${row.sha256}, ${row.statement})`;
}

export async function knownStatements(tx: Statements, run: Uuid, ids: readonly string[]): Promise<Pick<PartStatementRow, 'statement_id' | 'session_id' | 'sha256'>[]> {
  return tx`select statement_id, session_id, sha256 from education.part_statements where run_id = ${run} and statement_id = any(${[...ids]}::uuid[])`;
} // prettier-ignore

/** Those that count, oldest first: not how often somebody began and left. */
export async function countedStatements(db: Statements, run: Uuid): Promise<Pick<PartStatementRow, 'session_id' | 'part' | 'kind' | 'verb' | 'object' | 'said_at'>[]> {
  return db`
    select session_id, part, kind, verb, object, said_at from education.part_statements where run_id = ${run} and kind <> 'allowed'
      and verb <> all(${[VERBS.launched, VERBS.abandoned]}) order by seq`;
} // prettier-ignore

/** Of what is stated besides cmi5. */
export async function sizeOfRun(tx: Statements, run: Uuid): Promise<Readonly<{ count: number; bytes: number }>> {
  const [row] = await tx<{ count: number; bytes: number }[]>`
    select count(*)::integer as count, coalesce(sum(octet_length(statement)), 0)::integer as bytes from education.part_statements where run_id = ${run} and kind = 'allowed'`;
  return row ?? { count: 0, bytes: 0 };
}

/** By the part itself, in this session. */
export async function newestSaid(tx: Statements, session: Uuid): Promise<Date | null> {
  const [row] = await tx<{ at: Date | null }[]>`
    select max(said_at) as at from education.part_statements where session_id = ${session} and kind <> 'ours'`;
  return row?.at ?? null;
}

export async function partStatement(db: Statements, run: Uuid, id: string): Promise<StoredStatement | null> {
  const [row] = await db<StoredStatement[]>`select * from education.part_statements where run_id = ${run} and statement_id = ${id}`;
  return row ?? null;
} // prettier-ignore

export type StatementQuery = Readonly<{
  verb: string | null;
  activity: string | null;
  since: Date | null;
  until: Date | null;
  ascending: boolean;
  /** Where a page goes on; null: from its beginning. */
  after: number | null;
  limit: number;
}>;
export async function partStatements(db: Statements, run: Uuid, of: StatementQuery): Promise<StoredStatement[]> {
  const { verb, activity, since, until, after, ascending, limit } = of;
  const beyond = ascending ? db`seq > ${after}` : db`seq < ${after}`;
  return db<StoredStatement[]>`
    select * from education.part_statements where run_id = ${run}
      ${verb === null ? db`` : db`and verb = ${verb}`} ${activity === null ? db`` : db`and object = ${activity}`}
      ${since === null ? db`` : db`and stored_at > ${since}`} ${until === null ? db`` : db`and stored_at <= ${until}`}
      ${after === null ? db`` : db`and ${beyond}`}
    order by seq ${ascending ? db`asc` : db`desc`} limit ${limit}`;
}
