/**
 * Inclusion and consistency proofs: making them from a reader of subtree hashes, and checking them.
 * Source: RFC 6962 §2.1.1, §2.1.2 (making); RFC 9162 §2.1.3.2, §2.1.4.2 (checking). Sizes up to 2^53.
 */
import { HASH_BYTES, nodeHash, splitPoint } from './merkle.ts';

/** Gives MTH(D[start:end]) of a complete tree over which the reader stands. */
export type SubtreeHash = (start: number, end: number) => Promise<Uint8Array>;

/** Longest proof that is taken: C2SP tlog-witness allows 63 lines. */
export const PROOF_LIMIT = 63;

/** PATH(index, D[size]), leaf's sibling first (RFC 6962 §2.1.1). Empty when the tree has one leaf. */
export async function inclusionProof(index: number, size: number, subtree: SubtreeHash): Promise<Uint8Array[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(await subtree(middle, end));
      end = middle;
    } else {
      proof.push(await subtree(start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** PROOF(oldSize, D[size]) (RFC 6962 §2.1.2). Empty when the sizes are equal or the old one is 0. */
export async function consistencyProof(oldSize: number, size: number, subtree: SubtreeHash): Promise<Uint8Array[]> {
  if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError(`no tree of ${oldSize} within one of ${size}`);
  if (oldSize === 0 || oldSize === size) return [];
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  let known = true; // the old root itself is known to the verifier, a subtree of it is not
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(await subtree(middle, end));
      end = middle;
    } else {
      proof.push(await subtree(start, middle));
      start = middle;
      known = false;
    }
  }
  if (!known) proof.push(await subtree(start, end));
  return proof.reverse();
}

function wellFormed(proof: readonly Uint8Array[]): boolean {
  return proof.length <= PROOF_LIMIT && proof.every((hash) => hash.length === HASH_BYTES);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const odd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** True when `leaf` stands at `index` of the tree with this size and root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!wellFormed(proof) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!odd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(hash, root);
}

/** True when the tree (size, root) only adds to the tree (oldSize, oldRoot) (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!wellFormed(proof) || !Number.isSafeInteger(size) || oldSize < 0 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && same(oldRoot, root);
  if (oldSize === 0) return proof.length === 0;
  // when the old size is a power of two, its root is a node of the new tree, and the proof leaves it out
  const nodes =
    Number.isInteger(Math.log2(oldSize)) && splitPoint(oldSize + 1) === oldSize ? [oldRoot, ...proof] : proof;
  if (nodes.length === 0) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (odd(at)) [at, last] = [half(at), half(last)];
  let [fromOld, fromNew] = [nodes[0] as Uint8Array, nodes[0] as Uint8Array];
  for (const node of nodes.slice(1)) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      fromOld = nodeHash(node, fromOld);
      fromNew = nodeHash(node, fromNew);
      while (!odd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      fromNew = nodeHash(fromNew, node);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(fromOld, oldRoot) && same(fromNew, root);
}
