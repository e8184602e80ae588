/**
 * Links to the page, and the forms that it hands out (platform/crypto/sealed-token.ts). A link names its row and nobody; a
 * form names the link it came by and 16 random bytes, which make its receipt: the same form sent twice is one report.
 */
import { randomBytes, type KeyObject } from 'node:crypto';

import { hmacSha256, openToken, sealToken } from '#platform/crypto';
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import { RECEIPT_BYTES } from './receipt.ts';

const LINK = 'strongroom/intake/link/1';
const FORM = 'strongroom/intake/form/1';
const NONCE_BYTES = 16;
const FORM_BYTES = 16 + NONCE_BYTES + 6;
/** Of a page that was left open. */
const FORM_MS = 86_400_000;

export const linkToken = (key: KeyObject, link: Uuid): string => sealToken(key, LINK, uuidBytes(link));
/** @returns null for everything that is not whole and ours */
export function openLink(key: KeyObject, token: string): Uuid | null {
  const plain = openToken(key, LINK, token, [16, 16]);
  return plain === null ? null : uuidText(plain);
}

export function formToken(key: KeyObject, link: Uuid, now: Date): string {
  const plain = Buffer.concat([uuidBytes(link), randomBytes(NONCE_BYTES), Buffer.alloc(6)]);
  plain.writeUIntBE(now.getTime(), 16 + NONCE_BYTES, 6);
  return sealToken(key, FORM, plain);
}
/** @returns the bytes of its receipt; null when it is not ours, of another link, or of yesterday */
export function receiptOfForm(key: KeyObject, token: string, link: Uuid, now: Date): Uint8Array | null {
  const plain = openToken(key, FORM, token, [FORM_BYTES, FORM_BYTES]);
  if (plain === null || uuidText(plain.subarray(0, 16)) !== link) return null;
  if (plain.readUIntBE(16 + NONCE_BYTES, 6) < now.getTime() - FORM_MS) return null;
  const nonce = plain.subarray(16, 16 + NONCE_BYTES).toString('hex');
  return hmacSha256(key, `strongroom/intake/receipt/1 ${nonce}`).subarray(0, RECEIPT_BYTES);
}
