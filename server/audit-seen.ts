/**
 * What these commands have seen of a log: its newest checkpoint, and its keys of the first time. A log that was set back,
 * rewritten or exchanged since is found by this file and by nothing else, so it should not lie where the log lies.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { compareHeads, type Trust, type TrustedHead } from '#platform/audit';

import type { HttpLog } from './http-log.ts';
import { writeWhole } from './write-whole.ts';

export type Seen = Readonly<{
  path: string;
  /** The note; null when nothing was seen yet. */
  note: string | null;
  /** One on a line. */
  keys: string | null;
  remember: (note: string, keys: string | null) => Promise<void>;
}>;

export async function openSeen(path: string): Promise<Seen> {
  const keysPath = `${path}.keys`;
  return {
    path,
    note: await readOrNull(path),
    keys: (await readOrNull(keysPath))?.trim() ?? null,
    remember: async (note, keys) => {
      await mkdir(dirname(path), { recursive: true });
      if (keys !== null) await writeWhole(keysPath, `${keys}\n`, 0o600);
      await writeWhole(path, note, 0o600);
    },
  };
}

/**
 * Compares a checkpoint with the one that was seen before, by the log's tiles.
 * @returns what is wrong, or null; then a newer one may be remembered
 */
export async function compareSeen(log: HttpLog, trust: Trust, seen: Seen, head: TrustedHead): Promise<string | null> {
  if (seen.note === null) return null;
  const before = trust.openOlder(seen.note);
  if (before === null) return `the checkpoint in ${seen.path} is not of this log; for another log take another --seen`;
  return compareHeads(log.tile, before, head);
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}
