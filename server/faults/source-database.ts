/** Throwaway PostgreSQL and MariaDB servers of the system, as sources of live imports: filled by their own clients. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram, until, type RunningProgram } from './running-server.ts';

export type SourceDatabase = Readonly<{
  /** For `vault import`. */
  url: string;
  /** Runs statements by the database's own client. @returns what it printed, tabs between columns */
  ask: (statements: string) => Promise<string>;
  /** SIGKILL, as a crash. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
  remove: () => Promise<void>;
}>;

type Account = Readonly<{ uid: number; gid: number }>;

/** Where Debian and others put PostgreSQL; null when there is none. */
export function postgresPrograms(): string | null {
  const root = '/usr/lib/postgresql';
  const version = existsSync(root)
    ? readdirSync(root).find((name) => existsSync(join(root, name, 'bin/initdb')))
    : undefined;
  return version === undefined || !existsSync('/usr/bin/psql') ? null : join(root, version, 'bin');
}

/** null when one of its programs is missing */
export function mariadbPrograms(): Readonly<{ server: string; install: string; client: string }> | null {
  const find = (name: string): string | null =>
    ['/usr/sbin', '/usr/bin', '/usr/local/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path)) ??
    null;
  const [server, install, client] = [find('mariadbd'), find('mariadb-install-db'), find('mariadb')];
  return server === null || install === null || client === null ? null : { server, install, client };
}

/** Both refuse root, or should not have it. */
function accountOf(names: readonly string[]): Account | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of [...names, 'nobody']) {
    const found = accounts.find(([known]) => known === name);
    if (found !== undefined) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  return null;
}

async function newFolder(account: Account | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-source-'));
  await chmod(folder, 0o755);
  if (account !== null) await chown(folder, account.uid, account.gid);
  return folder;
}

async function run(program: string, args: readonly string[], as: Account | null, input = ''): Promise<string> {
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', PGCLIENTENCODING: 'UTF8' },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...as,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${err}`);
  return out;
}

/** PostgreSQL on a socket alone, database `shop`. */
export async function startPostgresSource(programs: string): Promise<SourceDatabase> {
  const as = accountOf(['postgres']);
  const folder = await newFolder(as);
  const cluster = join(folder, 'cluster');
  await run(
    join(programs, 'initdb'),
    ['-D', cluster, '-U', 'shop', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    as,
  );
  const client = (database: string, statements: string): Promise<string> =>
    run(
      '/usr/bin/psql',
      ['-h', folder, '-U', 'shop', '-d', database, '-qAtX', '-F', '\t', '-v', 'ON_ERROR_STOP=1'],
      as,
      statements,
    );
  let running: RunningProgram | null = null;
  const start = async (): Promise<void> => {
    const flags = [
      'listen_addresses=',
      `unix_socket_directories=${folder}`,
      'fsync=off',
      'TimeZone=America/St_Johns',
      'DateStyle=SQL, DMY',
    ];
    running = startProgram(['-D', cluster, ...flags.flatMap((flag) => ['-c', flag])], {
      program: join(programs, 'postgres'), as: as ?? undefined, cwd: '/',
    }); // prettier-ignore
    await until('the source is up', () =>
      client('postgres', 'select 1').then(
        () => true,
        () => false,
      ),
    );
  };
  const kill = async (): Promise<void> => void (await running?.kill('SIGKILL'));
  await start();
  await client('postgres', 'create database shop');
  return {
    url: `postgres://shop@localhost/shop?host=${encodeURIComponent(folder)}`,
    ask: (statements) => client('shop', statements),
    kill,
    start,
    remove: async () => {
      await running?.kill('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** MariaDB on loopback, database `shop`. */
export async function startMariadbSource(
  programs: NonNullable<ReturnType<typeof mariadbPrograms>>,
  port: number,
): Promise<SourceDatabase> {
  const as = accountOf(['mysql']);
  const folder = await newFolder(as);
  const data = join(folder, 'data');
  const socket = join(folder, 'm.sock');
  await run(
    programs.install,
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    as,
  );
  const client = (database: string, statements: string): Promise<string> =>
    run(
      programs.client,
      ['--no-defaults', `--socket=${socket}`, '-uroot', '--default-character-set=utf8mb4', '-N', '-B', database],
      as,
      statements,
    );
  let running: RunningProgram | null = null;
  const start = async (): Promise<void> => {
    const flags = [
      // 2: what was committed is with the kernel, and outlives a SIGKILL; with 0 the last second of it does not
      '--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--pid-file=${join(folder, 'm.pid')}`, `--port=${port}`,
      '--bind-address=127.0.0.1', '--innodb-flush-log-at-trx-commit=2', '--innodb-buffer-pool-size=32M', '--default-time-zone=-03:30', '--sql-mode=',
    ]; // prettier-ignore
    running = startProgram(flags, { program: programs.server, as: as ?? undefined, cwd: '/' });
    await until('the source is up', () =>
      client('mysql', 'select 1').then(
        () => true,
        () => false,
      ),
    );
  };
  const kill = async (): Promise<void> => void (await running?.kill('SIGKILL'));
  await start();
  await client(
    'mysql',
    'create database shop character set utf8mb4; create user shop@127.0.0.1; grant all on shop.* to shop@127.0.0.1;',
  );
  return {
    url: `mysql://shop@127.0.0.1:${port}/shop`,
    ask: (statements) => client('shop', statements),
    kill,
    start,
    remove: async () => {
      await running?.kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
