/**
 * The running system that rows share: PostgreSQL with full durability on the disk, a server process beside this one, and
 * the same people in clear in a table of their own, in the same PostgreSQL.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { addressOf, openDb, socketUrl, startEmbedded, type Db } from '#platform/db';

import { importByCli, type Imported } from './cli.ts';
import { openClear, type Clear } from './clear.ts';
import { CATALOG, CSV_HEADER, csvLines } from './people.ts';
import { startServer, type Server } from './server.ts';

export type World = {
  server: Server;
  /** The benchmark's own connections to the system's database. */
  db: Db;
  databaseUrl: string;
  clear: Clear;
  /** API key of an application: may write and read everything. */
  key: string;
  folder: string;
  postgresPid: number;
  /** People 0 to below this are in the vault. */
  sealed: () => number;
  /** The next `count` people as CSV. @returns its path */
  csv: (from: number, count: number) => Promise<string>;
  /** Imports the next `count` people into the vault, through the CLI. */
  importNext: (count: number) => Promise<Imported>;
  close: () => Promise<void>;
};

export async function openWorld(progress: (words: string) => void): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-bench-'));
  const home = join(folder, 'home');
  progress('starting PostgreSQL and the server');
  const postgres = await startEmbedded({ home: join(folder, 'postgres-home') });
  const admin = openDb(postgres.address, { connections: 1 });
  for (const name of ['strongroom', 'clear']) await admin`create database ${admin(name)}`;
  await admin.end();
  const urlOf = (name: string): string => addressOf(socketUrl(postgres.address), name) as string;
  const databaseUrl = urlOf('strongroom');
  await mkdtempHome(home);
  const server = await startServer({
    home,
    databaseUrl,
    flags: (process.env['SRFLAGS'] ?? '').split(' ').filter(Boolean),
  });
  const key = await server.keyFor('application');
  const db = openDb(databaseUrl, { connections: 4, statementTimeoutMs: 0 });
  const clear = await openClear(urlOf('clear'));
  let sealed = 0;
  const csv = async (from: number, count: number): Promise<string> => {
    const path = join(folder, `people-${from}.csv`);
    await pipeline(Readable.from(chunked(from, from + count)), createWriteStream(path));
    return path;
  };
  return {
    server, db, databaseUrl, clear, key, folder, csv, postgresPid: postgres.pid(),
    sealed: () => sealed,
    importNext: async (count) => {
      const path = await csv(sealed, count);
      const imported = await importByCli({ path, url: server.url, key });
      if (imported.created !== count) throw new Error(`of ${count} rows ${imported.created} were stored`);
      sealed += count;
      await rm(path);
      return imported;
    },
    close: async () => {
      await Promise.all([db.end({ timeout: 5 }), clear.close()]);
      await server.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  }; // prettier-ignore
}

async function mkdtempHome(home: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
}

function* chunked(from: number, to: number): Generator<string> {
  yield `${CSV_HEADER}\n`;
  for (let at = from; at < to; at += 1000) yield [...csvLines(at, Math.min(to, at + 1000))].join('');
}
