/**
 * Tokens by which a page asks for and records the choices of one holder, and can do nothing else (platform/crypto/sealed-token.ts): kind
 * (1 B) ‖ holder (16 B) ‖ end (6 B, ms).
 */
import type { KeyObject } from 'node:crypto';

import { openToken, sealToken } from '#platform/crypto';
import { uuidBytes, uuidText } from '#platform/ids';

import type { Holder } from './consents.ts';

const LABEL = 'strongroom/choices/1';
const BYTES = 23;

export function choiceToken(key: KeyObject, { kind, id }: Holder, until: Date): string {
  const plain = Buffer.alloc(BYTES);
  plain[0] = kind === 'subject' ? 1 : 0;
  uuidBytes(id).copy(plain, 1);
  plain.writeUIntBE(until.getTime(), 17, 6);
  return sealToken(key, LABEL, plain);
}

/** Null for everything that is not whole, ours and of now. */
export function openChoiceToken(key: KeyObject, token: string, now: Date): Holder | null {
  const plain = openToken(key, LABEL, token, [BYTES, BYTES]);
  if (plain === null || plain.readUIntBE(17, 6) <= now.getTime()) return null;
  return { kind: plain[0] === 1 ? 'subject' : 'anonymous', id: uuidText(plain.subarray(1, 17)) } as Holder;
}
