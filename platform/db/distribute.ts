/** Spreads the tables over the nodes of a Citus cluster. What is done stays done; a table that is spread in another way is refused. */
import type { Statements, Db } from './connection.ts';
import { dbFailure } from './failures.ts';
import type { Layout, LayoutStep } from './layout.ts';

export type Distribution = Readonly<{
  /** null: the extension is not there, which only a look forgives */
  extension: boolean;
  done: readonly string[];
  /** Of a table that is spread already, and whose rows lie on the coordinator still, only what lets them go. */
  left: readonly LayoutStep[];
}>;

/** @throws DB_SPREAD_OTHERWISE */
export async function distributionOf(db: Statements, { steps }: Layout): Promise<Distribution> {
  const [row] = await db<{ is: boolean }[]>`select to_regproc('create_distributed_table') is not null as is`;
  if (row?.is !== true) return { extension: false, done: [], left: steps };
  const found = new Map((await db<{ name: string; kind: string; column: string; kept: boolean }[]>`
    select n.nspname || '.' || c.relname as name, t.citus_table_type as kind, t.distribution_column as column, pg_relation_size(c.oid) > 0 as kept
    from citus_tables t join pg_class c on c.oid = t.table_name join pg_namespace n on n.oid = c.relnamespace
    where t.citus_table_type <> 'local'`).map((each) => [each.name, each])); // prettier-ignore
  for (const { table, column } of steps) {
    const is = found.get(table);
    const wanted = column === null ? 'reference' : 'distributed';
    if (is !== undefined && (is.kind !== wanted || (column !== null && is.column !== column)))
      throw dbFailure('SPREAD_OTHERWISE', { detail: `${table} is ${is.kind} by ${is.column}, and should be ${wanted}${column === null ? '' : ` by ${column}`}` }); // prettier-ignore
  }
  // a run that was cut off between the two, by psql: no shredding reaches what was left, and nothing sees it. What is spread
  // has no rows in the table of its name here
  return {
    extension: true,
    done: steps.flatMap(({ table }) => (found.get(table)?.kept === false ? [table] : [])),
    left: steps.flatMap((step) => {
      const is = found.get(step.table);
      return is?.kept === false ? [] : [is === undefined ? step : { ...step, statements: step.statements.slice(1) }];
    }),
  };
}

/**
 * Each table in a transaction of its own, so that what was done stays when one cannot be.
 * @param onTable told of each that is done
 * @throws DB_NO_CITUS, DB_SERVERS_AT_WORK, DB_SPREAD_OTHERWISE
 */
export async function distribute(db: Db, layout: Layout, onTable: (table: string) => void): Promise<Distribution> {
  const before = await distributionOf(db, layout);
  if (!before.extension) throw dbFailure('NO_CITUS');
  if (before.left.length > 0 && (await serversAtWork(db))) throw dbFailure('SERVERS_AT_WORK');
  for (const { table, statements } of before.left) {
    await db.begin(async (tx) => {
      // text of a file that is shipped, nobody's input
      for (const statement of statements) await tx.unsafe(statement);
    });
    onTable(table);
  }
  return before;
}

/** Their writes would wait for minutes, and what they had prepared is of tables that are none any more. Names are shown to any role. */
async function serversAtWork(db: Statements): Promise<boolean> {
  const rows = await db`
    select 1 from pg_stat_activity where datname = current_database() and application_name like 'strongroom/%' limit 1`;
  return rows.length > 0;
}
