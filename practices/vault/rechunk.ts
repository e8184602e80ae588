/** Cuts a stream of any pieces into equal chunks, and knows which is the last before it hands it on. */

export type Chunk = Readonly<{ bytes: Buffer; last: boolean }>;

/**
 * Holds at most one chunk and one piece of the source at a time.
 * @returns every chunk has `sizeBytes`, but the last 1 to `sizeBytes`; an empty source gives one empty last chunk
 */
export async function* rechunk(source: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Chunk> {
  let held = Buffer.allocUnsafe(sizeBytes);
  let filled = 0;
  for await (const piece of source) {
    let at = 0;
    while (at < piece.length) {
      // a full chunk is handed on only once more is known to follow it
      if (filled === sizeBytes) {
        yield { bytes: held, last: false };
        held = Buffer.allocUnsafe(sizeBytes);
        filled = 0;
      }
      const taken = Math.min(sizeBytes - filled, piece.length - at);
      held.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  yield { bytes: held.subarray(0, filled), last: true };
}
