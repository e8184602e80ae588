/** Rows of a live PostgreSQL table: one read-only snapshot, a cursor on the server, nothing held but a page. */
import postgres from 'postgres';

import { Usage } from '../connection.ts';
import { wantedColumns, type Wanted } from './map.ts';
import { readingFailed, type Row, type Source } from './sources.ts';

const PAGE = 500;
const BYTEA = 17;
/** Types that the driver would turn into values of JavaScript: numbers would lose digits, instants their offset. */
const PARSED = [16, 17, 20, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 1700, 3802];
const asIs = { to: 25, from: PARSED, serialize: (value: unknown) => value, parse: (text: string) => text };

/** @param table `schema.table`, or a table of the schema public */
export async function postgresSource(url: string, table: string | null, wanted: Wanted): Promise<Source> {
  if (table === null) throw new Usage('name the table: --table schema.table');
  // between two pages the vault may keep us waiting as long as it likes
  const sql = connectPostgres(url, { application: 'strongroom import', statementTimeoutMs: 0 });
  const name = sql(table.includes('.') ? table : `public.${table}`);
  const close = (): Promise<void> => sql.end({ timeout: 2 });
  let line = 0;
  try {
    await sql`begin`;
    const { columns } = await sql`select * from ${name} limit 0`;
    const all = columns.map((column) => column.name);
    const chosen = wantedColumns(wanted, all);
    const bytes = columns.find((column) => column.type === BYTEA && chosen.includes(column.name));
    if (bytes !== undefined) throw holdsBytes(bytes.name, "encode(…, 'base64')");
    await sql`declare import_rows no scroll cursor for select ${sql(chosen)} from ${name}`;
    const rows = async function* (): AsyncGenerator<Row> {
      try {
        for (;;) {
          const page = await sql.unsafe(`fetch ${PAGE} from import_rows`);
          for (const row of page) yield { line: ++line, cells: present(row) };
          if (page.length < PAGE) break;
        }
        await sql`commit`;
      } catch (thrown) {
        throw readingFailed(line, thrown);
      }
    };
    return { columns: all, rows: rows(), close };
  } catch (thrown) {
    await close();
    throw thrown instanceof Usage ? thrown : readingFailed(line, thrown);
  }
}

/** One connection that can read only; every value as the server writes it. */
export function connectPostgres(
  url: string,
  { application, statementTimeoutMs }: Readonly<{ application: string; statementTimeoutMs: number }>,
): postgres.Sql {
  // one connection, since the snapshot is its: after a loss the driver makes a new one, which knows of no cursor
  return postgres(withoutSocket(url), {
    ...socketOf(url),
    max: 1,
    max_lifetime: null,
    connect_timeout: 15,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    types: { asIs },
    connection: {
      application_name: application,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      IntervalStyle: 'iso_8601',
      extra_float_digits: '1',
      default_transaction_isolation: 'repeatable read',
      default_transaction_read_only: true,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 0,
    },
  });
}

export const holdsBytes = (column: string, how: string): Usage =>
  new Usage(
    `column ${column} holds bytes, which no field takes: put it under ignore, or read it through a view as ${how}`,
  );

const present = (row: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter((cell): cell is [string, string] => cell[1] !== null));

/** libpq's form for a socket, `?host=/folder`, which the driver does not know. */
function socketOf(url: string): { host?: string; port?: number } {
  const { searchParams, port } = new URL(url);
  const folder = searchParams.get('host');
  if (folder === null || !folder.startsWith('/')) return {};
  return { host: folder, port: Number(searchParams.get('port') ?? (port || 5432)) };
}

function withoutSocket(text: string): string {
  const url = new URL(text);
  if (url.searchParams.get('host')?.startsWith('/') !== true) return text;
  url.searchParams.delete('host');
  url.searchParams.delete('port');
  return url.href;
}
