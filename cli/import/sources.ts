/** Sources of rows, each a stream: CSV and JSON lines from a file. Live databases are in postgres.ts and mysql.ts. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

import { Usage } from '../connection.ts';
import { findLineEnd, readPieces } from './byte-lines.ts';
import { readCsv } from './csv.ts';

/** A row as text by column, or why it cannot be read. */
export type Row = Readonly<
  { line: number; cells: Readonly<Record<string, string>> } | { line: number; because: string }
>;
export type Source = Readonly<{
  /** null where they are only known row by row */
  columns: readonly string[] | null;
  rows: AsyncIterable<Row>;
  close?: () => Promise<void>;
}>;

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF16_BOMS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** The bytes of a file without its byte order mark. @throws Usage for UTF-16 */
export async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    if (first && UTF16_BOMS.some((bom) => chunk.subarray(0, 2).equals(bom))) {
      throw new Usage(`${path} is UTF-16: make it UTF-8 first, with iconv -f UTF-16 -t UTF-8`);
    }
    yield first && chunk.subarray(0, 3).equals(UTF8_BOM) ? chunk.subarray(3) : chunk;
    first = false;
  }
}

/** The first row names the columns. A row that cannot be read is said to be so, with its line, and reading goes on. */
export async function csvSource(path: string): Promise<Source> {
  const records = readCsv(bytesOf(path));
  const first = await records.next();
  if (first.done === true) throw new Usage(`${path} is empty: its first row has to name the columns`);
  if ('because' in first.value) throw new Usage(`the first row of ${path} names no columns: ${first.value.because}`);
  const columns = first.value.cells.map((name) => name.trim());
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new Usage(`${path} names the column ${twice} twice`);
  const rows = async function* (): AsyncGenerator<Row> {
    for await (const record of records) {
      const { line } = record;
      if ('because' in record) yield { line, because: record.because };
      else if (record.cells.length !== columns.length) {
        yield { line, because: `the row has ${record.cells.length} cells, the header ${columns.length}` };
      } else yield { line, cells: Object.fromEntries(columns.map((name, at) => [name, record.cells[at] as string])) };
    }
  };
  return { columns, rows: rows() };
}

/** One object a line; its keys are the columns. */
export function jsonlSource(path: string): Source {
  const rows = async function* (): AsyncGenerator<Row> {
    for await (const piece of readPieces(bytesOf(path), () => findLineEnd)) {
      if ('because' in piece) yield piece;
      else if (!isUtf8(piece.bytes)) yield { line: piece.line, because: 'the line is not valid UTF-8' };
      else {
        const text = piece.bytes.toString('utf8').trim();
        if (text !== '') yield readObject(text, piece.line);
      }
    }
  };
  return { columns: null, rows: rows() };
}

function readObject(text: string, line: number): Row {
  try {
    const value = JSON.parse(text, digitsKept as Reviver) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, cells: asText(value as Record<string, unknown>) };
  } catch {
    // said below: the parser's own words would quote the line
  }
  return { line, because: 'the line is not a JSON object' };
}

/** Of Node 22 and newer; the types do not have it yet. */
const asWritten = JSON as unknown as Readonly<{ rawJSON: (text: string) => object }>;
type Reviver = Parameters<typeof JSON.parse>[1];

/** A number as it is written where a number keeps fewer digits: two ids must not become one. */
function digitsKept(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  const isKept = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value) && source.length <= 15;
  return isKept || String(value) === source ? value : asWritten.rawJSON(source);
}

/** Values of a JSON object as text, as the server reads them by type. */
function asText(row: Readonly<Record<string, unknown>>): Record<string, string> {
  const cells: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    cells[name] = typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}`;
  }
  return cells;
}

/** Faults whose message is about the connection, the account or the table; others may quote a value of a row. */
const TELLABLE =
  /^(08|28|3D|42|53|57)[0-9A-Z]{3}$|^E[A-Z_]+$|^CONNECT|^PROTOCOL_CONNECTION|^ER_(ACCESS|DBACCESS|TABLEACCESS|BAD_DB|BAD_FIELD|NO_SUCH|CON_|HOST)/;

/** A fault of a live source in words that quote no value. */
export function whyUnreadable(cause: unknown): string {
  const { code = 'unknown', message } = cause as { code?: string; message: string };
  // the cursor is not known: the driver has made another connection
  return code === '34000' ? 'its connection was lost' : TELLABLE.test(code) ? `${message} (${code})` : code;
}

/** Why a live source cannot be read, or not any further. */
export function readingFailed(rows: number, cause: unknown): Error {
  const why = whyUnreadable(cause);
  return new Error(
    rows === 0
      ? `the source cannot be read: ${why}`
      : `the source broke off after ${rows} rows: ${why}. Run the import again: what is stored already is not stored twice`,
    { cause },
  );
}
