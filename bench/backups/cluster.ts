/**
 * A PostgreSQL of Debian's, since its pg_dump refuses servers that are newer than itself, and the embedded one has none.
 * Where Debian's is not installed the embedded one serves, and the peers that need the other are missing.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { openDb, startEmbedded } from '#platform/db';

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
  const options = `-p ${port} -h 127.0.0.1 -k ${dataFolder} -c shared_buffers=256MB -c max_wal_size=4GB -c archive_mode=on -c max_connections=60`;
  // its log goes to a file: a pipe that nobody reads would stop it
  await command(join(bin, 'pg_ctl'), ['-D', dataFolder, '-l', join(dataFolder, 'log'), '-w', '-o', options, 'start'], { account }); // prettier-ignore
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
    close: async () => {
      await command(join(bin, 'pg_ctl'), ['-D', dataFolder, '-m', 'fast', 'stop'], { account });
    },
  }; // prettier-ignore
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Counts and order-free sums of what customers are made of, so that two databases can be compared. */
export async function sumsOf(url: Parameters<typeof openDb>[0]): Promise<Record<string, string>> {
  const db = openDb(url, { connections: 1, statementTimeoutMs: 0 });
  try {
    const sums: Record<string, string> = {};
    for (const [table, columns] of Object.entries(COMPARED)) {
      const [row] = await db.unsafe<{ n: string; sum: string }[]>(
        `select count(*)::text as n, coalesce(sum(('x' || left(md5(row(${columns})::text), 15))::bit(60)::bigint::numeric), 0)::text as sum from ${table}`,
      );
      sums[table] = `${row?.n} rows, ${row?.sum}`;
    }
    return sums;
  } finally {
    await db.end();
  }
}

const COMPARED: Readonly<Record<string, string>> = {
  'vault.records': 'subject_id, record_no, collection_no, version, box',
  'vault.keyrings': 'subject_id, epoch, ring, second_epoch, second_ring',
  'vault.tokens': 'tokens.*',
};

/** Of a home that was restored into, and stopped again. */
export async function sumsOfHome(home: string): Promise<Record<string, string>> {
  const embedded = await startEmbedded({ home });
  try {
    return await sumsOf(embedded.address);
  } finally {
    await embedded.stop();
  }
}
