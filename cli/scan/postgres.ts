/** Samples of a live PostgreSQL: each table in a transaction of its own that can only read, under a time limit per statement. */
import { connectPostgres } from '../import/postgres.ts';
import type { LiveSource, LiveTable } from './live.ts';
import { textOf } from './mixed-text.ts';
import { SAMPLES, shareOf } from './reservoir.ts';

type PgTable = LiveTable &
  Readonly<{ relation: string; bytes: readonly boolean[]; pages: number; tuples: number; sampling: boolean }>;
type ColumnRow = {
  schema: string; relation: string; kind: string; tuples: string; pages: string; readable: string;
  column: string; type: string; key: string | null;
}; // prettier-ignore

const KINDS: Readonly<Record<string, LiveTable['kind']>> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialised view',
  f: 'foreign table',
};
/** Below this a table is read in its order of rows up to the limit, or row by row by chance: 1.6 MB at most. */
const SMALL_PAGES = 200;

export async function openPostgresScan(url: string, timeoutMs: number): Promise<LiveSource<PgTable>> {
  const sql = connectPostgres(url, { application: 'strongroom scan', statementTimeoutMs: timeoutMs });
  const close = (): Promise<void> => sql.end({ timeout: 2 });
  const reading = async <T>(work: () => Promise<T>): Promise<T> => {
    await sql`begin transaction isolation level repeatable read read only`;
    try {
      const done = await work();
      await sql`commit`;
      return done;
    } catch (thrown) {
      await sql`rollback`.catch(() => undefined);
      throw thrown;
    }
  };
  return {
    close,
    tables: async () => {
      // materialised views and foreign tables are not in information_schema; a partition is read with its table
      const rows = await reading(
        () => sql<ColumnRow[]>`
          select n.nspname as schema, c.relname as relation, c.relkind as kind, c.reltuples::text as tuples,
            (pg_relation_size(c.oid) / current_setting('block_size')::int)::text as pages,
            has_column_privilege(c.oid, a.attnum, 'select')::text as readable, a.attname as "column",
            format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), a.atttypmod) as type,
            (select k.contype from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'f') and a.attnum = any(k.conkey)
             order by k.contype desc limit 1) as key
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          join pg_type t on t.oid = a.atttypid
          where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
            and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
            and has_schema_privilege(n.oid, 'usage')
          order by n.nspname, c.relname, a.attnum`,
      );
      return tablesOf(rows);
    },
    canWrite: async () => {
      const [found] = await reading(
        () => sql<{ super: string; writable: string; creates: string }[]>`
          select (select rolsuper from pg_roles where rolname = current_user)::text as super,
            (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
               and has_table_privilege(c.oid, 'insert, update, delete, truncate'))::text as writable,
            has_database_privilege(current_database(), 'create')::text as creates`,
      );
      const rights = [
        ...(found?.super === 'true' ? ['superuser'] : []),
        ...(found !== undefined && found.writable !== '0' ? [`changes rows of ${found.writable} tables`] : []),
        ...(found?.creates === 'true' ? ['creates schemas'] : []),
      ];
      return rights.length === 0 ? null : rights.join(', ');
    },
    sample: (table) =>
      reading(async () => {
        const { rows: limit, prefix } = shareOf(table.columns.length);
        const list = table.columns
          .map(({ name }, at) =>
            table.bytes[at] === true
              ? `encode(substring(${quoted(name)} for ${prefix}), 'hex')`
              : `left(${quoted(name)}::text, ${prefix})`,
          )
          .join(', ');
        const read = async (sampling: string): Promise<(string | null)[][]> =>
          (await sql.unsafe(`select ${list} from ${table.relation}${sampling} limit ${limit}`).values()) as (
            | string
            | null
          )[][];
        const sampling = samplingOf(table);
        let rows = await read(sampling);
        // pages with few rows left in them
        if (rows.length < Math.min(limit, 50) && sampling !== '') rows = await read('');
        return rows.map((row) =>
          row.map((cell, at) => (table.bytes[at] === true && cell !== null ? textOf(Buffer.from(cell, 'hex')) : cell)),
        );
      }),
  };
}

/** TABLESAMPLE SYSTEM picks pages, so it costs what it takes; a small table affords to pick rows. Views have neither. */
function samplingOf({ sampling, pages, tuples }: PgTable): string {
  if (!sampling || (tuples >= 0 && tuples <= SAMPLES) || pages < 4) return '';
  if (pages <= SMALL_PAGES && tuples > 0) return ` tablesample bernoulli (${share((SAMPLES * 1.2) / tuples)})`;
  const perPage = tuples > 0 ? tuples / pages : 20;
  return ` tablesample system (${share(Math.max(20, (SAMPLES * 1.5) / perPage) / pages)})`;
}
const share = (part: number): string => Math.min(100, Math.max(0.0001, part * 100)).toFixed(4);

function tablesOf(rows: readonly ColumnRow[]): PgTable[] {
  const groups = new Map<string, ColumnRow[]>();
  for (const row of rows) {
    const name = `${row.schema}.${row.relation}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups].map(([name, columns]) => {
    const first = columns[0] as ColumnRow;
    const readable = columns.filter((each) => each.readable === 'true');
    const tuples = Math.round(Number(first.tuples));
    return {
      name,
      relation: `${quoted(first.schema)}.${quoted(first.relation)}`,
      kind: KINDS[first.kind] ?? 'table',
      rows: tuples < 0 || first.kind === 'v' || first.kind === 'f' ? null : tuples,
      columns: readable.map(({ column, type, key }) => ({
        name: column,
        sqlType: type,
        key: key === 'p' ? 'primary' : key === 'f' ? 'foreign' : null,
      })),
      bytes: readable.map(({ type }) => type === 'bytea'),
      because:
        readable.length === 0 ? 'the account has no right to read it'
        : null,
      pages: Number(first.pages),
      tuples,
      sampling: first.kind === 'r' || first.kind === 'm',
    };
  }); // prettier-ignore
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
