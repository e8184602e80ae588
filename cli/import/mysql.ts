/** Rows of a live MySQL or MariaDB table: one consistent read-only snapshot, streamed. */
import mysql from 'mysql2';

import { Usage } from '../connection.ts';
import { asText, type Row, type Source } from './sources.ts';

export async function mysqlSource(url: string, table: string | null): Promise<Source & { close: () => Promise<void> }> {
  if (table === null) throw new Usage('name the table: --table table');
  const raw = mysql.createConnection({ uri: url, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true });
  const connection = raw.promise();
  await connection.query('set transaction isolation level repeatable read');
  await connection.query('start transaction with consistent snapshot, read only');
  const [, fields] = await connection.query(`select * from ${mysql.escapeId(table)} limit 0`);
  const rows = async function* (): AsyncGenerator<Row> {
    let line = 0;
    const stream = raw.query(`select * from ${mysql.escapeId(table)}`).stream({ highWaterMark: 500 });
    for await (const row of stream) yield { line: ++line, cells: asText(row as Record<string, unknown>) };
  };
  return {
    columns: (fields as { name: string }[]).map((field) => field.name),
    rows: rows(),
    close: () => connection.end(),
  };
}
