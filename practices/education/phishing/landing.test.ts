/** Who counts as a click, what the landing page may say, and how hard a mail is to see through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { judgeLanding, parseBeacon, type Deed, type LandingRequest } from './landing.ts';
import { ratePhish } from './phish-scale.ts';

const DELIVERED = new Date('2026-03-02T10:00:00Z');
const after = (seconds: number): Date => new Date(DELIVERED.getTime() + seconds * 1000);
const TOKEN = 'A'.repeat(22);
const beacon = (deed: Deed, seconds: number, more: Partial<{ visit: string; ms: number; fields: never[] }> = {}): LandingRequest => ({
  kind: 'beacon',
  at: after(seconds),
  beacon: { token: TOKEN, visit: more.visit ?? 'B'.repeat(22), deed, fields: more.fields ?? [], ms: more.ms ?? 900 },
}); // prettier-ignore
const fetched = (method: string, seconds: number): LandingRequest => ({ kind: 'fetch', method, at: after(seconds) });

test('a scanner that fetches every link is no click, however often it comes', () => {
  const scanner = ['GET', 'HEAD', 'OPTIONS', 'GET'].flatMap((method, each) => [fetched(method, each), fetched(method, 3600 + each)]); // prettier-ignore
  assert.deepEqual(judgeLanding(scanner, DELIVERED), { by: 'robot', clickedAt: null, submittedAt: null, fields: [] });
  assert.equal(judgeLanding([], DELIVERED).by, 'nobody');
});

test('a browser without a person is none: its script runs, its page is visible, and nothing moves', () => {
  const headless = [fetched('GET', 60), beacon('script', 61), beacon('visible', 61)];
  assert.equal(judgeLanding(headless, DELIVERED).by, 'robot');
  assert.equal(judgeLanding([...headless, beacon('submit', 62)], DELIVERED).by, 'robot', 'a form that nobody touched');
  assert.equal(
    judgeLanding([...headless, beacon('pointer', 61, { ms: 3 })], DELIVERED).by,
    'robot',
    'faster than a hand',
  );
  assert.equal(judgeLanding([beacon('script', 60), beacon('pointer', 61)], DELIVERED).by, 'robot', 'in a hidden page');
  assert.equal(
    judgeLanding([beacon('visible', 60), beacon('pointer', 61)], DELIVERED).by,
    'robot',
    'deeds that no script began',
  );
  // deeds of two visits do not make one person
  const parts = [beacon('script', 60), beacon('visible', 60), beacon('key', 90, { visit: 'C'.repeat(22) })];
  assert.equal(judgeLanding(parts, DELIVERED).by, 'robot');
  const early = [beacon('script', 2), beacon('visible', 2), beacon('pointer', 4)];
  assert.deepEqual(judgeLanding(early, DELIVERED), { by: 'unknown', clickedAt: null, submittedAt: null, fields: [] });
});

test('a person is one, also behind a scanner, and the click is when something moved', () => {
  const person = [fetched('HEAD', 1), fetched('GET', 2), fetched('GET', 300), beacon('script', 300), beacon('visible', 300), beacon('pointer', 303)]; // prettier-ignore
  assert.deepEqual(judgeLanding(person, DELIVERED), {
    by: 'person',
    clickedAt: after(303),
    submittedAt: null,
    fields: [],
  });
  assert.deepEqual(judgeLanding(person.toReversed(), DELIVERED).clickedAt, after(303));
  const typed = [...person, beacon('submit', 320, { fields: ['email', 'password'] as never[] })];
  const landing = judgeLanding(typed, DELIVERED);
  assert.deepEqual([landing.submittedAt, landing.fields], [after(320), ['email', 'password']]);
  assert.equal(
    judgeLanding([...person, beacon('submit', 301, { ms: 100 })], DELIVERED).submittedAt,
    null,
    'sent before anything moved',
  );
  const other = (['script', 'visible', 'pointer', 'submit'] as const).map((deed, each) =>
    beacon(deed, 305 + each, { visit: 'C'.repeat(22) }),
  );
  assert.deepEqual(judgeLanding([...typed, ...other], DELIVERED).submittedAt, after(308), 'the earliest of all visits');
});

test('requests that say nothing of a moving hand never count, in any number and order', () => {
  const request = fc.oneof(
    fc.record({ method: fc.constantFrom('GET', 'HEAD', 'POST', 'PROPFIND'), seconds: fc.nat(90_000) }).map(({ method, seconds }) => fetched(method, seconds)),
    fc.record({ deed: fc.constantFrom<Deed>('script', 'visible', 'submit'), seconds: fc.nat(90_000) }).map(({ deed, seconds }) => beacon(deed, seconds)),
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (all) => {
      const { clickedAt, submittedAt, by } = judgeLanding(all, DELIVERED);
      assert.ok(clickedAt === null && submittedAt === null && by !== 'person');
    }),
    { numRuns: 100 },
  );
});

test('the landing page’s server takes kinds of fields and nothing else: there is no place for what was typed', () => {
  const fine = { token: TOKEN, visit: 'B'.repeat(22), deed: 'submit', fields: ['password'], ms: 1200 };
  assert.deepEqual(parseBeacon(fine), fine);
  for (const body of [
    null, [], 'x', { ...fine, password: 'secret' }, { ...fine, value: '' }, { ...fine, fields: ['secret word'] }, { ...fine, fields: [{ password: 'x' }] },
    { ...fine, fields: ['password', 'password'] }, { ...fine, fields: 'password' }, { ...fine, deed: 'typed secret' }, { ...fine, ms: '1200' }, { ...fine, ms: 1.5 }, { ...fine, ms: -1 }, { ...fine, ms: 1e12 },
    { ...fine, token: 'my password is' }, { ...fine, token: 'A'.repeat(23) }, { ...fine, visit: '' }, { token: TOKEN }, Object.create(fine) as object,
  ])
    assert.equal(parseBeacon(body), null, JSON.stringify(body));
}); // prettier-ignore

test('the scale: few cues and a good premise are hard, many cues and a poor one are easy', () => {
  const fit = (sum: number) => ({ mimicsWork: sum, workRelevance: 0, fitsEvents: 0, consequences: 0, trained: 0 });
  const levels = [1, 8, 9, 14, 15].map((cues) => [10, 11, 17, 18].map((sum) => ratePhish(cues, fit(sum)).level));
  assert.deepEqual(levels, [
    ['moderate', 'very', 'very', 'very'],
    ['moderate', 'very', 'very', 'very'],
    ['moderate', 'moderate', 'moderate', 'very'],
    ['moderate', 'moderate', 'moderate', 'very'],
    ['least', 'moderate', 'moderate', 'moderate'],
  ]);
  assert.equal(ratePhish(3, { mimicsWork: 8, workRelevance: 8, fitsEvents: 8, consequences: 8, trained: 8 }).premise, 'strong'); // prettier-ignore
  assert.equal(ratePhish(3, { mimicsWork: 8, workRelevance: 8, fitsEvents: 0, consequences: 0, trained: 6 }).premise, 'weak'); // prettier-ignore
});
