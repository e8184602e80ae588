/**
 * Keys of this topic, all out of one 32-byte key that the root wraps and that is never in the database: a copy of the
 * tables alone opens no TOTP secret, and no password in it can be tried.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { hmacExpand, lengthPrefixed, macUnder, type Mac } from '#platform/crypto';
import { uuidBytes, type Uuid } from '#platform/ids';

export type IdentityKeys = Readonly<{
  /** 32 bytes that go into every password's hash. */
  pepper: Buffer;
  /** Keyed hash of an address or an account, for counting failures. */
  nameless: Mac;
  /** Box = version (1 B, 0x01) ‖ nonce (12) ‖ ciphertext ‖ tag (16); opens only for the same person and use. */
  seal: (personId: Uuid, use: string, plain: Uint8Array) => Buffer;
  /** Null when it does not open: changed, or another person's. */
  open: (personId: Uuid, use: string, box: Buffer) => Buffer | null;
}>;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const GCM = { authTagLength: TAG_BYTES } as const;

/** @param root 32 bytes */
export function identityKeys(root: KeyObject): IdentityKeys {
  const derive = (label: string): KeyObject => createSecretKey(hmacExpand(root, `strongroom/identity/${label}/1`));
  const sealing = derive('factors');
  const bound = (personId: Uuid, use: string): Buffer =>
    lengthPrefixed('strongroom/factor/1', uuidBytes(personId), use);
  return {
    pepper: derive('pepper').export(),
    nameless: macUnder(derive('failures')),
    seal: (personId, use, plain) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, GCM);
      cipher.setAAD(bound(personId, use));
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (personId, use, box) => {
      if (box.length < 1 + NONCE_BYTES + TAG_BYTES || box[0] !== VERSION) return null;
      const bodyAt = 1 + NONCE_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', sealing, box.subarray(1, bodyAt), GCM);
      decipher.setAAD(bound(personId, use));
      decipher.setAuthTag(box.subarray(-TAG_BYTES));
      const plain = decipher.update(box.subarray(bodyAt, -TAG_BYTES));
      try {
        decipher.final();
      } catch {
        // INVARIANT: what update() gave out is dropped: it was not authenticated
        return null;
      }
      return plain;
    },
  };
}
