/** A PostgreSQL and a server with customers, for the rows of backups; all of it ends with whoever measures. */
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { importByCli } from '../world/cli.ts';
import { CATALOG, CSV_HEADER, csvLines } from '../world/people.ts';
import { startServer } from '../world/server.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { openOurs, type Ours } from './ours.ts';

export type Room = Readonly<{
  folder: string;
  cluster: Cluster;
  url: string;
  ours: Ours;
  importSeconds: number;
}>;

const IN_ONE = 100_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function withRoom<T>(records: number, flags: readonly string[], progress: (words: string) => void, work: (room: Room) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-bench-backups-'));
  // others' programs run as another account, and go through it
  execFileSync('chmod', ['755', folder]);
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  const ended = (signal: NodeJS.Signals): void => {
    progress(`${signal}: tidying up`);
    closeAll().then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  for (const signal of SIGNALS) process.once(signal, ended);
  try {
    progress('starting PostgreSQL and the server');
    const cluster = await openCluster(folder);
    closers.push(cluster.close);
    const url = await cluster.database('strongroom');
    const home = join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    await writeFile(join(home, 'catalog.yaml'), CATALOG);
    const importer = await startServer({ home, databaseUrl: url });
    closers.push(importer.stop);
    const key = await importer.keyFor('application');
    const began = performance.now();
    for (let from = 0; from < records; from += IN_ONE) {
      const to = Math.min(records, from + IN_ONE);
      progress(`importing up to ${to} customers`);
      const path = join(folder, 'people.csv');
      await pipeline(Readable.from([`${CSV_HEADER}\n`, ...csvLines(from, to)]), createWriteStream(path));
      await importByCli({ path, url: importer.url, key });
    }
    const importSeconds = (performance.now() - began) / 1000;
    // what an import leaves in a server's heap is not a backup's memory
    closers.splice(closers.indexOf(importer.stop), 1);
    await importer.stop();
    const server = await startServer({ home, databaseUrl: url, flags });
    closers.push(server.stop);
    await cluster.sql('checkpoint');
    return await work({ folder, cluster, url, importSeconds, ours: await openOurs(server, folder) });
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, ended);
    await closeAll();
  }
} // prettier-ignore
