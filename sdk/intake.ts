/**
 * Seals a form for a Strongroom vault, in a browser or at a partner: only the vault can open it.
 *
 * No dependencies. Where WebCrypto has no ML-KEM-768 yet, pass an implementation, for instance
 * `sealForm(key, form, { mlKem768: (publicKey) => { const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey);
 * return { ciphertext: cipherText, sharedSecret }; } })` with `@noble/post-quantum`.
 * Format: docs/formats/sealed-intake.md.
 */
import { ascii, hpkeSeal, joined, type Bytes, type MlKem768Encapsulate } from './intake/hpke.ts';

export type { MlKem768Encapsulate } from './intake/hpke.ts';

export type FormValue = string | number | boolean | null | readonly FormValue[] | { readonly [key: string]: FormValue };
export type IntakeForm = Readonly<{
  collection: string;
  subject?: string;
  purpose: string;
  fields: Readonly<Record<string, FormValue>>;
}>;
export type IntakeKey = Readonly<{
  /** a UUID */
  installation: string;
  /** 1,216 bytes */
  publicKey: Uint8Array;
  /** Seal with it until then. */
  notAfter?: Date;
}>;
/** A key as `GET /v1/vault/intake/key` answers it, or as it was kept in a file. */
export type IntakeKeyDocument = Readonly<{
  format: string;
  installation: string;
  /** base64url */
  publicKey: string;
  fingerprint: string;
  notAfter: string;
}>;
export type SealOptions = Readonly<{
  /** 1 to 30 days, in seconds */
  lifetimeSeconds?: number;
  mlKem768?: MlKem768Encapsulate;
  now?: () => Date;
}>;

const DAY_SECONDS = 86_400;

/**
 * Reads a published key, and believes nothing that it says of itself: the fingerprint is worked out anew.
 * @param expected.fingerprint 64 hex digits, told by the vault's owner by another way
 * @throws TypeError when it is not a key, or not the expected one
 */
export async function readIntakeKey(
  document: IntakeKeyDocument,
  expected: Readonly<{ fingerprint?: string | undefined }> = {},
): Promise<IntakeKey> {
  if (document.format !== 'strongroom/intake-key/1') throw new TypeError('this is not an intake key of version 1');
  const publicKey = Uint8Array.from(atob(document.publicKey.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  );
  const fingerprint = Array.from(await digestOf(publicKey), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (fingerprint !== document.fingerprint) throw new TypeError('this intake key is not the one its fingerprint names');
  if (expected.fingerprint !== undefined && expected.fingerprint.toLowerCase() !== fingerprint)
    throw new TypeError('this is another intake key than the expected one');
  const notAfter = new Date(document.notAfter);
  if (Number.isNaN(notAfter.getTime())) throw new TypeError('this intake key does not say until when it holds');
  return { installation: document.installation, publicKey, notAfter };
}

/**
 * @returns the envelope, to be sent as `application/octet-stream` through anything
 * @throws TypeError when key or form is not well formed, or there is no ML-KEM-768 here
 */
export async function sealForm(key: IntakeKey, form: IntakeForm, options: SealOptions = {}): Promise<Uint8Array> {
  const { lifetimeSeconds = DAY_SECONDS, mlKem768 = nativeMlKem768, now = () => new Date() } = options;
  const publicKey = Uint8Array.from(key.publicKey);
  if (publicKey.length !== 1216) throw new TypeError('an intake key has 1,216 bytes');
  if (!(lifetimeSeconds >= 1 && lifetimeSeconds <= 30 * DAY_SECONDS))
    throw new TypeError('an envelope lives 1 second to 30 days');
  if (!/^[a-z][a-z0-9_.-]{0,62}$/.test(form.collection)) throw new TypeError('this is no name of a collection');

  if (key.notAfter !== undefined && key.notAfter <= now())
    throw new TypeError('this intake key has ended: fetch the one that is published now');

  const installation = uuid(key.installation);
  const keyId = (await digestOf(publicKey)).slice(0, 16);
  const expiry = new Uint8Array(8);
  new DataView(expiry.buffer).setBigUint64(0, BigInt(Math.floor(now().getTime() / 1000 + lifetimeSeconds)));
  const collection = ascii(form.collection);
  const header = joined(
    Uint8Array.of(0x53, 0x52, 0x49, 0x01),
    installation,
    keyId,
    globalThis.crypto.getRandomValues(new Uint8Array(16)),
    expiry,
    Uint8Array.of(collection.length),
    collection,
  );
  const info = prefixed(ascii('strongroom/intake/1'), installation, keyId);
  return joined(header, await hpkeSeal(publicKey, padded(form), { info, aad: header }, mlKem768));
}

/** u32 length ‖ JSON ‖ zeros, in all a power of two from 512 to 65,536: the envelope's length tells little. */
function padded({ subject, purpose, fields }: IntakeForm): Bytes {
  const text = new TextEncoder().encode(
    JSON.stringify(subject === undefined ? { purpose, fields } : { subject, purpose, fields }),
  );
  let size = 512;
  while (size < text.length + 4) size *= 2;
  if (size > 65_536) throw new TypeError(`a form has at most 65,532 bytes, this has ${text.length}`);
  const plain = new Uint8Array(size);
  new DataView(plain.buffer).setUint32(0, text.length);
  plain.set(text, 4);
  return plain;
}

const digestOf = async (publicKey: Bytes): Promise<Bytes> =>
  new Uint8Array(
    await globalThis.crypto.subtle.digest('SHA-256', prefixed(ascii('strongroom/intake-key/1'), publicKey)),
  );

const prefixed = (...parts: readonly Uint8Array[]): Bytes =>
  joined(...parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]));

function uuid(text: string): Bytes {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new TypeError('an installation id is a lower-case UUID');
  return Uint8Array.from(text.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** What browsers will have and Node 24.7 has: the "Modern Algorithms" draft of WebCrypto. */
type SubtleWithKem = {
  importKey: (
    format: 'raw-public',
    key: Bytes,
    algorithm: { name: 'ML-KEM-768' },
    extractable: false,
    usages: ['encapsulateBits'],
  ) => Promise<unknown>;
  encapsulateBits?: (
    algorithm: { name: 'ML-KEM-768' },
    key: unknown,
  ) => Promise<{ ciphertext: ArrayBuffer; sharedKey: ArrayBuffer }>;
};

async function nativeMlKem768(publicKey: Bytes): Promise<{ ciphertext: Uint8Array; sharedSecret: Uint8Array }> {
  const subtle = globalThis.crypto.subtle as unknown as SubtleWithKem;
  if (subtle.encapsulateBits === undefined) {
    throw new TypeError('there is no ML-KEM-768 in this WebCrypto: pass one as options.mlKem768');
  }
  const key = await subtle.importKey('raw-public', publicKey, { name: 'ML-KEM-768' }, false, ['encapsulateBits']);
  const { ciphertext, sharedKey } = await subtle.encapsulateBits({ name: 'ML-KEM-768' }, key);
  return { ciphertext: new Uint8Array(ciphertext), sharedSecret: new Uint8Array(sharedKey) };
}
