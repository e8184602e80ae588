import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { Costs } from './costs.ts';
import { needsOf, SHAPE, USUAL } from './model.ts';
import { simulate } from './simulate.ts';
import { capacityText } from './words.ts';

const costs = JSON.parse(readFileSync('bench/results/capacity.json', 'utf8')) as Costs;
const one = { serverMs: 1, databaseMs: 1, walBytes: 0 };
const even: Costs = {
  ...costs,
  cost: { read: one, search: one, batch: one, write: one },
  idle: { server: 0, database: 0 },
};

test('what docs/scaling.md says is what follows from the costs that were measured', () => {
  assert.ok(readFileSync('docs/scaling.md', 'utf8').includes(capacityText(costs, USUAL)));
});

test('twice the customers need twice the processors, disks and log; one server more is always there', () => {
  const [less, more] = [needsOf(50_000_000, costs), needsOf(100_000_000, costs)];
  const close = (value: number, to: number): void => assert.ok(Math.abs(value / to - 1) < 1e-9, `${value} is not ${to}`);
  close(more.logEntriesPerSecond, 2 * less.logEntriesPerSecond);
  close(more.vaultBytes, 2 * less.vaultBytes);
  close(more.logBytes, 2 * less.logBytes);
  // 86,400 customers who each read once a day: one a second, at its busiest ten
  const ten = needsOf(86_400, even, { readsPerDay: 1, searchesPerDay: 0, writesPerDay: 0, batchShare: 0, peak: 10 });
  close(ten.rate.read, 10);
  assert.equal(ten.servers, 2);
  assert.equal(needsOf(86_400 * 61, even, { readsPerDay: 1, searchesPerDay: 0, writesPerDay: 0, batchShare: 0, peak: 10 }).servers, Math.ceil(0.61 / SHAPE.most) + 1);
}); // prettier-ignore

test('waiting is short while there is room, and long without; the same seed gives the same', () => {
  const need = needsOf(86_400 * 500, even, { readsPerDay: 1, searchesPerDay: 0, writesPerDay: 0, batchShare: 0, peak: 1 });
  const roomy = simulate(need, even, { servers: 4, databaseCores: 4 });
  assert.deepEqual(simulate(need, even, { servers: 4, databaseCores: 4 }), roomy);
  // the least there is: two works of 1 ms, a way there and back, a flush
  assert.ok(roomy.p50Ms > 3 && roomy.p50Ms < 10, `${roomy.p50Ms}`);
  assert.ok(Math.abs(roomy.serverBusy - 0.125) < 0.01, `${roomy.serverBusy}`);
  // a queue of one server: M/M/1 waits 1 / (1 - busy) of its work on average, so that half busy the median stays near it
  const tight = simulate(need, even, { servers: 1, databaseCores: 1 });
  assert.ok(tight.p99Ms > 1.5 * roomy.p99Ms);
  const over = simulate({ ...need, rate: { ...need.rate, read: 1500 } }, even, { servers: 1, databaseCores: 4 });
  assert.ok(over.p99Ms > 1000 && over.serverBusy > 1, 'more than it can do: they wait for ever longer');
}); // prettier-ignore
