import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { uuidv7 } from '#platform/ids';
import fc from 'fast-check';

import { readReceipt, RECEIPT_BYTES, receiptText } from './receipt.ts';
import { MOST, plainWords, readSaid } from './said.ts';
import { formToken, linkToken, openLink, receiptOfForm } from './tokens.ts';

const bytes = fc.uint8Array({ minLength: RECEIPT_BYTES, maxLength: RECEIPT_BYTES });
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

test('a number gives back its bytes, as it is printed and as people type it', () => {
  fc.assert(
    fc.property(bytes, (own) => {
      const text = receiptText(own);

      assert.match(text, /^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
      assert.deepEqual(readReceipt(text), own);
      assert.deepEqual(readReceipt(` ${text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `), own); // prettier-ignore
    }),
  );
});

test('one wrong character, or two neighbours that changed places, are told before anything is looked up', () => {
  fc.assert(
    fc.property(bytes, fc.nat(27), fc.nat(30), (own, at, by) => {
      const plain = receiptText(own).toLowerCase().replaceAll('-', '');
      const letter = LETTERS[(LETTERS.indexOf(plain[at] as string) + 1 + by) % 32] as string;
      assert.equal(readReceipt(plain.slice(0, at) + letter + plain.slice(at + 1)), null);
      const [one, two] = [plain[at % 27] as string, plain[(at % 27) + 1] as string];
      const swapped = plain.slice(0, at % 27) + two + one + plain.slice((at % 27) + 2);
      if (one !== two) assert.equal(readReceipt(swapped), null);
    }),
    { numRuns: 2000 },
  );
  for (const odd of [
    '',
    '-'.repeat(100),
    '0'.repeat(101),
    'x'.repeat(1e6),
    '🔑'.repeat(28),
    receiptText(new Uint8Array(16)) + '0',
  ])
    // prettier-ignore
    assert.equal(readReceipt(odd), null);
});

test('links and forms are of this installation, of this link and of today', () => {
  const key = createSecretKey(randomBytes(32));
  const [link, other, now] = [uuidv7(), uuidv7(), new Date('2026-11-27T12:00:00Z')];
  const form = formToken(key, link, now);

  assert.equal(openLink(key, linkToken(key, link)), link);
  assert.equal(openLink(createSecretKey(randomBytes(32)), linkToken(key, link)), null);
  assert.equal(openLink(key, form), null, 'a form is no link');
  assert.equal(openLink(key, link), null);
  const own = receiptOfForm(key, form, link, now);
  assert.equal(own?.length, RECEIPT_BYTES);
  assert.deepEqual(receiptOfForm(key, form, link, new Date('2026-11-28T11:00:00Z')), own, 'the same, however often');
  assert.notDeepEqual(receiptOfForm(key, formToken(key, link, now), link, now), own);
  assert.equal(receiptOfForm(key, form, other, now), null);
  assert.equal(receiptOfForm(key, form, link, new Date('2026-11-28T12:00:01Z')), null);
  assert.equal(receiptOfForm(key, `${form.slice(0, -2)}AA`, link, now), null);
});

test('words keep what people write in any script, and nothing that hides or piles up', () => {
  assert.equal(plainWords(' Grüße, 日本語, مرحبا, 👩‍👩‍👧 ✔️ \r\n\tx '), 'Grüße, 日本語, مرحبا, 👩‍👩‍👧 ✔️ \n\tx');
  assert.equal(plainWords('a\u202Eb\u0000c\u2066d\u{e0041}e\ufff9f\u2028g\u001b[2J\uFFFE'), 'abcdefg[2J');
  assert.equal(plainWords(`o${'\u0301'.repeat(500)}`).length < 8, true);
  assert.equal(plainWords('\ud800x').isWellFormed(), true);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.doesNotMatch(plainWords(text), /[^\P{Cc}\n\t]|\p{Bidi_Control}/u))); // prettier-ignore
});

test('a report says what happened; the rest may be left out, and is bounded', () => {
  assert.deepEqual(readSaid({ kind: 'clicked' }), { kind: 'clicked', when: 'now', words: '', reach: '' });
  assert.equal(readSaid({}), 'kind');
  assert.equal(readSaid({ kind: 'constructor', words: 'x' }), 'kind');
  assert.equal(readSaid({ kind: 'other', words: 'x'.repeat(MOST.words + 1) }), 'words');
  assert.equal(readSaid({ kind: 'other', reach: 'x'.repeat(MOST.reach + 1) }), 'reach');
  assert.equal((readSaid({ kind: 'other', when: '__proto__' }) as { when: string }).when, 'now');
});
