/** The gate on a database: at the next question, on every server, whatever a clock does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noteChange } from '../store/changes.ts';
import { byPerson, DAY_MS, educationWorlds, later, START } from '../testing-gate.ts';

const { world, fresh } = educationWorlds();
test('never done is shut; passed is open at the next question of another server; nobody asks for the time', async () => {
  const { hire, effect, pass, other, one } = await world('a');
  const ada = hire();

  assert.deepEqual([await effect(ada, one), await effect(ada, other)], ['denied', 'denied']);
  await pass(ada, START);
  assert.deepEqual([await effect(ada, other), await effect(ada, one)], ['open', 'open']);
});

test('it lapses by time alone, though it is remembered and no job runs: due, grace, nothing', async () => {
  const { hire, effect, pass, set } = await world('b');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  assert.equal(await effect(ada), 'open');

  // 365 days on, to the end of that day; it is a Tuesday, and five working days later a Tuesday again
  set(new Date('2027-03-02T23:59:59Z'));
  assert.equal(await effect(ada), 'open');
  set(new Date('2027-03-03T00:00:00Z'));
  assert.equal(await effect(ada), 'masked');
  set(new Date('2027-03-09T23:59:59Z'));
  assert.equal(await effect(ada), 'masked');
  set(new Date('2027-03-10T00:00:00Z'));
  assert.equal(await effect(ada), 'denied');
});

test('a clock that is set back revives nothing, neither in a running server nor in one that begins anew', async () => {
  const { hire, effect, pass, set, logged, again } = await world('c');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  const lapsed = later(START, 400);
  set(lapsed);
  assert.equal(await effect(ada), 'denied');

  set(START);
  // so that it is worked out anew
  await noteChange(fresh().db, null);
  assert.equal(await effect(ada), 'denied', 'this server knows that it was later');
  logged.at = lapsed;
  assert.equal(await effect(ada, again()), 'denied', 'the log has an entry of that day');
  logged.at = null;
  assert.equal(await effect(ada, again()), 'open', 'what tells it is the log alone');
});

test('who had the role before it asked has thirty days; to whom it is new it opens with the course', async () => {
  const { hire, effect, one, other, set, asks } = await world('d', 'nothing');
  const ada = hire();
  assert.equal(await effect(ada), 'open');

  asks({ courses: ['devices'], policies: [] });
  assert.equal(await effect(ada, other), 'open', 'at the first question, before any loop has run');
  await one.sync();
  const bea = hire();
  assert.deepEqual([await effect(ada), await effect(bea)], ['open', 'denied']);
  // the thirtieth day is 2026-04-01, a Wednesday
  set(new Date('2026-04-02T00:00:00Z'));
  assert.deepEqual([await effect(ada), await effect(bea)], ['masked', 'denied']);
  set(new Date('2026-04-09T00:00:00Z'));
  assert.equal(await effect(ada), 'denied');
});

test('leave stops the clock, and brings back nothing that has lapsed', async () => {
  const { hire, effect, pass, set, one } = await world('f');
  const [ada, bea] = [hire(), hire()];
  for (const each of [ada, bea]) await effect(each);
  await pass(ada, START);
  await pass(bea, START);
  const by = { actor: { kind: 'staff' as const, id: 'per_0' }, person: 'per_0', requestId: 't' };
  set(later(START, 300));
  await one.manage.absent(by, ada, later(START, 300), later(START, 400));
  set(later(START, 401));
  assert.deepEqual([await effect(ada), await effect(bea)], ['open', 'denied']);
  await one.manage.absent(by, bea, later(START, 401), null);
  assert.equal(await effect(bea), 'denied');
});

test('before many of a role lapse at once, the grace is given once more, once; and its owner is told', async () => {
  const { hire, effect, pass, set, one, other, told } = await world('g');
  const team = Array.from({ length: 5 }, () => hire());
  for (const each of team) await effect(each);
  for (const each of team) await pass(each, START);
  await one.guard();

  // all lapse on 2027-03-10
  set(new Date('2027-03-09T12:00:00Z'));
  const found = await Promise.all([one.guard(), other.guard()]);
  assert.deepEqual(found.flat().map(({ role, lapsing, of }) => [role, lapsing, of])[0], ['g', 5, 5]);
  assert.equal(told.filter((each) => 'lapsing' in each).length, 1, 'of two servers one tells it');
  set(new Date('2027-03-10T12:00:00Z'));
  assert.deepEqual(
    await Promise.all(team.map((each) => effect(each, other))),
    team.map(() => 'masked'),
  );

  set(new Date('2027-03-16T12:00:00Z'));
  await one.guard();
  set(new Date('2027-03-17T12:00:00Z'));
  assert.deepEqual(
    await Promise.all(team.map((each) => effect(each))),
    team.map(() => 'denied'),
    'not a second time',
  );
});

test('mails go out 30, 14, 7 and 1 days before, each once, also by two servers; none when it is over', async () => {
  const { hire, effect, pass, set, one, other, told } = await world('h');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  const due = Date.parse('2027-03-03T00:00:00Z');
  const mails: number[] = [];
  for (const days of [40, 31, 30, 15, 14, 8, 3, 2, 1, -1]) {
    set(new Date(due - days * DAY_MS));
    told.length = 0;
    await Promise.all([one.remind(), other.remind(), one.remind()]);
    mails.push(told.length);
  }

  assert.deepEqual(mails, [0, 1, 0, 1, 0, 1, 0, 1, 0, 0]);
});

test('changes that were swept while a server was away are of everybody', async () => {
  const { hire, effect, pass, one, other, db } = await world('i');
  const ada = hire();
  assert.equal(await effect(ada, other), 'denied');
  await pass(ada, START);
  await db`update education.changes set at = now() - interval '2 days'`;
  await one.sweep();
  assert.equal(await effect(ada, other), 'open');
});

test('what a person assigned counts in every role, also where one of them asks for it as well', async () => {
  const { hire, effect, set, one } = await world('k');
  const ada = hire();
  const inAnother = async (): Promise<string> => {
    await one.gate.refresh();
    return (await one.gate.trainingOf(ada, 'k2', 'nothing')).effect;
  };
  await one.manage.assign(byPerson('per_0'), [ada], { kind: 'course', id: 'phishing' });
  set(later(START, 60));
  assert.equal(await inAnother(), 'denied');

  await effect(ada);
  assert.equal(await inAnother(), 'denied');
});

test('somebody to whom no mail can be written keeps nobody else from their reminder', async () => {
  const { hire, effect, pass, set, one, told, unmailed } = await world('l');
  const [ada, bea] = [hire(), hire()];
  for (const each of [ada, bea]) {
    await effect(each);
    await pass(each, START);
  }
  unmailed.add(`${ada}@example.org`);
  set(later(START, 350));

  assert.equal(await one.remind(), 1);
  assert.deepEqual(told.flatMap((each) => ('to' in each ? [each.to] : [])), [`${bea}@example.org`]); // prettier-ignore
});

test('nobody is told of what their role asked for once, and asks for no more', async () => {
  const { hire, effect, pass, set, asks, one, told } = await world('m', {
    courses: ['phishing', 'devices'],
    policies: [],
  });
  const team = [hire(), hire(), hire()];
  for (const each of team) {
    await effect(each);
    await pass(each, START);
    await pass(each, START, 'devices');
  }
  asks({ courses: ['devices'], policies: [] });
  set(later(START, 371));
  for (const each of team) await pass(each, later(START, 371), 'devices');

  assert.equal(await effect(team[0] as string), 'open');
  const { covered } = await one.coverage();
  assert.deepEqual(covered.map(({ duties }) => duties.map(({ id }) => id)), team.map(() => ['devices'])); // prettier-ignore
  assert.deepEqual(
    (await one.gate.duties(team[0] as string, ['m'])).map(({ id }) => id),
    ['devices'],
  );
  assert.deepEqual(await one.guard(), []);
  assert.deepEqual(told, []);
});
