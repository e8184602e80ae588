import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';

import { ff1 } from './ff1.ts';
import { formatToken, passesLuhn } from './format-preserving.ts';
import { newToken, pairwiseToken, parseToken, tokenLookup } from './token-formats.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const newKey = () => createSecretKey(randomBytes(32));
const refused = (run: () => unknown): void => assert.throws(run, (thrown) => isFailure(thrown, 'SEALING_TOKEN_SOURCE'));

test('random tokens are 38 characters, parse, and never repeat', () => {
  const tokens = new Set(Array.from({ length: 5_000 }, () => newToken()));

  for (const token of tokens) assert.ok(token.length === 38 && parseToken(token).ok);
  assert.equal(tokens.size, 5_000);
});

test('every one-letter typo and every exchange of two letters is called mistyped', () => {
  for (let round = 0; round < 20; round += 1) {
    const token = newToken();
    const letters = [...token];
    for (let at = 4; at < 38; at += 1) {
      for (const letter of ALPHABET) {
        if (letter !== letters[at])
          assert.deepEqual(parseToken(letters.with(at, letter).join('')), { ok: false, because: 'mistyped' });
      }
      for (let other = at + 1; other < 38; other += 1) {
        const [a, b] = [letters[at] as string, letters[other] as string];
        if (a !== b)
          assert.equal(
            parseToken(letters.with(at, b).with(other, a).join('')).ok,
            false,
            `${at} and ${other} of ${token}`,
          );
      }
    }
  }
});

test('what is no token at all is told apart from a typo', () => {
  const token = newToken();

  for (const text of [
    '',
    'tok_',
    token.toUpperCase(),
    token.slice(0, -1),
    `${token}0`,
    token.replace('tok_', 'pid_'),
    `${token.slice(0, -1)}u`,
    `${token}\n`,
  ]) {
    assert.deepEqual(parseToken(text), { ok: false, because: 'not-a-token' });
  }
});

test('a lookup is 16 bytes and depends on key and token', () => {
  const [key, token] = [newKey(), newToken()];

  assert.equal(tokenLookup(key, token).length, 16);
  assert.deepEqual(tokenLookup(key, token), tokenLookup(key, token));
  assert.notDeepEqual(tokenLookup(key, token), tokenLookup(newKey(), token));
  assert.notDeepEqual(tokenLookup(key, token), tokenLookup(key, newToken()));
});

test('pairwise tokens are stable for one audience and unrelated between two', () => {
  const key = newKey();
  const people = Array.from({ length: 1_000 }, (_, n) => `person-${n}`);
  const analyst = people.map((person) => pairwiseToken(key, 'analyst', person));
  const marketer = people.map((person) => pairwiseToken(key, 'marketer', person));

  assert.deepEqual(
    people.map((person) => pairwiseToken(key, 'analyst', person)),
    analyst,
  );
  assert.equal(new Set([...analyst, ...marketer]).size, 2_000);
  assert.match(analyst[0] as string, /^pid_[0-9a-hjkmnp-tv-z]{26}$/);
  // no joining by moving a letter over the border of audience and value
  assert.notEqual(pairwiseToken(key, 'ab', 'c'), pairwiseToken(key, 'a', 'bc'));
});

test('a kept-form token has the shape of its value and is never the value', () => {
  const shape = (text: string): string =>
    text
      .replace(/\p{Nd}/gu, '9')
      .replace(/\p{Lu}/gu, 'A')
      .replace(/\p{Ll}/gu, 'a');
  for (const value of ['AB-12 cd/3456', '+49 (30) 1234567', 'DE89 3704 0044 0532 0130 00', 'Łukasz Ærø']) {
    for (let round = 0; round < 50; round += 1) {
      const token = formatToken(value);
      assert.equal(shape(token), shape(value));
      assert.notEqual(token, value);
    }
  }
  assert.doesNotMatch(formatToken('Łukasz Ærø'), /[^ -~]/);
});

test('a card token passes Luhn, and keeps the ends only when asked', () => {
  const card = '4539 1488 0343 6467';
  const tokens = Array.from({ length: 300 }, () => formatToken(card, { kind: 'card' }));
  const kept = Array.from({ length: 300 }, () => formatToken(card, { kind: 'card', keep: 'ends' }));

  for (const token of [...tokens, ...kept])
    assert.ok(passesLuhn(token) && /^\d{4} \d{4} \d{4} \d{4}$/.test(token) && token !== card);
  for (const token of kept) assert.ok(token.startsWith('4539 14') && token.endsWith('6467'));
  assert.ok(tokens.filter((token) => token.startsWith('4539 14')).length < 3);
  assert.equal(new Set(tokens).size, 300);
});

test('every length of card gets a token that passes Luhn', () => {
  const digits = (size: number) => fc.stringMatching(new RegExp(`^[0-9]{${size}}$`));

  fc.assert(
    fc.property(fc.integer({ min: 12, max: 19 }).chain(digits), (card) => {
      assert.ok(passesLuhn(formatToken(card, { kind: 'card' })));
      if (card.length >= 15) assert.ok(passesLuhn(formatToken(card, { kind: 'card', keep: 'ends' })));
    }),
  );
});

test("Luhn's check knows good numbers from bad ones", () => {
  for (const good of ['79927398713', '4539 1488 0343 6467', '378282246310005']) assert.equal(passesLuhn(good), true);
  for (const bad of ['79927398710', '4539 1488 0343 6476', '', 'none']) assert.equal(passesLuhn(bad), false);
});

test('drawn digits are uniform', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let round = 0; round < 2_000; round += 1) {
    for (const digit of formatToken('0000000000')) counts[Number(digit)] = (counts[Number(digit)] as number) + 1;
  }
  // 20,000 draws: 2,000 each, standard deviation 42; 6 of them is one false alarm in 10^8
  for (const count of counts) assert.ok(Math.abs(count - 2_000) < 260, String(counts));
});

test('values too short to hide among, and cards that are none, get no token', () => {
  for (const value of ['', '123', 'ab', '---------', '1-2-3']) refused(() => formatToken(value));
  for (const value of ['4539 1488 034', '4539148803436467000012', '4539x1488x0343x6467'])
    refused(() => formatToken(value, { kind: 'card' }));
  refused(() => formatToken('453914880343', { kind: 'card', keep: 'ends' }));
});

test('FF1 keeps the length, turns back, and depends on key, type and tweak', () => {
  const key = newKey();
  const tweak = Buffer.from('customers.phone');
  const cipher = ff1(key, 'phone', tweak);

  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{6,56}$/), (digits) => {
      const token = cipher.encrypt(digits);
      assert.ok(token.length === digits.length && /^[0-9]+$/.test(token));
      assert.equal(cipher.decrypt(token), digits);
    }),
    { numRuns: 50 },
  );
  const digits = '4915112345678';
  const tokens = [
    cipher,
    ff1(key, 'fax', tweak),
    ff1(key, 'phone', Buffer.from('x')),
    ff1(newKey(), 'phone', tweak),
  ].map((each) => each.encrypt(digits));
  assert.equal(new Set([digits, ...tokens]).size, 5);
});

test('FF1 refuses domains below a million values, and what is not digits', () => {
  const cipher = ff1(newKey(), 'phone', new Uint8Array());

  for (const text of ['', '12345', '12345a', '1'.repeat(57), '١٢٣٤٥٦']) refused(() => cipher.encrypt(text));
  assert.throws(() => ff1(newKey(), 'phone', new Uint8Array(256)), RangeError);
});
