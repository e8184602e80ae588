/** Samples of a CSV or TSV file: rows taken by chance from the whole of it, a header only where the first row is one. */
import { readCsv } from '../import/csv.ts';
import type { Reading, SampledTable } from './engine.ts';
import { withJsonPaths } from './json-columns.ts';
import { linesOf } from './mixed-text.ts';
import { beginningOf, createReservoir, SAMPLES, shareOf } from './reservoir.ts';

export type Header = 'yes' | 'no' | 'auto';
const PRINTED = 60;

export async function readCsvFile(
  chunks: AsyncIterable<Buffer>,
  name: string,
  reading: Reading,
  { header, knowsName }: Readonly<{ header: Header; knowsName: (name: string) => boolean }>,
): Promise<void> {
  let foreign = 0;
  let unread = 0;
  const decode = (bytes: Buffer): string => {
    const read = linesOf(bytes);
    foreign += read.foreign;
    return read.text;
  };
  const sample = createReservoir<readonly string[]>(SAMPLES, reading.random);
  let first: readonly string[] | null = null;
  let prefix = 0;
  const keep = (cells: readonly string[]): void => sample.offer(() => cells.map((cell) => beginningOf(cell, prefix)));
  for await (const record of readCsv(chunks, decode)) {
    if ('because' in record) unread += 1;
    else if (first === null) {
      first = record.cells.map((cell) => beginningOf(cell, 4096).trim());
      prefix = shareOf(first.length).prefix;
    } else if (record.cells.length === first.length) keep(record.cells);
    else unread += 1;
  }
  if (first === null) return reading.onMissing(name, 'it holds no rows');
  const named = header === 'auto' ? isHeader(first, sample.taken(), knowsName) : header === 'yes';
  if (!named) keep(first);
  if (!named && header === 'auto')
    reading.onWarning(
      `${name}: its first row is taken for data, since it does not read like names of columns; --header yes says it is`,
    );
  if (foreign > 0) reading.onWarning(`${name}: ${foreign} rows are not UTF-8 and were read as Latin-1`);
  if (unread > 0)
    reading.onWarning(
      `${name}: ${unread} rows could not be read: another number of cells, a quote out of place, or too large`,
    );
  const rows = sample.taken();
  const titles = first;
  const columns = titles.map((title, at) => ({
    name: named && title !== '' ? title.slice(0, PRINTED) : `column_${at + 1}`,
    sqlType: null,
    key: null,
    samples: rows.map((row) => row[at] ?? null),
  }));
  const table: SampledTable = {
    name,
    kind: 'file',
    rows: sample.seen(),
    sampled: rows.length,
    columns: withJsonPaths(columns, reading.random),
  };
  return reading.onTable(table);
}

/**
 * Column names are printed, so a row counts as a header only when something speaks for it: a word that names a column, a name in
 * the way of programs, or cells below that are of another kind throughout.
 */
function isHeader(
  first: readonly string[],
  rows: readonly (readonly string[])[],
  knowsName: (name: string) => boolean,
): boolean {
  const titles = first.filter((cell) => cell !== '');
  if (titles.length === 0 || new Set(titles).size !== titles.length) return false;
  if (titles.some((cell) => cell.length > PRINTED || kindOf(cell) !== 'word')) return false;
  if (first.some((title, at) => title !== '' && rows.some((row) => row[at]?.trim() === title))) return false;
  if (titles.some((cell) => knowsName(cell) || /^[a-z][a-zA-Z0-9]{0,40}_[a-zA-Z0-9_]{1,40}$|^id$|Id$/.test(cell)))
    return true;
  return first.some((_, at) => {
    const kinds = new Set(rows.map((row) => kindOf(row[at]?.trim() ?? '')).filter((kind) => kind !== 'empty'));
    return kinds.size === 1 && !kinds.has('word');
  });
}

function kindOf(cell: string): 'empty' | 'number' | 'mark' | 'word' {
  if (cell === '') return 'empty';
  if (/^[+-]?[\d.,:/ T-]{1,40}Z?$/.test(cell)) return 'number';
  return cell.includes('@') || /\d{4}/.test(cell) ? 'mark' : 'word';
}
