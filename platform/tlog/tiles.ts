/**
 * The tile layout of C2SP tlog-tiles: 256 hashes a tile, its paths, and the bundles of entries.
 * A tile of level L holds MTH(D[(n·256+i)·256^L : (n·256+i+1)·256^L]); at most 8,192 bytes.
 */
import { HASH_BYTES } from './merkle.ts';

export const TILE_WIDTH = 256;
/** An entry's length is a uint16 in a bundle. */
export const ENTRY_LIMIT_BYTES = 0xffff;

export type TileId = Readonly<{
  level: number;
  index: number;
  /** 1 to 256; below 256 the tile is partial */ width: number;
}>;

/** `1234067` → `x001/x234/067`. */
export function tileIndexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const parts = padded.match(/.{3}/g) as string[];
  return parts.map((part, i) => (i === parts.length - 1 ? part : `x${part}`)).join('/');
}

/** `<L>/<N>[.p/<W>]`, where L is a level or `entries`. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  return `${level}/${tileIndexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** The reverse of tileIndexPath with suffix; null unless the text is the one spelling of an index. */
export function parseTileIndex(path: string): { index: number; width: number } | null {
  const match = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (match === null) return null;
  const index = Number((match[1] as string).replaceAll(/[x/]/g, ''));
  const width = match[2] === undefined ? TILE_WIDTH : Number(match[2]);
  if (!Number.isSafeInteger(index) || tileIndexPath(index) !== match[1]) return null;
  return width > TILE_WIDTH || (match[2] !== undefined && width === TILE_WIDTH) ? null : { index, width };
}

/** How many hashes level L has in a tree of this size: floor(size / 256^L). */
export function hashesAtLevel(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The width that tile (level, index) has in a tree of this size, 0 when it has none. */
export function tileWidth(size: number, level: number, index: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAtLevel(size, level) - index * TILE_WIDTH));
}

/** Right-most tile of each level that is partial, lowest level first: the edge of the tree. */
export function partialTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    const hashes = hashesAtLevel(size, level);
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/** @throws RangeError when the bytes are no whole number of hashes, or more than a tile holds */
export function tileHashes(bytes: Uint8Array): Buffer[] {
  if (bytes.length % HASH_BYTES !== 0 || bytes.length > TILE_WIDTH * HASH_BYTES) {
    throw new RangeError(`a tile of ${bytes.length} bytes`);
  }
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    whole.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

/** Entries of 1 to 65,535 bytes, each after its length as a big-endian uint16. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_LIMIT_BYTES) throw new RangeError(`an entry of ${entry.length} bytes`);
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/** @throws RangeError when a length runs past the end, or there are more than 256 entries */
export function decodeBundle(bytes: Uint8Array): Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Buffer[] = [];
  for (let at = 0; at < whole.length;) {
    const end = at + 2 <= whole.length ? at + 2 + whole.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > whole.length || entries.length === TILE_WIDTH) throw new RangeError('a bundle of entries is cut off');
    entries.push(whole.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
