/**
 * Signed notes with Ed25519: the text, a blank line, and one line a signature.
 * Source: C2SP signed-note (algorithm 0x01); RFC 8032
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

const ED25519 = 0x01;
const KEY_HASH_BYTES = 4;
/** The specification asks for 16 at least. */
const MOST_SIGNATURES = 100;
const SIGNATURE_LINE = /^— ([^\s+]+) (\S+)$/;
/** DER of SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export type NoteSigner = Readonly<{ name: string; privateKey: KeyObject }>;
export type NoteVerifier = Readonly<{ name: string; keyHash: Buffer; publicKey: KeyObject }>;

/** @throws TypeError for a name that no note could carry: the log could never be verified */
function checkName(name: string): void {
  if (!/^[^\s+]+$/.test(name) || hasControls(name) || !name.isWellFormed())
    throw new TypeError('the name of a log has no spaces, plus signs or control characters');
}

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
  checkName(name);
  const bytes = rawPublic(createPublicKey(privateKey));
  return `${name}+${keyHash(name, bytes).toString('hex')}+${Buffer.concat([Uint8Array.of(ED25519), bytes]).toString('base64')}`;
}

/** @returns null when the text is no Ed25519 verifier key, or its hash is not that of its key */
export function parseVerifierKey(text: string): NoteVerifier | null {
  const [name = '', hash = '', encoded = ''] = text.trim().split('+', 2).length === 2 ? splitKey(text.trim()) : [];
  const bytes = Buffer.from(encoded, 'base64');
  if (name === '' || /\s/.test(name) || bytes.length !== 33 || bytes[0] !== ED25519) return null;
  if (bytes.toString('base64') !== encoded) return null;
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
  checkName(signer.name);
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  const hash = keyHash(signer.name, rawPublic(createPublicKey(signer.privateKey)));
  return `${text}\n— ${signer.name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
}

/**
 * @returns the text; null when the note is malformed, this key did not sign it, or a signature in its name is wrong.
 * Lines of other keys are left alone.
 */
export function openNote(note: string, verifier: NoteVerifier): string | null {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n') || hasControls(note)) return null;
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  let signed = false;
  for (const line of lines) {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (bytes.length <= KEY_HASH_BYTES || bytes.toString('base64') !== encoded) return null;
    if (name !== verifier.name || !bytes.subarray(0, KEY_HASH_BYTES).equals(verifier.keyHash)) continue;
    if (!verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(KEY_HASH_BYTES))) return null;
    signed = true;
  }
  return signed ? text : null;
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}
