/**
 * The folder in which a change waits to be confirmed: `pending-ID` with what restores the state before, `back-ID` when that
 * was done. Whatever happens to its name happens once, by renaming.
 */
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { armWatch } from './watch.ts';
import type { NftCommand } from './nft.ts';
import { REMOVAL } from './nft-text.ts';

export type Pending = Readonly<{ id: string; until: Date }>;
export type WentBack = Readonly<{ id: string; restored: boolean; said: string }>;

const ARMED_WITHIN_MS = 10_000;

/** @throws when others than this user could change what will be loaded */
export async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const is = await lstat(folder);
  if (!is.isDirectory() || is.uid !== process.getuid?.() || (is.mode & 0o022) !== 0)
    throw new Error(`${folder} must be a folder that only this user can write to`);
}

export async function pendingIn(folder: string): Promise<Pending | null> {
  const [name] = (await readdir(folder)).filter((each) => each.startsWith('pending-')).toSorted();
  if (name === undefined) return null;
  const until = await readFile(join(folder, name, 'until'), 'utf8').catch(() => '');
  return { id: name.slice('pending-'.length), until: new Date(until) };
}

/** @returns false when another change waits */
export async function addPending(folder: string, { id, until }: Pending, restore: string): Promise<boolean> {
  const path = join(folder, `pending-${id}`);
  await mkdir(path, { mode: 0o700 });
  await writeFile(join(path, 'restore.nft'), restore, { mode: 0o600, flush: true });
  await writeFile(join(path, 'until'), until.toISOString());
  // of two at once the one that sees the other gives way, perhaps both
  const others = (await readdir(folder)).filter((each) => each.startsWith('pending-') && each !== `pending-${id}`);
  if (others.length > 0) await rm(path, { recursive: true });
  return others.length === 0;
}

/** @throws when the watch does not come up: nothing is loaded then */
export async function armed(folder: string, id: string, seconds: number, command: NftCommand): Promise<void> {
  armWatch(folder, id, seconds, command);
  for (let waited = 0; waited < ARMED_WITHIN_MS; waited += 50) {
    await wait(50);
    if ((await readFile(join(folder, `pending-${id}`, 'armed'), 'utf8').catch(() => '')) !== '') return;
  }
  await takePending(folder, id, 'dropped');
  throw new Error('the watch that would put the old rules back did not start: nothing was changed');
}

/**
 * Ends the wait: whoever renames first decides.
 * @returns where it is now; null when the watch was first
 */
export async function takePending(
  folder: string,
  id: string,
  as: 'confirmed' | 'rolling' | 'dropped',
): Promise<string | null> {
  // prettier-ignore
  const to = join(folder, `${as}-${id}`);
  try {
    await rename(join(folder, `pending-${id}`), to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (as !== 'rolling') await rm(to, { recursive: true });
  return to;
}

/**
 * What is loaded beside a change that waits stays when the change is taken back. @returns false when that is decided already
 */
export async function addToRestore(folder: string, id: string, text: string): Promise<boolean> {
  const path = join(folder, `pending-${id}`, 'restore.nft');
  try {
    const before = await readFile(path, 'utf8');
    // there was no table: what is taken back goes whole, with all that it blocked
    if (before === REMOVAL) return true;
    await writeFile(`${path}.new`, before + text, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Until what was there before a change is there again. */
export async function restored(folder: string, id: string): Promise<void> {
  for (let waited = 0; waited < ARMED_WITHIN_MS; waited += 50) {
    if (!(await readdir(folder)).includes(`rolling-${id}`)) return;
    await wait(50);
  }
}

/** What the watch did when nobody confirmed, once: it is cleared away. */
export async function wentBack(folder: string): Promise<WentBack | null> {
  const [name] = (await readdir(folder))
    .filter((each) => each.startsWith('back-'))
    .toSorted()
    .reverse();
  if (name === undefined) return null;
  const read = (file: string): Promise<string> => readFile(join(folder, name, file), 'utf8').catch(() => '');
  const [code, said] = await Promise.all([read('code'), read('said')]);
  await rm(join(folder, name), { recursive: true });
  return { id: name.slice('back-'.length), restored: code.trim() === '0', said: said.slice(0, 1000) };
}
