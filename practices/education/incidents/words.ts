/** Words about incidents lie sealed: they may name customers. Each is bound to its place in its incident. */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

import type { Uuid } from '#platform/ids';

export type Words = Readonly<{
  seal: (incident: Uuid, seq: number, text: string) => Buffer;
  open: (incident: Uuid, seq: number, sealed: Buffer) => string;
}>;

/** @param key 32 bytes. AES-256-GCM: nonce (12 B) ‖ ciphertext ‖ tag (16 B) */
export function createWords(key: KeyObject): Words {
  const place = (incident: Uuid, seq: number): Buffer => Buffer.from(`strongroom/incident/1\0${incident}/${seq}`);
  return {
    seal: (incident, seq, text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(place(incident, seq));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open: (incident, seq, sealed) => {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(place(incident, seq)).setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
    },
  };
}
