/**
 * Random bytes in bulk: `randomBytes(12)` costs 4.7 µs a call, a slice of a pool well under one (practices/vault.md).
 *
 * A pool belongs to the thread that made it: workers start with their own module instances and `child_process` never
 * copies memory in Node, so two of them cannot hand out the same bytes. Make one at start, pass it on.
 */
import { randomFillSync } from 'node:crypto';

export type RandomPool = Readonly<{
  /** `sizeBytes` fresh bytes, a copy: later draws never change it. */
  take: (sizeBytes: number) => Buffer;
  /** Writes `sizeBytes` fresh bytes to `target` from `at` on. @throws RangeError when they do not fit */
  fill: (target: Uint8Array, at: number, sizeBytes: number) => void;
}>;

/** @param sizeBytes of the pool, 64 or more; draws above half of it go to the generator directly */
export function randomPool(
  sizeBytes: number = 8_192,
  refill: (bytes: Uint8Array) => unknown = (bytes) => randomFillSync(bytes),
): RandomPool {
  if (!Number.isInteger(sizeBytes) || sizeBytes < 64) {
    throw new RangeError(`a pool holds 64 bytes or more, not ${sizeBytes}`);
  }
  const held = Buffer.alloc(sizeBytes);
  let next = sizeBytes;

  const fill = (target: Uint8Array, at: number, wanted: number): void => {
    if (!Number.isInteger(at) || !Number.isInteger(wanted) || at < 0 || wanted < 0 || at + wanted > target.byteLength) {
      throw new RangeError(`${wanted} bytes at ${at} do not fit in ${target.byteLength}`);
    }
    if (wanted > sizeBytes / 2) {
      refill(target.subarray(at, at + wanted));
      return;
    }
    if (next + wanted > sizeBytes) {
      refill(held);
      next = 0;
    }
    // INVARIANT: a byte leaves the pool once and is wiped as it leaves, so that no later draw or dump shows it again
    for (let i = 0; i < wanted; i += 1) {
      target[at + i] = held[next] as number;
      held[next] = 0;
      next += 1;
    }
  };

  const take = (wanted: number): Buffer => {
    // not allocUnsafe: a secret must not sit in a slab shared with other buffers
    const bytes = Buffer.alloc(wanted);
    fill(bytes, 0, wanted);
    return bytes;
  };
  return { take, fill };
}
