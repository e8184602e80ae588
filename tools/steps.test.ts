import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runSteps, type Step } from './steps.ts';

const step = (name: string, work: Step['work']): Step => ({ name, work });

test('a red step and one that throws are named with what they said, and the others still run', async () => {
  const lines: string[] = [];
  const steps = [
    step('wrong', () => Promise.resolve({ ok: false, said: 'line 3 is wrong\n' })),
    step('broken', () => Promise.reject(new Error('no such program'))),
    step('fine', () => Promise.resolve({ ok: true, said: 'chatter' })),
  ];

  const red = await runSteps(steps, { print: (line) => lines.push(line), atOnce: 1 });

  const text = lines.join('\n');
  assert.deepEqual(red, ['wrong', 'broken']);
  assert.match(text, /✔ fine/);
  assert.match(text, /── wrong\nline 3 is wrong/);
  assert.match(text, /── broken\nno such program/);
  assert.doesNotMatch(text, /chatter/);
});

test('steps run side by side, as many at once as asked', async () => {
  let running = 0;
  let most = 0;
  const work = async (): Promise<{ ok: boolean; said: string }> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return { ok: true, said: '' };
  };

  await runSteps(
    ['a', 'b', 'c', 'd', 'e'].map((name) => step(name, work)),
    { print: () => {}, atOnce: 2 },
  );

  assert.equal(most, 2);
});
