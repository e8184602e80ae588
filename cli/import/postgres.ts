/** Rows of a live PostgreSQL table: one read-only snapshot, a cursor, nothing held but a page. */
import postgres from 'postgres';

import { Usage } from '../connection.ts';
import { asText, type Row, type Source } from './sources.ts';

const PAGE = 500;
const asIs = (oids: number[]) => ({
  to: oids[0] as number,
  from: oids,
  serialize: (value: unknown) => value,
  parse: (value: string) => value,
});

export async function postgresSource(
  url: string,
  table: string | null,
): Promise<Source & { close: () => Promise<void> }> {
  if (table === null) throw new Usage('name the table: --table schema.table');
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    types: { dates: asIs([1082, 1114, 1184]), numbers: asIs([20, 1700]) },
  });
  const name = sql(table.split('.').length > 1 ? table : `public.${table}`);
  const [first] = await sql`select * from ${name} limit 1`;
  const rows = async function* (): AsyncGenerator<Row> {
    const reserved = await sql.reserve();
    let line = 0;
    try {
      await reserved`begin transaction isolation level repeatable read read only`;
      for await (const page of reserved`select * from ${name}`.cursor(PAGE)) {
        for (const row of page) yield { line: ++line, cells: asText(row) };
      }
      await reserved`commit`;
    } finally {
      reserved.release();
    }
  };
  return {
    columns: first === undefined ? null : Object.keys(first),
    rows: rows(),
    close: () => sql.end({ timeout: 2 }),
  };
}
