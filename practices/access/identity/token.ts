/** 256 random bits that somebody carries; only their SHA-256 is kept, which is enough for what cannot be guessed. */
import { createHash, randomBytes } from 'node:crypto';

import { toBase32 } from '#platform/ids';

/** `srs_` a session, `srl_` a one-time link, `sra_` an attempt to sign in. */
export type TokenKind = 'srs' | 'srl' | 'sra';

/** @returns `kind_` ‖ 52 characters */
export const newToken = (kind: TokenKind): string => `${kind}_${toBase32(randomBytes(32))}`;

/** Null when it does not even look like one. */
export function tokenHash(kind: TokenKind, token: string): Buffer | null {
  if (!token.startsWith(`${kind}_`) || !/^[0-9a-z]{52}$/.test(token.slice(kind.length + 1))) return null;
  return createHash('sha256').update(token).digest();
}
