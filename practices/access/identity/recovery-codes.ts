/** Codes on paper for who lost the second factor: 120 random bits each, so that SHA-256 is enough to keep them by; each good once.
 * Source: OWASP ASVS 5.0 6.5.2 (112 bits or more) */
import { createHash, randomBytes } from 'node:crypto';

import { toBase32 } from '#platform/ids';

const COUNT = 10;

/** `xxxx-xxxx-xxxx-xxxx-xxxx-xxxx` */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: COUNT }, () => (toBase32(randomBytes(15)).match(/.{4}/g) as string[]).join('-'));

/** However it was typed: without dashes, in capitals. */
export const recoveryHash = (code: string): Buffer =>
  createHash('sha256')
    .update('strongroom/recovery/1\0')
    .update(code.toLowerCase().replaceAll(/[^0-9a-z]/g, ''))
    .digest();
