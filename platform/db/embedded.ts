/**
 * The PostgreSQL the server brings along: started with it, reached by a socket of its own, gone when it goes.
 */
import { lstat, mkdir, open, readFile, realpath, rm, stat, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type DbAddress, socketUrl } from './connection.ts';
import { type Account, chooseAccount } from './embedded-account.ts';
import { type Binaries, packagedBinaries, runnableBinaries } from './embedded-binaries.ts';
import { type Cluster, markOf, prepareCluster, removeStalePid, USER } from './embedded-cluster.ts';
import { lockHome } from './embedded-lock.ts';
import {
  ELSEWHERE,
  ownFolder,
  prepareSocketFolder,
  ownStorage,
  prepareStorage,
  removeStorage,
} from './embedded-place.ts';
import { awaitGone, startWatched, stopWatched, type Watched } from './embedded-process.ts';
import { DURABILITY, SETTINGS, type Durability } from './embedded-settings.ts';
import { type EmbeddedNews, supervise } from './embedded-supervise.ts';
import { dbFailure } from './failures.ts';
import { isFailure } from '#platform/failure';

export type EmbeddedNeeds = Readonly<{
  home: string;
  /** Told when PostgreSQL ended unasked, when it is back, and each time it could not be started. */
  onNews?: (news: EmbeddedNews) => void;
  durability?: Durability;
  /** Where the files go when the account of PostgreSQL cannot reach the home. */
  elsewhere?: string;
  /** The folder `native` of the package; found by itself. */
  native?: string;
  startTimeoutMs?: number;
}>;

export type Embedded = Readonly<{
  address: Exclude<DbAddress, string>;
  url: string;
  /** Process id of the postmaster; another one after a restart. */
  pid: () => number;
  /** Stops PostgreSQL in order and lets go of the home. May be called again. */
  stop: () => Promise<void>;
}>;

const LOG_LIMIT_BYTES = 4 * 2 ** 20;

/**
 * @throws DB_HOME_IN_USE, DB_HOME, DB_BINARIES, DB_START
 */
export async function startEmbedded(needs: EmbeddedNeeds): Promise<Embedded> {
  const home = resolve(needs.home);
  await mkdir(home, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw dbFailure('HOME', { detail: `${home} cannot be made`, cause });
  });
  const unlock = lockHome(home);
  try {
    return await startLocked(home, needs, unlock);
  } catch (thrown) {
    unlock();
    if (isFailure(thrown)) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    throw dbFailure('HOME', { detail: `${home} cannot hold the embedded database (${code})`, cause: thrown });
  }
}

/**
 * Takes the database of a home away for ever, wherever its files are. A server that was killed is waited for until it is gone.
 * @throws DB_HOME_IN_USE, DB_START
 */
export async function removeEmbedded(
  home: string,
  { elsewhere = ELSEWHERE }: Readonly<{ elsewhere?: string }> = {},
): Promise<void> {
  const storage = join(resolve(home), 'postgres');
  if ((await lstat(storage).catch(() => null)) === null) return;
  const unlock = lockHome(resolve(home));
  try {
    // what is not this home's may be another one's, and at work
    const own = await ownStorage(resolve(home), elsewhere);
    const real = own === null ? null : await realpath(own).catch(() => null);
    if (real !== null) await awaitGone(markOf(join(real, 'cluster')));
    await removeStorage(resolve(home), own);
  } finally {
    unlock();
  }
}

async function startLocked(home: string, needs: EmbeddedNeeds, unlock: () => void): Promise<Embedded> {
  const { onNews = () => {}, durability = 'full', elsewhere = ELSEWHERE } = needs;
  const { native = packagedBinaries(), startTimeoutMs = 120_000 } = needs;
  const account = await chooseAccount(join(home, 'postgres'));
  const storage = await prepareStorage(home, account, elsewhere);
  await awaitGone(markOf(join(storage, 'cluster')));
  const binaries = await runnableBinaries(account, storage, native);
  const log = await openLog(home);

  let stopping: Promise<void> | null = null;
  try {
    const cluster = await prepareCluster({
      home,
      storage,
      account,
      binaries,
      log,
      durable: durability !== 'throwaway',
    });
    const socketFolder = await prepareSocketFolder(storage, account);
    const start = async (): Promise<Watched> => {
      await awaitGone(cluster.mark);
      await removeStalePid(cluster.folder);
      // long after the first start, whatever tidies the temporary folder may have been there
      await ownFolder(socketFolder, account);
      return launch({ home, cluster, socketFolder, account, binaries, log, durability, startTimeoutMs });
    };
    const supervised = supervise(await start(), durability === 'loading' ? staysDown : start, onNews);
    const address = { socketFolder, port: 5432, user: USER, password: cluster.password, database: 'postgres' };
    const stopAll = async (): Promise<void> => {
      await supervised.end();
      await stopWatched(supervised.running());
      await rm(socketFolder, { recursive: true, force: true });
      await log.close();
      unlock();
    };
    return {
      address,
      url: socketUrl(address),
      pid: () => supervised.running().pid,
      stop: () => (stopping ??= Promise.resolve().then(stopAll)),
    };
  } catch (thrown) {
    const tail = (await logOf(home)).slice(-2000);
    await log.close();
    throw isFailure(thrown, 'DB_START') && tail.includes('No space left')
      ? dbFailure('HOME', { detail: `no space is left for the database in ${home}`, cause: thrown })
      : thrown;
  }
}

/** One that ends while it loads has lost what it said was written: nobody must go on as if it were there. */
const staysDown = (): Promise<never> =>
  Promise.reject(dbFailure('START', { detail: 'it ended while it was loaded, and is not started again' }));

type Launch = Readonly<{
  home: string;
  cluster: Cluster;
  socketFolder: string;
  account: Account;
  binaries: Binaries;
  log: FileHandle;
  durability: Durability;
  startTimeoutMs: number;
}>;

async function launch(needs: Launch): Promise<Watched> {
  const { home, cluster, socketFolder, account, binaries, log, durability, startTimeoutMs } = needs;
  const settings = {
    ...SETTINGS,
    unix_socket_directories: `"${socketFolder}"`,
    cluster_name: cluster.mark,
    ...DURABILITY[durability],
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logged = (await logOf(home)).length;
  const running = await startWatched([binaries.postgres, '-D', cluster.folder, ...flags], {
    account,
    logFd: log.fd,
    scratch: socketFolder,
  });
  let ended: { code: number | null } | null = null;
  const watch = running.exited.then((end) => (ended = end));
  const until = Date.now() + startTimeoutMs;
  for (;;) {
    // the eighth line of its lock file says what the postmaster is doing
    const state = (await readFile(join(cluster.folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (state[7]?.trim() === 'ready' && Number(state[0]) === running.pid) return running;
    if (ended !== null) {
      const detail = `PostgreSQL ended at once with ${JSON.stringify(ended)}${lastWords(await logOf(home), logged)}`;
      throw dbFailure('START', { detail });
    }
    if (Date.now() > until) {
      await stopWatched(running, 1000);
      throw dbFailure('START', { detail: `PostgreSQL was not ready after ${startTimeoutMs} ms` });
    }
    await Promise.race([watch, sleep(20)]);
  }
}

/** Its own words, without statements or values (embedded-settings.ts); begun anew when it has grown. */
async function openLog(home: string): Promise<FileHandle> {
  const path = join(home, 'postgres.log');
  const grown = await stat(path).then(
    ({ size }) => size > LOG_LIMIT_BYTES,
    () => false,
  );
  return open(path, grown ? 'w' : 'a', 0o600);
}

/** What it died of, in its own words: its log holds no statements and no values. */
function lastWords(log: string, from: number): string {
  const lines = log.slice(from).trim().split('\n');
  const word = lines.findLast((line) => /\b(FATAL|PANIC): /.test(line)) ?? lines.at(-1);
  return word ? `: ${word.replace(/^.*?(FATAL|PANIC): +/, '')}` : '';
}

async function logOf(home: string): Promise<string> {
  return readFile(join(home, 'postgres.log'), 'utf8').catch(() => '');
}
