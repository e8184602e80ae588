/**
 * Statements on the tables in which an export waits while its groups are counted. They are temporary: on one connection that
 * is closed afterwards, in no backup, in no replica. What is in them is sealed, or a HMAC, under keys of that one run.
 */
import { uuidBytes, type Uuid } from '#platform/ids';
import { copyIn, copyRows, transact, type CopyRows, type Db, type Statements } from '#platform/db';

export const CODE_BYTES = 16;

export type SpoolRow = Readonly<{ order: bigint; person: Buffer; quasi: Buffer; sensitive: Buffer; sealed: Buffer }>;
export type LeavingRow = Readonly<{ person: Buffer; sealed: Buffer }>;
/** Which part of `quasi` is looked at, by its number; and how many parts `sensitive` has. */
export type Grouping = Readonly<{ parts: readonly number[]; sensitive: number; k: number; l: number }>;

/** A number of the run that its connection holds a lock on: a server that was killed lets go of it. */
export const lockOf = (runId: Uuid): bigint => uuidBytes(runId).readBigInt64BE(8);

export async function createSpool(db: Db, runId: Uuid): Promise<void> {
  // all on one session: tables on another than the lock's would be those of a run that the others take for cut
  await transact(db, async (tx) => {
    await tx`select pg_advisory_lock(${String(lockOf(runId))}::bigint)`;
    await tx`create temporary table export_rows (place bigint not null, person bytea not null, quasi bytea not null, sensitive bytea not null, sealed bytea not null)`;
    await tx`create temporary table export_seen (person bytea not null, quasi bytea not null, sensitive bytea not null)`;
  });
}

/** Its tables are gone with the session that they were made on: undefined_table, one of these. */
export const isSpoolLost = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown as { code?: unknown }).code === '42P01' && /"export_(rows|seen|leaving)"/.test(thrown.message); // prettier-ignore

async function copied(db: Db, table: string, columns: readonly string[], rows: CopyRows): Promise<void> {
  await transact(db, (tx) => copyIn(tx, { table, columns, rows }));
}

export async function addToSpool(db: Db, rows: readonly SpoolRow[]): Promise<void> {
  const copy = copyRows(5);
  for (const { order, person, quasi, sensitive, sealed } of rows) {
    copy.row();
    copy.int64(order);
    for (const each of [person, quasi, sensitive, sealed]) copy.bytes(each);
  }
  await copied(db, 'export_rows', ['place', 'person', 'quasi', 'sensitive', 'sealed'], copy);
}

export async function addSeen(
  db: Db,
  rows: readonly Readonly<{ person: Buffer; quasi: Buffer; sensitive: Buffer }>[],
): Promise<void> {
  const copy = copyRows(3);
  for (const { person, quasi, sensitive } of rows) {
    copy.row();
    for (const each of [person, quasi, sensitive]) copy.bytes(each);
  }
  await copied(db, 'export_seen', ['person', 'quasi', 'sensitive'], copy);
}

const part = (db: Statements, column: string, n: number) =>
  db`substring(${db(column)} from ${n * CODE_BYTES + 1}::int for ${CODE_BYTES}::int)`;

const keyOf = (db: Statements, parts: readonly number[]) =>
  parts.reduce((key, n) => db`${key} || ${part(db, 'quasi', n)}`, db`''::bytea`);

/** Groups with how many rows and people, and the fewest different values of any sensitive field. */
const groups = (db: Statements, { parts, sensitive }: Pick<Grouping, 'parts' | 'sensitive'>) => {
  const numbers = Array.from({ length: sensitive }, (_, n) => n);
  const columns = numbers.reduce((all, n) => db`${all}, ${part(db, 'sensitive', n)} as ${db(`s${n}`)}`, db``);
  const fewest = numbers.reduce(
    (all, n) => db`${all}, count(distinct ${db(`s${n}`)})`,
    db`count(distinct person)`, // the same again where nothing is sensitive: then l is met as k is
  );
  return db`
    select key, count(*)::bigint as rows, count(distinct person)::bigint as people, least(${fewest})::bigint as values
    from (select ${keyOf(db, parts)} as key, person ${columns} from export_rows) r
    group by key`;
};

/** Rows in groups that are too small, or too much the same. */
export async function countUnfit(db: Statements, grouping: Grouping): Promise<number> {
  const [row] = await db<{ unfit: number }[]>`
    select coalesce(sum(rows) filter (where people < ${grouping.k} or values < ${grouping.l}), 0)::float8 as unfit
    from (${groups(db, grouping)}) g`;
  return (row as { unfit: number }).unfit;
}

/** Puts the rows of the groups that leave into an order that says nothing, and forgets the others. */
export async function keepFitting(db: Statements, grouping: Grouping): Promise<void> {
  await db`
    create temporary table export_leaving as
    select row_number() over (order by r.place, r.person) as n, r.person, r.sealed
    from (select ${keyOf(db, grouping.parts)} as key, place, person, sealed from export_rows) r
    join (${groups(db, grouping)}) g using (key)
    where g.people >= ${grouping.k} and g.values >= ${grouping.l}`;
  await db`alter table export_leaving add primary key (n)`;
  await db`drop table export_rows`;
}

/**
 * The rows that leave, each time in the same order. Page by page, not by a cursor: that would keep the one connection, for
 * which whoever looks at the rows waits too.
 */
export async function* leavingRows(db: Statements, batch: number): AsyncGenerator<LeavingRow[]> {
  for (let after = 0; ; after += batch) {
    const rows = await db<LeavingRow[]>`
      select person, sealed from export_leaving where n > ${after} and n <= ${after + batch} order by n`;
    if (rows.length === 0) return;
    yield rows;
  }
}

/** Of what was looked at again: the smallest group, and the fewest different values in one, by sensitive field. */
export async function measureSeen(
  db: Statements,
  sensitive: number,
): Promise<{ rows: number; groups: number; k: number; l: number[] }> {
  const numbers = Array.from({ length: sensitive }, (_, n) => n);
  const distinct = numbers.reduce(
    (all, n) => db`${all}, count(distinct ${part(db, 'sensitive', n)})::int as ${db(`s${n}`)}`,
    db``,
  );
  const least = numbers.reduce((all, n) => db`${all}, coalesce(min(${db(`s${n}`)}), 0)::int as ${db(`s${n}`)}`, db``);
  const [row] = await db<{ rows: number; groups: number; k: number; [of: string]: number }[]>`
    select coalesce(sum(rows), 0)::float8 as rows, count(*)::float8 as groups, coalesce(min(people), 0)::float8 as k ${least}
    from (select count(*) as rows, count(distinct person) as people ${distinct} from export_seen group by quasi) g`;
  const found = row as { rows: number; groups: number; k: number; [of: string]: number };
  return { rows: found.rows, groups: found.groups, k: found.k, l: numbers.map((n) => found[`s${n}`] as number) };
}
