import assert from 'node:assert/strict';
import { createHash, createSecretKey } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { macUnder } from '#platform/crypto';
import type { FieldSpec } from '#practices/collection';

import { deriveIndexKey, indexValue, lookupValues, matchesQuery, queryValues } from './blind-index.ts';
import { planIndex } from './index-planner.ts';

const ROOT = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
const PLACE = { collection: 'customer', field: 'email', transform: 'email/1', epoch: 1 };

function field(more: Partial<FieldSpec>): FieldSpec {
  const { search = [{ kind: 'exact', unique: false, bits: null }], ...rest } = more;
  return {
    name: 'f',
    type: 'text',
    class: 'personal',
    title: 'F',
    description: null,
    purposes: [],
    search,
    mask: 'text',
    required: false,
    maxLength: 4096,
    values: null,
    country: null,
    category: null,
    source: null,
    recipients: [],
    floor: null,
    ceiling: null,
    portable: true,
    acknowledged: null,
    minimise: null,
    gate: null,
    ledger: null,
    owner: null,
    justification: null,
    ...rest,
  };
}
const keyOf = (transform: string) => macUnder(deriveIndexKey(createSecretKey(ROOT), { ...PLACE, transform }));

/** The slow twin: HMAC written out from RFC 2104, labels byte by byte. */
function slowHmac(key: Buffer, message: Buffer): Buffer {
  const padded = Buffer.concat([key, Buffer.alloc(64 - key.length)]);
  const inner = createHash('sha256')
    .update(Buffer.from(padded.map((b) => b ^ 0x36)))
    .update(message)
    .digest();
  return createHash('sha256')
    .update(Buffer.from(padded.map((b) => b ^ 0x5c)))
    .update(inner)
    .digest();
}
function slowIndexKey(place: typeof PLACE): Buffer {
  const bytes: number[] = [];
  const parts = ['strongroom/index/1', place.collection, place.field, place.transform].map((text) => [
    ...Buffer.from(text),
  ]);
  for (const part of [
    ...parts,
    [place.epoch >>> 24, (place.epoch >>> 16) & 255, (place.epoch >>> 8) & 255, place.epoch & 255],
  ]) {
    bytes.push(part.length >> 8, part.length & 255, ...part);
  }
  return slowHmac(ROOT, Buffer.from([...bytes, 1]));
}

test('index keys and values are those of a slow twin written from the format', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.string(),
      fc.nat(),
      fc.string({ unit: 'binary' }),
      (collection, name, transform, epoch, text) => {
        const place = { collection, field: name, transform, epoch };
        const slow = slowIndexKey(place);

        const key = deriveIndexKey(createSecretKey(ROOT), place);

        assert.deepEqual(key.export(), slow);
        assert.deepEqual(indexValue(macUnder(key), text), slowHmac(slow, Buffer.from(text)).subarray(0, 16));
      },
    ),
  );
});

test('the vector of docs/formats/blind-index.md holds', () => {
  const key = deriveIndexKey(createSecretKey(ROOT), PLACE);

  assert.equal(key.export().toString('hex'), 'd66dc1b48929eb3e15464531680d554a1975a728c8e00d8c682bba17a54fe342');
  assert.equal(indexValue(macUnder(key), 'luisg@embraer.com.br').toString('hex'), '9a36f0aefc09044213407273aa6722ca');
  assert.equal(indexValue(macUnder(key), 'luisg@embraer.com.br', 12).toString('hex'), '9a30');
});

test('every part of the place gives another key, and parts cannot be shifted into each other', () => {
  const places = [
    PLACE,
    { ...PLACE, collection: 'order' },
    { ...PLACE, field: 'phone' },
    { ...PLACE, transform: 'email/2' },
    { ...PLACE, epoch: 2 },
    { ...PLACE, collection: 'customere', field: 'mail' },
  ];

  const keys = places.map((place) => deriveIndexKey(createSecretKey(ROOT), place).export().toString('hex'));

  assert.equal(new Set(keys).size, places.length);
});

test('what is stored is found by every spelling that means the same, and not by another value', () => {
  const email = field({ type: 'email' });
  const stored = lookupValues(email, 'Luís.G@Exämple.com', keyOf)[0];

  const same = queryValues(email, 'exact', ' luís.g@xn--exmple-cua.COM ', keyOf);
  const other = queryValues(email, 'exact', 'luisg@example.com', keyOf);

  assert.ok(same.ok && other.ok && stored);
  assert.deepEqual(same.query.values[0], stored.value);
  assert.notDeepEqual(other.query.values[0], stored.value);
});

test('any prefix of any word of at least two letters finds the value, and verification agrees', () => {
  const name = field({ type: 'name', search: [{ kind: 'prefix' }] });
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[A-Za-zà-öÀ-Ö]{2,12}$/), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 2, max: 12 }),
      (words, pick, size) => {
        const text = words.join(' ');
        const asked = (words[pick % words.length] as string).slice(0, size);
        const stored = new Set(lookupValues(name, text, keyOf).map((entry) => entry.value.toString('hex')));

        const query = queryValues(name, 'prefix', asked, keyOf);

        assert.ok(query.ok);
        assert.ok(query.query.values.every((value) => stored.has(value.toString('hex'))));
        assert.ok(matchesQuery(name, 'prefix', text, asked));
      },
    ),
  );
});

test('a bucket entry has the size declared, its bits beyond are zero, and it shares no key with the full index', () => {
  const bucket = field({ type: 'name', search: [{ kind: 'exact', unique: false, bits: 12 }] });

  const [entry] = lookupValues(bucket, 'Gonçalves', keyOf);

  assert.equal(entry?.transform, 'name/1/b12');
  assert.equal(entry?.value.length, 2);
  assert.equal((entry?.value[1] as number) & 0x0f, 0);
  const [full] = lookupValues(field({ type: 'name' }), 'Gonçalves', keyOf);
  assert.notEqual(full?.value[0], entry?.value[0]);
});

test('a field is not searched in a way it does not declare, nor by too short a prefix', () => {
  assert.deepEqual(queryValues(field({}), 'prefix', 'anna', keyOf), { ok: false, because: 'not-searchable' });
  assert.deepEqual(queryValues(field({ search: [{ kind: 'prefix' }] }), 'prefix', 'a', keyOf), {
    ok: false,
    because: 'too-short',
  });
  assert.deepEqual(queryValues(field({ type: 'date' }), 'exact', 'yesterday', keyOf), {
    ok: false,
    because: 'not-comparable',
  });
  assert.deepEqual(lookupValues(field({ search: [] }), 'x', keyOf), []);
});

test('the planner refuses few and skewed values, and sizes buckets so that a query hits 2 to √N rows', () => {
  assert.equal(planIndex(Array(99).fill(50), 1e6).advice, 'refuse');
  assert.equal(planIndex([100, ...Array<number>(900).fill(1)], 1e6).advice, 'refuse');
  assert.equal(planIndex([], 0).advice, 'refuse');
  assert.deepEqual(planIndex(Array(1000).fill(1), 1e6), { advice: 'exact', because: 'unique' });
  for (const rows of [1e3, 1e4, 1e5, 1e6, 1e8]) {
    const plan = planIndex(Array(500).fill(2), rows);
    assert.ok(plan.advice === 'bucket' && plan.hits >= 2 && plan.hits <= Math.sqrt(rows), JSON.stringify(plan));
  }
});
