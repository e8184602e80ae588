/**
 * Rotated logs: which file is the one that was read, and which come after it.
 *
 * Rotated files are the log's name with digits behind it: `.1`, `-20261126`, `.2026-11-26`. Compressed ones are not read:
 * let logrotate wait with that for a turn (`delaycompress`), or what happened while we were away is a gap.
 */
import { createHash } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Bytes that a file is known by. */
const FINGERPRINT_BYTES = 256;

const ROTATED = /^[.-]\d[\d.T_-]{0,40}$/;
const MOST_ROTATED = 1000;

export type OpenLog = Readonly<{
  inode: string;
  modifiedMs: number;
  size: () => Promise<number>;
  /** @returns bytes read; 0 at the end */
  read: (into: Buffer, position: number) => Promise<number>;
  /** How its first bytes are, as far as `offset`: `256:` and their hash. */
  fingerprint: (offset: number) => string;
  /** Whether it is another file by now, in the same inode: shorter than what was read, or it begins otherwise. */
  isCut: (offset: number) => Promise<boolean>;
  /** The newest rotated file that begins as this one began, as far as it was read. */
  findCopy: (path: string, offset: number) => Promise<OpenLog | null>;
  close: () => Promise<void>;
}>;

/** @returns null: it is not there, or not a file */
export async function openLog(path: string): Promise<OpenLog | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    // what cannot be read yet is waited for, as what is not there yet
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null;
    throw cause;
  }
  const begun = await stats(handle)
    .then(async (found) => (found.isFile ? { ...found, beginning: await beginningOf(handle) } : null))
    .catch(async (cause: unknown) => {
      // a disk that fails is tried again and again: what was opened must not add up
      await handle.close();
      throw cause;
    });
  if (begun === null) {
    await handle.close();
    return null;
  }
  const { ino, mtimeMs } = begun;
  let { beginning } = begun;
  return {
    inode: ino,
    modifiedMs: mtimeMs,
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    fingerprint: (offset) => fingerprintOf(beginning.subarray(0, Math.min(offset, FINGERPRINT_BYTES))),
    isCut: async (offset) => {
      if ((await handle.stat()).size < offset) return true;
      const known = beginning.subarray(0, offset);
      const now = await beginningOf(handle);
      if (!now.subarray(0, known.length).equals(known)) return true;
      // a file that has grown is known by more of it
      beginning = now;
      return false;
    },
    findCopy: async (path, offset) => {
      const known = beginning.subarray(0, offset);
      const [copy, ...others] = await keepOnly(
        (await openRotated(path)).toReversed(),
        (log) => known.length > 0 && log.inode !== ino && log.fingerprint(known.length) === fingerprintOf(known),
      );
      for (const other of others) await other.close();
      return copy ?? null;
    },
    close: () => handle.close(),
  };
}

async function stats(handle: FileHandle): Promise<{ ino: string; mtimeMs: number; isFile: boolean }> {
  const found = await handle.stat({ bigint: true });
  return { ino: String(found.ino), mtimeMs: Number(found.mtimeMs), isFile: found.isFile() };
}

async function beginningOf(handle: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(FINGERPRINT_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, FINGERPRINT_BYTES, 0);
  return bytes.subarray(0, bytesRead);
}

const fingerprintOf = (bytes: Buffer): string =>
  `${bytes.length}:${createHash('sha256').update(bytes).digest('base64url')}`;

const lengthOf = (fingerprint: string): number => Number.parseInt(fingerprint, 10) || 0;

type Named = OpenLog & Readonly<{ name: string }>;

/** The oldest first. */
async function openRotated(path: string): Promise<Named[]> {
  const name = basename(path);
  const names = await readdir(dirname(path)).catch(() => [] as string[]);
  const found: Named[] = [];
  for (const each of names
    .filter((one) => one.startsWith(name) && ROTATED.test(one.slice(name.length)))
    .slice(0, MOST_ROTATED)) {
    const log = await openLog(join(dirname(path), each)).catch(async (cause: unknown) => {
      for (const other of found) await other.close();
      throw cause;
    });
    if (log !== null) found.push({ ...log, name: each.slice(name.length) });
  }
  return found.sort(
    (a, b) => turnOf(b.name) - turnOf(a.name) || a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : 1),
  );
}

/** `.3` is older than `.2`; names with a date are told apart by when they were written. */
const turnOf = (name: string): number => (/^\.\d{1,4}$/.test(name) ? Number(name.slice(1)) : 0);

/** Closes the others. */
async function keepOnly<Log extends OpenLog>(
  logs: readonly Log[],
  keep: (log: Log, at: number) => boolean,
): Promise<Log[]> {
  const kept: Log[] = [];
  for (const [at, log] of logs.entries()) {
    if (keep(log, at)) kept.push(log);
    else await log.close();
  }
  return kept;
}

/** Numbers count down to 1: one that is not there was taken away. */
function missingOf(newer: readonly Named[], from: string): string | null {
  const turn = turnOf(from);
  if (turn === 0) return null;
  const there = new Set(newer.map(({ name }) => turnOf(name)));
  return Array.from({ length: turn - 1 }, (_, at) => at + 1).some((each) => !there.has(each)) ? VANISHED : null;
}

const VANISHED = 'a rotated file was gone before it was read';

type Unread = Readonly<{
  rotated: readonly Readonly<{ log: OpenLog; offset: number }>[];
  live: OpenLog;
  liveOffset: number;
  missing: string | null;
}>;

/** What comes after a cursor. @returns null: the log itself is not there yet */
export async function findUnread(
  path: string,
  cursor: Readonly<{ inode: string; offset: number; fingerprint: string; readMs: number }>,
): Promise<Unread | null> {
  const live = await openLog(path);
  if (live === null) return null;
  const known = lengthOf(cursor.fingerprint);
  const isOurs = (log: OpenLog): boolean => log.fingerprint(known) === cursor.fingerprint;
  if (live.inode === cursor.inode && isOurs(live) && (await live.size()) >= cursor.offset)
    return { rotated: [], live, liveOffset: cursor.offset, missing: null };
  const all = await openRotated(path);
  // renamed: the same inode; copied and truncated: another one, that begins the same
  let at = all.findIndex((log) => log.inode === cursor.inode && isOurs(log));
  if (at < 0 && known > 0) at = all.findLastIndex(isOurs);
  if (at < 0) {
    // nothing of it is left; what was written into since then is newer
    const rotated = await keepOnly(all, ({ modifiedMs, inode }) => modifiedMs > cursor.readMs && inode !== live.inode);
    return { rotated: rotated.map((log) => ({ log, offset: 0 })), live, liveOffset: 0, missing: VANISHED };
  }
  const ours = all[at] as Named;
  const rotated = await keepOnly(all, (log, index) => index >= at && log.inode !== live.inode);
  return {
    rotated: rotated.map((log) => ({ log, offset: log === ours ? cursor.offset : 0 })),
    live,
    liveOffset: 0,
    missing: missingOf(rotated, ours.name),
  };
}

type After = Readonly<{
  rotated: readonly OpenLog[];
  live: OpenLog;
  missing: string | null;
  close: () => Promise<void>;
}>;

/** What took the place of a file that we have open. @returns null: nothing did, or nothing is in it yet */
export async function findAfter(path: string, ours: OpenLog): Promise<After | null> {
  const now = await stat(path, { bigint: true }).catch(() => null);
  if (now === null || String(now.ino) === ours.inode || now.size === 0n) return null;
  const live = await openLog(path);
  if (live === null) return null;
  const all = await openRotated(path);
  const at = all.findIndex(({ inode }) => inode === ours.inode);
  const from = all[at]?.name ?? '';
  const rotated = await keepOnly(
    all,
    (log, index) =>
      log.inode !== live.inode && (at < 0 ? log.modifiedMs > ours.modifiedMs && log.inode !== ours.inode : index > at),
  );
  const missing = at < 0 ? null : missingOf(rotated, from);
  return {
    rotated,
    live,
    missing,
    close: async () => {
      for (const log of [...rotated, live]) await log.close();
    },
  };
}
