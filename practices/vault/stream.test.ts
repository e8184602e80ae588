import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';
import { newRecordNo, newSubjectId, uuidv7 } from '#platform/ids';

import { rechunk } from './rechunk.ts';
import {
  ATTACHMENT_CHUNK_BYTES,
  chunkRange,
  openChunks,
  sealChunks,
  type AttachmentBinding,
  type SealedChunk,
} from './stream.ts';

async function* pieces(bytes: Uint8Array, sizeBytes: number = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}
async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of source) list.push(item);
  return list;
}
const newBinding = (): AttachmentBinding => ({
  installation: uuidv7(),
  recordId: { subjectId: newSubjectId(), recordNo: newRecordNo() },
  attachmentId: uuidv7(),
  keyVersion: 3,
});
async function sealed(sizeBytes: number, binding = newBinding(), dek = createSecretKey(randomBytes(32))) {
  const plain = randomBytes(sizeBytes);
  const { head, chunks } = sealChunks(dek, binding, pieces(plain));
  const list = await collect(chunks);
  const open = async (
    changed: readonly SealedChunk[],
    change: Partial<AttachmentBinding> = {},
    otherHead: Uint8Array = head,
    otherDek = dek,
  ) => Buffer.concat(await collect(openChunks(otherDek, { ...binding, ...change }, otherHead, changed)));
  return { plain, head, list, open, binding, dek };
}
const refused = (run: Promise<unknown>): Promise<void> =>
  assert.rejects(run, (thrown) => isFailure(thrown, 'SEALING_ATTACHMENT_REFUSED'));
const at = (list: readonly SealedChunk[], n: number): SealedChunk => list[n] as SealedChunk;

test('attachments of every length around the chunk size come back', async () => {
  const chunk = ATTACHMENT_CHUNK_BYTES;
  for (const [size, count] of [
    [0, 1],
    [1, 1],
    [chunk - 1, 1],
    [chunk, 1],
    [chunk + 1, 2],
    [3 * chunk, 3],
    [3 * chunk + 7, 4],
  ] as const) {
    const { plain, list, open } = await sealed(size);

    assert.equal(list.length, count);
    assert.deepEqual(
      list.map(({ seq, last }) => [seq, last]),
      list.map((_, n) => [n, n === count - 1]),
    );
    assert.deepEqual(await open(list), plain);
  }
});

test('rechunking keeps every byte however the source is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 1, max: 17 }),
      async (parts, size) => {
        const chunks = await collect(
          rechunk(
            (async function* () {
              yield* parts;
            })(),
            size,
          ),
        );
        assert.deepEqual(Buffer.concat(chunks.map(({ bytes }) => bytes)), Buffer.concat(parts));
        assert.ok(
          chunks.every(({ bytes, last }, n) => last === (n === chunks.length - 1) && (last || bytes.length === size)),
        );
        assert.ok(chunks.length === 1 || (chunks.at(-1)?.bytes.length ?? 0) > 0);
      },
    ),
  );
});

test('a truncated, reordered, duplicated or extended attachment is refused', async () => {
  const { list, open } = await sealed(3 * ATTACHMENT_CHUNK_BYTES + 5);
  const [a, b, c, d] = [at(list, 0), at(list, 1), at(list, 2), at(list, 3)];

  await refused(open([]));
  await refused(open([a, b, c]));
  await refused(open([a, b, { ...c, last: true }]));
  await refused(open([b, c, d]));
  await refused(open([a, c, b, d]));
  await refused(open([a, { ...c, seq: 1 }, { ...b, seq: 2 }, d]));
  await refused(open([a, a, b, c, d]));
  await refused(open([a, { ...a, seq: 1 }, c, d]));
  await refused(open([a, b, c, d, { ...d, seq: 4 }]));
  await refused(open([a, b, c, { ...d, last: false }]));
  await refused(open([d]));
});

test('a chunk cut or a flip of any byte of a small attachment is refused', async () => {
  const { list, head, open } = await sealed(40);
  const only = at(list, 0);

  for (let n = 0; n < only.box.length; n += 1) {
    const box = Buffer.from(only.box);
    box[n] = (box[n] as number) ^ 1;
    await refused(open([{ ...only, box }]));
    await refused(open([{ ...only, box: only.box.subarray(0, n) }]));
  }
  for (let n = 0; n < head.length; n += 1) {
    const flipped = Buffer.from(head);
    flipped[n] = (flipped[n] as number) ^ 1;
    await refused(open(list, {}, flipped));
  }
  await refused(open(list, {}, head.subarray(1)));
});

test('chunks moved to another attachment, record, subject, installation, key version or key are refused', async () => {
  const { list, head, open, binding, dek } = await sealed(ATTACHMENT_CHUNK_BYTES + 5);
  const sibling = await sealed(ATTACHMENT_CHUNK_BYTES + 5, { ...binding, attachmentId: uuidv7() }, dek);

  await refused(open(list, { attachmentId: uuidv7() }));
  await refused(open(list, { recordId: { ...binding.recordId, recordNo: newRecordNo() } }));
  await refused(open(list, { recordId: { ...binding.recordId, subjectId: newSubjectId() } }));
  await refused(open(list, { installation: uuidv7() }));
  await refused(open(list, { keyVersion: 4 }));
  await refused(open(list, {}, head, createSecretKey(randomBytes(32))));
  await refused(open([at(list, 0), at(sibling.list, 1)]));
});

test('two sealings of one attachment share no key stream and cannot be spliced', async () => {
  const first = await sealed(ATTACHMENT_CHUNK_BYTES + 5);
  const again = await sealed(ATTACHMENT_CHUNK_BYTES + 5, first.binding, first.dek);
  const zeros = async () =>
    at(await collect(sealChunks(first.dek, first.binding, pieces(Buffer.alloc(64))).chunks), 0).box;

  await refused(first.open([at(first.list, 0), at(again.list, 1)]));
  assert.notDeepEqual(await zeros(), await zeros());
});

test('no byte of a chunk leaves before the chunk is authenticated', async () => {
  const { list, binding, dek, head } = await sealed(2 * ATTACHMENT_CHUNK_BYTES);
  const box = Buffer.from(at(list, 1).box);
  box[box.length - 1] = (box.at(-1) as number) ^ 1;
  const seen: Buffer[] = [];

  await refused(
    (async () => {
      for await (const plain of openChunks(dek, binding, head, [at(list, 0), { ...at(list, 1), box }]))
        seen.push(plain);
    })(),
  );

  assert.deepEqual(
    seen.map(({ length }) => length),
    [ATTACHMENT_CHUNK_BYTES],
  );
});

test('a range opens only its chunks, and all of them', async () => {
  const { plain, list, head, binding, dek } = await sealed(3 * ATTACHMENT_CHUNK_BYTES + 100);
  const { first, final, skipBytes, takeBytes } = chunkRange(70_000, 140_000, plain.length);
  const openRange = async (chunks: readonly SealedChunk[]) =>
    Buffer.concat(await collect(openChunks(dek, binding, head, chunks, { first, final })));

  const opened = await openRange(list.slice(first, final + 1));

  assert.deepEqual([first, final], [1, 2]);
  assert.deepEqual(opened.subarray(skipBytes, skipBytes + takeBytes), plain.subarray(70_000, 140_001));
  await refused(openRange([at(list, 1)]));
  await refused(openRange([at(list, 0), at(list, 1)]));
  await refused(openRange(list.slice(1, 4)));
  for (const [start, end] of [
    [-1, 5],
    [5, 4],
    [0, plain.length],
    [0.5, 3],
  ] as const) {
    assert.throws(() => chunkRange(start, end, plain.length), RangeError);
  }
});
