import assert from 'node:assert/strict';
import { createCipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import fc from 'fast-check';

import { lengthPrefixed, randomPool } from '#platform/crypto';
import { isFailure } from '#platform/failure';
import { newRecordNo, newSubjectId, uuidBytes, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import { createFieldCipher, type RecordPlace } from './envelope.ts';
import { moveRing, unwrapRing, wrapRing, type RingEntry, type RingPlace } from './key-ring.ts';
import { packRecord, unpackRecord, type BoxEntry } from './record-box.ts';
import { AES_GCM, proveSuites, TWO_LAYERS, XCHACHA, type FieldSuite } from './suites.ts';
import type { DataKey } from './types.ts';

const random = randomPool();
const cipher = createFieldCipher({ nonces: random, clock: () => new Date() });
const SUITES = [AES_GCM, XCHACHA, TWO_LAYERS];

const dataKey = (suite: number, version = 1): DataKey => ({
  keyClass: 'personal',
  version,
  suite,
  madeOnDay: 1,
  aes: createSecretKey(randomBytes(32)),
  chacha: randomBytes(32),
});
const newPlace = (): RecordPlace => ({
  installation: uuidv7(),
  collection: 'customer',
  record: { subjectId: newSubjectId(), recordNo: newRecordNo() },
});

function seal(place: RecordPlace, field: string, value: string, key: DataKey): Buffer {
  const box = Buffer.alloc(cipher.sizeOf(value, key, false));
  cipher.bind(place);
  assert.equal(cipher.seal(box, 0, field, value, key, false), box.length);
  return box;
}
function open(place: RecordPlace, field: string, box: Buffer, key: DataKey): unknown {
  cipher.bind(place);
  return cipher.open(box, field, key);
}
const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ (1 << (at % 8));
  return changed;
};
/** Refused with a code of ours, and without the value in its words. */
const refused = (thrown: unknown): boolean => isFailure(thrown) && !/canary/.test(thrown.message);

test('the ciphers of this machine pass their known answers', () => {
  proveSuites();
});

test('a field comes back under each suite, whatever its text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(...SUITES), (value, suite) => {
      const [place, key] = [newPlace(), dataKey(suite)];

      assert.equal(open(place, 'email', seal(place, 'email', value, key), key), value);
    }),
  );
});

test('a sealed field with any byte changed, cut off or added is refused, under each suite', () => {
  for (const suite of SUITES) {
    const [place, key] = [newPlace(), dataKey(suite)];
    const box = seal(place, 'email', 'canary@example.org', key);

    for (let at = 0; at < box.length; at += 1) {
      assert.throws(() => open(place, 'email', flipped(box, at), key), refused, `suite ${suite}, byte ${at}`);
      assert.throws(() => open(place, 'email', box.subarray(0, at), key), refused, `suite ${suite}, cut at ${at}`);
    }
    assert.throws(() => open(place, 'email', Buffer.concat([box, Buffer.alloc(1)]), key), refused);
  }
});

test('a sealed field opens in no other cell and under no other key', () => {
  for (const suite of SUITES) {
    const [place, key] = [newPlace(), dataKey(suite)];
    const box = seal(place, 'email', 'canary@example.org', key);
    const { record } = place;
    const elsewhere: RecordPlace[] = [
      { ...place, installation: uuidv7() },
      { ...place, collection: 'orders' },
      { ...place, record: { ...record, subjectId: newSubjectId() } },
      { ...place, record: { ...record, recordNo: record.recordNo ^ 1n } },
    ];

    for (const each of elsewhere) assert.throws(() => open(each, 'email', box, key), refused);
    assert.throws(() => open(place, 'phone', box, key), refused);
    assert.throws(() => open(place, 'email', box, { ...key, version: 2 }), refused);
    assert.throws(() => open(place, 'email', box, dataKey(suite)), refused);
    if (suite === TWO_LAYERS) {
      assert.throws(() => open(place, 'email', box, { ...key, chacha: randomBytes(32) }), refused, 'the inner layer');
    }
  }
});

const ring = (suite: number = AES_GCM): RingEntry[] =>
  [0, 2, 4].map((classNo) => ({
    classNo,
    suite: classNo === 4 ? suite : XCHACHA,
    version: 1 + classNo,
    madeOnDay: 20_000,
    key: randomBytes(32),
  }));
const ringPlace = (): RingPlace => ({ installation: uuidv7(), subjectId: newSubjectId(), layer: 'first', epoch: 3 });
const under = (suite: FieldSuite) => ({ nonces: random, suite });

test('a key ring comes back, and with any byte changed or cut off it is refused', () => {
  for (const suite of [AES_GCM, XCHACHA] as const) {
    const [kek, place, entries] = [createSecretKey(randomBytes(32)), ringPlace(), ring()];
    const blob = wrapRing(kek, place, entries, under(suite));

    assert.deepEqual(unwrapRing(kek, place, blob), entries);
    for (let at = 0; at < blob.length; at += 1) {
      assert.throws(() => unwrapRing(kek, place, flipped(blob, at)), refused, `byte ${at}`);
      assert.throws(() => unwrapRing(kek, place, blob.subarray(0, at)), refused, `cut at ${at}`);
    }
  }
});

test('a key ring opens for no other subject, epoch, layer, installation or epoch key', () => {
  for (const suite of [AES_GCM, XCHACHA] as const) {
    const [kek, place] = [createSecretKey(randomBytes(32)), ringPlace()];
    const blob = wrapRing(kek, place, ring(), under(suite));
    const others: RingPlace[] = [
      { ...place, subjectId: newSubjectId() },
      { ...place, epoch: 4 },
      { ...place, layer: 'second' },
      { ...place, installation: uuidv7() },
    ];

    for (const each of others) assert.throws(() => unwrapRing(kek, each, blob), refused);
    assert.throws(() => unwrapRing(createSecretKey(randomBytes(32)), place, blob), refused);
  }
});

test('the two layers of class special are wrapped with different ciphers, whatever fields are sealed with', () => {
  const [kek, place] = [createSecretKey(randomBytes(32)), ringPlace()];
  const [AES, CHACHA] = [1, 2];
  const home = { kek, place };
  for (const suite of [AES_GCM, XCHACHA] as const) {
    const outer = wrapRing(kek, place, ring(TWO_LAYERS), under(suite));
    const inner = wrapRing(kek, { ...place, layer: 'second' }, ring(TWO_LAYERS), under(suite));
    const plain = wrapRing(kek, place, ring(XCHACHA), under(suite));

    assert.deepEqual([outer[0], inner[0], plain[0]], [AES, CHACHA, suite === AES_GCM ? AES : CHACHA]);
    // and stay so when they are moved under another epoch
    const moved = moveRing(home, { kek, place: { ...place, epoch: 4 } }, outer, under(suite));
    assert.equal(moved[0], AES);
  }
});

test('the vectors of docs/formats/key-ring.md open', () => {
  const text = readFileSync(new URL('../../docs/formats/key-ring.md', import.meta.url), 'utf8');
  const vectors = [...text.matchAll(/^`(0[12][0-9a-f]{100,})`$/gm)].map(([, hex]) => Buffer.from(hex as string, 'hex'));
  const kek = createSecretKey(Buffer.from([...Array(32).keys()]));
  const place: RingPlace = {
    installation: '01900000-0000-7000-8000-000000000001' as Uuid,
    subjectId: '01900000-0000-7000-8000-000000000002' as SubjectId,
    layer: 'first',
    epoch: 1,
  };
  const wanted = [1, 3].map((suite) => [
    { classNo: 2, suite, version: 1, madeOnDay: 20_000, key: Buffer.alloc(32, 0x11) },
  ]);

  assert.deepEqual(
    vectors.map((blob) => unwrapRing(kek, place, blob)),
    wanted,
  );
});

test('a ring that opens under its key but commits to another is refused', () => {
  const [kek, place, nonce, forged] = [createSecretKey(randomBytes(32)), ringPlace(), randomBytes(12), randomBytes(32)];
  const epoch = Buffer.alloc(4);
  epoch.writeUInt32BE(place.epoch);
  const ids = [uuidBytes(place.installation), place.layer, uuidBytes(place.subjectId)] as const;
  const both = createHmac('sha512', kek)
    .update(lengthPrefixed('strongroom/ring/1', ...ids, epoch, nonce))
    .digest();
  const forge = (commitment: Buffer): Buffer => {
    const head = Buffer.concat([Buffer.from([1]), commitment]);
    const gcm = createCipheriv('aes-256-gcm', both.subarray(0, 32), nonce).setAAD(head);
    return Buffer.concat([head, nonce, gcm.update(Buffer.alloc(40)), gcm.final(), gcm.getAuthTag()]);
  };

  // docs/formats/key-ring.md followed to the letter opens, so only the commitment makes the difference
  assert.equal(unwrapRing(kek, place, forge(both.subarray(32))).length, 1);
  assert.throws(() => unwrapRing(kek, place, forge(forged)), refused);
});

/** The reader of docs/formats/record-box.md as slowly as it is written there. */
function slowly(packed: Buffer): BoxEntry[] {
  const directory = [...Array(packed.readUInt16BE(1)).keys()].map((n) => packed.subarray(3 + 7 * n, 10 + 7 * n));
  let at = 3 + 7 * directory.length;
  return directory.map((entry) => {
    const size = entry.readUInt32BE(3);
    at += size;
    return { fieldNo: entry.readUInt16BE(0), classNo: entry[2] as number, box: packed.subarray(at - size, at) };
  });
}

test('a record box reads as its slow twin reads it, and cut off, extended or out of order it is refused', () => {
  const entry = fc.record({ fieldNo: fc.nat(65_535), classNo: fc.nat(6), box: fc.uint8Array({ maxLength: 30 }) });
  const entries = fc.uniqueArray(entry, { selector: ({ fieldNo }) => fieldNo, maxLength: 12 });

  fc.assert(
    fc.property(entries, (list) => {
      const packed = packRecord(
        list.map(({ fieldNo, classNo, box }) => ({
          fieldNo,
          classNo,
          sizeBytes: box.length,
          write: (target, at) => target.set(box, at),
        })),
      );

      assert.deepEqual(unpackRecord(packed), slowly(packed));
      assert.equal(unpackRecord(packed).length, list.length);
      assert.throws(() => unpackRecord(packed.subarray(0, packed.length - 1)), refused);
      assert.throws(() => unpackRecord(Buffer.concat([packed, Buffer.alloc(1)])), refused);
      if (list.length < 2) return;
      const swapped = Buffer.from(packed);
      packed.copy(swapped, 3, 10, 17);
      packed.copy(swapped, 10, 3, 10);
      assert.throws(() => unpackRecord(swapped), refused);
    }),
  );
});
