/** Messages one after the other, each behind its length (u32, big-endian): what the frames of a segment hold. */
import { backupsFailure } from '../failures.ts';

/** A message is a row with all its values: 1 GiB is PostgreSQL's own limit, ours is what a frame may have. */
const MAX_BYTES = 256 * 2 ** 20;

export function packMessage(message: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return [length, message];
}

/** @throws BACKUPS_CHANGES_MALFORMED when the last one is cut off */
export function* messagesOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length;) {
    const start = at + 4;
    const end = start > content.length ? start : start + content.readUInt32BE(at);
    if (end > content.length || end - start > MAX_BYTES || end === start)
      throw backupsFailure('CHANGES_MALFORMED', { detail: `a message is cut off at byte ${at} of ${content.length}` });
    yield content.subarray(start, end);
    at = end;
  }
}
