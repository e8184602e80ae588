/**
 * A directory as a store. Durable: the file is synced under another name, linked to its own (which fails when that is
 * there), and the folder is synced, so that after a power cut there is the whole object or none.
 *
 * A directory enforces no lock: whoever may write there may delete. The lock is kept in a file beside the object, and
 * this program keeps to it; `facts.locks` says that it is no more than that.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { isFailure } from '#platform/failure';

import { backupsFailure } from '../failures.ts';
import { isObjectName, MAX_OBJECT_BYTES, type Listed, type Target } from './target.ts';

const LOCK = '.lock';
const UNFINISHED = '.part-';
const READ_ONLY: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** @param folder absolute; made when missing, its parent must be there */
export async function openDirectory(folder: string): Promise<Target> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    throw unusable(folder, cause);
  });
  const pathOf = (name: string): string => {
    if (!isObjectName(name)) throw backupsFailure('OBJECT_MISSING', { detail: 'the name is not one of an object' });
    return join(folder, ...name.split('/'));
  };
  const lockOf: Target['lockOf'] = async (name) => {
    await guarded(folder, () => stat(pathOf(name)));
    const text = await readFile(`${pathOf(name)}${LOCK}`, 'utf8').catch(() => null);
    const until = text === null ? Number.NaN : Date.parse(text.trim());
    return Number.isNaN(until) ? null : new Date(until);
  };
  const now = async (): Promise<Date> => {
    // the clock of whoever keeps the directory, which need not be this machine
    const path = join(folder, `${UNFINISHED}${randomBytes(8).toString('hex')}`);
    return guarded(folder, async () => {
      try {
        await writeSynced(path, Buffer.alloc(0));
      } catch (thrown) {
        // for reading only: nothing is put or taken away by this time, and a restore asks how old the ledger is
        if (READ_ONLY.has((thrown as NodeJS.ErrnoException).code ?? '')) return new Date();
        throw thrown;
      }
      const { mtime } = await stat(path);
      await unlink(path);
      return mtime;
    });
  };

  const put: Target['put'] = async (name, bytes, { lock }) => {
    if (bytes.byteLength > MAX_OBJECT_BYTES) throw backupsFailure('OBJECT_TOO_LARGE');
    const path = pathOf(name);
    await guarded(folder, async () => {
      await makeFolders(folder, dirname(path));
      // before its lock is touched
      if (await stat(path).catch(() => null)) throw backupsFailure('OBJECT_EXISTS');
      // the lock first: an object is never there without it
      if (lock !== null) await writeOnce(`${path}${LOCK}`, Buffer.from(`${lock.until.toISOString()}\n`), 'replace');
      await writeOnce(path, bytes, 'refuse');
    });
    const back = await readBack(path);
    if (back.sha256 !== digest(bytes)) throw damaged(name);
    const lockedUntil = await lockOf(name, null);
    if (lock !== null && (lockedUntil === null || lockedUntil.getTime() < lock.until.getTime()))
      throw backupsFailure('LOCK_MISSING');
    return { name, version: null, ...back, lockedUntil };
  };

  return {
    facts: { kind: 'directory', place: folder, locks: 'advisory', versions: false, nearby: true },
    put,
    get: async (name, { sha256 } = {}) => {
      const path = pathOf(name);
      const bytes = await guarded(folder, async () => {
        if ((await stat(path)).size > MAX_OBJECT_BYTES) throw damaged(name);
        return readFile(path);
      });
      if (sha256 !== undefined && digest(bytes) !== sha256) throw damaged(name);
      return bytes;
    },
    list: (prefix) => guarded(folder, () => listFiles(folder, prefix)),
    lockOf,
    remove: async (name) => {
      const until = await lockOf(name, null);
      if (until !== null && until.getTime() > (await now()).getTime())
        throw backupsFailure('OBJECT_LOCKED', { detail: `${name} is locked until ${until.toISOString()}` });
      await guarded(folder, async () => {
        await rm(pathOf(name));
        await rm(`${pathOf(name)}${LOCK}`, { force: true });
        await syncFolder(dirname(pathOf(name)));
      });
    },
    now,
    close: () => {},
  };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const READ_BYTES = 256 * 2 ** 10;

/** Piece by piece: an object is in memory once, while it is put. */
async function readBack(path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(READ_BYTES);
    let sizeBytes = 0;
    for (let count = -1; count !== 0; sizeBytes += count) {
      count = (await file.read(piece, 0, READ_BYTES)).bytesRead;
      hash.update(piece.subarray(0, count));
    }
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

const damaged = (name: string): Error =>
  backupsFailure('OBJECT_DAMAGED', { detail: `${name} is not what was written` });

async function listFiles(folder: string, prefix: string): Promise<Listed[]> {
  const start = isObjectName(prefix.replace(/\/$/, ''))
    ? join(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1))
    : folder;
  const entries = await readdir(start, { recursive: true, withFileTypes: true }).catch(
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT' && start !== folder) return [];
      throw thrown;
    },
  );
  const found: Listed[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || entry.name.endsWith(LOCK) || entry.name.startsWith(UNFINISHED)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    if (!name.startsWith(prefix) || !isObjectName(name)) continue;
    const { size, mtime } = await stat(path);
    found.push({ name, version: null, sizeBytes: size, storedAt: mtime });
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeOnce(path: string, bytes: Uint8Array, whenThere: 'refuse' | 'replace'): Promise<void> {
  const part = join(dirname(path), `${UNFINISHED}${randomBytes(8).toString('hex')}`);
  try {
    await writeSynced(part, bytes);
    // of an attempt that was cut off between lock and object
    if (whenThere === 'replace') await rm(path, { force: true });
    await link(part, path);
    await chmod(path, 0o400);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

/** A new folder is durable once the one above it is. */
async function makeFolders(top: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let each = folder; each.startsWith(top); each = dirname(each)) await syncFolder(each);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw backupsFailure('OBJECT_MISSING', { cause });
    if (code === 'EEXIST') throw backupsFailure('OBJECT_EXISTS', { cause });
    throw unusable(folder, cause as NodeJS.ErrnoException);
  }
}

const unusable = (folder: string, cause: NodeJS.ErrnoException): Error =>
  backupsFailure('TARGET_UNREACHABLE', {
    detail: `${folder} cannot be used as a store (${cause.code ?? 'unknown'})`,
    cause,
  });
