/**
 * A whole server as a process of its own, for the tests of this folder: started as anybody starts it, asked over HTTP,
 * killed and started again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;
export type RunningProgram = Readonly<{
  pid: number;
  child: ChildProcess;
  out: () => string;
  /** The process's own log. */
  err: () => string;
  ended: Promise<Ended>;
  kill: (signal?: NodeJS.Signals) => Promise<Ended>;
}>;
export type RunningServer = RunningProgram & Readonly<{ url: string; home: string; admin: () => Promise<string> }>;

export type StartOptions = Readonly<{
  home: string;
  port: number;
  env?: Readonly<Record<string, string>>;
  /** Account of the process, where the test runs as root. */
  as?: Readonly<{ uid: number; gid: number }>;
  timeoutMs?: number;
}>;

/** A program of ours in a process of its own; it gets no environment but what is named. */
export function startProgram(
  args: readonly string[],
  {
    env = {},
    as = {},
    program = process.execPath,
    cwd = ROOT,
  }: {
    env?: Readonly<Record<string, string>> | undefined;
    as?: Readonly<{ uid?: number; gid?: number }> | undefined;
    program?: string;
    cwd?: string;
  } = {},
): RunningProgram {
  const child = spawn(program, args, {
    cwd,
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...as,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? 0,
    child,
    out: () => out,
    err: () => err,
    ended,
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Resolves when it listens. @throws Error with its log when it ends before that */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const server = launch(options);
  await listening(server, options.timeoutMs);
  return server;
}

/** Started, but not waited for: for kills during the start, and for starts that are refused. */
export function launch({ home, port, env = {}, as }: StartOptions): RunningServer {
  const program = startProgram(['server/main.ts', 'serve'], {
    env: { STRONGROOM_HOME: home, STRONGROOM_PORT: String(port), ...env },
    as,
  });
  return {
    ...program,
    home,
    url: `http://127.0.0.1:${port}`,
    admin: async () => (await readFile(join(home, 'admin.key'), 'utf8')).trim(),
  };
}

async function listening(server: RunningServer, timeoutMs = 60_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!server.err().includes('strongroom is open')) {
    if (server.child.exitCode !== null || server.child.signalCode !== null)
      throw new Error(`the server ended before it listened:\n${server.err()}`);
    if (Date.now() > until) throw new Error(`the server did not listen within ${timeoutMs} ms:\n${server.err()}`);
    await sleep(10);
  }
}

export type Homes = Readonly<{ next: () => Promise<string>; remove: () => Promise<void> }>;

/** Homes whose first start is behind them, each a copy of one: making a database takes longer than most tests. */
export async function openHomes(): Promise<Homes> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-homes-'));
  // the account of PostgreSQL has to get through
  await chmod(folder, 0o711);
  const original = join(folder, 'original');
  const server = await startServer({ home: original, port: 0 });
  await server.kill('SIGTERM');
  let count = 0;
  return {
    next: async () => {
      const home = join(folder, `home-${(count += 1)}`);
      const copied = await startProgram(['-a', '--reflink=auto', original, home], { program: '/bin/cp' }).ended;
      if (copied.code !== 0) throw new Error('the home could not be copied');
      return home;
    },
    remove: async () => {
      // a test that failed may have left its server running
      for (let n = 1; n <= count; n += 1) await killHolder(join(folder, `home-${n}`));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function killHolder(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'postgres.holder'), 'utf8').catch(() => ''));
  const title = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
  if (title.includes('server/main.ts')) killIfThere(pid);
  for (const postgres of await postgresOf(home)) killIfThere(postgres);
}

/** One that has just ended by itself is what was wanted. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

/** A port that was free a moment ago; the same one is used over restarts, so that clients find the server again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A new key of that role, and clients that use it: one whose every attempt is the test's own, one that tries again. */
export async function clientsFor(
  server: RunningServer,
  role: string,
): Promise<{ key: string; once: Strongroom; patient: Strongroom }> {
  const admin = createStrongroom({ url: server.url, key: await server.admin() });
  const { key } = await admin.keys.create({ name: `test ${role}`, role });
  const purpose = role === 'dpo' ? 'legal.request' : 'service.support';
  const client = (retries: number): Strongroom =>
    createStrongroom({ url: server.url, key, purpose, retries, timeoutMs: 60_000 });
  return { key, once: client(0), patient: client(8) };
}

/** The server answers, and its database too. */
export async function well(server: RunningServer): Promise<void> {
  await until('the server is well', async () => (await fetch(`${server.url}/healthz`).catch(() => null))?.ok === true);
}

/** Processes of the embedded PostgreSQL of a home: those that have its cluster as their folder. */
export async function postgresOf(home: string): Promise<number[]> {
  const cluster = await realpath(join(home, 'postgres', 'cluster')).catch(() => null);
  const found: number[] = [];
  for (const entry of cluster === null ? [] : await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(entry) && (await readlink(`/proc/${entry}/cwd`).catch(() => '')) === cluster)
      found.push(Number(entry));
  }
  return found;
}

async function postmasterOf(home: string): Promise<number> {
  const text = await readFile(join(home, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10);
}

/** SIGKILL of PostgreSQL under a running server. Resolves when another one is up and the server well again. */
export async function killPostgres(server: RunningServer): Promise<void> {
  const killed = await postmasterOf(server.home);
  process.kill(killed, 'SIGKILL');
  await until('PostgreSQL is started again', async () => {
    const pid = await postmasterOf(server.home);
    return pid > 0 && pid !== killed;
  });
  await well(server);
}

/** @throws Error when it does not hold within the time */
export async function until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(25);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32); the seed is printed with a failure. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
