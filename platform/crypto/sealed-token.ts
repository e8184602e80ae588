/**
 * Opaque tokens which nobody can make or read: AES-256-GCM under a key of the installation, each kind under
 * a label of its own as additional data. nonce (12 B) ‖ ciphertext ‖ tag (16 B), base64url (RFC 4648 §5, no padding).
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

const NONCE = 12;
const TAG = 16;
const CIPHER = 'aes-256-gcm';

export function sealToken(key: KeyObject, label: string, plain: Buffer): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(label));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** @param length of the plain bytes, at least and at most @returns null for everything that is not whole and ours */
export function openToken(
  key: KeyObject,
  label: string,
  token: string,
  [least, most]: readonly [number, number],
): Buffer | null {
  const bytes = Buffer.from(token, 'base64url');
  const length = bytes.length - NONCE - TAG;
  // one text for one token: base64url has others for the same bytes
  if (length < least || length > most || bytes.toString('base64url') !== token) return null;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(label)).setAuthTag(bytes.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
  } catch {
    return null;
  }
}
