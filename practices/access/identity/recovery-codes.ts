/** Codes on paper for who lost the second factor: 80 random bits each, kept as SHA-256, each good once. */
import { createHash, randomBytes } from 'node:crypto';

import { toBase32 } from '#platform/ids';

const COUNT = 10;

/** `xxxx-xxxx-xxxx-xxxx` */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: COUNT }, () => (toBase32(randomBytes(10)).match(/.{4}/g) as string[]).join('-'));

/** However it was typed: without dashes, in capitals. */
export const recoveryHash = (code: string): Buffer =>
  createHash('sha256')
    .update('strongroom/recovery/1\0')
    .update(code.toLowerCase().replaceAll(/[^0-9a-z]/g, ''))
    .digest();
