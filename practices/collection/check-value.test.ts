import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { FieldSpec, FieldType } from './catalog.ts';
import { checkText, checkValue } from './check-value.ts';

const field = (type: FieldType, more: Partial<FieldSpec> = {}): FieldSpec => ({
  name: 'f',
  type,
  class: 'personal',
  title: 'F',
  description: null,
  purposes: [],
  search: [],
  mask: 'hide',
  required: false,
  maxLength: 4096,
  values: type === 'choice' ? ['red', 'blue'] : null,
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
  ...more,
});

test('each type takes what is one and refuses what is none', () => {
  const cases: [FieldType, unknown[], unknown[]][] = [
    [
      'text',
      ['a', 'ü', '👩‍👩‍👧'],
      ['', 'a\0', 'ü\0', '\ud800', 'x\udc00', 1, null, {}, undefined, 'a'.repeat(4097), 'ü'.repeat(4097)],
    ],
    [
      'email',
      ['a@b.co', 'luisg@embraer.com.br', 'a.b+c@x-y.example', 'jörg@exämple.com'],
      [
        'a',
        '@b.co',
        'a@',
        'a@b',
        'a b@c.de',
        '.a@b.co',
        'a..b@c.de',
        'a.@b.co',
        'a@-b.co',
        'a@b-.co',
        'a@b..co',
        `${'a'.repeat(65)}@b.co`,
        'a@b@c.de',
        'a\n@b.co',
      ],
    ],
    ['phone', ['+55 (12) 3923-5555', '110', '030-0074321', '555-1234 ext. 5'], ['12', 'abc', '1'.repeat(33), '<1234>']],
    [
      'date',
      ['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'],
      [
        '2023-02-29',
        '1900-02-29',
        '2024-13-01',
        '2024-00-10',
        '2024-04-31',
        '24-04-01',
        '2024-4-1',
        '2024-04-01T00:00',
        '0000-01-01',
        '2024-01-00',
      ],
    ],
    ['integer', [0, -5, 2 ** 53 - 1], [2 ** 53, 1.5, '1', Number.NaN]],
    ['number', [0.5, -1e300], [Number.NaN, Infinity, '1']],
    ['boolean', [true, false], ['true', 1, null]],
    [
      'card',
      ['4111 1111 1111 1111', '378282246310005', '6011-0009-9013-9424'],
      ['4111 1111 1111 1112', '0000000000000000', '1234', '4111x'],
    ],
    [
      'iban',
      ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432'],
      ['DE89 3704 0044 0532 0130 01', 'DE', '1289370400440532013000', 'DEXX370400440532013000'],
    ],
    ['choice', ['red'], ['green', 'Red', '']],
    [
      'json',
      [{}, [1], { a: { b: ['c'] } }],
      [
        'x',
        1,
        null,
        { a: '\ud800' },
        { a: '\0' },
        JSON.parse('{"__proto__": 1}'),
        JSON.parse('{"a": [1e400]}'),
        { a: 'x'.repeat(5000) },
      ],
    ],
  ];
  for (const [type, good, bad] of cases) {
    for (const value of good) assert.equal(checkValue(field(type), value).ok, true, `${type} ${String(value)}`);
    for (const value of bad) assert.equal(checkValue(field(type), value).ok, false, `${type} ${String(value)}`);
  }
});

test('text becomes NFC and negative zero zero', () => {
  assert.deepEqual(checkValue(field('text'), 'e\u0301'), { ok: true, value: 'é' });
  assert.ok(Object.is((checkValue(field('number'), -0) as { value: number }).value, 0));
});

test('text of a CSV becomes the value of its type', () => {
  assert.deepEqual(checkText(field('boolean'), 't'), { ok: true, value: true });
  assert.deepEqual(checkText(field('integer'), '-42'), { ok: true, value: -42 });
  assert.deepEqual(checkText(field('json'), '{"a":1}'), { ok: true, value: { a: 1 } });
  for (const text of ['', ' ', '1e3', '0x10', '1.2.3', '-', '.', 'Infinity'])
    assert.equal(checkText(field('number'), text).ok, false, text);
});

test('a refusal never repeats the value, and a check never throws', () => {
  const types: FieldType[] = ['text', 'email', 'phone', 'date', 'number', 'card', 'iban', 'choice', 'json'];
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.oneof(fc.string({ unit: 'binary', minLength: 12 }), fc.anything()),
      (type, value) => {
        const checked = checkValue(field(type), value);
        if (!checked.ok && typeof value === 'string' && value.length >= 12) assert.ok(!checked.because.includes(value));
        if (typeof value === 'string') checkText(field(type), value);
      },
    ),
    { numRuns: 2000 },
  );
});

test('no value is longer than a sealed field takes', () => {
  const big = field('text', { maxLength: 65_535 });

  assert.equal(checkValue(big, 'a'.repeat(65_535)).ok, true);
  assert.equal(checkValue(big, '漢'.repeat(21_845)).ok, true);
  assert.equal(checkValue(big, '漢'.repeat(21_846)).ok, false);
  // a million letters that NFC expands threefold
  assert.equal(checkValue(field('text'), '\u{1d160}'.repeat(1_000_000)).ok, false);
});

test('a hostile value takes no longer than a plain one of its size', () => {
  const big = { maxLength: 65_535 };
  const started = process.threadCpuUsage();

  for (const type of ['email', 'phone', 'card', 'iban', 'date'] as const) {
    for (const piece of ['a.', '@', '1', ' ', '-', 'ä', 'a@b.'])
      checkValue(field(type, big), piece.repeat(65_535 / piece.length));
  }

  assert.ok(process.threadCpuUsage(started).user < 1_000_000);
});

test('a number read from text keeps its digits or is refused', () => {
  const kept = [
    '0.1',
    '-12.50',
    '9007199254740991',
    '0.30000000000000004',
    '100000000000000000000000',
    '0.00000000000000000001',
    '-0.0',
  ];
  const lost = ['12345678901234567890.123456789', '9007199254740993', '0.1000000000000000055511151231257827'];
  for (const text of kept)
    assert.deepEqual(checkText(field('number'), text), { ok: true, value: Number(text) + 0 }, text);
  for (const text of lost) assert.equal(checkText(field('number'), text).ok, false, text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), (value) => {
      const text = String(value);
      fc.pre(!text.includes('e'));
      assert.deepEqual(checkText(field('number'), text), { ok: true, value: value === 0 ? 0 : value });
    }),
  );
});
