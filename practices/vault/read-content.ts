/**
 * The content of an attachment, chunk by chunk as the receiver takes it: nothing is read far ahead of a slow one, and
 * each statement asks anew whether the subject still has its keys, so that an erasure ends a download.
 */
import { vaultFailure } from './failures.ts';
import type { Core } from './core.ts';
import { sealingFailure } from './sealing-failures.ts';
import { isHeld, type StoredAttachment } from './store/attachments.ts';
import { loadChunks } from './store/chunks.ts';
import { chunkRange, openChunks, type SealedChunk } from './stream.ts';
import type { DataKey } from './types.ts';

/** 1 MiB of content in one statement. */
const BATCH_CHUNKS = 16;

/** Bytes `start` to `end`, both inclusive. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/**
 * @param range of a file that has these bytes; without it all of it, and then a missing end is noticed
 * @throws SEALING_ATTACHMENT_REFUSED when what is stored is not what was sealed; VAULT_ATTACHMENT_NOT_FOUND when it was
 *   taken away while it was being read
 */
export async function* readContent(
  core: Core,
  row: StoredAttachment,
  key: DataKey,
  range?: ByteRange,
): AsyncGenerator<Buffer> {
  const { recordId, attachmentId, publicId, keyVersion, sizeBytes } = row;
  const binding = { installation: core.installation, recordId, attachmentId, keyVersion };
  const part = range === undefined ? null : chunkRange(range.start, range.end, sizeBytes);
  const sealed = storedChunks(core, row, part?.first ?? 0, part?.final ?? row.chunks - 1);
  let skip = part?.skipBytes ?? 0;
  let left = part?.takeBytes ?? sizeBytes;
  for await (const plain of openChunks(key.aes, binding, row.head, sealed, part ?? undefined)) {
    const wanted = part === null ? plain : plain.subarray(skip, skip + left);
    skip = 0;
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
  }
  if (left !== 0)
    throw sealingFailure('ATTACHMENT_REFUSED', {
      detail: `attachment ${publicId} has another size than its row says`,
    });
}

async function* storedChunks(
  core: Core,
  row: StoredAttachment,
  first: number,
  final: number,
): AsyncGenerator<SealedChunk> {
  const place = { subjectId: row.recordId.subjectId, attachmentId: row.attachmentId };
  for (let from = first; from <= final; from += BATCH_CHUNKS) {
    const to = Math.min(final, from + BATCH_CHUNKS - 1);
    const found = await loadChunks(core.db, place, from, to);
    if (found.length < to - from + 1 && !(await isHeld(core.db, place)))
      throw vaultFailure('ATTACHMENT_NOT_FOUND', { detail: 'this attachment was taken away while it was being read' });
    yield* found;
  }
}
