/**
 * The body of an add-checkpoint request: `old <size>`, the consistency proof, a blank line, the checkpoint.
 * Source: C2SP tlog-witness
 */
import { HASH_BYTES, parseCheckpoint, parseSize, PROOF_LIMIT, splitNote, type Checkpoint } from '#platform/tlog';

export type AddCheckpoint = Readonly<{
  oldSize: number;
  /** 32 bytes each, at most 63. */
  proof: readonly Uint8Array[];
  note: string;
  text: string;
  head: Checkpoint;
}>;

/** @returns what is wrong with it, without a word of it */
export function parseRequest(body: Uint8Array): AddCheckpoint | Readonly<{ wrong: string }> {
  let request: string;
  try {
    request = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return { wrong: 'the body is not UTF-8' };
  }
  const blank = request.indexOf('\n\n');
  if (blank < 0) return { wrong: 'there is no blank line before the checkpoint' };
  const [first = '', ...lines] = request.slice(0, blank).split('\n');
  const oldSize = first.startsWith('old ') ? parseSize(first.slice(4)) : null;
  if (oldSize === null) return { wrong: 'the first line is not: old <size>' };
  if (lines.length > PROOF_LIMIT) return { wrong: `more than ${PROOF_LIMIT} lines of proof` };
  const proof = lines.map((line) => ({ line, hash: Buffer.from(line, 'base64') }));
  if (proof.some(({ line, hash }) => hash.length !== HASH_BYTES || hash.toString('base64') !== line))
    return { wrong: 'a line of the proof is no hash in base64' };
  const note = request.slice(blank + 2);
  const split = splitNote(note);
  const head = split === null ? null : parseCheckpoint(split.text);
  if (split === null || head === null) return { wrong: 'there is no signed checkpoint' };
  return { oldSize, proof: proof.map(({ hash }) => hash), note, text: split.text, head };
}
