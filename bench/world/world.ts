/**
 * The running system that rows share: PostgreSQL with full durability on the disk, a server process beside this one, and
 * the same people in clear in a database of their own, in the same PostgreSQL.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { addressOf, openDb, socketUrl, startEmbedded, type Db } from '#platform/db';

import { openClear, type Clear } from './clear.ts';
import { importByCli, type Imported } from './cli.ts';
import { CATALOG, CSV_HEADER, csvLines } from './people.ts';
import { startServer, type Server } from './server.ts';

export type World = Readonly<{
  server: Server;
  /** The benchmark's own connections to the system's database. */
  db: Db;
  databaseUrl: string;
  clear: Clear;
  /** API key of an application: may write and read everything. */
  key: string;
  postgresPid: number;
  postgresql: string;
  /** People 0 to below this are in the vault. */
  sealed: () => number;
  /** People `from` to below `from + count` as CSV. @returns its path */
  csv: (from: number, count: number) => Promise<string>;
  /** Imports a file of the next `count` people into the vault, through the CLI. */
  importFile: (path: string, count: number) => Promise<Imported>;
  /** Sees to it that at least `count` people are in the vault and in clear. */
  haveBoth: (count: number) => Promise<void>;
  /** An empty database in the same PostgreSQL. @returns its URL */
  emptyDatabase: (name: string) => Promise<string>;
  close: () => Promise<void>;
}>;

export type WorldNeeds = Readonly<{
  progress: (words: string) => void;
  /** Flags of Node for the server: profiling. */
  serverFlags: readonly string[];
}>;

export async function openWorld({ progress, serverFlags }: WorldNeeds): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-bench-'));
  const home = join(folder, 'home');
  progress('starting PostgreSQL and the server');
  const postgres = await startEmbedded({ home: join(folder, 'postgres-home') });
  const emptyDatabase = async (name: string): Promise<string> => {
    const admin = openDb(postgres.address, { connections: 1 });
    await admin`create database ${admin(name)}`;
    await admin.end();
    return addressOf(socketUrl(postgres.address), name) as string;
  };
  const databaseUrl = await emptyDatabase('strongroom');
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
  const server = await startServer({ home, databaseUrl, flags: serverFlags });
  const key = await server.keyFor('application');
  const db = openDb(databaseUrl, { connections: 4, statementTimeoutMs: 0 });
  const [version] = await db<{ version: string }[]>`select current_setting('server_version') as version`;
  const clear = await openClear(await emptyDatabase('clear'));
  let sealed = 0;

  const csv = async (from: number, count: number): Promise<string> => {
    const path = join(folder, `people-${from}.csv`);
    await pipeline(Readable.from(chunks(from, from + count)), createWriteStream(path));
    return path;
  };
  const importFile = async (path: string, count: number): Promise<Imported> => {
    const imported = await importByCli({ path, url: server.url, key });
    if (imported.created !== count) throw new Error(`of ${count} rows ${imported.created} were stored`);
    sealed += count;
    return imported;
  };
  return {
    server, db, databaseUrl, clear, key, csv, emptyDatabase,
    postgresPid: postgres.pid(),
    postgresql: version?.version ?? 'unknown',
    sealed: () => sealed,
    importFile,
    haveBoth: async (count) => {
      if (sealed < count) progress(`importing up to ${count} people`);
      for (let from = sealed; from < count; from = sealed) {
        const next = Math.min(100_000, count - from);
        const path = await csv(from, next);
        await clear.copy(path);
        await importFile(path, next);
        await rm(path);
      }
    },
    close: async () => {
      await Promise.all([db.end({ timeout: 5 }), clear.db.end({ timeout: 5 })]);
      await server.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  }; // prettier-ignore
}

function* chunks(from: number, to: number): Generator<string> {
  yield `${CSV_HEADER}\n`;
  for (let at = from; at < to; at += 1000) yield [...csvLines(at, Math.min(to, at + 1000))].join('');
}
