import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { normalise, prefixesOf, prefixQuery, type Transform } from './normalise.ts';

test('spellings that people mean as the same become one', () => {
  const same: [Transform, string, string, (string | null)?][] = [
    ['text/1', 'Straße', ' STRASSE ', null],
    ['text/1', 'STRAẞE', 'straße'],
    ['text/1', 'ΟΔΟΣ', 'οδος'],
    ['text/1', 'ﬁn', 'FIN'],
    ['text/1', 'a\u00a0\u3000b', 'A b'],
    ['text/1', 'co\u00adop', 'coop'],
    ['name/1', 'Gonçalves', 'GONCALVES'],
    ['name/1', 'Köhler', 'ko\u0308hler'],
    ['name/1', 'Søren', 'soren'],
    ['email/1', 'Anna@Exämple.com', 'anna@xn--exmple-cua.com'],
    ['phone/1', '+55 (12) 3923-5555', '(12) 3923-5555', 'BR'],
    ['phone/1', '+49 0711 2842222', '0711/2842222', 'DE'],
    ['code/1', '4111-1111 1111 1111', '4111111111111111'],
    ['month/1', '2006-02-14', '2006-02'],
  ];
  for (const [transform, a, b, country] of same) {
    assert.equal(
      normalise(transform, a, country ?? null),
      normalise(transform, b, country ?? null),
      `${transform} ${a}`,
    );
    assert.notEqual(normalise(transform, a, country ?? null), null);
  }
});

test('e-mail addresses that differ by dot or plus stay different', () => {
  assert.notEqual(normalise('email/1', 'a.b@gmail.com'), normalise('email/1', 'ab@gmail.com'));
  assert.notEqual(normalise('email/1', 'a+x@gmail.com'), normalise('email/1', 'a@gmail.com'));
});

test('a number that is none to the library is found as it was stored', () => {
  assert.equal(normalise('phone/1', '28303384290', null), 'raw:28303384290');
  assert.equal(normalise('phone/1', 'none'), null);
});

/** Characters whose case or composition is special: ẞ is its own upper case, ΐ and ᾳ grow, ŉ and ﬁ are two letters. */
const ODD = [
  ...'aßẞſςσΣİıǰΐŉﬁ\u0345\u0307\u0308\u0301\u0327\u0338 \u00ad\u200d\u034føæᾳᾼά\u0300\u3099かﾞ\u0f71\u0f72각',
];

test('text and names are stable: normalising twice changes nothing', () => {
  const odd = fc.string({ unit: fc.constantFrom(...ODD), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.constantFrom<Transform>('text/1', 'name/1', 'code/1', 'exact/1'),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), odd),
      (transform, text) => {
        const once = normalise(transform, text);
        if (once !== null) assert.equal(normalise(transform, once), once);
      },
    ),
    { numRuns: 5000 },
  );
});

test('every character of Unicode is stable, one by one', () => {
  const unstable: string[] = [];
  let seen = 0;
  for (let code = 0; code <= 0x10_ff_ff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!/[\p{L}\p{M}\p{N}\p{S}]/u.test(character)) continue;
    seen += 1;
    const once = normalise('name/1', character);
    if (once !== null && normalise('name/1', once) !== once) unstable.push(code.toString(16));
  }
  assert.deepEqual(unstable, []);
  assert.ok(seen > 140_000, `${seen} characters`);
});

test('prefixes are those of 2 to 8 letters of each word, bounded in number', () => {
  assert.deepEqual(prefixesOf('anna lee'), ['an', 'ann', 'anna', 'le', 'lee']);
  assert.equal(prefixesOf('abcdefghijk').length, 7);
  assert.ok(prefixesOf(Array.from({ length: 1000 }, (_, n) => `word${n}`).join(' ')).length <= 16 * 7);
  assert.deepEqual(prefixQuery('abcdefghijk x'), ['abcdefgh']);
});

test('a Greek prefix that ends in sigma finds the longer word', () => {
  assert.ok(prefixesOf(normalise('prefix/1', 'ΣΑΣΑ') ?? '').includes(normalise('prefix/1', 'ΣΑΣ') ?? ''));
});
