/** Migrations: once, in order, the same on every server, and none that was changed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { freshDatabase } from '#platform/testing';

import { openDb } from './connection.ts';
import { migrate } from './migrate.ts';
import { transact } from './transact.ts';

async function folderOf(
  t: { after: (work: () => Promise<void>) => void },
  files: Record<string, string>,
): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), 'sr-sql-'));
  t.after(async () => await rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return pathToFileURL(`${path}/`);
}
const file = async (folder: URL, name: string, text: string): Promise<void> =>
  await writeFile(new URL(name, folder), text);

const TWO = {
  '0001-things.sql': 'create table demo.things (id int primary key);\ninsert into demo.things values (1);',
  '0002-more.sql': 'alter table demo.things add column name text;',
};

test('migrations are applied once, in order, and recorded with their hash', async (t) => {
  const { db } = await freshDatabase(t);
  const sources = [{ schema: 'demo', folder: await folderOf(t, TWO) }];

  const first = await migrate(db, sources);
  const second = await migrate(db, sources);

  assert.deepEqual(
    first.map(({ name }) => name),
    ['0001-things.sql', '0002-more.sql'],
  );
  assert.deepEqual(second, []);
  const rows = await db<{ sha256: string }[]>`select sha256 from platform.migrations`;
  assert.match(rows[0]?.sha256 ?? '', /^[0-9a-f]{64}$/);
});

test('a migration that was applied and then changed is refused, and nothing newer is applied', async (t) => {
  const { db } = await freshDatabase(t);
  const folder = await folderOf(t, TWO);
  await migrate(db, [{ schema: 'demo', folder }]);
  await file(folder, '0001-things.sql', `${TWO['0001-things.sql']} `);
  await file(folder, '0003-new.sql', 'create table demo.new ()');

  await assert.rejects(migrate(db, [{ schema: 'demo', folder }]), { code: 'DB_MIGRATION_CHANGED' });

  const [row] = await db<{ there: boolean }[]>`select to_regclass('demo.new') is not null as there`;
  assert.equal(row?.there, false);
});

test('an applied migration that is gone, or replaced under its number, is refused', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'demo', folder: await folderOf(t, TWO) }]);

  const replaced = await folderOf(t, { ...TWO, '0002-more.sql': '', '0001-things.sql': TWO['0001-things.sql'] });
  await rm(new URL('0002-more.sql', replaced));
  await file(replaced, '0002-other.sql', 'select 1');
  await assert.rejects(migrate(db, [{ schema: 'demo', folder: replaced }]), { code: 'DB_MIGRATION_MISSING' });
  await assert.rejects(migrate(db, [{ schema: 'demo', folder: await folderOf(t, {}) }]), {
    code: 'DB_MIGRATION_MISSING',
  });
});

test('a database that is newer than the code is refused', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'demo', folder: await folderOf(t, TWO) }]);
  const older = await folderOf(t, { '0001-things.sql': TWO['0001-things.sql'] });

  await assert.rejects(migrate(db, [{ schema: 'demo', folder: older }]), { code: 'DB_NEWER' });
  await assert.rejects(migrate(db, [], { otherSchemas: 'refuse' }), { code: 'DB_NEWER' });
  assert.deepEqual(await migrate(db, []), []);
});

test('a migration that fails leaves nothing of itself and all of those before it', async (t) => {
  const { db } = await freshDatabase(t);
  const folder = await folderOf(t, { ...TWO, '0003-bad.sql': 'create table demo.half ();\nselect no_such_thing();' });

  await assert.rejects(migrate(db, [{ schema: 'demo', folder }]), { code: 'DB_MIGRATION_FAILED' });

  const [row] = await db<{ half: boolean; n: bigint }[]>`
    select to_regclass('demo.half') is not null as half, (select count(*) from platform.migrations) as n`;
  assert.deepEqual({ ...row }, { half: false, n: 2n });
});

test('gaps, doubles, strange names and files that end their transaction are refused', async (t) => {
  const { db } = await freshDatabase(t);
  for (const files of [
    { '0002-late.sql': 'select 1' },
    { '0001-a.sql': 'select 1', '0001-b.sql': 'select 1' },
    { '0001_a.sql': 'select 1' },
    { '0001-a.sql': 'create table demo.x ();\nCOMMIT;\nselect no_such_thing()' },
  ]) {
    const folder = await folderOf(t, files);
    await assert.rejects(migrate(db, [{ schema: 'demo', folder }]), { code: 'DB_MIGRATION_NAME' });
  }
});

test('several servers that start at once apply each migration once', async (t) => {
  const { db, url } = await freshDatabase(t);
  const folder = await folderOf(t, {
    '0001-log.sql': 'create table demo.log (id int); select pg_sleep(0.1)',
    '0002-entry.sql': 'insert into demo.log values (1); select pg_sleep(0.1)',
  });
  const program = `
    import { migrate, openDb } from '#platform/db';
    const db = openDb(${JSON.stringify(url)}, { connections: 2 });
    const applied = await migrate(db, [{ schema: 'demo', folder: new URL(${JSON.stringify(folder.href)}) }]);
    console.log(applied.length);
    await db.end();`;

  const runs = await Promise.all(
    Array.from({ length: 3 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: join(import.meta.dirname, '../..'),
      }),
    ),
  );

  assert.equal(
    runs.reduce((sum, { stdout }) => sum + Number(stdout), 0),
    2,
  );
  assert.equal((await db`select from demo.log`).length, 1);
});

test('a column that a newer server adds while an older one works is met by no transaction', async (t) => {
  const fresh = await freshDatabase();
  t.after(() => fresh.close());
  const { db } = fresh;
  await db`create table public.grows (id int)`;
  await db`insert into public.grows values (1)`;
  const one = openDb(fresh.url, { connections: 1 });
  const all = () => transact(one, async (tx) => [...(await tx`select * from public.grows`)]);
  assert.deepEqual(await all(), [{ id: 1 }]);
  await db`alter table public.grows add column later text`;
  assert.deepEqual(await all(), [{ id: 1, later: null }]);
  await one.end();
});
