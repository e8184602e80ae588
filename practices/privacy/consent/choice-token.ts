/**
 * Tokens by which a page asks for and records the choices of one holder, and can do nothing else: opaque, and nobody can
 * make one. AES-256-GCM under a key of the installation: nonce (12 B) ‖ ciphertext (kind 1 B ‖ holder 16 B ‖ end 6 B, ms) ‖
 * tag (16 B), base64url.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

import { uuidBytes, uuidText } from '#platform/ids';

import type { Holder } from './consents.ts';

const LABEL = Buffer.from('strongroom/choices/1');
const BYTES = 51;

export function choiceToken(key: KeyObject, { kind, id }: Holder, until: Date): string {
  const nonce = randomBytes(12);
  const plain = Buffer.alloc(23);
  plain[0] = kind === 'subject' ? 1 : 0;
  uuidBytes(id).copy(plain, 1);
  plain.writeUIntBE(until.getTime(), 17, 6);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(LABEL);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Null for everything that is not whole, ours and of now. */
export function openChoiceToken(key: KeyObject, token: string, now: Date): Holder | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== token) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(LABEL).setAuthTag(bytes.subarray(-16));
  const plain = decipher.update(bytes.subarray(12, -16));
  try {
    decipher.final();
  } catch {
    return null;
  }
  if (plain.readUIntBE(17, 6) <= now.getTime()) return null;
  return { kind: plain[0] === 1 ? 'subject' : 'anonymous', id: uuidText(plain.subarray(1, 17)) } as Holder;
}
