/**
 * An upgrade while serving. The newer version is this one in a tree of its own, with one more migration for each schema,
 * which adds a column and an index to every table. So it proves that a running server goes on with additions anywhere, and
 * that both work on one database; not that some later version only adds: that is tools/migrations/expand-only.test.ts.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';

import { freshDatabase, type FreshDatabase } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { clientsFor, freePort, launch, ROOT, startProgram, startServer, until, type RunningProgram } from './running-server.ts'; // prettier-ignore
import { assertContiguous, assertNothingOrphaned, valuesOf } from './soundness.ts';

let fresh: FreshDatabase;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-upgrade-'));
  fresh = await freshDatabase();
});
after(async () => {
  await fresh?.close();
  await rm(folder, { recursive: true, force: true });
});

/** This version, and one more migration for each schema. */
async function newerTree(): Promise<string> {
  const tree = join(folder, 'newer');
  await mkdir(tree);
  const leave = new Set(['node_modules']);
  for (const name of ['platform', 'practices', 'server', 'sdk', 'web', 'docs', 'examples', 'package.json'])
    await cp(join(ROOT, name), join(tree, name), { recursive: true, filter: (path) => !leave.has(basename(path)) });
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  const tables = await fresh.db<{ schema: string; name: string }[]>`
    select nspname as schema, relname as name from pg_class join pg_namespace n on n.oid = relnamespace
    where relkind = 'r' and not relispartition and nspname in (select distinct schema from platform.migrations) order by 1, 2`;
  for (const area of ['platform', 'practices'])
    for (const part of await readdir(join(tree, area))) {
      const sql = join(tree, area, part, 'sql');
      const there = await readdir(sql).catch(() => []);
      const mine = tables.filter(({ schema }) => schema === part);
      if (there.length === 0 || mine.length === 0) continue;
      const text = mine.map(({ name }) => `alter table ${part}.${name} add column later_word text;\ncreate index on ${part}.${name} (later_word);\n`); // prettier-ignore
      const number = String(there.filter((each) => each.endsWith('.sql')).length + 1).padStart(4, '0');
      await writeFile(join(sql, `${number}-later.sql`), text.join(''));
    }
  return tree;
}

test('an old server reads and writes while a newer one migrates and takes over; the old one does not come back', async (t) => {
  const home = join(folder, 'home');
  const env = { DATABASE_URL: fresh.url, STRONGROOM_DATABASE_CONNECTIONS: '8' };
  const old = await startServer({ home, port: await freePort(), env });
  const { key } = await clientsFor(old, 'application');
  const tree = await newerTree();
  const client = (url: string): Strongroom => createStrongroom({ url, key, purpose: 'service.support', retries: 0, timeoutMs: 60_000 }); // prettier-ignore
  const stop = new AbortController();
  // also where something below is wrong
  t.after(() => {
    stop.abort();
    old.child.kill('SIGKILL');
  });
  const made: string[] = [];
  const failed: string[] = [];
  const work = async (room: Strongroom, worker: string): Promise<void> => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      try {
        const last_name = `Up${worker}${n}`;
        const { id } = await room.records.create({ collection: 'customer', fields: { last_name } });
        assert.deepEqual(valuesOf(await room.records.get(id)), { last_name });
        await room.records.update(id, 1, { fields: { last_name: `${last_name}b` } });
        made.push(id);
      } catch (thrown) {
        failed.push(`${worker}: ${(thrown as { code?: string }).code ?? ''} ${(thrown as Error).message}`);
      }
    }
  };
  const onOld = [work(client(old.url), 'a'), work(client(old.url), 'b')];
  await until('the old one works', async () => made.length > 10);

  const port = await freePort();
  const newer: RunningProgram = startProgram(['server/main.ts', 'serve'], {
    cwd: tree,
    env: { STRONGROOM_HOME: home, STRONGROOM_PORT: String(port), ...env },
  });
  t.after(() => newer.child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until('the newer one is ready', async () => {
    assert.equal(newer.child.exitCode, null, newer.err());
    return (await fetch(`${url}/health/ready`).catch(() => null))?.ok === true;
  });
  const [later] = await fresh.db<{ count: number }[]>`select count(*)::int as count from platform.migrations where name like '%-later.sql'`; // prettier-ignore
  assert.ok((later?.count ?? 0) >= 10, `${later?.count} schemas were migrated`);
  const atTakeover = made.length;
  const onNew = work(client(url), 'c');
  await until('both work after the migration', async () => made.length > atTakeover + 20);
  stop.abort();
  await Promise.all([...onOld, onNew]);

  assert.deepEqual(
    failed,
    [],
    `nobody noticed: ${[old.out(), old.err(), newer.out(), newer.err()]
      .join('')
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line))
      .join('\n')
      .slice(0, 4000)}`,
  );
  for (const id of made.slice(-30)) {
    const both = await Promise.all(
      [client(old.url), client(url)].map(async (room) => valuesOf(await room.records.get(id))),
    );
    assert.deepEqual(both[0], both[1], 'each reads what the other wrote');
  }
  const { code, found } = await doctorOf(home, env);
  assert.equal(code, 1);
  assert.match(found, /DB_NEWER/, 'the doctor of the old version says that it must not start again');
  assert.deepEqual(await old.kill('SIGTERM'), { code: 0, signal: null });
  const again = launch({ home, port: await freePort(), env });
  assert.equal((await again.ended).code, 1);
  assert.match(again.err(), /DB_NEWER/);
  assert.equal((await client(url).records.get(made[0] as string)).id, made[0]);
  assert.deepEqual(await newer.kill('SIGTERM'), { code: 0, signal: null });
  await assertContiguous(fresh.db);
  await assertNothingOrphaned(fresh.db);
});

async function doctorOf(home: string, env: Record<string, string>): Promise<{ code: number | null; found: string }> {
  const asked = startProgram(['server/main.ts', 'doctor', '--json'], { env: { STRONGROOM_HOME: home, ...env } });
  const { code } = await asked.ended;
  return { code, found: asked.out() };
}
