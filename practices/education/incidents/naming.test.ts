/** Those who live are gone through once for a scope, not once for each of its pages; who is erased meanwhile is nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uuidBytes, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import { createNaming } from './naming.ts';

test('a scope of many pages costs one walk; an erased one has no name on the next page; another hour walks anew', async () => {
  const people = Array.from({ length: 300 }, () => uuidv7() as SubjectId).toSorted();
  const erased = new Set<SubjectId>();
  let [named, now] = [0, 0];
  const naming = createNaming({
    clock: () => new Date(now),
    livingAfter: (after, limit) => Promise.resolve(people.filter((each) => !erased.has(each) && (after === null || each > after)).slice(0, limit)),
    livingOf: (ids) => Promise.resolve(new Set(ids.filter((each) => !erased.has(each)))),
    pseudonymOf: (subject) => {
      named += 1;
      return uuidBytes(subject).toString('base64url');
    },
  });
  const scope = uuidv7();
  const all = () => Promise.resolve(new Set<Uuid>(people));
  const page = (at: number) => naming.of(scope, people.slice(at, at + 10), all);
  await Promise.all([page(0), page(10)]);
  for (let at = 0; at < 300; at += 10) assert.equal((await page(at)).size, 10);
  assert.equal(named, 300);
  erased.add(people[5] as SubjectId);
  assert.equal((await page(0)).has(people[5] as Uuid), false);
  now += 3_600_000;
  assert.equal((await page(10)).size, 10);
  assert.equal(named, 599);
}); // prettier-ignore
