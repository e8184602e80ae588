/**
 * A secret in shares of which any `threshold` make it again and fewer tell nothing (Shamir 1979), over GF(256).
 *
 * For the custody of a root's passphrase: three of five people unseal, no two can. What is split is the secret and an
 * 8-byte check of it, so that shares which do not make the secret are noticed. A share is text for paper:
 * `srshare1-` and base32 of set 8 ‖ threshold 1 ‖ number 1 ‖ size 1 ‖ share of (secret ‖ check) ‖ SHA-256 of all before, 4.
 * Source: docs/formats/root-key-file.md §5
 */
import { createHash, randomBytes } from 'node:crypto';

import { equal, hmacSha256 } from '#platform/crypto';
import { fromBase32, toBase32 } from '#platform/ids';

import { kmsFailure } from './failures.ts';
import { invert, multiply } from './gf256.ts';

const PREFIX = 'srshare1-';
const CHECK_LABEL = 'strongroom/kms/share-check/1';
const SET_BYTES = 8;
const HEAD_BYTES = SET_BYTES + 3;
const CHECK_BYTES = 8;
const SUM_BYTES = 4;
const MAX_SECRET_BYTES = 128;

type Share = Readonly<{ set: Buffer; threshold: number; number: number; values: Buffer }>;

/**
 * @param secret 1 to 128 bytes
 * @param scheme 2 ≤ threshold ≤ shares ≤ 255
 * @returns one text for each holder
 * @throws RangeError for other sizes
 */
export function splitSecret(secret: Uint8Array, { threshold = 3, shares = 5 } = {}): string[] {
  const sound =
    Number.isInteger(threshold) && Number.isInteger(shares) && threshold >= 2 && threshold <= shares && shares <= 255;
  if (!sound || secret.byteLength < 1 || secret.byteLength > MAX_SECRET_BYTES)
    throw new RangeError('shares of no such kind');
  const set = randomBytes(SET_BYTES);
  const content = Buffer.concat([secret, checkOf(secret, set)]);
  // a polynomial for each byte: the byte at 0, random above
  const coefficients = [content, ...Array.from({ length: threshold - 1 }, () => randomBytes(content.length))];
  const texts = Array.from({ length: shares }, (_, at) => {
    const values = content.map((_byte, place) => valueAt(coefficients, place, at + 1));
    return print({ set, threshold, number: at + 1, values: Buffer.from(values) });
  });
  for (const row of coefficients) row.fill(0);
  return texts;
}

/**
 * @param texts any `threshold` of the shares, or more; spaces, line breaks and case do not matter
 * @throws KMS_SHARES_UNFIT for too few, doubled, mixed or damaged ones
 */
export function combineShares(texts: readonly string[]): Buffer {
  const shares = texts.map(parse);
  const [first] = shares;
  if (first === undefined) throw unfit('there are no shares');
  const numbers = new Set(shares.map(({ number }) => number));
  if (numbers.size !== shares.length) throw unfit('a share is there twice');
  const alike = ({ set, threshold, values }: Share): boolean =>
    set.equals(first.set) && threshold === first.threshold && values.length === first.values.length;
  if (!shares.every(alike)) throw unfit('the shares are of different sets');
  if (shares.length < first.threshold) throw unfit(`${shares.length} of ${first.threshold} shares are there`);

  const weights = shares.map((share) => weightOf(share, shares));
  const content = Buffer.from(
    first.values.map((_, place) =>
      shares.reduce((sum, { values }, at) => sum ^ multiply(values[place] ?? 0, weights[at] ?? 0), 0),
    ),
  );
  const secret = content.subarray(0, -CHECK_BYTES);
  if (!equal(checkOf(secret, first.set), content.subarray(-CHECK_BYTES))) {
    content.fill(0);
    throw unfit('a share was altered');
  }
  return secret;
}

/** Lagrange's weight of a share at 0; subtraction in this field is addition. */
function weightOf(share: Share, shares: readonly Share[]): number {
  return shares.reduce((weight, other) => {
    if (other === share) return weight;
    return multiply(weight, multiply(other.number, invert(other.number ^ share.number)));
  }, 1);
}

/** Horner, from the highest coefficient down. */
function valueAt(coefficients: readonly Buffer[], place: number, x: number): number {
  return coefficients.reduceRight((value, row) => multiply(value, x) ^ (row[place] ?? 0), 0);
}

const checkOf = (secret: Uint8Array, set: Buffer): Buffer =>
  hmacSha256(set, CHECK_LABEL, secret).subarray(0, CHECK_BYTES);

const sumOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest().subarray(0, SUM_BYTES);

function print({ set, threshold, number, values }: Share): string {
  const bytes = Buffer.concat([set, Buffer.of(threshold, number, values.length), values]);
  return PREFIX + toBase32(Buffer.concat([bytes, sumOf(bytes)]));
}

function parse(text: string, at: number): Share {
  const tidy = text.toLowerCase().replaceAll(/\s/g, '');
  const body = tidy.slice(PREFIX.length);
  const bytes = fromBase32(body, Math.floor((body.length * 5) / 8));
  const wrong = (): Error => unfit(`share ${at + 1} of those given is damaged or no share`);
  if (!tidy.startsWith(PREFIX) || bytes === null) throw wrong();
  const content = Buffer.from(bytes).subarray(0, -SUM_BYTES);
  const [threshold = 0, number = 0, sizeBytes = 0] = content.subarray(SET_BYTES);
  const sound = threshold >= 2 && number >= 1 && sizeBytes > CHECK_BYTES && content.length === HEAD_BYTES + sizeBytes;
  if (!sound || !equal(sumOf(content), Buffer.from(bytes).subarray(-SUM_BYTES))) throw wrong();
  return { set: content.subarray(0, SET_BYTES), threshold, number, values: content.subarray(HEAD_BYTES) };
}

const unfit = (detail: string): Error => kmsFailure('SHARES_UNFIT', { detail });
