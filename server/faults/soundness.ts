/** What must hold after any fault: the log is whole and what was signed, no process is left over, what was answered for is there. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openDb, type Db } from '#platform/db';
import type { ReadRecord, Strongroom } from '@strongroom/sdk';

import { startProgram, type RunningServer } from './running-server.ts';

/** Asks the embedded database of a home behind the server's back. */
export async function behind<T>(home: string, ask: (db: Db) => Promise<T>): Promise<T> {
  const password = (await readFile(join(home, 'postgres.password'), 'utf8')).trim();
  // the fifth line of its lock file says where it listens
  const lock = await readFile(join(home, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
  const socketFolder = lock.split('\n')[4] as string;
  const db = openDb(
    { socketFolder, port: 5432, user: 'strongroom', password, database: 'postgres' },
    { connections: 1 },
  );
  try {
    return await ask(db);
  } finally {
    await db.end({ timeout: 2 });
  }
}

/** INVARIANT of the log: size = count = highest index + 1. */
export async function assertContiguous(db: Db): Promise<void> {
  const [row] = await db<{ size: bigint; count: bigint; next: bigint }[]>`
    select (select size from audit.head) as size, count(*) as count, max(index) + 1 as next from audit.entries`;
  assert.equal(row?.count, row?.size, 'entries and head');
  assert.equal(row?.next, row?.size, 'highest index and head');
}

/** INVARIANT: nothing that is stored stands under an epoch whose key was destroyed. */
export async function assertNothingOrphaned(db: Db): Promise<void> {
  const orphans = await db`
    select 'ring' from vault.keyrings k where not exists (
      select from vault.epochs e where e.use = 'data' and e.epoch = k.epoch and e.state <> 'destroyed')
    union all select 'second' from vault.keyrings k where k.second_epoch is not null and not exists (
      select from vault.epochs e where e.use = 'second' and e.epoch = k.second_epoch and e.state <> 'destroyed')
    union all select 'lookup' from vault.lookups l where not exists (
      select from vault.epochs e where e.use = 'index' and e.epoch = l.epoch and e.state <> 'destroyed')
    union all select 'unique' from vault.unique_lookups l where not exists (
      select from vault.epochs e where e.use = 'index' and e.epoch = l.epoch and e.state <> 'destroyed')`;
  assert.equal(orphans.length, 0);
}

/** `strongroom audit verify`, as an operator runs it; it remembers the checkpoint, so a log that was set back is found too. */
export async function assertLogVerifies(server: Pick<RunningServer, 'home' | 'url'>): Promise<void> {
  const verify = startProgram(['server/main.ts', 'audit', 'verify'], {
    env: { STRONGROOM_HOME: server.home, STRONGROOM_URL: server.url },
  });
  const { code } = await verify.ended;
  assert.equal(code, 0, `${verify.out()}${verify.err()}`);
  assert.match(verify.out(), /The log is what was signed/);
}

/** `vault verify`: every record is the newest that the log knows, and nothing is missing. */
export async function assertRecordsVerify(room: Strongroom): Promise<void> {
  let work = await room.verification.start();
  while (work.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    work = await room.verification.get();
  }
  const { changed, unknown, deleted, refused, index, missing, log } = work.result as Record<string, unknown>;
  assert.deepEqual(
    { state: work.state, changed, unknown, deleted, refused, index, missing, log },
    { state: 'done', changed: 0, unknown: 0, deleted: 0, refused: 0, index: 0, missing: 0, log: [] },
  );
}

/** @returns field → value of what is read in clear */
export const valuesOf = (record: ReadRecord): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record.fields).flatMap(([name, field]) => (field.state === 'clear' ? [[name, field.value]] : [])),
  );
