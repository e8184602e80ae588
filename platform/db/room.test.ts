import assert from 'node:assert/strict';
import { test } from 'node:test';

import { watchRoom } from './room.ts';

const MIB = 2 ** 20;

test('below the reserve the disk is full, and it stays so until there is a little more; each change is told once', () => {
  const news: boolean[] = [];
  let [freeMib, nowMs] = [500, 0];
  const room = watchRoom('/', ({ full }) => news.push(full), { freeBytesOf: () => freeMib * MIB, nowMs: () => nowMs });
  const at = (mib: number): boolean => {
    freeMib = mib;
    nowMs += 60;
    return room.isFull();
  };

  assert.deepEqual([500, 64, 63, 70, 0, 79, 80, 70].map(at), [false, false, true, true, true, true, false, false]);
  assert.deepEqual(news, [true, false]);
});

test('the disk is looked at every 50 ms, however often it is asked', () => {
  let looks = 0;
  let nowMs = 0;
  const look = (): number => (looks += 1) * 1000 * MIB;
  const room = watchRoom('/', () => {}, { freeBytesOf: look, nowMs: () => nowMs });

  for (nowMs = 0; nowMs < 100; nowMs += 1) room.isFull();

  assert.equal(looks, 2);
});
