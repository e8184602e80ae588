import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readBlocks } from './blocked.ts';

const until = (ms: number): Date => new Date(ms);

test('an address is refused until the last block that it is in ends, however it is written, and no neighbour is', () => {
  const blocks = readBlocks([
    { target: '203.0.113.9', until: until(10) },
    { target: '203.0.113.0/24', until: until(30) },
    { target: '203.0.113.77/24', until: until(20) },
    { target: '::ffff:198.51.100.0/120', until: until(40) },
    { target: '2001:db8:1:2::/64', until: until(50) },
    { target: 'nonsense', until: until(60) },
  ]);
  for (const [address, end] of [
    ['203.0.113.9', 30],
    ['::ffff:203.0.113.200', 30],
    ['203.0.114.9', 0],
    ['198.51.100.3', 40],
    ['2001:db8:1:2:ffff::1', 50],
    ['2001:db8:1:3::1', 0],
    ['nonsense', 0],
    ['', 0],
  ] as const)
    assert.equal(blocks.until(address), end, address);
});

test('ten thousand blocks are asked as quickly as ten', () => {
  const of = (n: number) =>
    readBlocks(Array.from({ length: n }, (_, i) => ({ target: `10.${i >> 8}.${i & 255}.1`, until: until(1) })));
  const time = (blocks: ReturnType<typeof of>): number => {
    const begin = process.threadCpuUsage();
    for (let i = 0; i < 2000; i += 1) blocks.until('192.0.2.1');
    return process.threadCpuUsage(begin).user / 1000;
  };
  const [few, many] = [of(10), of(10_000)];
  time(few);
  const usual = Math.min(...[1, 2, 3].map(() => time(few)));
  assert.ok(Math.min(...[1, 2, 3].map(() => time(many))) < usual * 20 + 5, 'the number of blocks does not count');
});
