/** The session that the log is read by is lost while what was read is stored. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { addressOf, migrate, openDb } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase, readAll } from '#platform/testing';

import { createBackups } from '../backups.ts';
import { makeIdentity } from '../keys/identity.ts';
import { signerFromSeed } from '../signed.ts';
import { createStores } from '../stores.ts';
import { openTarget } from '../targets/open-target.ts';
import { EVERY_MIGRATION, otherLevel } from '../testing-database.ts';

test('the database fails over while a segment is stored: the process goes on, and the next round reads all of it', async (t) => {
  const source = await freshDatabase(t);
  await migrate(source.db, EVERY_MIGRATION);
  const admin = openDb(addressOf(source.url, 'postgres'), { connections: 1 });
  t.after(() => admin.end({ timeout: 1 }));
  const level = await otherLevel(admin);
  // there is no slot to lose then; that this is said is tried in segments.test.ts
  if (level !== null) return t.skip(`this PostgreSQL has wal_level = ${level}`);
  const name = new URL(source.url).pathname.slice(1);
  const top = await mkdtemp(join(tmpdir(), 'sr-lost-'));
  t.after(() => rm(top, { recursive: true, force: true }));
  const place = `directory:${top}/store`;
  const signer = signerFromSeed(randomBytes(64));
  const letIn = (yes: boolean) => admin`alter database ${admin(name)} allow_connections ${admin.unsafe(String(yes))}`;
  const state = { failsOver: false };
  const backups = createBackups({
    db: source.db, clock: () => new Date(), audit: { append: async () => ({}) as never }, installation: uuidv7(), signer: async () => signer,
    stores: createStores({ data: [place], key: [place], ledger: [place] }, openTarget), address: source.url, takeKeys: async () => ({ n: 1 }),
    files: async () => [], forgottenSince: async () => ({ erasures: [], restrictions: [] }), partsSince: async (to) => ({ parts: [], to, more: false }),
    everyHours: 0,
    stop: async (at) => {
      if (at !== 'segment put' || !state.failsOver) return;
      state.failsOver = false;
      await letIn(false);
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
      await sleep(300);
    },
  }); // prettier-ignore
  t.after(() => backups.close());
  await backups.trust({ kind: 'system', id: 'test' }, (await makeIdentity()).recipient, 'offline');
  await readAll(backups.readChanges);
  await source.db`
    insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
    select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
    from generate_series(1, 450) n`;
  state.failsOver = true;
  await assert.rejects(backups.readChanges());
  await sleep(500);
  await letIn(true);
  await readAll(backups.readChanges);
  const [kept] = await source.db<{ changes: number }[]>`select max(changes)::int as changes from backups.segments`;
  assert.ok((kept?.changes ?? 0) >= 450, String(kept?.changes));
});
