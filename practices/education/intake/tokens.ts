/**
 * Links to the page, and the forms that it hands out. A link names its row and nobody, and is signed: id (16 B) ‖ the first 16 B of
 * an HMAC, base64url; it is the same whenever it is asked for. A form is sealed (platform/crypto/sealed-token.ts) and names the link
 * it came by and 16 random bytes, which make its receipt: the same form sent twice is one report.
 */
import { randomBytes, type KeyObject } from 'node:crypto';

import { equal, hmacSha256, openToken, sealToken } from '#platform/crypto';
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import { RECEIPT_BYTES } from './receipt.ts';

const LINK = 'strongroom/intake/link/1';
const FORM = 'strongroom/intake/form/1';
const SIGNATURE_BYTES = 16;
const NONCE_BYTES = 16;
const FORM_BYTES = 16 + NONCE_BYTES + 6;
/** Of a page that was left open. */
const FORM_MS = 86_400_000;

const signature = (key: KeyObject, id: Buffer): Buffer => hmacSha256(key, LINK, id).subarray(0, SIGNATURE_BYTES);
export const linkToken = (key: KeyObject, link: Uuid): string =>
  Buffer.concat([uuidBytes(link), signature(key, uuidBytes(link))]).toString('base64url');
/** @returns null for everything that is not whole and ours */
export function openLink(key: KeyObject, token: string): Uuid | null {
  const bytes = Buffer.from(token, 'base64url');
  // one text for one link: base64url has others for the same bytes
  if (bytes.length !== 16 + SIGNATURE_BYTES || bytes.toString('base64url') !== token) return null;
  const id = bytes.subarray(0, 16);
  return equal(bytes.subarray(16), signature(key, id)) ? uuidText(id) : null;
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
