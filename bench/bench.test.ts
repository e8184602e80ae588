import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { plotOf } from './plot.ts';
import { asMarkdown } from './report.ts';
import { readResults, type Results } from './results.ts';
import { ratioOf, spreadOf, takeTurns } from './rounds.ts';
import { goal } from './row.ts';
import { dotsOf, summaryOf } from './summary.ts';

const bench = async (...args: string[]) => promisify(execFile)(process.execPath, ['bench/main.ts', ...args]);

test(
  'the benchmark runs on a real system and gives a whole row for each one asked for',
  { timeout: 300_000 },
  async () => {
    const asked = ['seal', 'import', 'read', 'audit-append'];

    const { stdout } = await bench('vault', '--tiny', '--json', '--only', asked.join(','));

    const results = JSON.parse(stdout) as Results;
    assert.deepEqual(
      results.rows.map(({ row }) => row),
      asked,
    );
    for (const { row, sides, goals } of results.rows) {
      // the peers of sealing are installed by hand: without them one goal is left
      assert.ok(sides.length >= 2 && goals.length >= (row === 'seal' ? 1 : 2), row);
      for (const { name, spread } of sides) assert.ok(spread.median > 0 && spread.rounds >= 1, `${row}: ${name}`);
      for (const { says, ratio, met } of goals)
        assert.ok(ratio.median > 0 && typeof met === 'boolean', `${row}: ${says}`);
    }
    assert.match(asMarkdown(results), /\| import \| of COPY in clear, 3 b-trees \| ≥ 0\.35 \|/);
  },
);

test(
  'decisions are measured without a system, and a peer that is not installed is said to be missing',
  { timeout: 300_000 },
  async () => {
    const { stdout } = await bench('access', '--tiny', '--json');

    const { rows } = JSON.parse(stdout) as Results;
    assert.deepEqual(
      rows.map(({ row }) => row),
      ['decide', 'decide-cold', 'decide-memo'],
    );
    for (const { row, sides, goals } of rows) {
      for (const { name, spread } of sides) assert.ok(spread.median > 0, `${row}: ${name}`);
      for (const { says, ratio } of goals) assert.ok(ratio.median > 0, `${row}: ${says}`);
    }
    const [decide] = rows;
    const there = new Set(
      [...(decide?.sides ?? []), ...(decide?.missing ?? []).map(({ peer }) => ({ name: peer }))].map(
        ({ name }) => name,
      ),
    );
    for (const name of ['cedar-wasm alone', 'casbin']) assert.ok(there.has(name), name);
    assert.ok(there.has('CASL') || there.has('@casl/ability'));
    for (const { why } of decide?.missing ?? []) assert.match(why, /npm ci --prefix bench\/peers/);
  },
);

test('what the sensor costs is measured on one running server, with and without', { timeout: 300_000 }, async () => {
  const { stdout } = await bench('traffic', '--tiny', '--json', '--only', 'sensor-cost');

  const { rows } = JSON.parse(stdout) as Results;
  const [row] = rows;
  assert.deepEqual(
    row?.sides.flatMap(({ name, unit }) => (unit === 'reads a second' ? [name] : [])),
    ['neither', 'sensor', 'sensor and inspection'],
  );
  // CPU time is counted in steps of 10 ms: of so few requests it may be none
  for (const { name, unit, spread } of row?.sides ?? [])
    if (unit === 'reads a second') assert.ok(spread.median > 0, name);
  assert.ok((row?.goals[0]?.ratio.median ?? 0) > 0);
  assert.ok((row?.figures?.find(({ unit }) => unit === 'µs')?.value ?? 0) > 0, 'requests were inspected');
});

test('the center is measured on a real system, by a customer who is signed in', { timeout: 300_000 }, async () => {
  const { stdout } = await bench('privacy', '--tiny', '--json', '--only', 'pages');

  const [row] = (JSON.parse(stdout) as Results).rows;
  assert.deepEqual([row?.row, row?.sides.length, row?.goals.length], ['pages', 5, 4]);
  for (const { name, spread } of row?.sides ?? []) assert.ok(spread.median > 0, name);
  for (const { says, ratio } of row?.goals ?? []) assert.ok(ratio.median > 0, says);
});

test('a row that is not there is said to be none, before anything is started', async () => {
  await assert.rejects(bench('vault', '--only', 'speed'), (thrown: Error & { code?: number; stderr?: string }) => {
    assert.equal(thrown.code, 2);
    assert.match(thrown.stderr ?? '', /there is no row speed/);
    return true;
  });
});

test('contenders take turns, turn the order round, and a slow round falls out of the ratio', async () => {
  const order: string[] = [];
  const contender = (name: 'a' | 'b', operations: number) => ({
    name,
    work: (round: number) => {
      order.push(name);
      return { operations, seconds: round === 1 ? 4 : 1 };
    },
  });

  const rates = await takeTurns([contender('a', 30), contender('b', 10)], { rounds: 3, warmups: 1 });

  assert.deepEqual(order.join(''), 'baabbaab');
  assert.deepEqual(ratioOf(rates.a, rates.b), { median: 3, low: 3, high: 3, rounds: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, low: 1, high: 4, rounds: 4 });
});

test('the documents say what was measured, and how often each goal is reached', async () => {
  const practices = ['vault', 'access', 'collection', 'education', 'privacy', 'backups', 'traffic', 'assurance'];
  const results = new Map(practices.map((each) => [each, readResults(`bench/results/${each}.json`)]));
  const document = await readFile('docs/benchmarks.md', 'utf8');
  assert.ok(document.includes(summaryOf(results)), 'npm run bench -- --document writes it anew');
  for (const [, { rows }] of results) for (const { title } of rows) assert.ok(document.includes(title), title);
  assert.equal(await readFile('docs/benchmarks.svg', 'utf8'), await plotOf(dotsOf(results)));
});

test('a dot is right of the line when its goal is met, whether more or less is better; none is off the plot', () => {
  const goals = [
    goal('reads', { median: 3, low: 1, high: 4, rounds: 5 }, { atLeast: 2 }),
    goal('seconds', { median: 4, low: 1, high: 8, rounds: 5 }, { atMost: 2 }),
    goal('none', { median: 0, low: 0, high: 0, rounds: 1 }, { atMost: 0.001 }),
    goal('not judged', { median: 1, low: 1, high: 1, rounds: 1 }),
  ];
  const rows = [{ row: 'r', goals }] as unknown as Results['rows'];
  const dots = dotsOf(new Map([['vault', { schema: 'strongroom/bench/1', rows }]]));
  assert.deepEqual(
    dots.map(({ says, times, low, high, met }) => [says, times, low, high, met]),
    [
      ['r: reads', 1.5, 0.5, 2, true],
      ['r: seconds', 0.5, 0.25, 2, false],
      ['r: none', 64, 64, 64, true],
    ],
  );
});
