/**
 * Pairwise pseudonyms: the same value is the same word in every export to one recipient, and another word for each other
 * recipient, so that two of them cannot lay their files beside each other. Nobody without the key can try values out.
 */
import { createSecretKey } from 'node:crypto';

import { hmacExpand, lengthPrefixed, macUnder } from '#platform/crypto';

import { canonicalJson } from '../catalog-version.ts';
import type { CellValue } from './hierarchy.ts';

const BYTES = 16;

/** @param place what the value is of: `customer.email`, or `@subject` */
export type Pseudonym = (place: string, value: CellValue) => string;

/** @param key of the installation, 32 bytes */
export function pseudonymsFor(key: Uint8Array, recipient: string): Pseudonym {
  const mac = macUnder(createSecretKey(hmacExpand(key, lengthPrefixed('strongroom/pairwise/1', recipient))));
  return (place, value) => {
    const bytes = Buffer.from(typeof value === 'string' ? value : canonicalJson(value));
    return `p_${mac(lengthPrefixed('value', place), bytes).subarray(0, BYTES).toString('base64url')}`;
  };
}
