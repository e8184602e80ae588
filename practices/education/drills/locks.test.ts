/** In which order the end of a drill holds what others wait for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { begin, minutes } from '../testing-drills.ts';
import { byPerson, educationWorlds, START } from '../testing-gate.ts';

const { world } = educationWorlds();

test('the end of a drill holds what changed before the head of the log, as everything else does', async () => {
  const { one, hire, set, db, entries } = await world('a', { courses: [], policies: [], drills: ['stolen-laptop'] });
  const ada = hire();
  const id = await begin(one, [ada]);
  await one.drills.join(byPerson(ada), ada, id);
  set(minutes(START, 26));
  const ends = (): number => entries.filter(({ action }) => action === 'education.drill.end').length;
  const waits: Promise<number>[] = [];
  await db.begin(async (tx) => {
    await tx`select from education.change_head for update`;
    waits.push(one.drills.sweep());
    for (let tries = 0, found = 0; tries < 6000 && found === 0; tries++) {
      await sleep(10);
      found = (await db`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%change_head%'`).count; // prettier-ignore
    }
    assert.equal(ends(), 0);
  });
  assert.equal(await waits[0], 1);
  assert.equal(ends(), 1);
});
