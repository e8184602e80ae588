/**
 * What the outbox is sealed with, all out of one 32-byte key that is never in the database: a copy of the tables alone
 * tells neither who was written to nor what.
 * Source: docs/formats/outbox.md
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { hmacExpand, lengthPrefixed, macUnder, type Mac } from '#platform/crypto';
import { uuidBytes, type Uuid } from '#platform/ids';

import { mailFailure } from './failures.ts';
import type { MailContent } from './message.ts';

export type MailSealing = Readonly<{
  /** Box = version (1 B, 0x01) ‖ nonce (12) ‖ ciphertext ‖ tag (16), under a key of this mail. */
  seal: (mailId: Uuid, content: MailContent) => Buffer;
  /** @throws MAIL_UNSEALABLE for what was changed, or is another mail's */
  open: (mailId: Uuid, box: Buffer) => MailContent;
  /** Of an address, whatever its case. */
  recipient: (address: string) => Buffer;
  dedupe: Mac;
}>;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const GCM = { authTagLength: TAG_BYTES } as const;

/** @param root 32 bytes */
export function mailSealing(root: KeyObject): MailSealing {
  const derive = (label: string): KeyObject => createSecretKey(hmacExpand(root, `strongroom/mail/${label}/1`));
  const [boxes, recipients, keys] = [derive('boxes'), macUnder(derive('recipients')), macUnder(derive('dedupe'))];
  const keyOf = (mailId: Uuid): Buffer => hmacExpand(boxes, lengthPrefixed('strongroom/mail/box/1', uuidBytes(mailId)));
  return {
    seal: (mailId, content) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyOf(mailId), nonce, GCM);
      const sealed = [cipher.update(JSON.stringify(content), 'utf8'), cipher.final()];
      return Buffer.concat([Buffer.of(VERSION), nonce, ...sealed, cipher.getAuthTag()]);
    },
    open: (mailId, box) => {
      if (box.length < 1 + NONCE_BYTES + TAG_BYTES || box[0] !== VERSION) throw mailFailure('UNSEALABLE');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(mailId), box.subarray(1, 1 + NONCE_BYTES), GCM);
      decipher.setAuthTag(box.subarray(-TAG_BYTES));
      const plain = decipher.update(box.subarray(1 + NONCE_BYTES, -TAG_BYTES));
      try {
        decipher.final();
      } catch (cause) {
        throw mailFailure('UNSEALABLE', { cause });
      }
      return JSON.parse(plain.toString('utf8')) as MailContent;
    },
    recipient: (address) => recipients(address.toLowerCase()),
    dedupe: keys,
  };
}
