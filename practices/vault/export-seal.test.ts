import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';
import { uuidv7 } from '#platform/ids';

import { openCommitted, sealCommitted } from './committed.ts';
import { openExport, sealExport } from './export-seal.ts';
import { newXwingSeed, xwingFromSeed, type XwingSecretKey } from './xwing.ts';

const CHUNK = 65_552;
const origin = { installation: uuidv7(), exportId: uuidv7() };
const newKey = (): XwingSecretKey => xwingFromSeed(newXwingSeed());
async function* pieces(bytes: Uint8Array, sizeBytes: number = 50_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}
async function joined(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const list: Uint8Array[] = [];
  for await (const piece of source) list.push(piece);
  return Buffer.concat(list);
}
const seal = (keys: readonly XwingSecretKey[], plain: Uint8Array): Promise<Buffer> =>
  joined(
    sealExport(
      keys.map(({ publicKey }) => publicKey),
      pieces(plain),
      origin,
    ),
  );
const open = (keys: readonly XwingSecretKey[], file: Uint8Array, sizeBytes?: number): Promise<Buffer> =>
  joined(openExport(keys, pieces(file, sizeBytes), origin));
const refused = (run: Promise<unknown>, code = 'SEALING_EXPORT_REFUSED', why?: string): Promise<void> =>
  assert.rejects(run, (thrown) => isFailure(thrown, code), why);
const headerBytes = (recipients: number): number => 20 + 16 + 16 + 1 + recipients * (16 + 1168) + 32;

test('an export opens for each of its recipients, whole, however the file is read', async () => {
  const keys = [newKey(), newKey(), newKey()];
  for (const size of [0, 1, 65_536, 65_537, 200_000]) {
    const plain = randomBytes(size);

    const file = await seal(keys, plain);

    assert.equal(file.length, headerBytes(3) + size + 16 * Math.max(1, Math.ceil(size / 65_536)));
    for (const key of keys) assert.deepEqual(await open([newKey(), key], file), plain);
  }
  const small = await seal(keys, randomBytes(5));
  assert.equal((await open(keys, small, 1)).length, 5);
});

test('somebody who is not a recipient, or holds no key, opens nothing', async () => {
  const file = await seal([newKey()], randomBytes(10));

  await refused(open([newKey()], file), 'SEALING_EXPORT_NOT_FOR_YOU');
  await refused(open([], file), 'SEALING_EXPORT_NOT_FOR_YOU');
});

test('no recipient, one twice, or more than 20 are refused before anything is read', () => {
  const { publicKey } = newKey();
  const many = Array.from({ length: 21 }, () => newKey().publicKey);

  for (const list of [[], [publicKey, publicKey], many]) {
    assert.throws(
      () => sealExport(list, pieces(randomBytes(1)), origin),
      (thrown) => isFailure(thrown, 'SEALING_EXPORT_RECIPIENTS'),
    );
  }
});

test('a truncated, extended, reordered or doubled export is refused', async () => {
  const key = newKey();
  const file = await seal([key], randomBytes(3 * 65_536 + 9));
  const head = file.subarray(0, headerBytes(1));
  const chunk = (n: number): Buffer =>
    file.subarray(head.length + n * CHUNK, Math.min(file.length, head.length + (n + 1) * CHUNK));
  const [a, b, c, d] = [chunk(0), chunk(1), chunk(2), chunk(3)];

  for (const size of [0, 19, 52, head.length - 1]) await refused(open([key], file.subarray(0, size)));
  for (const parts of [
    [],
    [a],
    [a, b, c],
    [a, b, c, d.subarray(0, 10)],
    [b, a, c, d],
    [a, b, b, d],
    [d],
    [a, b, c, d, d],
    [a, b, c, d, Buffer.alloc(1)],
  ]) {
    await refused(open([key], Buffer.concat([head, ...parts])));
  }
});

test('chunks and stanzas of another export for the same recipient are refused', async () => {
  const key = newKey();
  const [one, two] = [await seal([key], randomBytes(70_000)), await seal([key], randomBytes(70_000))];
  const head = headerBytes(1);

  await refused(open([key], Buffer.concat([one.subarray(0, head), two.subarray(head)])));
  await refused(open([key], Buffer.concat([one.subarray(0, head + CHUNK), two.subarray(head + CHUNK)])));
  await refused(
    open([key], Buffer.concat([one.subarray(0, 53), two.subarray(53, head - 32), one.subarray(head - 32)])),
  );
});

test('a stanza taken out, added or exchanged is seen by the recipients that remain', async () => {
  const [a, b] = [newKey(), newKey()];
  const file = await seal([a, b], randomBytes(10));
  const stanza = (n: number): Buffer => file.subarray(53 + n * 1184, 53 + (n + 1) * 1184);
  const tail = file.subarray(headerBytes(2) - 32);
  const rebuilt = (count: number, ...stanzas: Buffer[]): Buffer =>
    Buffer.concat([file.subarray(0, 52), Uint8Array.of(count), ...stanzas, tail]);

  await refused(open([a], rebuilt(1, stanza(0))));
  await refused(open([a], rebuilt(2, stanza(1), stanza(0))));
  await refused(open([a], rebuilt(3, stanza(0), stanza(1), stanza(1))));
});

test('a flip of any byte of a small export is refused', async () => {
  const key = newKey();
  const file = await seal([key], Buffer.from('a few bytes'));

  for (let at = 0; at < file.length; at += 1) {
    const flipped = Buffer.from(file);
    flipped[at] = (flipped[at] as number) ^ 1;
    await assert.rejects(joined(openExport([key], pieces(flipped))), (thrown) => isFailure(thrown), `byte ${at}`);
  }
});

test('an export of another installation or another id than expected is refused', async () => {
  const key = newKey();
  const file = await seal([key], randomBytes(10));

  await refused(joined(openExport([key], pieces(file), { installation: uuidv7() })));
  await refused(joined(openExport([key], pieces(file), { exportId: uuidv7() })));
});

test('a chunk is handed out only after it is authenticated', async () => {
  const key = newKey();
  const file = await seal([key], randomBytes(200_000));
  const at = headerBytes(1) + CHUNK + 5;
  file[at] = (file[at] as number) ^ 1;
  let received = 0;

  await refused(
    (async () => {
      for await (const piece of openExport([key], pieces(file))) received += piece.length;
    })(),
  );

  assert.equal(received, 65_536);
});

test('a committed message opens with its key and its additional data only, and no flipped byte passes', () => {
  const key = createSecretKey(randomBytes(32));
  const aad = Buffer.from('what it is');
  const refuses = (run: () => unknown): void =>
    assert.throws(run, (thrown) => isFailure(thrown, 'SEALING_COMMITTED_REFUSED'));

  const sealed = sealCommitted(key, Buffer.from('plain'), aad);

  assert.equal(sealed.length, 5 + 72);
  assert.equal(openCommitted(key, sealed, aad).toString(), 'plain');
  refuses(() => openCommitted(createSecretKey(randomBytes(32)), sealed, aad));
  refuses(() => openCommitted(key, sealed, Buffer.from('something else')));
  for (let at = 0; at < sealed.length; at += 1) {
    const flipped = Buffer.from(sealed);
    flipped[at] = (flipped[at] as number) ^ 1;
    refuses(() => openCommitted(key, flipped, aad));
    refuses(() => openCommitted(key, sealed.subarray(0, at), aad));
  }
});
