/**
 * A zip of somebody else: which files are in it, and their bytes, within limits that are looked at before anything is
 * unpacked and again while it is. Nothing of it becomes a file of this machine.
 */
import type { Readable } from 'node:stream';

import { open as openFile, type Entry, type ZipFile } from 'yauzl';

import { educationFailure } from '../failures.ts';

export type ZipLimits = Readonly<{ entries: number; unpackedBytes: number; ratio: number }>;
export const USUAL_LIMITS: ZipLimits = { entries: 5000, unpackedBytes: 512 * 2 ** 20, ratio: 100 };
/** Text of a few kilobytes may be packed tighter than any bomb has to be. */
const SMALL_BYTES = 2 ** 20;
const MOST_NAME = 400;

export type Zip = Readonly<{
  files: readonly Readonly<{ path: string; size: number; read: () => Promise<Readable> }>[];
  close: () => void;
}>;

const refused = (detail: string, cause?: unknown) => educationFailure('PACKAGE_INVALID', { detail, cause });

/** @throws EDUCATION_PACKAGE_INVALID, EDUCATION_PACKAGE_TOO_LARGE */
export async function openZip(file: string, sizeBytes: number, limits: ZipLimits = USUAL_LIMITS): Promise<Zip> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    openFile(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (fault, opened) =>
      fault === null ? resolve(opened) : reject(refused('it is no zip', fault)),
    );
  });
  try {
    const entries = await entriesOf(zip, limits);
    const unpacked = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    // also where entries lie over each other, so that each of them alone is within bounds
    if (unpacked > SMALL_BYTES && unpacked / Math.max(1, sizeBytes) > limits.ratio)
      throw educationFailure('PACKAGE_TOO_LARGE', { detail: `it unpacks to more than ${limits.ratio} times its size` });
    const seen = new Set<string>();
    for (const { fileName } of entries) {
      if (seen.has(fileName)) throw refused('a file is in it twice');
      seen.add(fileName);
    }
    return {
      files: entries.map((entry) => ({ path: entry.fileName, size: entry.uncompressedSize, read: () => streamOf(zip, entry) })),
      close: () => zip.close(),
    };
  } catch (thrown) {
    zip.close();
    throw thrown;
  }
} // prettier-ignore

/** Files, without folders; the first thing that is wrong ends it. */
function entriesOf(zip: ZipFile, limits: ZipLimits): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    let count = 0;
    let unpacked = 0;
    zip.on('error', (fault: Error) => reject(refused('its directory is broken, or names a file outside of it', fault)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      count += 1;
      unpacked += entry.uncompressedSize;
      const says = faultOf(entry);
      if (says !== null) return reject(refused(says));
      if (count > limits.entries) return reject(educationFailure('PACKAGE_TOO_LARGE', { detail: `it has more than ${limits.entries} files` })); // prettier-ignore
      if (unpacked > limits.unpackedBytes) return reject(educationFailure('PACKAGE_TOO_LARGE', { detail: `it unpacks to more than ${limits.unpackedBytes} bytes` })); // prettier-ignore
      if (!entry.fileName.endsWith('/')) entries.push(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

const [TYPE, LINK, PLAIN, FOLDER] = [0o170000, 0o120000, 0o100000, 0o040000];
function faultOf({ fileName, externalFileAttributes, generalPurposeBitFlag, compressionMethod }: Entry): string | null {
  const parts = fileName.replace(/\/$/, '').split('/');
  if (fileName.length > MOST_NAME || /[\p{Cc}\\:]/u.test(fileName) || parts.some((part) => ['', '.', '..'].includes(part)))
    return 'a file in it has a name that leads outside of it, or is none';
  const kind = (externalFileAttributes >>> 16) & TYPE;
  if (kind === LINK) return 'a symbolic link is in it';
  if (kind !== 0 && kind !== PLAIN && kind !== FOLDER) return 'something is in it that is no file';
  if ((generalPurposeBitFlag & 1) !== 0) return 'a file in it is encrypted';
  return compressionMethod === 0 || compressionMethod === 8 ? null : 'a file in it is packed in another way than deflate';
} // prettier-ignore

/** Of more bytes than its entry says, the stream ends with an error: yauzl counts. */
function streamOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (fault, stream) =>
      fault === null ? resolve(stream) : reject(refused('a file in it cannot be read', fault)),
    );
  });
}
