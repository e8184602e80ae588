/**
 * What an import may rely on after a crash: how far the vault has answered without a gap, what came of it, and how long
 * the rejects file was then. Batches end in any order; they enter here in the order of the source.
 *
 * INVARIANT: rejects are on the disk before the state that counts them, so going on neither loses one nor writes it twice.
 */
import { createHash } from 'node:crypto';
import { lstat, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';

export type Reject = Readonly<{ line: number; code: string; because: string }>;
export type Totals = Readonly<{ created: number; updated: number; skipped: number; rejected: number }>;
/** What came of one batch. `end`: rows of the source up to and with it. */
export type Settled = Readonly<{ end: number; totals: Totals; rejects: readonly Reject[] }>;
type State = Readonly<{ fingerprint: string; confirmed: number; rejectsBytes: number; totals: Totals }>;

export type Ledger = {
  /** Rows answered for by an earlier run. */
  readonly resumedAt: number;
  /** @param number place of the batch in this run, from 0 */
  settle: (number: number, settled: Settled) => Promise<void>;
  totals: () => Totals;
  confirmed: () => number;
  /** `done`: the state file goes, since there is nothing to go on with. */
  close: (how: 'done' | 'stopped') => Promise<void>;
};
export type LedgerNeeds = Readonly<{ rejectsPath: string; statePath: string | null; fingerprint: string }>;

const NOTHING: Totals = { created: 0, updated: 0, skipped: 0, rejected: 0 };

export async function openLedger(needs: LedgerNeeds): Promise<Ledger> {
  const { rejectsPath, statePath, fingerprint } = needs;
  const found = statePath === null ? null : await readState(statePath, fingerprint);
  const earlier = found !== null && (await holdsRejects(rejectsPath, found.rejectsBytes)) ? found : null;
  // an import that begins anew has no rejects yet; those of an earlier one would be taken for its own
  if (earlier === null) await removeFile(rejectsPath);
  const waiting = new Map<number, Settled>();
  let state: State = earlier ?? { fingerprint, confirmed: 0, rejectsBytes: 0, totals: NOTHING };
  let next = 0;
  let rejectsFile: FileHandle | null = null;
  let writing: Promise<void> = Promise.resolve();

  const writeRejects = async (rejects: readonly Reject[]): Promise<number> => {
    if (rejects.length === 0) return 0;
    rejectsFile ??= await openRejects(rejectsPath, state.rejectsBytes);
    const bytes = Buffer.from(rejects.map((each) => `${JSON.stringify(each)}\n`).join(''));
    await rejectsFile.appendFile(bytes);
    return bytes.length;
  };
  const drain = async (): Promise<void> => {
    const before = state.confirmed;
    for (let settled = waiting.get(next); settled !== undefined; settled = waiting.get(next)) {
      const bytes = await writeRejects(settled.rejects);
      waiting.delete(next);
      next += 1;
      state = {
        fingerprint,
        confirmed: settled.end,
        rejectsBytes: state.rejectsBytes + bytes,
        totals: added(state.totals, settled.totals),
      };
    }
    if (state.confirmed === before || statePath === null) return;
    await rejectsFile?.datasync().catch(ignoreNotAFile);
    await writeState(statePath, state);
  };
  return {
    resumedAt: state.confirmed,
    settle: (number, settled) => {
      waiting.set(number, settled);
      writing = writing.then(drain);
      return writing;
    },
    totals: () => state.totals,
    confirmed: () => state.confirmed,
    close: async (how) => {
      await writing.catch(() => undefined);
      await rejectsFile?.close();
      if (how === 'done' && statePath !== null) await rm(statePath, { force: true });
    },
  };
}

/** Tells this import from any other: another file, map, vault or rule for duplicates begins anew. */
export function fingerprintOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Size and beginning of a file: enough to see that it was replaced, quick for one of any size. */
export async function identityOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const beginning = Buffer.alloc(64 * 1024);
    const [{ bytesRead }, { size, mtimeMs }] = await Promise.all([
      file.read(beginning, 0, beginning.length, 0),
      file.stat(),
    ]);
    return fingerprintOf([size, mtimeMs, beginning.subarray(0, bytesRead).toString('base64')]);
  } finally {
    await file.close();
  }
}

/** What a crash wrote behind the last state is cut off: those rows are sent again and rejected again. */
async function openRejects(path: string, keepBytes: number): Promise<FileHandle> {
  const file = await open(path, keepBytes === 0 ? 'w' : 'a', 0o600);
  if (keepBytes > 0) await file.truncate(keepBytes).catch(ignoreNotAFile);
  return file;
}

/** False when rejects that the state counts were taken away: then only beginning anew brings them back. */
async function holdsRejects(path: string, bytes: number): Promise<boolean> {
  if (bytes === 0) return true;
  const there = await stat(path).catch(() => null);
  return there !== null && (!there.isFile() || there.size >= bytes);
}

/** Only what is a file: a device or pipe stays. */
async function removeFile(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there?.isFile() === true) await rm(path);
}

function ignoreNotAFile(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'EINVAL') throw thrown;
}

const added = (a: Totals, b: Totals): Totals => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  skipped: a.skipped + b.skipped,
  rejected: a.rejected + b.rejected,
});

async function readState(path: string, fingerprint: string): Promise<State | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const state = JSON.parse(text) as State;
    return state.fingerprint === fingerprint && Number.isSafeInteger(state.confirmed) ? state : null;
  } catch {
    return null;
  }
}

async function writeState(path: string, state: State): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(state));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
