/** Exports without a database: steps, groups, noise, what a profile may say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { parseCatalog } from '../parse-catalog.ts';
import { generalise } from './generalise.ts';
import { ANYTHING, checkSteps, parseStep, takeStep, type CellValue, type Step } from './hierarchy.ts';
import { bernoulliExp, discreteLaplace, secureUniform, type Uniform } from './noise.ts';
import { checkProfile, groupsOf, labelOf, type CountsProfile, type Profile, type RecordsProfile } from './profile.ts';
import { pseudonymsFor } from './pseudonym.ts';
import { newRunKeys } from './spool.ts';

const catalog = parseCatalog(readFileSync(new URL('../../../examples/catalog.yaml', import.meta.url), 'utf8'));
const step = (text: string): Step => parseStep(text) as Step;

/** Small and repeatable: xorshift32. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

test('steps make a value coarser; what is no step, not for the type, or not coarser than the one before, is refused', () => {
  assert.equal(takeStep(step('month'), '1984-05-17'), '1984-05');
  assert.equal(takeStep(step('year'), '1984-05-17'), '1984');
  assert.equal(takeStep(step('decade'), '1984-05-17'), '1980s');
  assert.equal(takeStep(step('prefix:3'), 'SW1A 1AA'), 'SW1');
  assert.equal(takeStep(step('prefix:2'), '👩‍👩‍👧x'), '👩‍', 'by code points: half of a surrogate pair never leaves');
  assert.deepEqual([-1, 0, 9.5, 10].map((n) => takeStep(step('range:10'), n)), ['[-10,0)', '[0,10)', '[0,10)', '[10,20)']); // prettier-ignore
  assert.equal(takeStep(step('range:10'), Number.MAX_VALUE), ANYTHING);
  for (const each of ['month', 'range:10', 'prefix:3']) assert.equal(takeStep(step(each), null), null);

  for (const text of ['', 'day', 'range:0', 'range:-5', 'range:1.5', 'prefix:101', 'range:9999999999', 'prefix:3 '])
    assert.equal(parseStep(text), null, text);
  assert.equal(checkSteps({ type: 'date' }, ['month', 'year', 'decade']), null);
  assert.match(String(checkSteps({ type: 'date' }, ['year', 'month'])), /coarser/);
  assert.match(String(checkSteps({ type: 'integer' }, ['range:10', 'range:15'])), /multiple/);
  assert.match(String(checkSteps({ type: 'text' }, ['year'])), /no such step/);
});

test('a step of a step is a step of the value: groups only grow together', () => {
  const random = seeded(7);
  const ways = [
    { steps: ['month', 'year', 'decade'], value: () => `${1900 + random(130)}-${String(1 + random(12)).padStart(2, '0')}-15` },
    { steps: ['range:5', 'range:10', 'range:100'], value: () => (random(4_000_001) - 2_000_000) / (1 + random(3)) },
    { steps: ['prefix:5', 'prefix:3', 'prefix:1'], value: () => Array.from({ length: random(9) }, () => 'aé 👍1'.charAt(random(5))).join('').toWellFormed() },
  ]; // prettier-ignore
  for (const { steps, value } of ways)
    for (let n = 0; n < 2000; n += 1) {
      const whole: CellValue = value();
      let stepwise: CellValue = whole;
      for (const each of steps) {
        stepwise = takeStep(step(each), stepwise);
        assert.equal(takeStep(step(each), whole), stepwise, `${each} of ${String(whole)}`);
      }
    }
});

test('the steps found fit, no column can be finer, and where the coarsest do not fit there are none', async () => {
  const random = seeded(11);
  for (let round = 0; round < 150; round += 1) {
    const heights = Array.from({ length: 1 + random(3) }, () => random(4));
    const rows = Array.from({ length: random(40) }, () => heights.map(() => random(16)));
    const [k, allowed] = [1 + random(6), random(6)];
    const unfit = (steps: readonly number[]): number => {
      const sizes = new Map<string, number>();
      const keyOf = (row: readonly number[]): string =>
        row.map((cell, n) => (steps[n] === heights[n] ? '*' : cell >> (steps[n] as number))).join();
      for (const row of rows) sizes.set(keyOf(row), (sizes.get(keyOf(row)) ?? 0) + 1);
      return [...sizes.values()].reduce((sum, size) => sum + (size < k ? size : 0), 0);
    };
    let tries = 0;
    const found = await generalise(heights, (steps) => {
      tries += 1;
      return Promise.resolve(unfit(steps) <= allowed);
    });

    if (found === null) assert.ok(unfit(heights) > allowed);
    else {
      assert.ok(unfit(found) <= allowed);
      for (const [n, at] of found.entries()) if (at > 0) assert.ok(unfit(found.with(n, at - 1)) > allowed, 'finer');
    }
    assert.ok(tries <= 1 + heights.reduce((sum, height) => sum + height, 0));
  }
});

test('noise is drawn as the paper draws it: the same numbers give the same draw', () => {
  const scripted = (draws: readonly number[]): Uniform => {
    const left = [...draws];
    return (below) => {
      const next = left.shift() as number;
      assert.ok(Number.isInteger(below) && next < below, `${next} of ${below}`);
      return next;
    };
  };
  // exp(-1/2): A ~ 1/2, then 1/4, …; it is true where the count that ends it is odd
  assert.equal(bernoulliExp(1, 2, scripted([1])), true);
  assert.equal(bernoulliExp(1, 2, scripted([0, 1])), false);
  assert.equal(bernoulliExp(1, 2, scripted([0, 0, 1])), true);
  // ε = 1/2, so s = 1 and t = 2: U = 1 kept, V = 2, X = 5, Y = 5, negative
  assert.equal(discreteLaplace(500, scripted([1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1])), -5);
  // −0 is thrown away, and all begins anew
  assert.equal(discreteLaplace(500, scripted([0, 0, 0, 1, 1, 0, 0, 0, 1, 0])), 0);
  // ε = 2: s = 2, t = 1: X = 3 is Y = 1
  assert.equal(discreteLaplace(2000, scripted([0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0])), 1);
});

test('noise is distributed as it has to be: a test that fails once in a thousand million times', () => {
  const draws = 60_000;
  for (const [epsilonMilli, widest] of [[500, 12], [333, 15], [1700, 4]] as const) {
    const counts = new Map<number, number>();
    for (let n = 0; n < draws; n += 1) {
      const drawn = discreteLaplace(epsilonMilli);
      assert.ok(Number.isSafeInteger(drawn) && !Object.is(drawn, -0));
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    const q = Math.exp(-epsilonMilli / 1000);
    // Hoeffding for each of the values, 1e-9 shared among all three
    const bound = Math.sqrt(Math.log((2 * 3 * (2 * widest + 1)) / 1e-9) / (2 * draws));
    for (let x = -widest; x <= widest; x += 1) {
      const expected = ((1 - q) / (1 + q)) * q ** Math.abs(x);
      assert.ok(Math.abs((counts.get(x) ?? 0) / draws - expected) < bound, `${x} under ${epsilonMilli}`);
    }
  }
  assert.equal(secureUniform(1), 0);
}); // prettier-ignore

test('a pseudonym is the same for one recipient, another for each other one, each place, and each installation', () => {
  const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const [lab, desk, elsewhere] = [pseudonymsFor(key, 'lab'), pseudonymsFor(key, 'desk'), pseudonymsFor(other, 'lab')];

  assert.equal(lab('customer.email', 'a@b.example'), pseudonymsFor(key, 'lab')('customer.email', 'a@b.example'));
  const all = [lab('customer.email', 'a'), desk('customer.email', 'a'), elsewhere('customer.email', 'a'), lab('customer.phone', 'a'), lab('customer.email', 'b')]; // prettier-ignore
  assert.equal(new Set(all).size, all.length);
  for (const each of all) assert.match(each, /^p_[\w-]{22}$/);
});

test('what waits is sealed: another row, another run, a bit changed do not open; the same value has the same code in one run only', () => {
  const [one, two] = [newRunKeys(), newRunKeys()];
  const row = { subjectId: '0195-a' as never, cells: ['Karlsruhe', null, 3] };
  const sealed = one.seal(row);

  assert.deepEqual(one.open(sealed), row);
  assert.doesNotMatch(sealed.toString('latin1'), /Karlsruhe/);
  assert.notDeepEqual(one.seal(row), sealed);
  assert.throws(() => two.open(sealed));
  assert.throws(() => one.open(Buffer.from(sealed.with(20, (sealed[20] as number) ^ 1))));
  assert.deepEqual(one.code('0/0', 'x'), one.code('0/0', 'x'));
  for (const differs of [two.code('0/0', 'x'), one.code('0/1', 'x'), one.code('0/0', null), one.code('0/0', 'absent')])
    assert.notDeepEqual(one.code('0/0', 'x'), differs);
  assert.notDeepEqual(one.code('0/0', null), one.code('0/0', 'absent'));
});

const records = (fields: RecordsProfile['fields'], more: object = {}): Profile => ({
  kind: 'records', name: 'p', collection: 'customer', purpose: 'analytics.product', recipient: { name: 'desk', where: 'inside' }, fields, k: 1, l: 1, maxSuppressedPercent: 0, ...more,
}); // prettier-ignore
const counts = (dimensions: CountsProfile['dimensions'], more: object = {}): Profile => ({
  kind: 'counts', name: 'c', collection: 'customer', purpose: 'analytics.product', recipient: { name: 'desk', where: 'inside' }, dimensions, budgetMilli: 1000, maxEpsilonMilli: 500, ...more,
}); // prettier-ignore

test('a profile that would undo its own groups, or tell of somebody whom the notice does not, is refused', () => {
  const city = { as: 'clear', role: 'quasi' } as const;
  const fine = [
    records({ city: { as: 'clear' }, email: { as: 'pseudonym' } }),
    records({ '@subject': { as: 'pseudonym' }, city, company: { as: 'mask', role: 'sensitive' } }, { k: 5, l: 2 }),
    records({ email: { as: 'mask' } }, { recipient: { name: 'mail-provider', where: 'outside' } }),
    records({ create_date: { as: 'coarsen', role: 'quasi', steps: ['month', 'year'] } }, { k: 5 }),
    counts({ country: { values: ['DE'] }, active: {}, create_date: { step: 'year', values: ['2020'] } }),
  ];
  for (const each of fine) checkProfile(catalog, each);

  const wrong: [Profile, RegExp][] = [
    [records({}), /nothing would leave/],
    [records({ nothing: { as: 'clear' } }), /no such field/],
    [records({ city: { as: 'clear' } }, { collection: 'none' }), /no such collection/],
    [records({ city: { as: 'clear' } }, { purpose: 'none' }), /no such purpose/],
    [records({ city: { as: 'clear' } }, { recipient: { name: 'mail-provider', where: 'outside' } }), /does not say/],
    [records({ '@subject': { as: 'clear' } }), /as a pseudonym/],
    [records({ city: { as: 'coarsen' } }), /which steps/],
    [records({ city: { as: 'mask', steps: ['prefix:3'] } }), /steps are of values/],
    [records({ city: { as: 'clear', steps: ['prefix:3'] } }), /quasi-identifiers only/],
    [records({ city, email: { as: 'pseudonym', role: 'quasi' } }, { k: 2 }), /only @subject/],
    [records({ city, email: { as: 'mask' } }, { k: 2 }), /say whether/],
    [records({ company: { as: 'mask', role: 'sensitive' } }, { k: 2 }), /at least one/],
    [records({ city }, { k: 2, l: 2 }), /sensitive fields/],
    [records({ city, company: { as: 'mask', role: 'sensitive' } }, { k: 2, l: 3 }), /at least l/],
    [counts({ city: {} }), /must not come from the data/],
    [counts({ '@subject': {} }), /cannot be counted by/],
    [counts({ active: {} }, { maxEpsilonMilli: 2000 }), /whole budget/],
  ];
  for (const [profile, says] of wrong)
    assert.throws(() => checkProfile(catalog, profile), { code: 'COLLECTION_EXPORT_PROFILE_INVALID', message: says });
});

test('groups of a count are known before the data is; whatever else is there is among the others', () => {
  const field = (name: string) => catalog.collections.get('customer')?.fields.get(name) as never;
  assert.deepEqual(groupsOf(field('active'), {}), ['true', 'false']);
  assert.deepEqual(groupsOf(field('country'), { values: ['DE', 'DE', 'FR'] }), ['DE', 'FR']);
  assert.equal(labelOf({ step: 'year' }, '2020-02-01'), '2020');
  assert.equal(labelOf({}, true), 'true');
  assert.equal(labelOf({}, null), null);
  assert.equal(labelOf({}, { a: 1 }), null);
});
