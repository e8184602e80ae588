/**
 * FF1: encrypts digits to as many digits. Only where no lookup is possible.
 *
 * Who holds the key can turn every token back, and a token dies only with the key: prefer the random tokens of
 * format-preserving.ts. Same digits and tweak give the same token, so equal values show.
 * Source: SP 800-38G r1 (second public draft, 2025-02-03) §5.1: AES-256, radix 10, at least 10^6 values.
 */
import type { KeyObject } from 'node:crypto';

import { FF1 } from '@noble/ciphers/ff1.js';

import { hmacExpand, lengthPrefixed } from '#platform/crypto';

import { sealingFailure } from './sealing-failures.ts';

const FEWEST_DIGITS = 6;
const MOST_DIGITS = 56;

export type Ff1 = Readonly<{ encrypt: (digits: string) => string; decrypt: (digits: string) => string }>;

/**
 * @param key the tenant's token key, 32 bytes
 * @param tokenType its own key for each, so that two kinds of tokens do not match
 * @param tweak bound to each token: what the digits are for, at most 255 bytes
 * @returns functions that throw SEALING_TOKEN_SOURCE for anything but 6 to 56 digits
 */
export function ff1(key: KeyObject, tokenType: string, tweak: Uint8Array): Ff1 {
  if (tweak.length > 255) throw new RangeError(`a tweak has at most 255 bytes, not ${tweak.length}`);
  const cipher = FF1(
    10,
    Uint8Array.from(hmacExpand(key, lengthPrefixed('strongroom/token/ff1/1', tokenType))),
    Uint8Array.from(tweak),
  );
  const run = (turn: (digits: number[]) => number[], text: string): string => {
    if (!/^[0-9]+$/.test(text) || text.length < FEWEST_DIGITS || text.length > MOST_DIGITS)
      throw sealingFailure('TOKEN_SOURCE');
    return turn([...text].map(Number)).join('');
  };
  return {
    encrypt: (digits) => run((each) => cipher.encrypt(each), digits),
    decrypt: (digits) => run((each) => cipher.decrypt(each), digits),
  };
}
