/**
 * Starts a program of PostgreSQL so that it never outlives this process, and finds those left by an earlier one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Account } from './embedded-account.ts';
import { dbFailure } from './failures.ts';

/**
 * A shell forks a watchdog, then becomes the program: child.pid is the program's. The watchdog waits on a pipe that
 * only this process holds open. "done" sends it home; the end of the pipe means that this process died, and the program
 * is asked to stop (SIGINT: fast shutdown), after 20 s told to (SIGQUIT: immediate), after 25 s killed.
 */
const WATCHED = `
exec 3<&0 </dev/null
program=$$
(
  trap '' HUP INT TERM
  word=
  read -r word <&3
  [ "$word" = done ] && exit 0
  kill -INT $program
  n=0
  while kill -0 $program && [ $n -lt 125 ]; do
    [ $n -eq 100 ] && kill -QUIT $program
    sleep 0.2
    n=$((n + 1))
  done
  # not when it went by itself: the number may be another program's by now
  [ $n -eq 125 ] && kill -KILL $program
  rmdir "$0"
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

export type Watched = Readonly<{
  child: ChildProcess;
  pid: number;
  exited: Promise<Readonly<{ code: number | null; signal: NodeJS.Signals | null }>>;
}>;

/** @param scratch a folder the watchdog removes when it is empty in the end */
export async function startWatched(
  command: readonly [string, ...string[]],
  { account, logFd, scratch = '/nonexistent' }: { account: Account; logFd: number; scratch?: string },
): Promise<Watched> {
  const child = spawn('/bin/sh', ['-c', WATCHED, scratch, ...command], {
    ...account,
    cwd: '/',
    // nothing of this process's environment: it may hold secrets
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', logFd, logFd],
    // a session of its own: Ctrl-C in the terminal is for this process, which then stops PostgreSQL in its own time
    detached: true,
  });
  // the watchdog may be gone by the time it is written to
  child.stdin?.on('error', () => {});
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      child.stdin?.end('done\n');
      resolve({ code, signal });
    });
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw dbFailure('START', { detail: 'a process for PostgreSQL cannot be started', cause });
  }
  return { child, pid: child.pid as number, exited };
}

/** Fast shutdown, after `patienceMs` the immediate one, which needs crash recovery at the next start. */
export async function stopWatched({ child, exited }: Watched, patienceMs = 30_000): Promise<void> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), patienceMs);
  await exited;
  clearTimeout(timer);
}

/**
 * Waits until no process of an earlier server works on the cluster: its watchdog is stopping it, or died with it, in
 * which case it is stopped here.
 * @param mark cluster_name of the cluster, which stands in the title of each of its processes
 * @throws DB_START when they do not go
 */
export async function awaitGone(mark: string, patienceMs = 30_000): Promise<void> {
  const since = Date.now();
  let told: 'nothing' | 'fast' | 'immediate' = 'nothing';
  for (;;) {
    const pids = await processesOf(mark);
    if (pids.length === 0) return;
    const waitedMs = Date.now() - since;
    if (waitedMs > patienceMs) throw dbFailure('START', { detail: `PostgreSQL process ${pids[0]} does not stop` });
    // the postmaster alone: a checkpointer that is interrupted itself ends before the others have written their last
    if (told === 'nothing' && waitedMs > 1000) told = tell(await postmastersOf(mark), 'SIGINT', 'fast');
    if (told === 'fast' && waitedMs > patienceMs * 0.6) told = tell(pids, 'SIGQUIT', 'immediate');
    await sleep(50);
  }
}

function tell<T>(pids: readonly number[], signal: NodeJS.Signals, told: T): T {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  }
  return told;
}

/** The postmaster and its children. Without /proc (macOS) the postmaster's own lock file is the only guard. */
export async function processesOf(mark: string): Promise<readonly number[]> {
  return (await titled(mark)).map(({ pid }) => pid);
}

/** Those that still have the arguments they were started with; children have put a title in their place. */
export async function postmastersOf(mark: string): Promise<readonly number[]> {
  return (await titled(mark)).filter(({ title }) => title.includes('\0-D\0')).map(({ pid }) => pid);
}

async function titled(mark: string): Promise<readonly { pid: number; title: string }[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found: { pid: number; title: string }[] = [];
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const title = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (title.includes(mark) && /^([^\0]*\/)?postgres(:|\0)/.test(title)) found.push({ pid: Number(entry), title });
  }
  return found;
}
