/**
 * Content of any length into rows of chunks: sealed as it arrives, written some chunks at a time. One write is under way
 * while the next one is gathered, and no more: a fast sender is slowed to the speed of the database, and never more than
 * two batches are held.
 */
import { createHash, type Hash } from 'node:crypto';

import type { RecordId, Uuid } from '#platform/ids';

import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { addChunks } from './store/chunks.ts';
import { sealChunks, type SealedChunk } from './stream.ts';
import type { DataKey } from './types.ts';

/** 1 MiB of content in one statement. */
const BATCH_CHUNKS = 16;

export type StoredContent = Readonly<{
  head: Buffer;
  sizeBytes: number;
  chunks: number;
  /** Of the content, 64 hex digits. */
  sha256: string;
  /** SHA-256 over the chunks' boxes. */
  chunksDigest: Buffer;
}>;

/**
 * @param key of class attachment
 * @throws VAULT_UPLOAD_LOST when the upload was swept, or its record or subject taken away meanwhile; and whatever `source` throws
 */
export async function storeChunks(
  core: Core,
  key: DataKey,
  { recordId, attachmentId }: Readonly<{ recordId: RecordId; attachmentId: Uuid }>,
  source: AsyncIterable<Uint8Array>,
): Promise<StoredContent> {
  const content = createHash('sha256');
  const boxes = createHash('sha256');
  const place = { subjectId: recordId.subjectId, attachmentId };
  let sizeBytes = 0;
  let chunks = 0;
  let batch: SealedChunk[] = [];
  let underWay: Promise<boolean> = Promise.resolve(true);
  const settled = async (): Promise<void> => {
    if (!(await underWay)) throw vaultFailure('UPLOAD_LOST');
  };
  const write = async (): Promise<void> => {
    await settled();
    underWay = addChunks(core.db, place, batch, core.clock());
    // it is waited for before the next one, or below; until then a refusal is nobody's yet
    underWay.catch(() => undefined);
    batch = [];
  };

  const binding = { installation: core.installation, recordId, attachmentId, keyVersion: key.version };
  const sealed = sealChunks(
    key.aes,
    binding,
    counted(source, content, (bytes) => (sizeBytes += bytes)),
  );
  try {
    for await (const chunk of sealed.chunks) {
      boxes.update(chunk.box);
      batch.push(chunk);
      chunks += 1;
      if (batch.length === BATCH_CHUNKS) await write();
    }
    if (batch.length > 0) await write();
  } finally {
    // also when the source broke: nothing of an upload is still being written when its failure is told
    await underWay.catch(() => undefined);
  }
  await settled();
  return { head: sealed.head, sizeBytes, chunks, sha256: content.digest('hex'), chunksDigest: boxes.digest() };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    hash.update(piece);
    count(piece.length);
    yield piece;
  }
}
