/**
 * Verifier keys, `<name>+<key id>+<base64(type ‖ public key)>`, and the three kinds of signature that are known here.
 * Source: C2SP signed-note (0x01), tlog-cosignature (0x04, 0x06); RFC 8032, RFC 8410, FIPS 204, RFC 9881
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Ed25519 over the text of the note. */
export const NOTE_ED25519 = 0x01;
/** Ed25519 over a timestamp and the text. */
export const COSIGNATURE_ED25519 = 0x04;
/** ML-DSA-44 over a timestamp, the cosigner's name and the tree head. */
export const COSIGNATURE_ML_DSA_44 = 0x06;

export type SignatureType = typeof NOTE_ED25519 | typeof COSIGNATURE_ED25519 | typeof COSIGNATURE_ML_DSA_44;

export type NoteKey = Readonly<{
  name: string;
  type: SignatureType;
  /** 4 bytes. */
  keyId: Buffer;
  /** 32 bytes for Ed25519, 1,312 for ML-DSA-44. */
  raw: Buffer;
  publicKey: KeyObject;
}>;
export type NoteSigner = Readonly<{ name: string; type: SignatureType; privateKey: KeyObject }>;

export const KEY_ID_BYTES = 4;
export const ML_DSA_44_SEED_BYTES = 32;

/** DER of SubjectPublicKeyInfo before the key itself: RFC 8410 §4, RFC 9881 §4. */
const SPKI_HEAD = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  'ml-dsa-44': Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
} as const;
const RAW_BYTES = { ed25519: 32, 'ml-dsa-44': 1312 } as const;
/** DER of PrivateKeyInfo with ML-DSA-44 as its seed, before the seed (RFC 9881 §6). */
const SEED_HEAD = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');

type Algorithm = keyof typeof SPKI_HEAD;

const algorithmOf = (type: SignatureType): Algorithm => (type === COSIGNATURE_ML_DSA_44 ? 'ml-dsa-44' : 'ed25519');
const isKnown = (type: number | undefined): type is SignatureType =>
  type === NOTE_ED25519 || type === COSIGNATURE_ED25519 || type === COSIGNATURE_ML_DSA_44;

/** Is this a name that a note can carry? Not empty, no Unicode spaces, plus signs or control characters. */
export function isKeyName(name: string): boolean {
  return /^[^\s+]+$/.test(name) && !hasControls(name) && name.isWellFormed();
}

export function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

/** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). */
function keyIdOf(name: string, type: SignatureType, raw: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(type))
    .update(raw)
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

/** @throws TypeError for a name that no note could carry, or a key of another algorithm than the type's */
export function noteKeyOf({ name, type, privateKey }: NoteSigner): NoteKey {
  if (!isKeyName(name)) throw new TypeError('the name of a key has no spaces, plus signs or control characters');
  const algorithm = algorithmOf(type);
  if (privateKey.asymmetricKeyType !== algorithm)
    throw new TypeError(`signature type ${type} takes an ${algorithm} key, not ${privateKey.asymmetricKeyType}`);
  const publicKey = createPublicKey(privateKey);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD[algorithm].length);
  return { name, type, keyId: keyIdOf(name, type, raw), raw, publicKey };
}

/** What a verifier is configured with. */
export function formatVerifierKey({ name, type, keyId, raw }: NoteKey): string {
  return `${name}+${keyId.toString('hex')}+${Buffer.concat([Uint8Array.of(type), raw]).toString('base64')}`;
}

/** @returns null when the text is no verifier key of a known type in its one spelling, or its id is not that of its key */
export function parseVerifierKey(text: string): NoteKey | null {
  // base64 may hold a plus sign itself, so only the first two separate
  const [, name = '', id, encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const [type] = bytes;
  if (!isKeyName(name) || !isKnown(type) || bytes.toString('base64') !== encoded) return null;
  const algorithm = algorithmOf(type);
  const raw = bytes.subarray(1);
  if (raw.length !== RAW_BYTES[algorithm]) return null;
  const keyId = keyIdOf(name, type, raw);
  if (keyId.toString('hex') !== id) return null;
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_HEAD[algorithm], raw]), format: 'der', type: 'spki' });
  return { name, type, keyId, raw, publicKey };
}

/**
 * A log's keys, one on a line.
 * @returns null when a line is none, there is no line, or the names differ: two logs
 */
export function parseVerifierKeys(text: string): readonly NoteKey[] | null {
  const keys = text
    .trim()
    .split('\n')
    .map((line) => parseVerifierKey(line.trim()));
  const [first] = keys;
  if (first === null || first === undefined) return null;
  const found = keys.filter((key) => key !== null && key.name === first.name) as NoteKey[];
  return found.length === keys.length ? found : null;
}

/** @param seed 32 bytes, ξ of FIPS 204 algorithm 1 */
export function mlDsa44FromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== ML_DSA_44_SEED_BYTES) throw new RangeError(`a seed of ${seed.length} bytes`);
  return createPrivateKey({ key: Buffer.concat([SEED_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
