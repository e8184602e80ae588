/** Searches files for words, a piece at a time, whatever their size. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type FilesSearched = Readonly<{
  files: number;
  bytes: number;
  found: readonly { file: string; word: number }[];
}>;

/** @returns which files hold which of the words, by the word's place in the list: the words themselves are not repeated */
export async function filesWith(folder: string, words: readonly string[]): Promise<FilesSearched> {
  const wanted = words.map((word) => Buffer.from(word));
  const overlap = Math.max(0, ...wanted.map((word) => word.length - 1));
  const found: { file: string; word: number }[] = [];
  let files = 0;
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!(await stat(file).catch(() => null))?.isFile()) continue;
    files += 1;
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(file, { highWaterMark: 4 * 2 ** 20 })) {
      bytes += (chunk as Buffer).length;
      const piece = Buffer.concat([tail, chunk as Buffer]);
      wanted.forEach((word, i) => {
        if (piece.includes(word)) found.push({ file, word: i });
      });
      tail = piece.subarray(Math.max(0, piece.length - overlap));
    }
  }
  return { files, bytes, found };
}
