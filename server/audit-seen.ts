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

/**
 * Remembers what was found to be right. Commands run beside each other, and a whole log takes minutes: one that another
 * command has remembered since is compared too, and stays when it is the newer one.
 * @returns what is wrong, or null
 */
export async function rememberSeen(
  log: HttpLog,
  trust: Trust,
  seen: Seen,
  { head, note, keys }: Readonly<{ head: TrustedHead; note: string; keys: string | null }>,
): Promise<string | null> {
  const lately = await openSeen(seen.path);
  const problem = lately.note === seen.note ? null : await compareSeen(log, trust, lately, head);
  if (problem !== null) return problem;
  const before = lately.note === null ? null : trust.openOlder(lately.note);
  if (before === null || before.size <= head.size) await lately.remember(note, keys);
  return null;
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}
