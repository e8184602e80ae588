/**
 * Sealed intake: a form sealed where it is filled in, so that web servers and queues in between never see it.
 *
 * Anybody may seal for the published key: an opened envelope proves what was sent to us, never who sent it.
 * Format: docs/formats/sealed-intake.md; the client for browsers and partners is sdk/intake.ts.
 */
import { createHash, randomBytes } from 'node:crypto';

import { equal, lengthPrefixed } from '#platform/crypto';
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import { hpkeOpen, hpkeSeal } from './hpke.ts';
import {
  decodeForm,
  encodeForm,
  encodeIntakeHeader,
  KEY_ID_BYTES,
  parseEnvelope,
  type IntakeForm,
  type IntakeHeader,
} from './intake-format.ts';
import { sealingFailure } from './sealing-failures.ts';
import { xwingPublicKey, type XwingSecretKey } from './xwing.ts';

export type { IntakeForm, IntakeHeader } from './intake-format.ts';

export const MAX_LIFETIME_DAYS = 30;
const DAY_MS = 86_400_000;
/** Clocks of senders may run ahead by so much. */
export const SKEW_MS = 300_000;

/** What is published: with it anybody can seal. */
export type IntakeKey = Readonly<{ installation: Uuid; /** X-Wing, 1,216 bytes */ publicKey: Uint8Array }>;
export type IntakeReader = Readonly<{
  installation: Uuid;
  /** All secret keys still accepted, old ones included. */
  keys: readonly XwingSecretKey[];
  now: Date;
}>;
/** Keep `envelopeId` until `expiresAt`, and refuse it when it is seen again: that is the whole protection from replay. */
export type OpenedForm = Readonly<{ form: IntakeForm; envelopeId: Uuid; expiresAt: Date; keyId: Uint8Array }>;

/** First 16 bytes of SHA-256 over a label and the public key: an id that cannot name another key. */
export function intakeKeyId(publicKey: Uint8Array): Buffer {
  return createHash('sha256')
    .update(lengthPrefixed('strongroom/intake-key/1', publicKey))
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

/**
 * @param expiresAt at most 30 days ahead; whole seconds, rounded down
 * @returns the envelope: 61 bytes ‖ collection ‖ 1,120 ‖ padded form ‖ 16
 * @throws SEALING_FORM_INVALID, SEALING_KEY_INVALID
 */
export function sealForm(key: IntakeKey, form: IntakeForm, expiresAt: Date): Buffer {
  const keyId = intakeKeyId(key.publicKey);
  const header = encodeIntakeHeader({
    installation: key.installation,
    keyId,
    envelopeId: uuidText(randomBytes(16)),
    expiresAt,
    collection: form.collection,
  });
  const sealed = hpkeSeal(xwingPublicKey(key.publicKey), encodeForm(form), {
    info: info(key.installation, keyId),
    aad: header,
  });
  return Buffer.concat([header, sealed]);
}

/**
 * @throws SEALING_ENVELOPE_UNKNOWN, SEALING_ENVELOPE_FOREIGN, SEALING_ENVELOPE_EXPIRED, SEALING_ENVELOPE_REFUSED,
 *   SEALING_FORM_INVALID
 */
export function openForm(envelope: Uint8Array, reader: IntakeReader): OpenedForm {
  const { header, aad, sealed } = parseEnvelope(envelope);
  if (header.installation !== reader.installation) throw sealingFailure('ENVELOPE_FOREIGN');
  const key = reader.keys.find(({ publicKey }) => equal(intakeKeyId(publicKey.bytes), header.keyId));
  if (key === undefined) throw sealingFailure('ENVELOPE_FOREIGN');
  const leftMs = header.expiresAt.getTime() - reader.now.getTime();
  // an expiry far away would make us remember the envelope's id for as long
  if (leftMs <= 0 || leftMs > MAX_LIFETIME_DAYS * DAY_MS + SKEW_MS) throw sealingFailure('ENVELOPE_EXPIRED');

  let plain: Buffer;
  try {
    plain = hpkeOpen(key, sealed, { info: info(header.installation, header.keyId), aad });
  } catch (cause) {
    throw sealingFailure('ENVELOPE_REFUSED', { cause });
  }
  const form = decodeForm(plain, header.collection);
  plain.fill(0);
  return { form, envelopeId: header.envelopeId, expiresAt: header.expiresAt, keyId: Uint8Array.from(header.keyId) };
}

/** What an envelope says of itself, for routing and early refusal of a replay. Proves nothing. @throws SEALING_ENVELOPE_UNKNOWN */
export function readIntakeHeader(envelope: Uint8Array): IntakeHeader {
  return parseEnvelope(envelope).header;
}

const info = (installation: Uuid, keyId: Uint8Array): Buffer =>
  lengthPrefixed('strongroom/intake/1', uuidBytes(installation), keyId);
