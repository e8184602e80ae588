/** What tables there are, as PostgreSQL has it. */
import { hasCitus, type Statements } from '#platform/db';

import { backupsFailure } from '../failures.ts';
import { LEFT_OUT, PLANES, type TablePlane } from '../planes.ts';

export type TableShape = Readonly<{
  /** `schema.name`. */
  table: string;
  columns: readonly string[];
  /** Pages of 8 KiB; null where rows have no place of their own (a partitioned or distributed table). */
  pages: number | null;
  bytes: number;
}>;

/** Every table of this program: of the schemas that its migrations made. */
export async function allTables(db: Statements): Promise<TableShape[]> {
  const rows = await db<{ table: string; columns: string[]; kind: string; bytes: number }[]>`
    select n.nspname || '.' || c.relname as table, c.relkind::text as kind,
      case when c.relkind = 'r' then pg_relation_size(c.oid)::float8 else 0 end as bytes,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
      and (n.nspname = 'platform' or n.nspname in (select schema from platform.migrations))
    order by 1`;
  const mayBeSpread = await hasCitus(db);
  return rows.map(({ table, columns, kind, bytes }) => ({
    table,
    bytes,
    pages: kind === 'r' && !mayBeSpread ? Math.ceil(bytes / 8192) : null,
    columns: columns.filter((column) => !(LEFT_OUT.get(table) ?? []).includes(column)),
  }));
}

/**
 * Rows on other nodes are read by snapshots of these, each of its own moment: under writes a record would come without its key ring,
 * or an index would name what is not there, and the manifest would agree with it.
 */
async function areSpread(db: Statements): Promise<boolean> {
  const [citus] = await db<{ there: boolean }[]>`select to_regclass('citus_tables') is not null as there`;
  if (citus?.there !== true) return false;
  return (await db`select 1 from citus_tables where citus_table_type = 'distributed' limit 1`).length > 0;
}

/**
 * Those of one plane.
 * @throws BACKUPS_TABLE_UNDECLARED for any table that is in none
 * @throws BACKUPS_SPREAD when rows lie on several nodes
 */
export async function tablesOf(db: Statements, plane: TablePlane): Promise<TableShape[]> {
  if (await areSpread(db)) throw backupsFailure('SPREAD');
  const all = await allTables(db);
  const strange = all.find(({ table }) => !PLANES.has(table));
  if (strange !== undefined)
    throw backupsFailure('TABLE_UNDECLARED', { detail: `the table ${strange.table} is in no plane of backups` });
  return all.filter(({ table }) => PLANES.get(table) === plane);
}

export type AppliedSql = Readonly<{ schema: string; number: number; name: string; sha256: string }>;

/** What the schema is: which migrations made it. */
export async function appliedMigrations(db: Statements): Promise<AppliedSql[]> {
  return [
    ...(await db<AppliedSql[]>`select schema, number, name, sha256 from platform.migrations order by schema, number`),
  ];
}

/** Columns of a table's primary key; empty when it has none. */
export async function primaryKey(db: Statements, table: string): Promise<string[]> {
  const rows = await db<{ column: string }[]>`
    select a.attname::text as column from pg_index i
    join unnest(i.indkey) with ordinality as k (attnum, place) on true
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = ${table}::regclass and i.indisprimary order by k.place`;
  return rows.map(({ column }) => column);
}
