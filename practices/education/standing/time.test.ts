/** Clocks that are wrong: one that is set back revives nothing, one that is ahead is cried about. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { DAY_MS, educationWorlds, later, START } from '../testing-gate.ts';

const { world, fresh } = educationWorlds();
// the database's own clock is asked as well
const AGO = new Date(Date.now() - 900 * DAY_MS);

beforeEach(() => fresh().db`delete from education.runs`);

test('a clock that is set back revives nothing in a server that begins anew, though the last entry of the log is of that clock too', async () => {
  const { hire, effect, pass, set, logged, again, one } = await world('a', undefined, AGO);
  const ada = hire();
  await effect(ada);
  await pass(ada, AGO);
  set(later(AGO, 400));
  assert.equal(await effect(ada), 'denied');
  await one.watch();

  set(later(AGO, 1));
  logged.at = later(AGO, 1);
  assert.equal(await effect(ada, again()), 'denied');
});

test('a server whose clock is far ahead does not move the time of all others beyond that of the database', async () => {
  const { set, one } = await world('b');
  set(later(new Date(), 4000));
  await one.watch();
  const [row] = await fresh().db`select ran_at <= clock_timestamp() as good from education.runs where name = 'time'`;
  assert.equal(row?.good, true);
});

test('an entry of the log that is ahead of the own clock counts, and is cried about, once an hour', async () => {
  const { hire, effect, pass, set, logged, again, odd } = await world('c');
  const soon = later(new Date(), 1);
  set(soon);
  const ada = hire();
  await effect(ada);
  await pass(ada, soon);
  logged.at = later(soon, 400);
  const server = again();
  assert.equal(await effect(ada, server), 'denied');
  await server.gate.duties(ada, ['c']);
  assert.deepEqual(odd, [{ own: soon, seen: later(soon, 400) }]);
});

test('after a clock that was ahead, the bulk guard still sees who lapses', async () => {
  const { hire, effect, pass, set, one, told } = await world('d');
  const begun = START;
  set(begun);
  const team = Array.from({ length: 5 }, () => hire());
  for (const each of team) await effect(each);
  for (const each of team) await pass(each, begun);
  // it ran once, when the clock was a hundred years ahead
  await fresh().db`
    insert into education.runs (name, ran_at) values ('bulk guard', now() + interval '100 years')
    on conflict (name) do update set ran_at = excluded.ran_at`;
  const { lapsesAt } = (await one.gate.duties(team[0] as string, ['d']))[0]?.standing ?? {};
  set(new Date(Number(lapsesAt) - DAY_MS / 2));
  await one.guard();
  assert.equal(told.filter((each) => 'lapsing' in each).length, 1);
});
