/**
 * Signed notes with Ed25519: the text, a blank line, and one line a signature.
 * Source: C2SP signed-note (algorithm 0x01); RFC 8032
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

const ED25519 = 0x01;
const KEY_HASH_BYTES = 4;
/** DER of SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export type NoteSigner = Readonly<{ name: string; privateKey: KeyObject }>;
export type NoteVerifier = Readonly<{ name: string; keyHash: Buffer; publicKey: KeyObject }>;

const rawPublic = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length);

function keyHash(name: string, publicBytes: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(ED25519))
    .update(publicBytes)
    .digest()
    .subarray(0, KEY_HASH_BYTES);
}

/** `name+hash+base64(0x01 ‖ key)`: what a verifier is configured with. */
export function verifierKey({ name, privateKey }: NoteSigner): string {
  const bytes = rawPublic(createPublicKey(privateKey));
  return `${name}+${keyHash(name, bytes).toString('hex')}+${Buffer.concat([Uint8Array.of(ED25519), bytes]).toString('base64')}`;
}

/** @returns null when the text is no Ed25519 verifier key, or its hash is not that of its key */
export function parseVerifierKey(text: string): NoteVerifier | null {
  const [name = '', hash = '', encoded = ''] = text.trim().split('+', 2).length === 2 ? splitKey(text.trim()) : [];
  const bytes = Buffer.from(encoded, 'base64');
  if (name === '' || bytes.length !== 33 || bytes[0] !== ED25519) return null;
  const key = bytes.subarray(1);
  if (keyHash(name, key).toString('hex') !== hash) return null;
  return {
    name,
    keyHash: keyHash(name, key),
    publicKey: createPublicKey({ key: Buffer.concat([SPKI_HEAD, key]), format: 'der', type: 'spki' }),
  };
}

/** Base64 may hold a plus sign itself, so only the first two separate. */
function splitKey(text: string): string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** @param text ends with a newline */
export function signNote(text: string, signer: NoteSigner): string {
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  const hash = keyHash(signer.name, rawPublic(createPublicKey(signer.privateKey)));
  return `${text}\n— ${signer.name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
}

/** @returns the text, or null when no valid signature of this key is on it */
export function openNote(note: string, verifier: NoteVerifier): string | null {
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return null;
  const text = note.slice(0, split + 1);
  for (const line of note.slice(split + 2).split('\n')) {
    const match = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line);
    if (match === null || match[1] !== verifier.name) continue;
    const bytes = Buffer.from(match[2] as string, 'base64');
    if (!bytes.subarray(0, KEY_HASH_BYTES).equals(verifier.keyHash)) continue;
    if (verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(KEY_HASH_BYTES))) return text;
  }
  return null;
}
