/**
 * CSV of our own, because an import must not lose a row in silence: csv-parse, told to skip what is malformed, drops the
 * rest of its buffer when a record is too large. It serves as the twin in the tests.
 * Source: RFC 4180; delimiter `,` `;` tab or `|`, taken from the header; line breaks CRLF or LF.
 */
import { isUtf8 } from 'node:buffer';

import { readPieces, type FindEnd, type Found } from './byte-lines.ts';

export type CsvRow = Readonly<{ line: number; cells: readonly string[] } | { line: number; because: string }>;

const MALFORMED = 'a quote stands where none may: the row is not well-formed CSV';
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/**
 * A newline ends a record when the quotes before it are even: RFC 4180 doubles a quote to write one. A record of several
 * lines has to be sound as well, or a quote forgotten here and another one far below would make one row of all between.
 */
function makeFindEnd(isSound: (record: Buffer) => boolean): FindEnd {
  let quoted = false;
  let manyLines = false;
  const ended = (bytes: Buffer, length: number, next: number): Found =>
    manyLines && !isSound(bytes.subarray(0, length))
      ? { kind: 'broken', because: MALFORMED }
      : { kind: 'end', length, next };
  return (bytes, from, last) => {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === LF && quoted) manyLines = true;
      else if (byte === LF) return ended(bytes, at > 0 && bytes[at - 1] === CR ? at - 1 : at, at + 1);
    }
    return last && !quoted ? ended(bytes, bytes.length, bytes.length) : { kind: 'more', from: bytes.length };
  };
}

/**
 * Every record, the header among them. Empty lines are left out. A byte that is not UTF-8 rejects its record only, unless
 * `decode` knows what to make of it.
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  decode: (bytes: Buffer) => string | null = asUtf8,
): AsyncGenerator<CsvRow> {
  let delimiter: string | undefined;
  const isSound = (record: Buffer): boolean => splitRecord(record.toString('utf8'), delimiter ?? ',') !== null;
  for await (const piece of readPieces(chunks, () => makeFindEnd(isSound))) {
    if ('because' in piece) {
      yield piece;
      continue;
    }
    const { line, bytes } = piece;
    if (bytes.length === 0) continue;
    const text = decode(bytes);
    if (text === null) {
      yield { line, because: 'the row is not valid UTF-8' };
      continue;
    }
    delimiter ??= delimiterOf(text);
    const cells = splitRecord(text, delimiter);
    yield cells === null ? { line, because: MALFORMED } : { line, cells };
  }
}

const asUtf8 = (bytes: Buffer): string | null => (isUtf8(bytes) ? bytes.toString('utf8') : null);

/** @returns the cells, or null when a quote stands inside an unquoted cell, or something follows a closing one */
export function splitRecord(text: string, delimiter: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1 || (end + 1 < text.length && text[end + 1] !== delimiter)) return null;
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const end = text.indexOf(delimiter, at);
      const cell = text.slice(at, end === -1 ? text.length : end);
      if (cell.includes('"')) return null;
      cells.push(cell);
      at += cell.length;
    }
    if (at >= text.length) return cells;
    at += 1;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

/** The one that splits the header into most cells; a comma when none does. */
function delimiterOf(header: string): string {
  const count = (delimiter: string): number => splitRecord(header, delimiter)?.length ?? 0;
  return [',', ';', '\t', '|'].reduce((best, each) => (count(each) > count(best) ? each : best));
}
