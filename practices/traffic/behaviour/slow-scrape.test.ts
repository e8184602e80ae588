import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCompany, type Company, type Worker } from './company.ts';
import { createRandom } from './random.ts';
import { questionOf, workThrough } from './scrape-trial.ts';
import { judgeSlowScrape, type Window } from './slow-scrape.ts';

const company = createCompany(1);
const workerOf = (actor: string): Worker => company.workers.find((each) => each.actor === actor) as Worker;

test('5 % of customers by the key of somebody who works is noticed before 0.7 % has left, however it is spread, whoever it is', (t) => {
  const figures: string[] = [];
  for (const seed of [1, 2, 3]) {
    const each = createCompany(seed);
    for (const days of [1, 3, 7, 14, 28, 56, 84])
      for (const when of ['night', 'office'] as const)
        for (const order of ['random', 'ids'] as const) {
          // all of them with the first company; one in four with the others
          if (seed > 1 && (days + seed + (when === 'night' ? 1 : 0) + (order === 'ids' ? 2 : 0)) % 4 !== 0) continue;
          const worker = each.workers[(days + seed - 1 + (when === 'night' ? 1 : 0)) % 20] as Worker;
          const scrape = { from: 40, days, when, order };

          const [first] = workThrough(each, worker, 40 + days, scrape).filter(({ day }) => day >= 40);

          const what = `company ${seed}: ${days} days, ${when}, ${order}`;
          assert.ok(first !== undefined, `${what}: not noticed`);
          assert.ok(first.left <= 0.007, `${what}: ${first.left}`);
          figures.push(`${seed}: ${days} d ${when} ${order} ${(first.left * 100).toFixed(2)} % by ${first.finding.window}`);
        }
  }
  t.diagnostic(figures.join('; '));
}); // prettier-ignore

test('in the key of a service it is noticed before 1 % has left, where it is more than the scatter of the service', (t) => {
  const small = createCompany(1, { customers: 4000 });
  const of = (name: string, within: Company) => within.workers.find(({ actor }) => actor === name) as Worker;
  const scrape = { when: 'office', order: 'random' } as const;

  const shop = [1, 7, 28].map((days) =>
    workThrough(company, of('key_shop', company), 40 + days, { ...scrape, from: 40, days }).find(
      ({ day }) => day >= 40,
    ),
  );
  const batch = workThrough(small, of('key_batch', small), 110, { ...scrape, from: 82, days: 28 }).find(
    ({ day }) => day >= 82,
  );

  for (const found of [...shop, batch]) assert.ok(found !== undefined && found.left < 0.01, JSON.stringify(found));
  assert.equal(batch?.finding.measure, 'unfamiliar', batch?.finding.reason);
  t.diagnostic(
    [...shop, batch]
      .map((found) => `${((found?.left ?? 1) * 100).toFixed(2)} % by ${found?.finding.measure}`)
      .join('; '),
  );
});

test('what is smaller than the honest scatter of a busy service is not seen, as the docstring says', () => {
  const random = createRandom(5);
  const day = Array.from({ length: 60 }, () => random.about(3000, 300));
  const week = Array.from({ length: 8 }, () => random.about(20_000, 1000));
  const month = [82_000, 84_000];
  const question = {
    ...questionOf(company, workerOf('key_shop'), { days: [], hours: [] }, 0),
    baseline: { hour: [], day, week, month },
  };
  const now = (extra: number) => ({ hour: 0, day: 3000 + extra, week: 20_000 + 7 * extra, month: 83_000 + 28 * extra });

  assert.equal(judgeSlowScrape({ ...question, distinctByWindow: now(180) }), null);
  assert.equal(judgeSlowScrape({ ...question, distinctByWindow: now(1800) })?.basis, 'own');
});

test('those who work as ever stay quiet for ninety days', () => {
  for (const worker of company.workers) {
    if (worker.when === 'night' || worker.when === 'monthly' || Number(worker.actor.slice(12)) > 7) continue;
    const found = workThrough(company, worker, 90).filter(({ day }) => day >= 14);
    assert.deepEqual(
      found.map(({ day, finding }) => `${day}: ${finding.reason}`),
      [],
      worker.actor,
    );
  }
});

test('a batch of 30 % each night and a bill for everybody once a month are told once, before there is a baseline, and then quiet', () => {
  const small = createCompany(1, { customers: 3000 });
  for (const actor of ['key_batch', 'key_billing']) {
    const worker = small.workers.find((each) => each.actor === actor) as Worker;

    const found = workThrough(small, worker, 70);

    assert.ok(
      found.length > 0 && found.every(({ day, finding }) => day <= 5 && finding.basis === 'floor'),
      JSON.stringify(found.map(({ day, finding }) => [day, finding.reason])),
    );
    assert.match(
      found[0]?.finding.reason ?? '',
      /a floor, as neither it nor anybody with this purpose has a baseline yet/,
    );
  }
});

test('a rise that makes each week look like the one before is noticed as a drift', () => {
  const question = questionOf(company, workerOf('person_staff1'), { days: [], hours: [] }, 0);
  const day = Array.from({ length: 60 }, (_, i) => Math.round(40 * 1.03 ** i));
  const now: Record<Window, number> = { hour: 10, day: day.at(-1) as number, week: 1000, month: 3500 };

  const finding = judgeSlowScrape({
    ...question,
    distinctByWindow: now,
    baseline: { hour: [], day, week: [900, 930, 960], month: [2900, 3300] },
  });

  assert.equal(finding?.measure, 'drift');
  assert.match(finding?.reason ?? '', /day by day/);
});

test('who is new is judged by others with the purpose, and is as they are', () => {
  const question = questionOf(company, workerOf('person_staff1'), { days: [], hours: [] }, 0);
  const peers = { hour: [5, 6, 7, 8], day: [38, 40, 42, 44], week: [190, 200, 205, 210], month: [800, 820, 830, 840] };

  const asOthers = judgeSlowScrape({
    ...question,
    peers,
    distinctByWindow: { hour: 9, day: 45, week: 200, month: 800 },
  });
  const beyond = judgeSlowScrape({ ...question, peers, distinctByWindow: { hour: 9, day: 45, week: 700, month: 700 } });

  assert.equal(asOthers, null);
  assert.equal(beyond?.basis, 'peers');
  assert.equal(beyond?.severity, 'high');
});

test('numbers at their edges give no nonsense', () => {
  const question = questionOf(company, workerOf('person_staff1'), { days: [], hours: [] }, 0);
  const none = { hour: 0, day: 0, week: 0, month: 0 };

  assert.equal(judgeSlowScrape({ ...question, customersTotal: 0, distinctByWindow: none }), null);
  assert.equal(judgeSlowScrape({ ...question, customersTotal: 10, distinctByWindow: { ...none, month: 10 } }), null);
  const all = judgeSlowScrape({
    ...question,
    customersTotal: 1000,
    distinctByWindow: { hour: 0, day: 1000, week: 1000, month: 1000 },
  });
  assert.equal(all?.excessShare, 1);
  assert.equal(all?.severity, 'critical');
});
