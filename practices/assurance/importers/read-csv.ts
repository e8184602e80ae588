/** CSV (RFC 4180), with `;` too where the heading has more of them. */
import { importFailure } from './failures.ts';
import { MOST_FINDINGS, MOST_LINE_BYTES } from './read-bytes.ts';

const MOST_COLUMNS = 100;

/** @throws ASSURANCE_IMPORT_MALFORMED for a quote that does not end, or something behind it; ASSURANCE_IMPORT_TOO_LARGE */
export function readCsv(text: string): readonly (readonly string[])[] {
  const heading = text.split(/\r?\n/, 1)[0] ?? '';
  const separator = heading.split(';').length > heading.split(',').length ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quoted(text, at, rows.length + 1) : plain(text, at, separator);
    if (value.length > MOST_LINE_BYTES || row.length >= MOST_COLUMNS)
      throw importFailure('IMPORT_TOO_LARGE', { detail: `row ${rows.length + 1} is larger than is read` });
    row.push(value);
    at = end;
    if (text[at] === separator) {
      at += 1;
      // a row that ends with a separator has one more, empty
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      row.push('');
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n')
      throw importFailure('IMPORT_MALFORMED', { detail: `row ${rows.length + 1} has something behind a quote` });
    at += 1;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    if (rows.length > MOST_FINDINGS + 1) throw importFailure('IMPORT_TOO_LARGE');
    row = [];
  }
  return rows;
}

type Value = Readonly<{ value: string; end: number }>;

function plain(text: string, from: number, separator: string): Value {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { value: text.slice(from, end), end };
}

function quoted(text: string, from: number, row: number): Value {
  let value = '';
  let begin = from + 1;
  for (;;) {
    const end = text.indexOf('"', begin);
    if (end < 0) throw importFailure('IMPORT_MALFORMED', { detail: `row ${row} has a quote that does not end` });
    value += text.slice(begin, end);
    if (text[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    begin = end + 2;
  }
}
