/** What waits for people is said again, by a clock of its policy; and what is over is known as long as its own page says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';

import { byPerson, DAY_MS, educationWorlds, later, START } from '../testing-gate.ts';
import { acted, castIn, look, opened, said, toOpen, votes, type Cast } from '../testing-violations.ts';

const { world } = educationWorlds();
const cast = async (role: string): Promise<Cast> => castIn(await world(role));
/** How often those who may decide were reminded of one of this person. */
const reminded = ({ w, ada }: Cast): number => w.steps.filter((each) => each === `reminder ${ada}`).length;
const sweepAt = async ({ w }: Cast, days: number): Promise<void> => {
  w.set(later(START, days));
  await Promise.all([w.one.violations.sweep(), w.other.violations.sweep()]);
};

test('who may decide is reminded of what waits, after five working days and again after five, on a working day, and by one server', async () => {
  const c = await cast('waits');
  const { w, ada, opener, rex, sue } = c;
  const id = await opened(c);
  await said(c, id);
  const counts: number[] = [];
  // Monday the 9th, Tuesday, the day after, Tuesday the 17th, Wednesday
  for (const days of [7.5, 7.7, 7.8, 8.7, 15.5, 15.7]) {
    await sweepAt(c, days);
    counts.push(reminded(c));
  }
  assert.deepEqual(counts, [0, 1, 1, 1, 1, 2]);
  assert.ok(w.untold.includes(opener), 'but for who may not');

  for (const who of [rex, sue]) await votes(w, who, id, 'coaching');
  await sweepAt(c, 17);
  w.set(later(START, 18));
  await w.one.violations.appeal(byPerson(ada), id, 'It was not me.');
  w.untold.length = 0;
  await sweepAt(c, 26);
  assert.equal(reminded(c), 2, 'a Saturday');
  await sweepAt(c, 28);
  assert.equal(reminded(c), 3);
  for (const who of [opener, rex, sue]) assert.ok(w.untold.includes(who), 'nor who has decided in it');
  await look(w, c.uma, id);
  await w.one.violations.answer(byPerson(c.uma), id, { grant: false, because: 'x' });
  await sweepAt(c, 60);
  assert.equal(reminded(c), 3, 'nothing waits any more');
});

test('nobody is reminded while the person is waited for', async () => {
  const c = await cast('heard');
  await opened(c);

  await sweepAt(c, 7.7);

  assert.equal(reminded(c), 0);
});

test('a policy says for itself after how many working days', async () => {
  const c = await cast('own clock');
  const { w, ada, opener } = c;
  const text = await readFile(new URL('../starters/policies/access.md', import.meta.url), 'utf8');
  const source = text.replace('id: access', 'id: access-soon').replace('reviewMonths:', 'ladderRemindDays: 1\nreviewMonths:');
  await w.one.publish(byPerson(opener), { kind: 'policy', source, replaces: null, material: true });
  await said(c, await w.one.violations.open(byPerson(opener), toOpen(ada, await acted(w, ada), { policy: 'access-soon' })));

  const counts: number[] = [];
  for (const days of [0.1, 1.7, 1.8, 3.7]) {
    await sweepAt(c, days);
    counts.push(reminded(c));
  }

  assert.deepEqual(counts, [0, 1, 1, 2]);
}); // prettier-ignore

test('an appeal that was refused late is known 90 days after its answer, as its page says, and not a day longer', async () => {
  const c = await cast('late');
  const { w, ada, rex, sue, uma } = c;
  const id = await opened(c);
  await said(c, id);
  for (const who of [rex, sue]) await votes(w, who, id, 'coaching');
  await w.one.violations.appeal(byPerson(ada), id, 'x');
  assert.equal((await look(w, ada, id, 'person')).forgottenAt, null, 'it is open');
  const answered = later(START, 1080);
  w.set(answered);
  await look(w, uma, id);
  await w.one.violations.answer(byPerson(uma), id, { grant: false, because: 'x' });

  const gone = new Date((await look(w, ada, id, 'person')).forgottenAt ?? '');
  assert.equal(gone.getTime(), answered.getTime() + 90 * DAY_MS);
  w.set(gone);
  await w.one.violations.sweep();
  assert.equal((await w.one.violations.mine(ada)).length, 1);
  w.set(new Date(gone.getTime() + 1));
  await w.one.violations.sweep();

  assert.deepEqual(await w.one.violations.mine(ada), []);
});
