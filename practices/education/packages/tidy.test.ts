/** What courses made elsewhere leave behind: contents that were replaced go, and what shows which they were stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uuidv7 } from '#platform/ids';

import { educationWorlds, later, START } from '../testing-gate.ts';
import { tidyPackages } from './tidy.ts';

const { world } = educationWorlds();

test('contents go once a newer version is there and nobody is in the old one; hashes stay; a run that nobody ended is dropped in time', async () => {
  const { db } = await world('p', 'nothing');
  const publish = async (seq: number, hash: string): Promise<void> => {
    await db`insert into education.package_files (package, path, sha256, size) values (${hash}, 'a.html', 'x', 3) on conflict do nothing`;
    await db`insert into education.package_chunks (package, path, n, bytes) values (${hash}, 'a.html', 0, ${Buffer.from('abc')})`;
    await db`
      insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_by, published_at)
      values ('package', 'bought', ${seq}, ${hash}, 'en', false, '{}', 'x', ${START})`;
  };
  const run = async (hash: string, endsAt: Date): Promise<void> => {
    await db`
      insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, saved)
      values (${uuidv7()}, ${uuidv7()}, 'bought', ${hash}, ${uuidv7()}, 'x', ${START}, ${endsAt}, 'page 3')`;
  };
  const left = async () => (await db<{ package: string }[]>`select distinct package from education.package_chunks order by package`).map((each) => each.package); // prettier-ignore
  const runs = async () => (await db`select from education.course_runs`).count;
  // the table has a clock of its own, which this run is open by
  const now = new Date();
  await publish(1, 'one');
  await run('one', later(now, 1));
  await tidyPackages(db, now);
  assert.deepEqual(await left(), ['one'], 'the newest');
  await assert.rejects(async () => db`delete from education.package_chunks where package = 'one'`, /still taken/);

  await publish(2, 'two');
  await tidyPackages(db, now);
  assert.deepEqual(await left(), ['one', 'two'], 'somebody is in it');
  await assert.rejects(async () => db`delete from education.package_chunks where package = 'one'`, /still taken/);
  // a server whose clock is ahead of the table’s
  await tidyPackages(db, later(now, 2));
  assert.deepEqual(await left(), ['one', 'two']);
  await db`update education.course_runs set ends_at = ${later(now, -1)}`;
  await tidyPackages(db, now);
  assert.deepEqual([await left(), await runs()], [['two'], 1]);
  assert.equal((await db`select from education.package_files where package = 'one'`).count, 1);
  await assert.rejects(async () => db`delete from education.package_files`, /refused/);
  await assert.rejects(async () => db`update education.package_chunks set bytes = ''`, /still taken/);

  await tidyPackages(db, later(now, 92));
  assert.equal(await runs(), 0, 'where it was to go on is kept no longer');
});

test('a version that was replaced stays while a session that shows it is there, also when its run has ended', async () => {
  const { db } = await world('shown', 'nothing');
  const now = new Date();
  for (const [seq, hash] of ['shown-1', 'shown-2'].entries()) {
    await db`insert into education.package_files (package, path, sha256, size) values (${hash}, 'a.html', 'x', 3)`;
    await db`insert into education.package_chunks (package, path, n, bytes) values (${hash}, 'a.html', 0, ${Buffer.from('abc')})`;
    await db`
      insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_by, published_at)
      values ('package', 'shown', ${seq + 1}, ${hash}, 'en', false, '{}', 'x', ${START})`;
  }
  const [run_id, session_id] = [uuidv7(), uuidv7()];
  await db`
    insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, state, ended_at)
    values (${run_id}, ${uuidv7()}, 'shown', 'shown-1', ${uuidv7()}, 'x', ${START}, ${later(now, 1)}, 'passed', ${now})`;
  await db`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at)
    values (${session_id}, ${run_id}, ${uuidv7()}, 0, 'Normal', ${uuidv7()}, ${uuidv7()}, 'x', ${now}, ${later(now, 1)})`;
  const left = async () => (await db`select from education.package_chunks where package = 'shown-1'`).count;
  await tidyPackages(db, now);
  assert.equal(await left(), 1);
  await assert.rejects(async () => db`delete from education.package_chunks where package = 'shown-1'`, /still taken/);
  // its part has said that it ends, and its last page is looked at
  await db`update education.part_sessions set state = 'terminated', ended_at = ${now} where session_id = ${session_id}`;
  await tidyPackages(db, now);
  assert.equal(await left(), 1);

  const abandoned = { session_id: uuidv7(), run_id };
  await db`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at, state, ended_at)
    values (${abandoned.session_id}, ${run_id}, ${uuidv7()}, 0, 'Normal', ${uuidv7()}, ${uuidv7()}, 'x', ${now}, ${later(now, 1)}, 'abandoned', ${now})`;
  await db`delete from education.part_sessions where session_id = ${session_id}`;
  await tidyPackages(db, now);
  assert.equal(await left(), 0);
});
