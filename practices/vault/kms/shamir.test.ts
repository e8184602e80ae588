import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';
import { fromBase32, toBase32 } from '#platform/ids';

import { invert, multiply } from './gf256.ts';
import { openKms } from './open-kms.ts';
import { combineShares, splitSecret } from './shamir.ts';

const unfit = (error: unknown): boolean => isFailure(error, 'KMS_SHARES_UNFIT');

const VALUES_AT = 11;
const bytesOf = (share: string): Uint8Array => {
  const text = share.slice('srshare1-'.length);
  return fromBase32(text, Math.floor((text.length * 5) / 8)) ?? assert.fail();
};

/** The same by long multiplication of polynomials, to be read rather than to be fast. */
function slowMultiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) % 2 === 1) product ^= a << bit;
  for (let bit = 15; bit >= 8; bit--) if ((product >> bit) % 2 === 1) product ^= 0x11b << (bit - 8);
  return product;
}

function subsets<T>(all: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return all.flatMap((one, at) => subsets(all.slice(at + 1), size - 1).map((rest) => [one, ...rest]));
}

test('the field is that of AES: every product, every inverse, and the example of FIPS 197', () => {
  assert.equal(multiply(0x57, 0x83), 0xc1);
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) assert.equal(multiply(a, b), slowMultiply(a, b));
    assert.equal(multiply(a, invert(a)), a === 0 ? 0 : 1);
  }
});

test('any three of five shares, in any order, make the secret; no two do', () => {
  const root = randomBytes(32);
  const shares = splitSecret(root);

  for (const size of [3, 4, 5]) {
    for (const some of subsets(shares, size)) assert.deepEqual(combineShares(some.toReversed()), root);
  }
  for (const some of [...subsets(shares, 2), ...subsets(shares, 1), []])
    assert.throws(() => combineShares(some), unfit);
});

test('secrets of every size and schemes of every kind come back', () => {
  const schemes = fc
    .integer({ min: 2, max: 12 })
    .chain((shares) => fc.tuple(fc.integer({ min: 2, max: shares }), fc.constant(shares)));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 128 }), schemes, (bytes, [threshold, shares]) => {
      const texts = splitSecret(bytes, { threshold, shares });
      assert.deepEqual(Uint8Array.from(combineShares(texts.slice(shares - threshold))), bytes);
    }),
    { numRuns: 60 },
  );
  const all = splitSecret(Buffer.of(7), { threshold: 255, shares: 255 });
  assert.deepEqual(combineShares(all), Buffer.of(7));
});

test('with one share too few every secret is as likely: the bytes of a share are uniform whatever the secret', () => {
  for (const byte of [0, 255]) {
    const counts = Array.from({ length: 256 }, () => 0);
    for (let round = 0; round < 5120; round++) {
      const bytes = bytesOf(splitSecret(Buffer.of(byte), { threshold: 2, shares: 2 })[round % 2] ?? '');
      counts[bytes[VALUES_AT] ?? 0] = (counts[bytes[VALUES_AT] ?? 0] ?? 0) + 1;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 20) ** 2 / 20, 0);
    // 255 degrees of freedom: 255 ± 23; beyond 410 once in 10^9 runs
    assert.ok(chiSquared < 410, `chi² ${chiSquared}`);
  }
});

test('each altered character of a share is noticed', () => {
  const [first = '', second = '', third = ''] = splitSecret(randomBytes(32));

  for (let at = 0; at < first.length; at++) {
    const other = first[at] === '2' ? '3' : '2';
    assert.throws(() => combineShares([first.slice(0, at) + other + first.slice(at + 1), second, third]), unfit);
  }
  for (const cut of [first.slice(0, -1), first.slice(0, 20), `${first}2`, '', 'srshare1-']) {
    assert.throws(() => combineShares([cut, second, third]), unfit);
  }
});

test('a share forged with a sound sum, one of another set and one given twice are refused', () => {
  const [root, other] = [randomBytes(32), randomBytes(32)];
  const mine = splitSecret(root);
  const theirs = splitSecret(other);
  const [first = '', second = '', third = ''] = mine;

  for (let at = 0; at < 40; at++) {
    const bytes = bytesOf(first).subarray(0, -4);
    bytes[VALUES_AT + at] = (bytes[VALUES_AT + at] ?? 0) ^ 1;
    const sum = createHash('sha256').update(bytes).digest().subarray(0, 4);
    const forged = `srshare1-${toBase32(Buffer.concat([bytes, sum]))}`;
    assert.throws(() => combineShares([forged, second, third]), /a share was altered/);
  }
  assert.throws(() => combineShares([first, second, theirs[2] ?? '']), unfit);
  assert.throws(() => combineShares([first, second, second]), unfit);
  assert.throws(() => combineShares([first, second, third, theirs[3] ?? '']), unfit);
});

test('shares survive capitals, spaces and line breaks', () => {
  const root = randomBytes(32);
  const typed = splitSecret(root).map((share) => ` ${share.toUpperCase().replaceAll(/(.{5})/g, '$1 ')}\n`);

  assert.deepEqual(combineShares(typed.slice(0, 3)), root);
});

test('schemes and secrets of no sense are refused', () => {
  for (const scheme of [
    { threshold: 1, shares: 5 },
    { threshold: 6, shares: 5 },
    { threshold: 3, shares: 256 },
    { threshold: 2.5, shares: 5 },
  ]) {
    assert.throws(() => splitSecret(Buffer.alloc(32), scheme), RangeError);
  }
  assert.throws(() => splitSecret(Buffer.alloc(0)), RangeError);
  assert.throws(() => splitSecret(Buffer.alloc(129)), RangeError);
});

test('three people open a root key file whose passphrase was split between five', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'quorum-'));
  t.after(() => rm(folder, { recursive: true }));
  const setting = `file:${join(folder, 'root.json')}`;
  const passphrase = randomBytes(24).toString('base64');
  const wrapped = await (
    await openKms(setting, { passphrase: () => secret(passphrase), whenMissing: 'make' })
  ).wrap(Buffer.from('key'), {});
  const shares = splitSecret(Buffer.from(passphrase));

  const kms = await openKms(setting, { passphrase: () => secret(combineShares(shares.slice(1, 4)).toString()) });

  assert.deepEqual(await kms.unwrap(wrapped, {}), Buffer.from('key'));
});
