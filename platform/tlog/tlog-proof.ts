/**
 * A proof that an entry is in a log, as one text that is checked offline. Source: C2SP tlog-proof
 */
import { parseCheckpoint, parseSize, type Checkpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash } from './merkle.ts';
import { PROOF_LIMIT, verifyInclusion } from './merkle-proofs.ts';
import { splitNote } from './note.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

export type TlogProof = Readonly<{
  index: number;
  /** The leaf's sibling first; 32 bytes each. */
  hashes: readonly Uint8Array[];
  /** The checkpoint with its signatures, as it was. */
  note: string;
  /** Unauthenticated; here the entry itself, or null. */
  extra: Buffer | null;
}>;

export function formatProof({ index, hashes, note, extra }: TlogProof): string {
  return [
    FIRST_LINE,
    ...(extra === null ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => Buffer.from(hash).toString('base64')),
    '',
    note,
  ].join('\n');
}

/** @returns null when it is no proof in its one spelling; nothing is verified yet */
export function parseProof(text: string): TlogProof | null {
  const blank = text.indexOf('\n\n');
  if (blank < 0) return null;
  const lines = text.slice(0, blank).split('\n');
  const note = text.slice(blank + 2);
  if (lines.shift() !== FIRST_LINE || splitNote(note) === null) return null;
  const extra = lines[0]?.startsWith('extra ') === true ? fromBase64((lines.shift() as string).slice(6)) : null;
  if (extra === undefined) return null;
  const index = /^index (\S+)$/.exec(lines.shift() ?? '')?.[1];
  const at = index === undefined ? null : parseSize(index);
  const hashes = lines.map(fromBase64);
  if (at === null || hashes.length > PROOF_LIMIT || !hashes.every((hash) => hash?.length === HASH_BYTES)) return null;
  return { index: at, hashes: hashes as Buffer[], note, extra };
}

/**
 * Does this entry stand at the proof's index of the tree in the checkpoint? Whether the checkpoint is to be believed is
 * another question: judgeNote, openNote.
 */
export function provesEntry({ index, hashes, note }: TlogProof, entry: Uint8Array): boolean {
  const head = headOf(note);
  return head !== null && verifyInclusion(leafHash(entry), index, head.size, head.root, hashes);
}

function headOf(note: string): Checkpoint | null {
  const split = splitNote(note);
  return split === null ? null : parseCheckpoint(split.text);
}

/** @returns undefined for another spelling */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
