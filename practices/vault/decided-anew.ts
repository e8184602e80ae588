/** A long transfer is many reads: what was decided when it began is decided again while it goes on. */

/** Of content between one decision and the next. */
export const DECIDED_BYTES = 8 * 2 ** 20;

/** @param decide throws when the rest may not be read any more */
export async function* decidedAnew(
  content: AsyncGenerator<Buffer>,
  decide: () => Promise<void>,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of content) {
    if (bytes >= DECIDED_BYTES) {
      await decide();
      bytes = 0;
    }
    bytes += part.length;
    yield part;
  }
}
