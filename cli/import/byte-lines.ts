/**
 * A file as records of bytes with their line number, in bounded memory. What counts as the end of a record is the
 * caller's: a line of JSON ends at a newline, a CSV record at a newline outside quotes.
 */

/** The largest record taken: the vault's own limit is 64 KiB a field. */
export const LARGEST_RECORD_BYTES = 4 * 1024 * 1024;

/**
 * Looks for the end of the record that begins at `bytes[0]`.
 * @returns length without and with its line break, or `more` when the end is not in sight, or `broken` when it is malformed
 */
export type FindEnd = (bytes: Buffer, from: number, last: boolean) => Found;
export type Found =
  | Readonly<{ kind: 'end'; length: number; next: number }>
  | Readonly<{ kind: 'more'; from: number }>
  | Readonly<{ kind: 'broken'; because: string }>;

export type Piece = Readonly<{ line: number; bytes: Buffer } | { line: number; because: string }>;

const TOO_LARGE = `the row is larger than ${LARGEST_RECORD_BYTES} bytes`;
const NEWLINE = 0x0a;

/**
 * A malformed record costs its first line, and reading goes on with the next one: a quote that nobody closed does not
 * swallow the rows behind it.
 */
export async function* readPieces(chunks: AsyncIterable<Buffer>, makeFindEnd: () => FindEnd): AsyncGenerator<Piece> {
  let held: Buffer = Buffer.alloc(0);
  let line = 1;
  let from = 0;
  let skipping = false;
  let findEnd = makeFindEnd();
  const drop = (length: number): Buffer => {
    const taken = held.subarray(0, length);
    line += countNewlines(taken);
    held = held.subarray(length);
    from = 0;
    findEnd = makeFindEnd();
    return taken;
  };

  const take = function* (last: boolean): Generator<Piece> {
    while (held.length > 0) {
      if (skipping) {
        const end = held.indexOf(NEWLINE);
        drop(end === -1 ? held.length : end + 1);
        skipping = end === -1;
        continue;
      }
      const found = findEnd(held, from, last);
      if (found.kind === 'end') {
        const at = line;
        const bytes = drop(found.next).subarray(0, found.length);
        yield bytes.length > LARGEST_RECORD_BYTES ? { line: at, because: TOO_LARGE } : { line: at, bytes };
        continue;
      }
      if (found.kind === 'more' && !last && held.length <= LARGEST_RECORD_BYTES) {
        from = found.from;
        return;
      }
      const because =
        found.kind === 'broken'
          ? found.because
          : last
            ? 'a quote is opened and never closed'
            : `${TOO_LARGE}, or a quote in it is never closed`;
      yield { line, because };
      skipping = true;
    }
  };
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    yield* take(false);
  }
  yield* take(true);
}

/** For JSON lines: a record is a line. */
export const findLineEnd: FindEnd = (bytes, from, last) => {
  const end = bytes.indexOf(NEWLINE, from);
  if (end === -1)
    return last ? { kind: 'end', length: bytes.length, next: bytes.length } : { kind: 'more', from: bytes.length };
  return { kind: 'end', length: end, next: end + 1 };
};

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
