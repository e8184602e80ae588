/**
 * HPKE base mode with X-Wing for WebCrypto: seals only, so that no secret key ever needs to be in a browser.
 * Source: RFC 9180 §4, §5.1, §6.1; draft-connolly-cfrg-xwing-kem-08 §5.4. Suite 0x647a, 0x0001, 0x0002.
 */
import { sha3of256 } from './sha3.ts';

export type Bytes = Uint8Array<ArrayBuffer>;
/** ML-KEM-768 encapsulation: ciphertext 1,088 bytes, shared secret 32. Any library's; checked for sizes. */
export type MlKem768Encapsulate = (
  publicKey: Bytes,
) =>
  | Promise<{ ciphertext: Uint8Array; sharedSecret: Uint8Array }>
  | { ciphertext: Uint8Array; sharedSecret: Uint8Array };

type WebKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;
type WebKeyPair = Readonly<{ publicKey: WebKey; privateKey: WebKey }>;

const MLKEM_PUBLIC_BYTES = 1184;
const EMPTY = new Uint8Array(0);

export function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
export const ascii = (text: string): Bytes => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const SUITE = joined(ascii('HPKE'), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x02));
const VERSION = ascii('HPKE-v1');
const WING = ascii('\\.//^\\');

/** @returns encapsulated key (1,120 B) ‖ ciphertext ‖ tag (16 B) */
export async function hpkeSeal(
  publicKey: Bytes,
  plain: Bytes,
  context: Readonly<{ info: Bytes; aad: Bytes }>,
  encapsulate: MlKem768Encapsulate,
): Promise<Bytes> {
  const { subtle } = globalThis.crypto;
  const { secret, encapsulated } = await xwingEncapsulate(publicKey, encapsulate);
  const schedule = joined(
    Uint8Array.of(0),
    await extract(EMPTY, 'psk_id_hash', EMPTY),
    await extract(EMPTY, 'info_hash', context.info),
  );
  const root = await extract(secret, 'secret', EMPTY);
  const raw = await expand(root, 'key', schedule, 32);
  const iv = await expand(root, 'base_nonce', schedule, 12);
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: context.aad, tagLength: 128 }, key, plain);
  return joined(encapsulated, new Uint8Array(sealed));
}

async function xwingEncapsulate(
  publicKey: Bytes,
  encapsulate: MlKem768Encapsulate,
): Promise<{ secret: Bytes; encapsulated: Bytes }> {
  const { subtle } = globalThis.crypto;
  const point = publicKey.slice(MLKEM_PUBLIC_BYTES);
  const pq = await encapsulate(publicKey.slice(0, MLKEM_PUBLIC_BYTES));
  if (pq.ciphertext.length !== 1088 || pq.sharedSecret.length !== 32) {
    throw new TypeError('the ML-KEM-768 given to sealForm returns other sizes than 1,088 and 32 bytes');
  }
  const recipient = await subtle.importKey('raw', point, { name: 'X25519' }, false, []);
  // the DOM's types call the result a key or a pair, by an algorithm name they do not know
  const own = (await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as unknown as WebKeyPair;
  const sent = new Uint8Array(await subtle.exportKey('raw', own.publicKey));
  const shared = new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: recipient }, own.privateKey, 256));
  if (shared.every((byte) => byte === 0)) throw new TypeError('the X25519 half of this intake key has low order');
  return {
    secret: sha3of256(joined(pq.sharedSecret, shared, sent, point, WING)),
    encapsulated: joined(pq.ciphertext, sent),
  };
}

async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  // WebCrypto refuses an empty HMAC key; 32 zero bytes are the same key to HMAC (RFC 2104 §2)
  const raw = key.length === 0 ? new Uint8Array(32) : key;
  const imported = await globalThis.crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', imported, message));
}

const extract = (salt: Bytes, label: string, material: Bytes): Promise<Bytes> =>
  hmac(salt, joined(VERSION, SUITE, ascii(label), material));

/** @param sizeBytes at most 32, so that one block is enough */
async function expand(root: Bytes, label: string, context: Bytes, sizeBytes: number): Promise<Bytes> {
  const labelled = joined(Uint8Array.of(0, sizeBytes), VERSION, SUITE, ascii(label), context, Uint8Array.of(1));
  return (await hmac(root, labelled)).slice(0, sizeBytes);
}
