/** Signed notes (C2SP signed-note): text, an empty line, and who signed it. Checked anywhere, without asking anybody. */
import { clientProblem } from './problem.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Of a signature line's first four bytes: which key. Algorithm byte 1 is Ed25519. */
const ED25519 = 1;
const KEY_BYTES = 32;

export type Refuse = (what: string) => Error;

/**
 * @param verifierKey `<origin>+<hash>+<base64>`, as `strongroom audit key` prints it; several lines: the Ed25519 one counts
 * @param origin of the key that should have signed
 * @returns the text that was signed
 */
export async function openSignedNote(
  note: string,
  verifierKey: string,
  origin: string,
  refuse: Refuse,
): Promise<string> {
  const { text, signatures } = readNote(note, refuse);
  const key = readKey(verifierKey, origin, refuse);
  const signed = signatures.find((one) => one.name === origin && key.hash.every((byte, at) => one.bytes[at] === byte));
  if (signed === undefined) throw refuse('it is not signed by this key');
  const publicKey = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  const data = new TextEncoder().encode(text);
  if (!(await crypto.subtle.verify('Ed25519', publicKey, signed.bytes.slice(4), data)))
    throw refuse('its signature is false');
  return text;
}

export function readNote(note: string, refuse: Refuse): { text: string; signatures: { name: string; bytes: Bytes }[] } {
  const blank = note.indexOf('\n\n');
  const lines = note
    .slice(blank + 2)
    .split('\n')
    .filter((line) => line !== '');
  const signatures = lines.map((line) => {
    const [dash, name = '', base64 = ''] = line.split(' ');
    if (dash !== '\u2014') throw refuse('a signature line is malformed');
    return { name, bytes: fromBase64(base64, refuse) };
  });
  if (blank < 0 || signatures.length === 0) throw refuse('nothing in it is signed');
  return { text: note.slice(0, blank + 1), signatures };
}

function readKey(text: string, origin: string, refuse: Refuse): { hash: Bytes; publicKey: Bytes } {
  for (const line of text.trim().split('\n')) {
    const parts = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(line);
    if (parts === null || parts[1] !== origin) continue;
    const key = fromBase64(parts[3] as string, refuse);
    if (key[0] !== ED25519 || key.length !== 1 + KEY_BYTES) continue;
    const hash = Uint8Array.from((parts[2] as string).match(/../g) as string[], (hex) => Number.parseInt(hex, 16));
    return { hash, publicKey: key.slice(1) };
  }
  throw refuse('the key is not one of this log');
}

export function fromBase64(text: string, refuse: Refuse): Bytes {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    if (toBase64(bytes) === text) return bytes;
  } catch {
    // told below
  }
  throw refuse('there is something in it that is not base64');
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const noteRefused =
  (hint: string): Refuse =>
  (what) =>
    clientProblem('SDK_PROOF_REFUSED', `the proof does not hold: ${what}`, hint);
