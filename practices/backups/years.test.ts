/** Backups that go on for years: recipients change, stores end, what is old goes; and what is told of it. Real folders. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { uuidv7 } from '#platform/ids';
import { readAll } from '#platform/testing';

import type { Backups } from './backups.ts';
import type { Beat } from './ledger.ts';
import { adopt } from './restore/adopt.ts';
import { findBackup } from './restore/find.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';
import { whatIsCovered } from './years-covered.tests.ts';
import { whoIsTrusted } from './years-trusted.tests.ts';
import { isWithoutChanges, otherLevel } from './testing-database.ts';
import { backupsWorld, WHO } from './testing-world.ts';

/** Nothing is locked, so that what may go goes. */
const FREE = { data: 0, key: 0, ledger: 1 } as const;
const world = await backupsWorld(1, { lockDays: FREE });
const { directory, backupsAt, forget, askOf } = world;

/** As after a restore, or before the first backup. */
const forgetAll = () => world.fresh.db`truncate backups.runs, backups.segments, backups.objects, backups.ledger_sent`;
const everywhere = (places: readonly string[]) => ({ data: places, key: places, ledger: places });
/** Names below a prefix of a store. */
const namesAt = async (place: string, prefix: string): Promise<string[]> =>
  (await (await openTarget(place)).list(prefix)).map(({ name }) => name);
/** A customer comes: a change of keys and, by the same transaction, none of data. */
const write = () =>
  world.fresh.db`insert into vault.keyrings (subject_id, epoch, ring) values (${uuidv7()}, 1, ${randomBytes(60)})`;
/** Where this PostgreSQL may be read by a slot. */
const readChanges = async (backups: Pick<Backups, 'readChanges'>): Promise<void> => {
  if ((await otherLevel(world.fresh.db)) === null) await readAll(backups.readChanges);
};
const age = (days: number, seq: number) =>
  world.fresh.db`
    update backups.runs set started_at = started_at - make_interval(days => ${days}), finished_at = finished_at - make_interval(days => ${days})
    where plane <> 'segment' and seq <= ${seq}`;
test('points in time are told of from where segments are kept, not from the oldest backup', async (t) => {
  if (await isWithoutChanges(t, world.fresh.db)) return;
  const backups = await backupsAt([directory('a')]);
  await readAll(backups.readChanges);
  await backups.take();
  for (let n = 0; n < 2; n += 1) {
    await write();
    await world.fresh
      .db`insert into vault.restrictions (subject_id, because, since, actor) values (${uuidv7()}, 'objection', now(), 'test')`;
    await readAll(backups.readChanges);
  }
  await age(60, 1);
  await world.fresh.db`update backups.runs set started_at = started_at - interval '60 days' where plane = 'segment'`;
  const newest = await backups.take();
  await write();
  await readAll(backups.readChanges);
  const { data } = await backups.prune(WHO, 'apply');
  assert.equal(data.runs, 0, 'a backup of a week is kept');
  assert.ok(data.objects > 0, 'segments of two months ago are not');

  const { pointInTime } = await backups.standing();

  assert.ok(pointInTime.from !== null && pointInTime.from >= newest.started_at, String(pointInTime.from));
});

test('keys in segments go at their horizon also while no backup of data is taken', async (t) => {
  if (await isWithoutChanges(t, world.fresh.db)) return;
  const backups = await backupsAt([directory('a')]);
  await readAll(backups.readChanges);
  await backups.take();
  await write();
  await readAll(backups.readChanges);
  await age(20, 1);
  await world.fresh.db`update backups.runs set started_at = started_at - interval '20 days' where plane = 'segment'`;
  await (
    await backups.begin('key', WHO)
  ).done;
  await write();
  await readAll(backups.readChanges);
  const before = await namesAt(directory('a'), 'key/changes/');

  await backups.prune(WHO, 'apply');

  const left = await namesAt(directory('a'), 'key/changes/');
  assert.deepEqual([before.length, left.length], [2, 1]);
});

test('a store that is dead keeps nothing in the others from going in time', async () => {
  const [dead, good] = [directory('a-dead'), directory('good')];
  await (await backupsAt([dead, good])).take();
  await (await backupsAt([dead, good])).take();
  await age(500, 1);
  const stores = createStores(everywhere([good]), async (address) => {
    if (address === dead) throw new Error('it is dead');
    return openTarget(address);
  });
  const backups = await backupsAt([good], { stores });

  await assert.rejects(backups.prune(WHO, 'apply'), /it is dead/);

  const rows = await world.fresh.db<{ store: string; left: number }[]>`
    select store, count(*) filter (where removed_at is null and o.name <> r.manifest_name)::int as left
    from backups.objects o join backups.runs r using (run_id) where r.seq = 1 and r.plane <> 'segment' group by store order by store`;
  assert.deepEqual(rows.map(({ left }) => left > 0), [true, false]); // prettier-ignore
});

test('a plane whose store is dead keeps no keys beyond their horizon', async () => {
  const addresses = { data: [directory('data')], key: [directory('key')], ledger: [directory('key')] };
  const both = await backupsAt([], { stores: createStores(addresses, openTarget) });
  for (let n = 0; n < 2; n += 1) await both.take();
  await age(20, 1);
  const stores = createStores(addresses, async (address) => {
    if (address === directory('data')) throw new Error('it is dead');
    return openTarget(address);
  });
  const backups = await backupsAt([], { stores });
  const before = await namesAt(directory('key'), 'key/objects/');

  await assert.rejects(backups.prune(WHO, 'apply'), /it is dead/);

  assert.equal((await namesAt(directory('key'), 'key/objects/')).length, before.length / 2);
});

test('a store that is dead keeps nobody from reading back what is in the others', async () => {
  const [dead, good] = [directory('a-dead'), directory('good')];
  await (await backupsAt([dead, good])).take();
  await world.fresh.db`update backups.objects set scrubbed_at = now() - interval '40 days' where store = ${dead}`;
  await world.fresh.db`update backups.objects set scrubbed_at = now() - interval '35 days' where store = ${good}`;
  const stores = createStores(everywhere([good]), async (address) => {
    if (address === dead) throw new Error('it is dead');
    return openTarget(address);
  });
  const backups = await backupsAt([good], { stores });

  await assert.rejects(backups.scrub(WHO, 2), /it is dead/);

  const [row] = await world.fresh.db<
    { read: number }[]
  >`select count(*)::int as read from backups.objects where store = ${good} and scrubbed_at > now() - interval '1 day'`;
  assert.equal(row?.read, 2);
});

test('after a restore from one store keys go at their horizon in the other one, too', async () => {
  const places = [directory('a'), directory('b')] as const;
  const backups = await backupsAt(places);
  for (let n = 0; n < 2; n += 1) {
    await backups.take();
    await write();
    await readAll(backups.readChanges);
  }
  const ask = await askOf(places[0]);
  const found = await findBackup(ask);
  await backups.close();
  await forgetAll();
  await adopt(world.fresh.db, ask, found, []);
  await world.fresh
    .db`update backups.runs set started_at = started_at - interval '20 days' where seq = 1 or plane = 'segment'`;
  const restored = await backupsAt(places);

  for (let n = 0; n < 3; n += 1) await restored.tick();
  await restored.prune(WHO, 'apply');

  const [one, other] = await Promise.all(places.map((place) => namesAt(place, 'key/')));
  assert.deepEqual(other, one);
});

test('the worst that is reported is no better than what is now', async () => {
  const backups = await backupsAt([directory('a')]);
  await backups.take();
  await age(1, 1);
  await backups.take();
  await age(9, 2);
  await world.fresh.db`truncate backups.slot`;

  const { rpo } = (await backups.report(30)).made;

  assert.ok((rpo.dataNowSeconds as number) > 8 * 86_400);
  assert.ok((rpo.dataWorstSeconds as number) >= (rpo.dataNowSeconds as number), JSON.stringify(rpo));
  assert.ok((rpo.keyWorstSeconds as number) >= (rpo.keyNowSeconds as number), JSON.stringify(rpo));
});

test('a beat is given for every new entry, for a backup that another server ended, and else every five minutes', async () => {
  const times = { at: Date.now() };
  const backups = await backupsAt([directory('a')], { clock: () => new Date(times.at) });
  const beats = async (): Promise<Beat[]> => {
    const store = await openTarget(directory('a'));
    return Promise.all((await namesAt(directory('a'), 'ledger/beats/')).map(async (name) => JSON.parse(String(await store.get(name)).split('\n', 1)[0] as string) as Beat)); // prettier-ignore
  };
  await backups.tick();
  await backups.tick();
  assert.equal((await beats()).length, 1, 'nothing happened');
  forget();
  await backups.tick();
  assert.deepEqual((await beats()).map(({ ledgerSeq }) => ledgerSeq), [0, 1]); // prettier-ignore
  times.at += 299_000;
  await backups.tick();
  assert.equal((await beats()).length, 2);
  times.at += 2000;
  await backups.tick();
  assert.equal((await beats()).length, 3);
  // set back by a day: it is not waited for until then
  times.at -= 86_400_000;
  await backups.tick();
  assert.equal((await beats()).length, 4);

  const dying = await backupsAt([directory('a')], {
    stop: (at) => {
      if (at === 'signed') throw new Error('killed');
    },
  });
  await assert.rejects((await dying.begin('key', WHO)).done, /killed/);
  await world.fresh.db`update backups.runs set beat_at = now() - interval '31 s'`;
  await backups.tick();
  assert.deepEqual((await beats()).map(({ key }) => key), [0, 0, 0, 0, 1]); // prettier-ignore
});

/** What the part is handed, as it is when it asks. */
const running = () => ({ ...world, namesAt, write, readChanges, age });
export type Running = ReturnType<typeof running>;

whoIsTrusted(running);
whatIsCovered(running);
