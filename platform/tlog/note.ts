/**
 * Signed notes: the text, a blank line, and one line a signature. Source: C2SP signed-note
 */
import { checkSignature, signatureLine } from './cosignature.ts';
import { hasControls, KEY_ID_BYTES, type NoteKey, type NoteSigner } from './vkey.ts';

/** The specification asks for 16 at least. */
const MOST_SIGNATURES = 100;
const SIGNATURE_LINE = /^— ([^\s+]+) (\S+)$/;

export type SignatureLine = Readonly<{
  name: string;
  keyId: Buffer;
  bytes: Buffer;
  /** With its newline. */ line: string;
}>;
export type SplitNote = Readonly<{ text: string; signatures: readonly SignatureLine[] }>;
/** Keys whose signature holds, each with the time it gives: the latest, when it signed more than once. */
export type OpenedNote = Readonly<{ text: string; signed: ReadonlyMap<NoteKey, Date | null> }>;

/** @returns null when this is no note in its one spelling */
export function splitNote(note: string): SplitNote | null {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n') || hasControls(note) || !note.isWellFormed()) return null;
  const signatures = parseLines(note.slice(split + 2));
  return signatures === null ? null : { text: note.slice(0, split + 1), signatures };
}

/** Signature lines on their own, as a witness answers. @returns null unless each is one, 1 to 100 of them */
export function parseLines(block: string): readonly SignatureLine[] | null {
  if (!block.endsWith('\n')) return null;
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures: SignatureLine[] = [];
  for (const line of lines) {
    const [, name = '', encoded] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== encoded) return null;
    const keyId = bytes.subarray(0, KEY_ID_BYTES);
    signatures.push({ name, keyId, bytes: bytes.subarray(KEY_ID_BYTES), line: `${line}\n` });
  }
  return signatures;
}

export function isBy({ name, keyId }: SignatureLine, key: NoteKey): boolean {
  return name === key.name && keyId.equals(key.keyId);
}

/**
 * Checks every signature of a known key; lines of other keys are left alone.
 * @returns null when the note is malformed, no known key signed it, or a signature in a known key's name is wrong
 */
export function openNote(note: string, keys: readonly NoteKey[]): OpenedNote | null {
  const split = splitNote(note);
  if (split === null) return null;
  const signed = new Map<NoteKey, Date | null>();
  for (const each of split.signatures) {
    for (const key of keys.filter((one) => isBy(each, one))) {
      const checked = checkSignature(split.text, key, each.bytes);
      if (!checked.ok) return null;
      const before = signed.get(key) ?? null;
      signed.set(key, before === null || (checked.at !== null && checked.at > before) ? checked.at : before);
    }
  }
  return signed.size === 0 ? null : { text: split.text, signed };
}

/** @param text ends with a newline @throws TypeError as signatureLine does */
export function signNote(text: string, signers: readonly NoteSigner[], at: Date): string {
  return `${text}\n${signers.map((signer) => signatureLine(text, signer, at)).join('')}`;
}

/** The note with more lines below it; of each key only the first line is kept. @returns the note alone if it is none */
export function addLines(note: string, lines: readonly string[]): string {
  const split = splitNote(note);
  const more = lines.length === 0 ? [] : parseLines(lines.join(''));
  if (split === null || more === null) return note;
  const there: SignatureLine[] = [...split.signatures];
  for (const one of more)
    if (!there.some((other) => other.name === one.name && other.keyId.equals(one.keyId))) there.push(one);
  return (
    note +
    there
      .slice(split.signatures.length)
      .map(({ line }) => line)
      .join('')
  );
}
