/**
 * ZIP as it streams: sizes and sums come behind each file, so nothing is held but one piece of one file.
 * Source: PKWARE APPNOTE 6.3.10 §4.3 (data descriptors, ZIP64)
 */
import { Readable, pipeline } from 'node:stream';
import { constants, crc32, createDeflateRaw } from 'node:zlib';

export type ZipFile = Readonly<{
  /** A path below the archive, with `/`; what is unsafe in it was taken out before. */
  name: string;
  at: Date;
  content: AsyncIterable<Uint8Array>;
}>;
type Written = Readonly<{ name: Buffer; time: number; sum: number; packed: number; size: number; offset: number }>;

const MAX_32 = 0xffff_ffff;
/** Sums behind the file (bit 3), names in UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** 4.5: ZIP64. */
const VERSION = 45;

export async function* zipOf(files: AsyncIterable<ZipFile>): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for await (const { name: path, at, content } of files) {
    const [name, time, begin] = [Buffer.from(path), dosTime(at), offset];
    const head = numbers([4, 0x04034b50], [2, VERSION], [2, FLAGS], [2, DEFLATE], [4, time], [4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]); // prettier-ignore
    let [sum, size, packed] = [0, 0, 0];
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of content) {
        sum = crc32(piece, sum);
        size += piece.length;
        yield piece;
      }
    };
    const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED });
    // a failure of the content becomes one of what is read here
    pipeline(Readable.from(counted(), { objectMode: false }), deflate, () => {});
    const pieces = (deflate as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    try {
      // nothing goes out before its content has begun: what is wrong there can still be answered for
      let piece = await pieces.next();
      yield head;
      yield name;
      for (; piece.done !== true; piece = await pieces.next()) {
        packed += piece.value.length;
        yield piece.value;
      }
    } finally {
      await pieces.return?.();
    }
    const wide = packed > MAX_32 || size > MAX_32 ? 8 : 4;
    const behind = numbers([4, 0x08074b50], [4, sum], [wide, packed], [wide, size]);
    yield behind;
    offset += head.length + name.length + packed + behind.length;
    written.push({ name, time, sum, packed, size, offset: begin });
  }
  const begin = offset;
  for (const each of written) {
    const entry = listed(each);
    offset += entry.length;
    yield entry;
  }
  yield zipEnd(written.length, begin, offset - begin);
}

/** An entry of the list at the end; what does not fit into 32 bits stands in an extra field (§4.5.3). */
function listed({ name, time, sum, packed, size, offset }: Written): Buffer {
  const large = [size, packed, offset].filter((value) => value >= MAX_32);
  const extra = large.length === 0 ? Buffer.alloc(0) : numbers([2, 1], [2, large.length * 8], ...large.map((value) => [8, value] as const)); // prettier-ignore
  const fit = (value: number): number => Math.min(value, MAX_32);
  const head = numbers(
    [4, 0x02014b50], [2, VERSION], [2, VERSION], [2, FLAGS], [2, DEFLATE], [4, time], [4, sum], [4, fit(packed)], [4, fit(size)],
    [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, fit(offset)],
  ); // prettier-ignore
  return Buffer.concat([head, name, extra]);
}

/** §4.3.14 to 4.3.16. */
export function zipEnd(count: number, offset: number, size: number): Buffer {
  const isLarge = count >= 0xffff || offset >= MAX_32 || size >= MAX_32;
  const large = numbers(
    [4, 0x06064b50], [8, 44], [2, VERSION], [2, VERSION], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, offset],
    [4, 0x07064b50], [4, 0], [8, offset + size], [4, 1],
  ); // prettier-ignore
  const few = Math.min(count, 0xffff);
  const plain = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, few], [2, few], [4, Math.min(size, MAX_32)], [4, Math.min(offset, MAX_32)], [2, 0]); // prettier-ignore
  return isLarge ? Buffer.concat([large, plain]) : plain;
}

/** Numbers in little endian, each with its bytes. */
function numbers(...parts: readonly (readonly [bytes: number, value: number])[]): Buffer {
  const out = Buffer.alloc(parts.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of parts) {
    if (bytes === 8) out.writeBigUInt64LE(BigInt(value), at);
    else out.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return out;
}

/** §4.4.6: two seconds fine, from 1980 on. */
function dosTime(at: Date): number {
  const day = ((Math.max(1980, at.getUTCFullYear()) - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return day * 65_536 + time;
}

/** What somebody named it, as a name that leaves no folder and means nothing to a shell or a file system. */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}\p{M} ._()+-]/gu, '_')
    .replaceAll(/\.{2,}/g, '.')
    .replace(/^[ .]+/, '')
    .slice(0, 100)
    .toWellFormed()
    .replace(/[ .]+$/, '');
  return plain === '' ? 'file' : plain;
}
