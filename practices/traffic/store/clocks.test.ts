/** What was written while the clock of the database ran ahead by a year silences no rule, no playbook and no baseline until then. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { rollUp, rollupsOf } from './rollups.ts';
import { doneLately, putRule, rulesMark, saidLately } from './rules.ts';

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
});
after(() => fresh.close());

test('a rule that is switched on or off after the clock was set right is noticed', async () => {
  const { db } = fresh;
  const put = (state: 'on' | 'off') => putRule(db, { rule: 'a', state, reason: 'x', by: 'per_1' });
  await put('on');
  await db`update traffic.rules set at = now() + interval '1 year'`;
  await putRule(db, { rule: 'b', state: 'on', reason: 'x', by: 'per_1' });
  await db`update traffic.rules set at = now() + interval '1 year' where rule = 'b'`;
  const before = await rulesMark(db);

  await put('off');

  assert.notEqual(await rulesMark(db), before);
  assert.equal(await rulesMark(db), await rulesMark(db));
});

test('a playbook acts again, and its limit of an hour is not used up', async () => {
  const { db } = fresh;
  const [found, playbook] = [uuidv7(), uuidv7()];
  await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
    values (${found}, 'x', 'made', 4, 'open', '{}', '{}', '{}', 0, 0, now(), now())`;
  const said = (at: string) => db`insert into traffic.case_steps (case_id, step_id, at, by, kind, note)
    values (${found}, ${uuidv7()}, now() + ${at}::interval, ${`playbook ${playbook}`}, 'action', 'x')`;
  const asked = async (): Promise<[boolean, number]> => [
    await saidLately(db, found, playbook, ['action'], 600),
    await doneLately(db, playbook),
  ];
  await said('1 year');
  assert.deepEqual(await asked(), [false, 0]);

  await said('-20 minutes');
  assert.deepEqual(await asked(), [false, 1]);
  // of a server whose clock is a little ahead of the database's
  await said('2 seconds');
  assert.deepEqual(await asked(), [true, 2]);
});

test('days are rolled up again from the day on which the clock was set right', async () => {
  const { db } = fresh;
  await db`insert into traffic.rolled (ends) values ((now() at time zone 'UTC')::date + 364)`;
  await db.begin((tx) => rollUp(tx as never, 40));
  // a day goes by
  await db`update traffic.rolled set ends = ends - 1`;
  await db`insert into traffic.touches (subject_id, day, actor, purpose, first_at, last_at)
    values (${uuidv7()}, (now() at time zone 'UTC')::date - 1, 'key_1', 'p', now(), now())`;

  assert.equal(await db.begin((tx) => rollUp(tx as never, 40)), 1);

  assert.deepEqual((await rollupsOf(db, ['p'])).map(({ win, n }) => [win, n])[0], ['day', 1]);
}); // prettier-ignore
