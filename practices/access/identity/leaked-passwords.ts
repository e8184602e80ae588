/**
 * Whether a password is among those that have leaked: looked up in a file that the operator keeps, and never over the
 * network. The file is the download of Have I Been Pwned as its own tool writes it into one file: a line for each
 * password, its SHA-1 in hexadecimal and `:` with how often it was seen, in the order of the hashes. Hashes may be cut to
 * any length of 16 characters or more, all to the same one, and the count may be missing.
 *
 * A binary search over the bytes: a look-up reads about log2(size) pieces of 128 bytes, 30 of them in a file of 40 GB,
 * and keeps nothing.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import { accessFailure } from '../failures.ts';

export type IsLeaked = (password: string) => Promise<boolean>;

/** Two lines fit, and so does a whole one wherever in it the piece begins. */
const PIECE_BYTES = 128;
const LINE = /^([0-9A-Fa-f]{16,40})(?::\d{1,12})?$/;
const LF = 10;

/** @param path null: nothing is known to have leaked @throws ACCESS_LEAKED_UNREADABLE */
export function createLeaked(path: string | null): IsLeaked {
  if (path === null) return () => Promise.resolve(false);
  return async (password) => {
    // opened anew each time: a newer download may have taken its place
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw accessFailure('LEAKED_UNREADABLE', { cause });
    });
    try {
      const { size } = await file.stat();
      if (size === 0) throw accessFailure('LEAKED_UNREADABLE', { detail: 'the file is empty' });
      for (const text of new Set([password, password.normalize('NFKC')]))
        if (await isThere(file, size, createHash('sha1').update(text).digest('hex').toUpperCase())) return true;
      return false;
    } finally {
      await file.close();
    }
  };
}

/** INVARIANT: the line, if it is there, begins at `low` or after, and before `high`. Both are where lines begin, or the end. */
async function isThere(file: FileHandle, size: number, wanted: string): Promise<boolean> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    // the line that `middle` lies in, or begins
    const line = await lineAround(file, size, low, middle);
    const key = wanted.slice(0, line.hash.length);
    if (line.hash === key) return true;
    if (line.hash < key) low = line.end;
    else high = line.begin;
  }
  return false;
}

/** @param low where a line begins, at or before `at` */
async function lineAround(
  file: FileHandle,
  size: number,
  low: number,
  at: number,
): Promise<{ hash: string; begin: number; end: number }> {
  const from = Math.max(low, at - PIECE_BYTES / 2);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, from);
  const piece = buffer.subarray(0, bytesRead);
  const before = at === from ? -1 : piece.lastIndexOf(LF, at - from - 1);
  const after = piece.indexOf(LF, at - from);
  const [begin, end] = [from + before + 1, after < 0 ? from + bytesRead : from + after + 1];
  const text = piece.toString('latin1', begin - from, end - from).trimEnd();
  const [, hash] = LINE.exec(text) ?? [];
  // a line that is none, or that does not end within the piece: this is not such a file
  if (hash === undefined || (before < 0 && from !== low) || (after < 0 && end !== size))
    throw accessFailure('LEAKED_UNREADABLE', { detail: `what lies around byte ${at} is no line of such a file` });
  return { hash: hash.toUpperCase(), begin, end };
}
