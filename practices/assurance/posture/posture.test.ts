import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createExports } from '../exports/export-as.ts';
import { CONTROL_TESTS } from '../families/index.ts';
import { findingsWorld, type FindingsWorld } from '../testing.ts';
import type { ControlTest } from '../types.ts';
import { createPosture, practiceOf, type TestStanding } from './posture.ts';

const OF_ACCESS = CONTROL_TESTS.filter(({ practice, severity }) => practice === 'access' && severity === 'critical');
const [first, second] = [OF_ACCESS[0], OF_ACCESS[1]] as [ControlTest, ControlTest];
const [A, B] = [first.id, second.id];

const postureOf = (world: FindingsWorld, tests: readonly ControlTest[] = [first, second]) =>
  createPosture({ db: world.db, clock: world.clock, tests, killRate: () => Promise.resolve(null) });
const access = async (world: FindingsWorld) =>
  (await postureOf(world).get()).practices.find(({ practice }) => practice === 'access')?.state;

test('nothing is proven before it ran, half of it, after its interval, or by a run that nobody signed', async (t) => {
  const world = await findingsWorld(t);
  const nothing = await postureOf(world).get();
  assert.deepEqual([...new Set(nothing.practices.map(({ state }) => state))], ['unknown']);
  assert.equal(nothing.practices.length, 8);

  await world.run({ [A]: 'pass' });
  assert.equal(await access(world), 'unknown', 'one of two');
  await world.run({ [A]: 'pass', [B]: 'pass' }, { state: 'failed' });
  assert.equal(await access(world), 'unknown', 'not signed');
  await world.run({ [B]: 'invalid' });
  assert.equal(await access(world), 'unknown', 'invalid');
  await world.run({ [B]: 'pass' });
  assert.equal(await access(world), 'proven');
  world.later(first.intervalHours / 24 + 0.01);
  assert.equal(await access(world), 'unknown', 'too old');
  await world.run({ [A]: 'pass', [B]: 'fail' });
  assert.equal(await access(world), 'failed');
  world.later(400);
  assert.equal(await access(world), 'failed', 'a failure does not go by waiting');
});

test('a pass without its evidence proves nothing', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'pass', [B]: 'pass' }, { evidence: 'none' });
  assert.equal(await access(world), 'unknown');
  await world.run({ [A]: 'pass', [B]: 'pass' }, { evidence: 'gone' });
  assert.equal(await access(world), 'unknown');
  assert.match((await postureOf(world).tests())[0]?.because ?? '', /rests on/);
});

test('a clock that steps makes nothing green: not ahead, not back, not a failure that it hides', async (t) => {
  const world = await findingsWorld(t);
  world.at('2027-11-27T03:00:00Z');
  await world.run({ [A]: 'pass', [B]: 'pass' });
  world.at('2026-11-27T03:00:00Z');
  assert.equal(await access(world), 'unknown', 'of a time that has not come');
  await world.run({ [A]: 'fail', [B]: 'pass' });
  assert.equal(await access(world), 'failed', 'the newest run decides, whatever its clock said');
  await world.run({ [A]: 'pass', [B]: 'pass' });
  assert.equal(await access(world), 'proven');
  world.at('2026-11-26T03:00:00Z');
  assert.equal(await access(world), 'unknown', 'set back by a day');
  world.at('2026-11-28T04:00:00Z');
  assert.equal(await access(world), 'unknown', 'set ahead by a day');
});

test('no mixture of tests is green but one of fresh passes alone', () => {
  const standing = (state: TestStanding['state']): TestStanding => ({
    ...({} as TestStanding),
    state,
    at: '2026-11-27T03:00:00.000Z',
  });
  const states = ['proven', 'failed', 'unknown'] as const;
  for (let n = 0; n < 81; n += 1) {
    const mixture = [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9) % 3, Math.floor(n / 27) % 3].map(
      (at) => states[at] as TestStanding['state'],
    );
    for (let most = 0; most <= 4; most += 1) {
      const some = mixture.slice(0, most);
      const { state } = practiceOf('vault', some.map(standing));
      assert.equal(state === 'proven', some.length > 0 && some.every((each) => each === 'proven'), some.join());
      assert.equal(state === 'failed', some.includes('failed'));
    }
  }
});

test('trend, half-life and what is overdue come with it', async (t) => {
  const world = await findingsWorld(t);
  world.at(new Date(Date.now() - 5 * 86_400_000).toISOString());
  await world.run({ [A]: 'fail', [B]: 'pass' });
  world.later(4);
  await world.run({ [A]: 'fail' });
  const { trend, findings } = await postureOf(world).get();
  assert.deepEqual(trend.map(({ pass, fail, invalid }) => [pass, fail, invalid]), [[1, 1, 0], [0, 1, 0]]);
  assert.deepEqual([findings.open, findings.overdue, findings.next.length], [1, 1, 1]);
  await world.run({ [A]: 'pass' });
  const { findings: after } = await postureOf(world).get();
  assert.deepEqual([after.open, after.bySeverity.find(({ severity }) => severity === first.severity)?.halfLifeDays], [0, 4]);
}); // prettier-ignore

test('a result that still counts is in what is exported, however many other runs came after it', async (t) => {
  const world = await findingsWorld(t);
  const unasked = () => Promise.reject(new Error('nobody asks for it'));
  const exports = createExports({ db: world.db, clock: world.clock, audit: { prove: unasked, verifierKey: '' }, tests: CONTROL_TESTS, system: { id: 'one', name: 'One', version: '1' }, signer: unasked }); // prettier-ignore
  await world.run({ [A]: 'pass' });
  for (let n = 0; n < 31; n += 1) await world.run({ [B]: 'pass' });

  const document = JSON.stringify(await exports.document('oscal-assessment-results'));
  assert.ok(document.includes('AUTHN-03 is unknown: it has not run'));
  assert.ok(!document.includes(`${A} is unknown`));
});
