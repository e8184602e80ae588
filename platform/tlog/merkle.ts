/**
 * The Merkle tree of RFC 6962 §2.1: leaf and node hashes, and the roots made of them. Every hash is 32 bytes (SHA-256).
 *
 * One-shot hashing into a latin1 string and a copy from there is several times faster in Node than asking for a Buffer.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Root of the empty tree: SHA-256 of nothing (RFC 6962 §2.1). */
export function emptyRoot(): Buffer {
  return Buffer.from(hash('sha256', '', 'binary'), 'latin1');
}

/** SHA-256(0x00 ‖ entry), RFC 6962 §2.1. */
export function leafHash(entry: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(entry.length + 1);
  prefixed[0] = 0x00;
  prefixed.set(entry, 1);
  return Buffer.from(hash('sha256', prefixed, 'binary'), 'latin1');
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const joined = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  joined[0] = 0x01;
  joined.set(left, 1);
  joined.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash('sha256', joined, 'binary'), 'latin1');
}

/**
 * Root over hashes that all stand at one height: what RFC 6962 calls MTH, with the leaves hashed already.
 * A run whose length is no power of two is the right edge of a tree; the lone hash at its end moves up unhashed.
 */
export function rootOf(hashes: readonly Uint8Array[]): Buffer {
  if (hashes.length === 0) return emptyRoot();
  let row: readonly Uint8Array[] = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    if (row.length % 2 === 1) above.push(row[row.length - 1] as Uint8Array);
    row = above;
  }
  return Buffer.from(row[0] as Uint8Array);
}

/** Largest power of two smaller than n, for 2 ≤ n ≤ 2^53 (RFC 6962 §2.1: "k"). Bit operations of JS end at 2^32. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
