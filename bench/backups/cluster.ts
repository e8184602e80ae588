/**
 * A PostgreSQL of Debian's, since its pg_dump refuses servers that are newer than itself, and the embedded one has none.
 * Where Debian's is not installed the embedded one serves, and the peers that need the other are missing.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, existsSync, globSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { childEnvironment } from '#platform/config';
import { openDb } from '#platform/db';

import { command, type Account } from './command.ts';

export type Cluster = Readonly<{
  /** Where pg_dump and its like are; null: the embedded one. */
  bin: string | null;
  /** Whom its programs run as: PostgreSQL refuses root. */
  account: Account;
  dataFolder: string;
  port: number;
  /** @returns the URL of a new database */
  database: (name: string) => Promise<string>;
  sql: (statement: string) => Promise<void>;
  close: () => Promise<void>;
}>;

const USER = 'bench';

/** Programs of the newest PostgreSQL that is installed and that the product takes. */
const installed = (): string | null =>
  globSync('/usr/lib/postgresql/*/bin')
    .filter((folder) => existsSync(join(folder, 'initdb')) && Number(folder.split('/')[4]) >= 15)
    .toSorted()
    .at(-1) ?? null;

const number = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

export function accountOf(bin: string | null): Account {
  return bin === null || process.getuid?.() !== 0 ? null : { uid: number('-u'), gid: number('-g') };
}

export async function ownFolder(path: string, account: Account): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account !== null) chownSync(path, account.uid, account.gid);
  return path;
}

export async function openCluster(folder: string): Promise<Cluster> {
  const bin = installed();
  if (bin === null) throw new Error('PostgreSQL of the distribution is needed: apt-get install postgresql');
  const account = accountOf(bin);
  const dataFolder = await ownFolder(join(folder, 'cluster'), account);
  const port = await freePort();
  await command(join(bin, 'initdb'), ['-D', dataFolder, '-U', USER, '-A', 'trust', '--encoding=UTF8', '--locale=C'], { account }); // prettier-ignore
  const stop = await watchedPostgres(join(bin, 'postgres'), dataFolder, account, [
    ...['-D', dataFolder, '-p', String(port), '-h', '127.0.0.1', '-k', dataFolder, '-c', 'shared_buffers=256MB'],
    ...['-c', 'max_wal_size=4GB', '-c', 'archive_mode=on', '-c', 'max_connections=60'],
  ]);
  const url = (name: string): string => `postgres://${USER}@127.0.0.1:${port}/${name}`;
  const sql = async (statement: string): Promise<void> => {
    const db = openDb(url('postgres'), { connections: 1, statementTimeoutMs: 0 });
    await db.unsafe(statement);
    await db.end();
  };
  // until pgBackRest is there to take it; said on the command line it could not be changed
  await sql("alter system set archive_command = '/bin/true'");
  await sql('select pg_reload_conf()');
  return {
    bin, account, dataFolder, port, sql,
    database: async (name) => {
      await sql(`create database ${name}`);
      return url(name);
    },
    close: stop,
  }; // prettier-ignore
}

/** Ends PostgreSQL when its standard input ends: with whoever measures, however that ended. Then nobody takes the files away. */
const WATCH = '"$@" & pid=$!; read -r word; kill -INT $pid; wait $pid; [ "$word" = stop ] || rm -rf "$FOLDER"';

async function watchedPostgres(program: string, dataFolder: string, account: Account, args: readonly string[]): Promise<() => Promise<void>> {
  const out = openSync(join(dataFolder, 'log'), 'a');
  // a session of its own: what ends the whole group of this process must not end PostgreSQL before the server on it
  const watch = spawn('/bin/sh', ['-c', WATCH, 'sh', program, ...args], { ...account, cwd: '/', detached: true, stdio: ['pipe', out, out], env: childEnvironment({ FOLDER: dataFolder }) });
  closeSync(out);
  const gone = once(watch, 'exit');
  for (const end = performance.now() + 60_000; !(await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready'); await sleep(50))
    if (performance.now() > end || watch.exitCode !== null) throw new Error(`PostgreSQL does not start: ${await readFile(join(dataFolder, 'log'), 'utf8')}`);
  return async () => {
    watch.stdin?.end('stop\n');
    await gone;
  };
} // prettier-ignore

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
