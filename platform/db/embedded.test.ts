import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { isFailure } from '#platform/failure';

import { openDb } from './connection.ts';
import { markOf } from './embedded-cluster.ts';
import { postmastersOf } from './embedded-process.ts';
import type { EmbeddedNews } from './embedded-supervise.ts';
import { startEmbedded } from './embedded.ts';
import { homes, isLinux, isRoot, kill, otherServer, processesIn, start, until, within } from './testing-embedded.ts';

const { newFolder, newHome } = homes();

test('it answers on its socket alone, with checksums and fsync, and stops without a trace', async () => {
  const home = await newHome();
  const embedded = await startEmbedded({ home });

  const set = await within(openDb(embedded.url), async (db) => {
    const rows = await db<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name in
      ('data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'log_min_messages')`;
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
  const cmdline = await readFile(`/proc/${embedded.pid()}/environ`, 'utf8').catch(() => '');
  await embedded.stop();
  await embedded.stop();

  assert.deepEqual(set, {
    data_checksums: 'on',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    listen_addresses: '',
    log_min_messages: 'log',
  });
  assert.ok(!cmdline.includes('HOME='), 'PostgreSQL inherits no environment of ours, where secrets may stand');
  assert.deepEqual(await processesIn(home), []);
});

test('who reaches the socket without the password is refused, and others do not reach it', async () => {
  const home = await newHome();
  const embedded = await start({ home });
  try {
    await assert.rejects(
      within(openDb({ ...embedded.address, password: 'guess' }), async (db) => await db`select 1`),
      { code: '28P01' },
    );
    const mode = async (path: string): Promise<number> => (await stat(resolve(home, path))).mode & 0o777;
    assert.equal(await mode('postgres.password'), 0o600);
    assert.equal(await mode('postgres'), 0o700);
    assert.equal(await mode(embedded.address.socketFolder), 0o700);
    assert.equal(await mode('postgres/cluster'), 0o700);
    assert.equal(await mode('postgres.log'), 0o600);
    const log = await readFile(join(home, 'postgres.log'), 'utf8');
    assert.ok(!log.includes(embedded.address.password));
  } finally {
    await embedded.stop();
  }
});

test('its log holds no value of a statement, of a parameter or of a refused row', async () => {
  const home = await newHome();
  const embedded = await start({ home });

  await within(openDb(embedded.url), async (db) => {
    await db`create table t (v text primary key)`;
    await db`insert into t values (${'ZEBRA-1'})`;
    await assert.rejects(async () => await db`insert into t values (${'ZEBRA-1'})`);
    await assert.rejects(async () => await db.unsafe(`insert into t values ('ZEBRA-1')`));
    await assert.rejects(async () => await db.unsafe(`select 'ZEBRA-2'::int`));
    await assert.rejects(async () => await db`select pg_terminate_backend(pg_backend_pid()), ${'ZEBRA-3'}::text`);
  });
  await embedded.stop();

  const log = await readFile(join(home, 'postgres.log'), 'utf8');
  assert.match(log, /ready to accept connections/);
  assert.doesNotMatch(log, /ZEBRA/);
});

test('a second server on the same home is refused, with the process that holds it', async () => {
  const home = await newHome();
  const embedded = await start({ home });
  try {
    const refused = (thrown: unknown): boolean =>
      isFailure(thrown, 'DB_HOME_IN_USE') && thrown.message.includes(String(process.pid)) && thrown.hint !== '';
    await assert.rejects(start({ home }), refused);

    const { said } = await otherServer(home);
    assert.equal(said.code, 'DB_HOME_IN_USE');
    assert.equal(said.extra?.pid, process.pid);
    await within(openDb(embedded.url), async (db) => await db`select 1`);
  } finally {
    await embedded.stop();
  }
});

test('of three servers that race for one empty home, one gets it', async () => {
  const home = await newFolder();

  const servers = await Promise.all([1, 2, 3].map(() => otherServer(home)));

  assert.deepEqual(
    servers.map(({ said }) => said.code ?? 'up').toSorted((a, b) => a.localeCompare(b)),
    ['DB_HOME_IN_USE', 'DB_HOME_IN_USE', 'up'],
  );
  assert.equal((await processesIn(home)).length > 0, true);
  for (const { child } of servers) await kill(child);
  await until('PostgreSQL is gone', async () => (await processesIn(home)).length === 0);
});

test('a killed server leaves no PostgreSQL behind, and the next one finds all that was committed', async () => {
  const home = await newHome();
  const { child, said } = await otherServer(home);
  await within(openDb(said.url as string), async (db) => {
    await db`create table kept (id int)`;
    await db`insert into kept values (1)`;
  });

  await kill(child);
  const embedded = await start({ home });

  try {
    // a child that was forked a moment ago still has the arguments of the postmaster
    const mark = markOf(join(home, 'postgres', 'cluster'));
    if (isLinux) await until('there is one postmaster', async () => (await postmastersOf(mark)).length === 1);
    assert.equal((await within(openDb(embedded.url), async (db) => await db`select from kept`)).length, 1);
  } finally {
    await embedded.stop();
  }

  const again = await otherServer(home);
  await kill(again.child);
  await until('PostgreSQL is gone', async () => (await processesIn(home)).length === 0);
});

test('an orphan whose watchdog died too is stopped by the next start', { skip: !isLinux }, async () => {
  const home = await newHome();
  // a killed watchdog makes PostgreSQL restart by crash recovery: only with full durability must the table be there
  const { child, said } = await otherServer(home, {}, 'full');
  await within(openDb(said.url as string), async (db) => await db`create table kept (id int)`);
  const [postmaster] = await postmastersOf(markOf(join(home, 'postgres', 'cluster')));
  for (const pid of await readdir('/proc')) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (title.startsWith('/bin/sh\0') && title.includes(markOf(join(home, 'postgres', 'cluster')))) {
      process.kill(Number(pid), 'SIGKILL');
    }
  }
  await kill(child);
  await sleep(500);
  assert.ok((await processesIn(home)).includes(postmaster as number), 'there is no orphan: the test proves nothing');

  const embedded = await start({ home });

  try {
    assert.notEqual(embedded.pid(), postmaster);
    assert.ok(!(await processesIn(home)).includes(postmaster as number));
    await within(openDb(embedded.url), async (db) => await db`select from kept`);
  } finally {
    await embedded.stop();
  }
});

test('one that is killed while it is loaded, or any process of it, stays down: what it said was written may be gone', async () => {
  let home = '';
  for (const victim of ['postmaster', 'checkpointer']) {
    home = await newHome();
    const loading = await startEmbedded({ home, durability: 'loading' });
    await within(openDb(loading.url, { connections: 1 }), async (db) => {
      const [{ level } = { level: '' }] = await db<{ level: string }[]>`select current_setting('wal_level') as level`;
      assert.equal(level, 'minimal');
      await db`create table kept as select 1 as id`;
      const [row] = await db<{ pid: number }[]>`select pid from pg_stat_activity where backend_type = ${victim}`;
      process.kill(row?.pid ?? loading.pid(), 'SIGKILL');
      await assert.rejects(async () => {
        for (;;) await db`select from kept`;
      });
      await sleep(600);
      await assert.rejects(async () => await db`select`, victim);
    });
    await loading.stop();
  }

  // stopped in order, it is there afterwards, and is as durable as ever
  const second = await startEmbedded({ home, durability: 'loading' });
  await within(openDb(second.url), async (db) => await db`create table loaded as select 1 as id`);
  await second.stop();
  const embedded = await startEmbedded({ home });
  try {
    await within(openDb(embedded.url), async (db) => {
      assert.equal((await db`select from loaded`).length, 1);
      const [row] =
        await db`select current_setting('wal_level') as level, current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages`;
      assert.deepEqual({ ...row }, { level: 'logical', commit: 'on', pages: 'on' });
    });
  } finally {
    await embedded.stop();
  }
});

test('a killed PostgreSQL is reported, restarted and recovered; what was committed is there', async () => {
  const home = await newHome();
  const news: EmbeddedNews[] = [];
  const embedded = await startEmbedded({ home, onNews: (each) => news.push(each) });
  await within(openDb(embedded.url, { connections: 2 }), async (db) => {
    await db`create table kept (id int)`;
    const first = embedded.pid();
    let answered = 0;
    let refused = 0;
    const writing = (async () => {
      for (let id = 0; !news.some(({ what }) => what === 'recovered') || id < 20; id += 1) {
        await db`insert into kept values (${id})`.then(
          () => (answered += 1),
          () => (refused += 1),
        );
        await sleep(5);
      }
    })();
    await sleep(100);

    process.kill(first, 'SIGKILL');
    await writing;

    assert.deepEqual(news[0], { what: 'exited', code: null, signal: 'SIGKILL' });
    assert.equal(news.at(-1)?.what, 'recovered');
    assert.notEqual(embedded.pid(), first);
    assert.ok(refused > 0);
    const [row] = await db<{ n: bigint }[]>`select count(*) as n from kept`;
    assert.ok(Number(row?.n) >= answered, `${answered} answered, ${row?.n} found`);
  });
  await embedded.stop();
  assert.deepEqual(await processesIn(home), []);
});

test('a PostgreSQL that cannot start is tried again for as long as it takes, and each time said so', async () => {
  const home = await newHome();
  const news: EmbeddedNews[] = [];
  const embedded = await start({ home, onNews: (each) => news.push(each) });
  const control = join(home, 'postgres', 'cluster', 'global', 'pg_control');
  const first = embedded.pid();
  const told = (what: EmbeddedNews['what']): number => news.filter((each) => each.what === what).length;
  await rename(control, `${control}.away`);

  process.kill(first, 'SIGKILL');
  await until('it was tried', async () => await Promise.resolve(told('not-started') >= 3));
  assert.equal(told('recovered'), 0);
  await rename(`${control}.away`, control);
  await until('it is back', async () => await Promise.resolve(told('recovered') === 1));

  assert.notEqual(embedded.pid(), first);
  await within(openDb(embedded.url), async (db) => await db`select 1`);
  await rename(control, `${control}.away`);
  process.kill(embedded.pid(), 'SIGKILL');
  await until('it is down again', async () => await Promise.resolve(told('exited') === 2));
  // in the middle of a pause
  await embedded.stop();
  assert.deepEqual(await processesIn(home), []);
  const failed = news.find((each) => each.what === 'not-started');
  assert.match(String(failed?.because), /pg_control/);
});

test('a start right after its server was killed is not hindered by the watchdog that still tidies up', async () => {
  const home = await newHome();
  const folders = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const { child } = await otherServer(home);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const embedded = await start({ home });
    // longer than the watchdog's own turn
    await sleep(300);
    await within(openDb(embedded.url), async (db) => await db`select 1`);
    folders.add(embedded.address.socketFolder);
    await embedded.stop();
  }
  // a name used again is removed by the watchdog now and then, too seldom to be seen in three rounds
  assert.equal(folders.size, 3);
});

test('the lock file of a crashed PostgreSQL whose number another program has now is no obstacle', async () => {
  const home = await newHome();
  const other = spawn('sleep', ['60'], isRoot ? { uid: 65_534, gid: 65_534 } : {});
  const path = join(home, 'postgres', 'cluster', 'postmaster.pid');
  await writeFile(path, `${other.pid}\n${join(home, 'postgres', 'cluster')}\n1\n5432\n\n\n\nready\n`);

  const embedded = await start({ home });

  await embedded.stop();
  await kill(other);
});
