import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { HIDDEN, maskValue } from './masks.ts';

const graphemes = (text: string): string[] =>
  [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)].map((one) => one.segment);
const shown = (mask: unknown): string => String(mask).replaceAll(/[•@. -]/g, '');

test('masks have the shape that docs promise', () => {
  assert.equal(maskValue('email', 'luisg@embraer.com.br'), 'l•••@e•••.br');
  assert.equal(maskValue('email', 'a@b.co'), '•••@•••.co');
  assert.equal(maskValue('phone', '+55 (12) 3923-5555'), '••••••5555');
  assert.equal(maskValue('phone', '030-0074'), '••••••74');
  assert.equal(maskValue('phone', '110'), HIDDEN);
  assert.equal(maskValue('card', '4111 1111 1111 1111'), '••••••1111');
  assert.equal(maskValue('name', 'Luís Gonçalves'), 'L••• G•••');
  assert.equal(maskValue('name', '李'), '•••');
  assert.equal(maskValue('name', '👩‍👩‍👧‍👦x Ö'), '👩‍👩‍👧‍👦••• •••');
  assert.equal(maskValue('date', '1984-02-29'), '1984-••-••');
  assert.equal(maskValue('text', 'e\u0301tudes'), 'e\u0301•••');
  assert.equal(maskValue('hide', 'x'), HIDDEN);
  assert.equal(maskValue('text', 42), HIDDEN);
  assert.equal(maskValue('none', 42), 42);
});

test('a mask never shows more of a value than it promises, whatever the value', () => {
  const most = { email: 6, phone: 4, card: 4, name: 2, date: 4, text: 1, hide: 0 } as const;
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.emailAddress(),
    fc.string({ unit: 'grapheme-ascii' }),
    fc.stringMatching(/^[+]?[0-9 ()-]{0,30}$/),
  );
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(most) as (keyof typeof most)[])), values, (kind, value) => {
      const mask = maskValue(kind, value);

      assert.ok(graphemes(shown(mask)).length <= most[kind], `${kind}: ${JSON.stringify(mask)}`);
      assert.ok(String(mask).isWellFormed() || !value.isWellFormed());
    }),
    { numRuns: 3000 },
  );
});

test('a mask of text does not tell how long the value is', () => {
  for (const kind of ['text', 'email', 'hide'] as const) {
    const masks = [10, 100, 10_000].map((size) => maskValue(kind, `${'a'.repeat(size)}@${'b'.repeat(size)}.com`));
    assert.equal(new Set(masks).size, 1);
  }
});

test('a letter made endless by combining marks is not shown', () => {
  for (const marks of [20, 5000]) assert.equal(maskValue('text', `z${'\u0301'.repeat(marks)}abcdef`), '•••');
});
