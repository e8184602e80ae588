/**
 * Small cryptographic tools shared by all practices: key derivation, comparison, randomness, unambiguous additional
 * data, and a type that keeps secrets out of logs. Ciphers are not here: they belong to the practice that has the keys.
 */
export { equal } from './equal.ts';
export { hkdfExtract, hkdfSha256, hmacExpand, hmacSha256 } from './derive.ts';
export { lengthPrefixed, MAX_PART_BYTES } from './length-prefixed.ts';
export { macs, macUnder, type Mac } from './mac.ts';
export { randomPool, type RandomPool } from './random-pool.ts';
export { openToken, sealToken } from './sealed-token.ts';
export { secret, type Secret } from './secret.ts';
