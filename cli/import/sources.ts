/** Sources of rows, each a stream: CSV and JSON lines from a file. Live databases are in postgres.ts and mysql.ts. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { parse } from 'csv-parse';

/** A row as text by column, or why it cannot be read. */
export type Row = Readonly<
  { line: number; cells: Readonly<Record<string, string>> } | { line: number; because: string }
>;
export type Source = Readonly<{ columns: readonly string[] | null; rows: AsyncIterable<Row> }>;

const BOM = 'ï»¿';

/**
 * Bytes pass the parser as latin1, which keeps each byte, and every cell is then decoded strictly: one bad byte rejects
 * its row, with its line, and no other.
 */
export async function csvSource(path: string): Promise<Source> {
  const skipped: Row[] = [];
  const parser = createReadStream(path).pipe(
    parse({
      encoding: 'latin1', info: true, relax_column_count: true, skip_records_with_error: true, skip_empty_lines: true, max_record_size: 4 * 1024 * 1024,
      on_skip: (error) => void skipped.push({ line: (error as { lines?: number } | undefined)?.lines ?? 0, because: 'the row is not well-formed CSV' }),
    }),
  ); // prettier-ignore
  const records = parser[Symbol.asyncIterator]() as AsyncIterator<{ record: string[]; info: { lines: number } }>;
  const first = await records.next();
  const columns =
    first.done === true
      ? []
      : first.value.record.map((cell, i) => decode(i === 0 && cell.startsWith(BOM) ? cell.slice(3) : cell) ?? '');
  const rows = async function* (): AsyncGenerator<Row> {
    for (;;) {
      const next = await records.next();
      yield* skipped.splice(0);
      if (next.done === true) return;
      const { record, info } = next.value;
      if (record.length !== columns.length) {
        yield { line: info.lines, because: `the row has ${record.length} cells, the header ${columns.length}` };
        continue;
      }
      const cells: Record<string, string> = {};
      let bad = false;
      record.forEach((cell, i) => {
        const text = decode(cell);
        if (text === null) bad = true;
        else cells[columns[i] as string] = text;
      });
      yield bad ? { line: info.lines, because: 'the row is not valid UTF-8' } : { line: info.lines, cells };
    }
  };
  return { columns, rows: rows() };
}

function decode(latin1: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return null;
  }
}

export function jsonlSource(path: string): Source {
  const rows = async function* (): AsyncGenerator<Row> {
    let line = 0;
    for await (const raw of createInterface({
      input: createReadStream(path, 'latin1'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      line += 1;
      if (raw.trim() === '') continue;
      const text = decode(raw);
      yield text === null ? { line, because: 'the line is not valid UTF-8' } : readObject(text, line);
    }
  };
  return { columns: null, rows: rows() };
}

function readObject(text: string, line: number): Row {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, cells: asText(value as Record<string, unknown>) };
  } catch {
    // said below: the parser's own words would quote the line
  }
  return { line, because: 'the line is not a JSON object' };
}

/** Values of a JSON object or a database row as text, as the server reads them by type. */
export function asText(row: Readonly<Record<string, unknown>>): Record<string, string> {
  const cells: Record<string, string> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined || Buffer.isBuffer(value)) continue;
    cells[name] = typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean | bigint}`;
  }
  return cells;
}
