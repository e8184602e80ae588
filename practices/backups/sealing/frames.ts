/**
 * What an age file holds: frames of zstd, each behind a skippable frame that says whose rows they are. So
 * `age -d … | zstd -d` gives the rows as PostgreSQL's COPY text, and this program knows which table they go to.
 *
 * Each frame is compressed WITH its checksum: without it, a flipped bit was seen to decode to other bytes without a word.
 * Source: RFC 8878 §3.1.1 and §3.1.2; docs/formats/backup.md §3
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { backupsFailure } from '../failures.ts';
import { letGo } from './let-go.ts';

/** One of the sixteen magic numbers of skippable frames. */
const SKIPPABLE = 0x184d2a5b;
const HEAD_BYTES = 8;
const CHECKSUM_FLAG = 0x04;
const MAX_FRAME_BYTES = 512 * 2 ** 20;
/** A head that says much is given no more room than this before there is something to put there. */
const AT_ONCE_BYTES = 8 * 2 ** 20;
/**
 * Level 1: rows are mostly hex of what is sealed, where level 3 was seen to take three times as long and to pack less
 * (docs/adr/0023).
 */
const PARAMS = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
} as const;

/** `bytes`: before, `packed`: after compression. `table`: `schema.name`, or `file:name` for a file of the home. */
export type FrameHead = Readonly<{ table: string; rows: number; bytes: number; packed: number }>;
export type Frame = Readonly<{ head: FrameHead; packed: Buffer }>;

export function packFrame(table: string, rows: number, content: Uint8Array): Buffer {
  const pieces = framePieces(table, rows, content);
  const frame = Buffer.concat(pieces);
  pieces.forEach(letGo);
  return frame;
}

/** The same frame in two pieces, one after the other. */
export function framePieces(table: string, rows: number, content: Uint8Array): Buffer[] {
  // in one piece: what does not compress grows by less than this
  const chunkSize = content.byteLength + (content.byteLength >> 7) + 1024;
  const packed = zstdCompressSync(content, { ...PARAMS, chunkSize });
  const head = JSON.stringify({ table, rows, bytes: content.byteLength, packed: packed.length });
  const lead = Buffer.alloc(HEAD_BYTES + Buffer.byteLength(head));
  lead.writeUInt32LE(SKIPPABLE);
  lead.writeUInt32LE(lead.length - HEAD_BYTES, 4);
  lead.write(head, HEAD_BYTES);
  return [lead, packed];
}

/** @throws BACKUPS_OBJECT_DAMAGED */
export function framesOf(content: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < content.length;) {
    if (content.length - at < HEAD_BYTES || content.readUInt32LE(at) !== SKIPPABLE) throw damaged();
    const start = at + HEAD_BYTES;
    const end = start + content.readUInt32LE(at + 4);
    const head = headOf(content.toString('utf8', start, Math.min(end, content.length)));
    const packed = content.subarray(end, end + head.packed);
    // the frame header descriptor: whoever takes the checksum away must not go unseen
    if (packed.length !== head.packed || packed.length < 6 || ((packed[4] as number) & CHECKSUM_FLAG) === 0)
      throw damaged();
    frames.push({ head, packed });
    at = end + head.packed;
  }
  return frames;
}

/** @throws BACKUPS_OBJECT_DAMAGED */
export function unpack({ head, packed }: Frame): Buffer {
  try {
    const chunkSize = Math.min(head.bytes, AT_ONCE_BYTES) + 64;
    const content = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, head.bytes), chunkSize });
    if (content.length === head.bytes) return content;
  } catch (cause) {
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'a frame does not decompress', cause });
  }
  throw damaged();
}

function headOf(text: string): FrameHead {
  let value: Partial<FrameHead>;
  try {
    value = JSON.parse(text) as Partial<FrameHead>;
  } catch (cause) {
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'the head of a frame is damaged', cause });
  }
  const { table, rows, bytes, packed } = value;
  const isCount = (n: unknown): n is number =>
    Number.isSafeInteger(n) && (n as number) >= 0 && (n as number) <= MAX_FRAME_BYTES;
  if (typeof table !== 'string' || !isCount(rows) || !isCount(bytes) || !isCount(packed)) throw damaged();
  return { table, rows, bytes, packed };
}

const damaged = (): Error => backupsFailure('OBJECT_DAMAGED', { detail: 'an object holds something else than frames' });
