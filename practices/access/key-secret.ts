/** What a key is: shown once, and then only its hash is known. */
import { hash, randomBytes } from 'node:crypto';

import { toBase32 } from '#platform/ids';

/** `srk_` ‖ 52 characters: 256 random bits. */
export const KEY_SHAPE = /^srk_[0-9a-z]{52}$/;
export const hashOf = (key: string): Buffer => hash('sha256', key, 'buffer');
export const makeKey = (): string => `srk_${toBase32(randomBytes(32))}`;
