/**
 * Gives memory back at once. What waits for the collector is a few objects, which look like nothing to it, and tens of
 * megabytes behind each: it comes when hundreds are lost already.
 */

/** Less is not worth it, and may be a piece of what Node shares among many buffers. */
const LEAST_BYTES = 256 * 2 ** 10;

/** Whether memory is one buffer's alone. */
export const isOwn = (bytes: number, ofMemory: number): boolean => ofMemory >= LEAST_BYTES && ofMemory < bytes * 2;

/** Nobody may use these bytes any more, nor any others of the same memory: it is empty then. */
export function letGo(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength >= LEAST_BYTES) bytes.buffer.transfer(0);
}
