/** Searches the bytes of files for words: what lies on a disk after all is sealed. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 1 << 20;

export type FileSearch = Readonly<{
  files: number;
  bytes: number;
  /** That could not be read to their end: another account's, or gone meanwhile. */
  unreadable: number;
  /** That were not looked at: more than `mostBytes` came before them. */
  left: number;
  found: readonly { file: string; word: number }[];
}>;

/**
 * Each file is read in chunks that overlap by the longest word, and gone over once, whatever the number of words.
 * @param mostBytes of all files together; the newest come first
 * @returns which files hold which of the words, by the word's place in the list: the words themselves are not repeated
 */
export async function filesWith(
  folder: string,
  words: readonly (string | Buffer)[],
  { mostBytes = Number.POSITIVE_INFINITY }: { mostBytes?: number } = {},
): Promise<FileSearch> {
  const searcher = wordSearcher(words.map((word) => (typeof word === 'string' ? Buffer.from(word) : word)));
  const found: { file: string; word: number }[] = [];
  let [files, bytes, unreadable, left] = [0, 0, 0, 0];
  for (const file of await newestFirst(folder)) {
    if (bytes > mostBytes) {
      left += 1;
      continue;
    }
    const hits = new Set<number>();
    files += 1;
    let tail: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        const window = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
        for (const word of searcher.search(window)) hits.add(word);
        tail = window.subarray(Math.max(0, window.length - searcher.overlap));
      }
    } catch {
      unreadable += 1;
    }
    for (const word of hits) found.push({ file, word });
  }
  return { files, bytes, unreadable, left, found };
}

async function newestFirst(folder: string): Promise<readonly string[]> {
  const found: { file: string; at: number }[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const seen = await stat(join(folder, name)).catch(() => null);
    if (seen?.isFile() === true) found.push({ file: join(folder, name), at: seen.mtimeMs });
  }
  return found.toSorted((one, other) => other.at - one.at).map(({ file }) => file);
}

/** Words by their first two bytes: most places of a file are left behind by one look into a table of 64 Ki entries. */
function wordSearcher(words: readonly Buffer[]): { overlap: number; search: (window: Buffer) => Set<number> } {
  const byBeginning: (number[] | undefined)[] = [];
  words.forEach((word, place) => {
    if (word.length < 2) throw new RangeError('a word of one byte is everywhere');
    (byBeginning[word.readUInt16BE(0)] ??= []).push(place);
  });
  const begins = Uint8Array.from({ length: 0x1_00_00 }, (_, pair) => (byBeginning[pair] === undefined ? 0 : 1));
  const search = (window: Buffer): Set<number> => {
    const hits = new Set<number>();
    let pair = window[0] ?? 0;
    for (let at = 1; at < window.length; at += 1) {
      pair = ((pair << 8) | (window[at] as number)) & 0xff_ff;
      if (begins[pair] === 0) continue;
      for (const place of byBeginning[pair] as number[]) {
        const word = words[place] as Buffer;
        if (window.compare(word, 0, word.length, at - 1, Math.min(window.length, at - 1 + word.length)) === 0)
          hits.add(place);
      }
    }
    return hits;
  };
  return { overlap: Math.max(1, ...words.map((word) => word.length)) - 1, search };
}
