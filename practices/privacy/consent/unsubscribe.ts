/**
 * Links that end one purpose for one subject, and do nothing else: opaque, and nobody can make one (RFC 8058 §3.1).
 * AES-256-GCM under a key of the installation: nonce (12 B) ‖ ciphertext (subject 16 B ‖ purpose) ‖ tag (16 B), base64url.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

import { uuidBytes, uuidText, type SubjectId } from '#platform/ids';

const LABEL = Buffer.from('strongroom/unsubscribe/1');
export type Unsubscribed = Readonly<{ subjectId: SubjectId; purpose: string }>;

export function unsubscribeToken(key: KeyObject, { subjectId, purpose }: Unsubscribed): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(LABEL);
  const sealed = cipher.update(Buffer.concat([uuidBytes(subjectId), Buffer.from(purpose)]));
  return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Null for everything that is not whole and ours. */
export function openUnsubscribe(key: KeyObject, token: string): Unsubscribed | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < 45 || bytes.length > 300 || bytes.toString('base64url') !== token) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(LABEL).setAuthTag(bytes.subarray(-16));
  const plain = decipher.update(bytes.subarray(12, -16));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return { subjectId: uuidText(plain.subarray(0, 16)) as SubjectId, purpose: plain.subarray(16).toString() };
}
