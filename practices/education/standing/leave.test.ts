/** Leave and exemptions are no way around a lesson, for nobody alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { byPerson, DAY_MS, educationWorlds, later, START } from '../testing-gate.ts';

const { world } = educationWorlds();
const officer = byPerson('per_0');
const refused = (code: string) => (thrown: unknown) => isFailure(thrown, code);

test('leave that is told late runs from when it was told: what lapsed before does not come back when it is over', async () => {
  const { hire, effect, pass, set, one } = await world('a');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  set(later(START, 400));
  assert.equal(await effect(ada), 'denied');

  await one.manage.absent(officer, ada, later(START, -3000), later(START, 401));
  set(later(START, 402));
  assert.equal(await effect(ada), 'denied');
});

test('who is away sees no customer, whatever they have passed; from the moment on that it ends they do, on every server', async () => {
  const { hire, effect, pass, set, one, other } = await world('b');
  const [ada, bea] = [hire(), hire()];
  for (const each of [ada, bea]) {
    await effect(each);
    await pass(each, START);
  }
  const away = await one.manage.absent(officer, ada, START, null);
  await one.manage.absent(officer, bea, later(START, 2), later(START, 4));

  assert.deepEqual([await effect(ada), await effect(bea, other)], ['denied', 'open']);
  set(later(START, 3));
  assert.deepEqual([await effect(ada, other), await effect(bea, other)], ['denied', 'denied'], 'though it was remembered');
  await one.manage.back(officer, away, later(START, 3));
  set(later(START, 5));
  assert.deepEqual([await effect(ada, other), await effect(bea, other)], ['open', 'open']);
}); // prettier-ignore

test('nobody says of themselves that they are away or back, nor does a key that nobody stands behind', async () => {
  const { hire, one, effect } = await world('c');
  const ada = hire();
  await effect(ada);
  const bare = { actor: { kind: 'service' as const, id: 'key_1' }, requestId: 't' };
  const key = { actor: { kind: 'service' as const, id: 'key_2' }, person: ada, requestId: 't' };
  for (const by of [byPerson(ada), key, bare])
    await assert.rejects(one.manage.absent(by, ada, START, null), refused('EDUCATION_SECOND_EYES'));
  const away = await one.manage.absent(officer, ada, START, null);
  for (const by of [byPerson(ada), key, bare])
    await assert.rejects(one.manage.back(by, away, later(START, 1)), refused('EDUCATION_SECOND_EYES'));
  assert.equal(await effect(ada), 'denied', 'a refusal has ended nothing');
  await one.manage.back(officer, away, later(START, 1));
});

test('an exemption is asked for by somebody: with a key that nobody stands behind one would be both', async () => {
  const { hire, one } = await world('d');
  const ada = hire();
  const about = { until: later(START, 10), because: 'no time' };
  const bare = { actor: { kind: 'service' as const, id: 'key_1' }, requestId: 't' };
  const text = { kind: 'course', id: 'phishing' } as const;
  await assert.rejects(one.manage.askExemption(bare, ada, text, about), refused('EDUCATION_SECOND_EYES'));

  const asked = await one.manage.askExemption(officer, ada, text, about);
  await assert.rejects(one.manage.approveExemption(officer, asked), refused('EDUCATION_SECOND_EYES'));
  await assert.rejects(one.manage.approveExemption(byPerson(ada), asked), refused('EDUCATION_SECOND_EYES'));
  await one.manage.approveExemption(byPerson('per_1'), asked);
});

test('one who takes back from many is told of, once a day, also when it is done on two servers at once', async () => {
  const { hire, one, other, set, entries } = await world('e');
  const team = Array.from({ length: 20 }, () => hire());
  const crowds = () => entries.filter(({ action }) => action === 'education.revocations.many');
  const text = { kind: 'course', id: 'phishing' } as const;
  const take = (person: string, server = one) => server.manage.revoke(officer, person, text, 'confirmed');
  for (const each of team.slice(0, 2)) await take(each);
  await take(team[0] as string);
  assert.equal(crowds().length, 0);

  await Promise.all(team.slice(2, 8).map((each, at) => take(each, at % 2 === 0 ? one : other)));
  assert.deepEqual(crowds().map(({ detail }) => [detail?.people, detail?.of, detail?.by]), [[3, 20, 'per_0']]);
  set(new Date(START.getTime() + 2 * DAY_MS));
  for (const each of team.slice(8, 11)) await take(each);
  assert.equal(crowds().length, 2);
}); // prettier-ignore
