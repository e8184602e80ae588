import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inTurns, recently } from './turns.ts';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks during a run gets one that began afterwards, and all who wait share it', async () => {
  let [begun, atOnce, most] = [0, 0, 0];
  const run = inTurns(async () => {
    const number = (begun += 1);
    atOnce += 1;
    most = Math.max(most, atOnce);
    await later();
    atOnce -= 1;
    return number;
  });

  const first = run();
  const during = Array.from({ length: 50 }, () => run());

  assert.equal(await first, 1);
  assert.deepEqual(new Set(await Promise.all(during)), new Set([2]));
  assert.equal(await run(), 3);
  assert.equal(most, 1);
});

test('a run that fails is told to those who asked for it, and the next one goes on', async () => {
  let runs = 0;
  const run = inTurns(async () => {
    await later();
    if ((runs += 1) === 1) throw new Error('once');
    return runs;
  });
  const [first, second] = [run(), run()];
  await assert.rejects(first, /once/);
  assert.equal(await second, 2);
});

test('an answer is given again while it is young, a failure is not', async () => {
  let [asked, now] = [0, 1000];
  const ask = recently(
    500,
    () => new Date(now),
    async () => {
      asked += 1;
      await later();
      if (asked === 3) throw new Error('third');
      return asked;
    },
  );

  assert.deepEqual(
    await Promise.all(Array.from({ length: 100 }, () => ask())),
    Array.from({ length: 100 }, () => 1),
  );
  now += 499;
  assert.equal(await ask(), 1);
  now += 1;
  assert.equal(await ask(), 2);
  now += 500;
  await assert.rejects(ask(), /third/);
  assert.equal(await ask(), 4);
  // a clock that was set back does not keep an answer for ever
  now -= 3_600_000;
  assert.equal(await ask(), 5);
});
