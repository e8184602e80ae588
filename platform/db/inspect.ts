/** What a database is, for whoever looks after it: version, clock, durability, who works with it. Changes nothing. */
import { readFile, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';

import type { DbAddress, Statements } from './connection.ts';
import { USER } from './embedded-cluster.ts';

export type DatabaseFacts = Readonly<{
  /** As in server_version_num: 150004 is 15.4 */
  version: number;
  /** Of the database minus that of this process, in milliseconds; the way there and back is taken off. */
  clockAheadMs: number;
  /** Names of the programs at work on this database, each once. */
  programs: readonly string[];
  /** Settings without which a power cut loses what was answered for. */
  isDurable: boolean;
  isSuperuser: boolean;
}>;

export async function databaseFacts(db: Statements): Promise<DatabaseFacts> {
  const [row] = await db<Omit<DatabaseFacts, 'clockAheadMs'>[]>`
    select current_setting('server_version_num')::int as version,
      (select coalesce(array_agg(distinct application_name), '{}') from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()) as programs,
      current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'
        and current_setting('synchronous_commit') <> 'off' as "isDurable",
      (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser"`;
  return { ...(row as NonNullable<typeof row>), clockAheadMs: await clockAhead(db) };
}

/** Rows may lie on several nodes then, and some of what PostgreSQL does is refused. Asked each time: it may be installed meanwhile. */
export async function hasCitus(db: Statements): Promise<boolean> {
  const [row] = await db<{ there: boolean }[]>`
    select exists (select from pg_extension where extname = 'citus') as there`;
  return row?.there === true;
}

/** Connections of servers to this database, by what they do. Only states that PostgreSQL declares. */
export async function connectionsByState(
  db: Statements,
): Promise<Record<'active' | 'idle' | 'in_transaction', number>> {
  const [row] = await db<{ active: number; idle: number; waiting: number }[]>`
    select count(*) filter (where state = 'active')::int as active, count(*) filter (where state = 'idle')::int as idle,
      count(*) filter (where state like 'idle in transaction%')::int as waiting
    from pg_stat_activity where datname = current_database() and application_name like 'strongroom/%'`;
  return { active: row?.active ?? 0, idle: row?.idle ?? 0, in_transaction: row?.waiting ?? 0 };
}

/** Of several looks the quickest: its error is at most half of the time it took. */
async function clockAhead(db: Statements): Promise<number> {
  let [best, ahead] = [Number.POSITIVE_INFINITY, 0];
  for (let look = 0; look < 3; look += 1) {
    const before = Date.now();
    const [row] = await db<{ ms: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
    const took = Date.now() - before;
    if (took < best) [best, ahead] = [took, (row as { ms: number }).ms - (before + took / 2)];
  }
  return ahead;
}

/**
 * @returns where the embedded PostgreSQL of this home listens; null where there is none; `left`: it was cut off and left its lock
 * file behind, which says nothing of now
 * @throws what the file system says
 */
export async function runningEmbedded(home: string): Promise<Exclude<DbAddress, string> | 'left' | null> {
  const gone = (thrown: NodeJS.ErrnoException): null => {
    if (thrown.code === 'ENOENT') return null;
    throw thrown;
  };
  const storage = await realpath(join(resolve(home), 'postgres')).catch(gone);
  if (storage === null) return null;
  // PostgreSQL, "Database File Layout": pid, folder, start, port, folder of the socket
  const lines = (await readFile(join(storage, 'cluster', 'postmaster.pid'), 'utf8').catch(gone))?.split('\n');
  if (lines === undefined) return null;
  const [socketFolder, port] = [lines[4] ?? '', Number(lines[3])];
  // its number may be another program's by now: whether somebody listens there says it
  if (socketFolder === '' || !(await answers(`${socketFolder}/.s.PGSQL.${port}`))) return 'left';
  const password = (await readFile(join(resolve(home), 'postgres.password'), 'utf8')).trim();
  return { socketFolder, port, user: USER, password, database: 'postgres' };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    // who may not enter is told by the database itself, in its own words
    socket.once('connect', () => end(true)).once('error', ({ code }: NodeJS.ErrnoException) => end(code !== 'ENOENT' && code !== 'ECONNREFUSED')); // prettier-ignore
  });
}
