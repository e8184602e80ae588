/**
 * The offline verifier: from a signed checkpoint and the entries' bytes alone, is this the log that was signed?
 *
 * It needs nothing of the running system but those bytes, and says which entry was changed, taken out or moved where
 * the tiles allow it to be told; or which tile, when the entries are right. Memory does not grow with the log.
 */
import { isFailure } from '#platform/failure';

import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash } from './merkle.ts';
import { openNote, parseVerifierKey } from './note.ts';
import { appendLeaf, edgeRoot, emptyEdge, type FullTile } from './tile-edge.ts';
import { partialTiles, TILE_WIDTH, tileHashes, tileWidth } from './tiles.ts';
import { compareBundle } from './verify-bundle.ts';

export type LogSource = Readonly<{
  checkpoint: () => Promise<string>;
  /** Entries of bundle `index`, `width` of them; fewer when some are gone. */
  bundle: (index: number, width: number) => Promise<readonly Uint8Array[]>;
  /** The first `width` hashes of a tile; fewer when it was cut off, null when it is gone. */
  tile: (level: number, index: number, width: number) => Promise<Uint8Array | null>;
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

/** Problems of a kind that are listed one by one. */
const MOST_PROBLEMS = 20;

export async function verifyLog({
  source,
  verifierKey,
  remembered = null,
  onProgress,
}: VerifyAsk): Promise<VerifyReport> {
  const verifier = parseVerifierKey(verifierKey);
  let note: string;
  try {
    note = await source.checkpoint();
  } catch (thrown) {
    // the log found by itself that it was changed, and signs nothing any more
    if (!isFailure(thrown, 'AUDIT_TAMPERED')) throw thrown;
    return { ok: false, size: 0, root: '', note: '', problems: [thrown.message] };
  }
  const head = open(note, verifier);
  if (head === null)
    return {
      ok: false,
      size: 0,
      root: '',
      note,
      problems: ['the checkpoint is not signed by this log: forged, or another log'],
    };
  const problems: string[] = [];
  const before = remembered === null ? null : open(remembered, verifier);
  if (remembered !== null && before === null) problems.push('the remembered checkpoint is not signed by this log');
  if (before !== null && before.size > head.size) {
    problems.push(
      `the log has ${head.size} entries, ${before.size} were seen before: its end was cut off, or an old copy was put back`,
    );
  }
  problems.push(...(await walk(source, head, before, onProgress)));
  return { ok: problems.length === 0, size: head.size, root: head.root.toString('base64'), note, problems };
}

/** Every entry and every tile of the tree, once, in order. */
async function walk(
  source: LogSource,
  head: Checkpoint,
  before: Checkpoint | null,
  onProgress: VerifyAsk['onProgress'],
): Promise<string[]> {
  const [certain, entries, tiles, hidden] = [listed(), listed(), listed(), listed()];
  const edge = emptyEdge();
  let [previous, complete] = [Number.NEGATIVE_INFINITY, true];

  const seen = (): void => {
    if (before !== null && edge.size === before.size && !edgeRoot(edge).equals(before.root))
      certain.add(`the first ${before.size} entries are not those seen before: the log was rewritten`);
  };
  const compareAbove = async ({ level, index, hashes }: FullTile): Promise<void> => {
    const stored = await hashesOf(source, level, index, hashes.length);
    if (stored.length < hashes.length) certain.add(`tile ${level}/${index} is gone or was cut off`);
    const changed = stored.flatMap((hash, i) => (hash.equals(hashes[i] as Uint8Array) ? [] : [i]));
    if (changed.length > 0) tiles.add(`${level}/${index}`);
    for (const i of level === 1 ? changed : []) {
      const start = (index * TILE_WIDTH + i) * TILE_WIDTH;
      hidden.add(`of entries ${start} to ${start + TILE_WIDTH - 1} some were changed, or their tile was`);
    }
  };

  for (let index = 0; index * TILE_WIDTH < head.size; index += 1) {
    const [start, width] = [index * TILE_WIDTH, tileWidth(head.size, 0, index)];
    const bundle = await source.bundle(index, width);
    const leaves = bundle.map(leafHash);
    const tile = await hashesOf(source, 0, index, width);
    if (tile.length < width) certain.add(`tile 0/${index} is gone or was cut off`);
    if (bundle.length !== width) {
      complete = false;
      certain.add(`of entries ${start} to ${start + width - 1} there are ${bundle.length}, not ${width}`);
    }
    const different = compareBundle(start, leaves, tile);
    different.forEach(entries.add);
    if (different.length > 0) tiles.add(`0/${index}`);
    const full: FullTile[] = [];
    bundle.forEach((entry, i) => {
      const time = timeOf(entry);
      if (time === null) certain.add(`entry ${start + i} is not a readable entry`);
      // servers' clocks differ a little; minutes would be a reordering
      else if (time < previous - 120_000) certain.add(`entry ${start + i} is older than the one before it by minutes`);
      previous = time ?? previous;
      seen();
      appendLeaf(edge, leaves[i] as Buffer, (made) => full.push({ ...made, hashes: [...made.hashes] }));
    });
    // without all entries nothing above them can be compared
    for (const made of complete ? full : []) if (made.level > 0) await compareAbove(made);
    onProgress?.(edge.size, head.size);
  }
  seen();
  if (!complete) return [...certain.all(), ...entries.all()];
  for (const { level, index } of partialTiles(head.size))
    if (level > 0) await compareAbove({ level, index, hashes: edge.levels[level] ?? [] });
  if (edgeRoot(edge).equals(head.root)) {
    const changed = tiles.all().map((id) => `tile ${id} was changed; the entries are those that were signed`);
    return [...certain.all(), ...changed];
  }
  const which = entries.all().length > 0 ? entries.all() : hidden.all();
  return [...certain.all(), ...which, 'the entries do not give the root that was signed'];
}

function listed(): { add: (problem: string) => void; all: () => string[] } {
  const problems: string[] = [];
  return {
    add: (problem) => {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    },
    all: () => problems,
  };
}

/** Empty when the tile is gone, or is none. */
async function hashesOf(source: LogSource, level: number, index: number, width: number): Promise<Buffer[]> {
  const bytes = await source.tile(level, index, width);
  return bytes === null || bytes.length % HASH_BYTES !== 0 || bytes.length > width * HASH_BYTES
    ? []
    : tileHashes(bytes);
}

function open(note: string, verifier: ReturnType<typeof parseVerifierKey>): Checkpoint | null {
  const text = verifier === null ? null : openNote(note, verifier);
  const parsed = text === null ? null : parseCheckpoint(text);
  return parsed !== null && parsed.origin === verifier?.name ? parsed : null;
}

/** Milliseconds; null when these bytes are no entry. */
function timeOf(entry: Uint8Array): number | null {
  try {
    const { ts, v } = JSON.parse(Buffer.from(entry).toString('utf8')) as { ts?: unknown; v?: unknown };
    const time = v === 1 && typeof ts === 'string' ? Date.parse(ts) : Number.NaN;
    return Number.isNaN(time) ? null : time;
  } catch {
    return null;
  }
}
