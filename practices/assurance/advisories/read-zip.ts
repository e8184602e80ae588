/**
 * Files of a ZIP archive, one at a time: OSV gives out an ecosystem as one. Bounded in number, in the size of each and of all,
 * so that a small archive cannot become a large memory.
 * Source: PKWARE APPNOTE 6.3.10 §4.3; no encryption, no parts, stored or deflated.
 */
import { crc32, inflateRawSync } from 'node:zlib';

import { advisoryFailure } from './failures.ts';

export type ArchivedFile = Readonly<{ name: string; bytes: Uint8Array }>;

export const MOST_FILES = 500_000;
export const MOST_FILE_BYTES = 8 * 1024 * 1024;
const MOST_ARCHIVE_BYTES = 512 * 1024 * 1024;
const MOST_INFLATED_BYTES = 4 * 1024 * 1024 * 1024;

const END = 0x06054b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;

const malformed = (detail: string, cause?: unknown): Error =>
  advisoryFailure('ADVISORY_MALFORMED', { detail: `the archive ${detail}`, cause });

/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE */
export function* zipFiles(bytes: Uint8Array): Generator<ArchivedFile> {
  if (bytes.length > MOST_ARCHIVE_BYTES) throw advisoryFailure('ADVISORY_TOO_LARGE');
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, offset } = endOf(zip);
  let at = offset;
  let inflated = 0;
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== LISTED) throw malformed(`has no file ${n + 1} in its list`);
    const entry = {
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      sum: zip.readUInt32LE(at + 16),
      packed: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      begin: zip.readUInt32LE(at + 42),
    };
    const [nameBytes, extraBytes, noteBytes] = [28, 30, 32].map((from) => zip.readUInt16LE(at + from)) as [number, number, number]; // prettier-ignore
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    at += 46 + nameBytes + extraBytes + noteBytes;
    if (name.endsWith('/')) continue;
    inflated += entry.size;
    if (entry.size > MOST_FILE_BYTES || inflated > MOST_INFLATED_BYTES)
      throw advisoryFailure('ADVISORY_TOO_LARGE', { detail: `file ${n + 1} of the archive is larger than is read` });
    yield { name, bytes: contentOf(zip, entry, n + 1) };
  }
}

type Entry = Readonly<{ flags: number; method: number; sum: number; packed: number; size: number; begin: number }>;

function endOf(zip: Buffer): Readonly<{ count: number; offset: number }> {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at -= 1) {
    if (zip.readUInt32LE(at) !== END) continue;
    let [count, offset] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16)];
    if (count === 0xffff || offset === 0xffff_ffff) [count, offset] = largeEndOf(zip, at);
    if (count > MOST_FILES) throw advisoryFailure('ADVISORY_TOO_LARGE', { detail: `the archive has ${count} files` });
    if (offset > at) throw malformed('has its list behind its end');
    return { count, offset };
  }
  throw malformed('has no end');
}

/** ZIP64 (§4.3.14, §4.3.15): OSV's archive of npm has more than 65,535 files. */
function largeEndOf(zip: Buffer, end: number): [number, number] {
  const locator = end - 20;
  if (locator < 0 || zip.readUInt32LE(locator) !== 0x07064b50)
    throw malformed('says it is large, and does not say how large');
  const at = Number(zip.readBigUInt64LE(locator + 8));
  if (at + 56 > zip.length || zip.readUInt32LE(at) !== 0x06064b50) throw malformed('has no large end');
  return [Number(zip.readBigUInt64LE(at + 32)), Number(zip.readBigUInt64LE(at + 48))];
}

function contentOf(zip: Buffer, { flags, method, sum, packed, size, begin }: Entry, number: number): Uint8Array {
  if ((flags & 1) !== 0) throw malformed(`has file ${number} encrypted`);
  if (begin + 30 > zip.length || zip.readUInt32LE(begin) !== LOCAL) throw malformed(`does not have file ${number}`);
  const from = begin + 30 + zip.readUInt16LE(begin + 26) + zip.readUInt16LE(begin + 28);
  const content = zip.subarray(from, from + packed);
  if (content.length !== packed) throw malformed(`ends within file ${number}`);
  let plain: Buffer;
  try {
    if (method !== 0 && method !== 8) throw new RangeError(`method ${method}`);
    plain = method === 0 ? content : inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw malformed(`has file ${number} packed in a way that cannot be read`, cause);
  }
  if (plain.length !== size || crc32(plain) !== sum) throw malformed(`has file ${number} damaged`);
  return plain;
}
