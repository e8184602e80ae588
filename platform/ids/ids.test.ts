import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  fromBase32,
  newRecordNo,
  newSubjectId,
  parseRecordId,
  parseSubjectId,
  recordIdText,
  subjectIdText,
  toBase32,
  uuidv7,
} from '#platform/ids';

test('base32 gives back what went in, for every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = toBase32(bytes);

      assert.deepEqual(fromBase32(text, bytes.length), bytes);
    }),
  );
});

test('only one text names an id: spare bits, case and aliases are refused', () => {
  const id = subjectIdText(newSubjectId());

  assert.notEqual(parseSubjectId(id), null);
  assert.equal(parseSubjectId(id.toUpperCase()), null);
  assert.equal(parseSubjectId(`${id.slice(0, -1)}z`), null);
  assert.equal(parseSubjectId(`${id}0`), null);
  assert.equal(parseSubjectId(id.replace('sub_', 'rec_')), null);
});

test('a record id names its subject and its number, and begins with the subject', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 0x7fff_ffff_ffff_ffffn }), (recordNo) => {
      const subjectId = newSubjectId();
      const text = recordIdText({ subjectId, recordNo });

      assert.deepEqual(parseRecordId(text), { subjectId, recordNo });
      assert.equal(text.slice(4, 30), subjectIdText(subjectId).slice(4));
    }),
  );
});

test('a record number fits a signed 64-bit column', () => {
  for (let i = 0; i < 1000; i++) assert.ok(newRecordNo() < 2n ** 63n);
});

test('UUIDv7 sorts by time and carries version and variant (RFC 9562 §5.7)', () => {
  const earlier = uuidv7(1_700_000_000_000);
  const later = uuidv7(1_700_000_000_001);

  assert.ok(earlier < later);
  assert.match(earlier, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
