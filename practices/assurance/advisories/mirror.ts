/** Where records come from: a file, an archive, or a folder that the operator mirrors. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { advisoryFailure } from './failures.ts';
import { nameKey, type Component } from './component.ts';
import { MOST_FILE_BYTES, MOST_FILES, zipFiles } from './read-zip.ts';
import { readRecords, type OsvRecord } from './record.ts';

export type Gathered = Readonly<{
  /** Those that name a part of the product, withdrawn ones with them. */
  records: readonly OsvRecord[];
  /** How many were read, and when the newest of all was changed: feedAges asks. */
  read: number;
  newest: Date | null;
}>;

/** Of a feed with hundreds of thousands of records what is about these parts; the rest is let go as it comes. */
export async function gatherRecords(
  components: readonly Component[],
  source: AsyncIterable<OsvRecord> | Iterable<OsvRecord>,
): Promise<Gathered> {
  const wanted = new Set(components.map(({ ecosystem, name }) => nameKey(ecosystem, name)));
  const records: OsvRecord[] = [];
  let [read, newest] = [0, null as Date | null];
  for await (const record of source) {
    read += 1;
    if (newest === null || record.modified > newest) newest = record.modified;
    if (record.affected.some((each) => wanted.has(nameKey(each.ecosystem, each.name)))) records.push(record);
  }
  return { records, read, newest };
}

const isRecordFile = (name: string): boolean => name.endsWith('.json') && !name.split('/').at(-1)?.startsWith('.');

/** An upload: a record, a list of records, or a ZIP of files with either. @throws ASSURANCE_ADVISORY_… */
export function* uploadedRecords(bytes: Uint8Array): Generator<OsvRecord> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) {
    yield* readRecords(bytes, 'the upload');
    return;
  }
  for (const { name, bytes: content } of zipFiles(bytes))
    if (isRecordFile(name)) yield* readRecords(content, name.slice(-100));
}

/**
 * A folder with `ID.json`, or folders of ecosystems with such files, or their archives. Links are not followed.
 * @throws ASSURANCE_ADVISORY_…
 */
export async function* mirroredRecords(folder: string): AsyncGenerator<OsvRecord> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  if (entries.length > MOST_FILES) throw advisoryFailure('ADVISORY_TOO_LARGE', { detail: `the mirror has ${entries.length} files` }); // prettier-ignore
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.name.endsWith('.zip')) yield* uploadedRecords(await whole(path, 512 * 1024 * 1024));
    else if (isRecordFile(entry.name)) yield* readRecords(await whole(path, MOST_FILE_BYTES), entry.name);
  }
}

async function whole(path: string, most: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > most) throw advisoryFailure('ADVISORY_TOO_LARGE', { detail: `a file of the mirror has ${size} bytes` });
  const pieces: Buffer[] = [];
  // no further than it was long, should it grow
  for await (const piece of createReadStream(path, { end: Math.max(0, most - 1) })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
