/** Searches files for words: what lies on a disk after all is sealed. Memory is bounded by the chunks. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 1 << 20;
/** More is not gone through each night; the newest files first. */
const MOST_BYTES = 4 * 2 ** 30;

/** @returns how many files were gone through, and how many hold one of the words */
export async function filesWith(folder: string, words: readonly string[]): Promise<{ files: number; found: number }> {
  const needles = words.map((word) => Buffer.from(word));
  const overlap = Math.max(0, ...needles.map(({ length }) => length - 1));
  const names = await readdir(folder, { recursive: true });
  const all = await Promise.all(
    names.map(async (name) => ({ file: join(folder, name), seen: await stat(join(folder, name)).catch(() => null) })),
  );
  const files = all
    .flatMap(({ file, seen }) => (seen?.isFile() === true ? [{ file, seen }] : []))
    .toSorted((a, b) => b.seen.mtimeMs - a.seen.mtimeMs);
  let [bytes, count, found] = [0, 0, 0];
  for (const { file, seen } of files) {
    if (bytes > MOST_BYTES) break;
    bytes += seen.size;
    count += 1;
    if (await hasOne(file, needles, overlap)) found += 1;
  }
  return { files: count, found };
}

async function hasOne(file: string, needles: readonly Buffer[], overlap: number): Promise<boolean> {
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      const window = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      if (needles.some((needle) => window.includes(needle))) return true;
      tail = window.subarray(Math.max(0, window.length - overlap));
    }
  } catch {
    // a file of the database that went while it was read, or that only its account may read
    return false;
  }
  return false;
}
