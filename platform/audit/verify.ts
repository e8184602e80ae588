/**
 * The offline verifier: from a signed checkpoint and the entries' bytes alone, is this the log that was signed?
 *
 * It needs nothing of the running system but those bytes, and says which entry was changed, taken out or moved where
 * the tiles allow it to be told. Memory does not grow with the log.
 */
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { openNote, parseVerifierKey } from './note.ts';
import { appendLeaf, edgeRoot, emptyEdge } from './tile-edge.ts';
import { TILE_WIDTH, tileHashes, tileWidth } from './tiles.ts';

export type LogSource = Readonly<{
  checkpoint: () => Promise<string>;
  /** Entries of bundle `index`, `width` of them. */
  bundle: (index: number, width: number) => Promise<readonly Uint8Array[]>;
  tile: (level: number, index: number, width: number) => Promise<Uint8Array>;
}>;
export type VerifyAsk = Readonly<{
  source: LogSource;
  verifierKey: string;
  remembered?: string | null;
  onProgress?: (done: number, size: number) => void;
}>;
export type VerifyReport = Readonly<{
  ok: boolean;
  size: number;
  root: string;
  note: string;
  problems: readonly string[];
}>;

/** Problems listed one by one; beyond, they are all of a kind. */
const MOST_PROBLEMS = 20;

export async function verifyLog({
  source,
  verifierKey,
  remembered = null,
  onProgress,
}: VerifyAsk): Promise<VerifyReport> {
  const problems: string[] = [];
  const note = await source.checkpoint();
  const verifier = parseVerifierKey(verifierKey);
  const head = open(note, verifier);
  if (head === null)
    return {
      ok: false,
      size: 0,
      root: '',
      note,
      problems: ['the checkpoint is not signed by this log: forged, or another log'],
    };
  const before = remembered === null ? null : open(remembered, verifier);
  if (remembered !== null && before === null) problems.push('the remembered checkpoint is not signed by this log');
  if (before !== null && before.size > head.size) {
    problems.push(
      `the log has ${head.size} entries, ${before.size} were seen before: its end was cut off, or an old copy was put back`,
    );
  }

  const edge = emptyEdge();
  let previous = '';
  for (let index = 0; index * TILE_WIDTH < head.size; index += 1) {
    const width = tileWidth(head.size, 0, index);
    const entries = await source.bundle(index, width);
    const leaves = tileHashes(await source.tile(0, index, width));
    if (entries.length !== width)
      problems.push(`bundle ${index} has ${entries.length} entries, not ${width}: entries were taken out`);
    entries.forEach((entry, i) => {
      const at = index * TILE_WIDTH + i;
      const leaf = leafHash(entry);
      if (leaves[i] !== undefined && !leaf.equals(leaves[i]) && problems.length < MOST_PROBLEMS)
        problems.push(`entry ${at} is not what was logged: it was edited, exchanged or moved`);
      const time = timeOf(entry);
      if (time === null && problems.length < MOST_PROBLEMS) problems.push(`entry ${at} is not a readable entry`);
      // servers' clocks differ a little; minutes would be a reordering
      if (
        time !== null &&
        previous !== '' &&
        Date.parse(time) < Date.parse(previous) - 120_000 &&
        problems.length < MOST_PROBLEMS
      )
        problems.push(`entry ${at} is older than the one before it by minutes`);
      previous = time ?? previous;
      if (before !== null && edge.size === before.size) compare(edgeRoot(edge), before, problems);
      appendLeaf(edge, leaf, () => {});
    });
    onProgress?.(edge.size, head.size);
  }
  if (before !== null && edge.size === before.size) compare(edgeRoot(edge), before, problems);
  if (edge.size === head.size && !edgeRoot(edge).equals(head.root))
    problems.push('the entries do not give the root that was signed');
  return { ok: problems.length === 0, size: head.size, root: head.root.toString('base64'), note, problems };
}

function open(note: string, verifier: ReturnType<typeof parseVerifierKey>): Checkpoint | null {
  const text = verifier === null ? null : openNote(note, verifier);
  const parsed = text === null ? null : parseCheckpoint(text);
  return parsed !== null && parsed.origin === verifier?.name ? parsed : null;
}

function compare(root: Buffer, before: Checkpoint, problems: string[]): void {
  if (!root.equals(before.root))
    problems.push(`the first ${before.size} entries are not those seen before: the log was rewritten`);
}

function timeOf(entry: Uint8Array): string | null {
  try {
    const { ts, v } = JSON.parse(Buffer.from(entry).toString('utf8')) as { ts?: unknown; v?: unknown };
    return v === 1 && typeof ts === 'string' && !Number.isNaN(Date.parse(ts)) ? ts : null;
  } catch {
    return null;
  }
}
