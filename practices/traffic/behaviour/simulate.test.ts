import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { attacksOf } from './attacks.ts';
import { HOUR } from './clock.ts';
import { createCompany, dayOf } from './company.ts';
import { createBehaviours, type Behaviours } from './compose.ts';
import { inOrder, quietDay } from './simulate.ts';

const WARM_UP = 21;
/** Alerts that all behaviours together may say on honest days. */
const BUDGET_A_DAY = 1;

const company = createCompany(1, { customers: 20_000 });
const createAll = (): Behaviours =>
  createBehaviours({
    countryOf: (address) =>
      address.startsWith('84.')
        ? 'DE'
        : address.startsWith('8.')
          ? 'US'
          : address.startsWith('1.0.')
            ? 'AU'
            : undefined,
    reconcile: { hosts: ['84.0.0.1', '10.0.0.5'], known: ['203.0.113.50'] },
  });
const counted = (alerts: readonly Alert[]): string =>
  JSON.stringify(
    Object.fromEntries(
      Map.groupBy(alerts, ({ rule }) => rule)
        .entries()
        .map(([rule, all]) => [rule, all.length]),
    ),
  );

test('a month of honest days stays within the budget, each attack of a day is noticed, and a restart changes nothing', (t) => {
  const behaviours = createAll();
  const warmUp: Alert[] = [];
  for (let day = 0; day < WARM_UP; day += 1)
    for (const event of quietDay(company, day, { scale: 0.5 })) warmUp.push(...behaviours.feed(event));
  const learned = JSON.stringify(behaviours.baselines());

  const quiet: Alert[][] = [];
  for (let day = WARM_UP; day < WARM_UP + 30; day += 1)
    quiet.push(quietDay(company, day, { scale: 0.5 }).flatMap(behaviours.feed));

  const attacked = createAll();
  attacked.learn(JSON.parse(learned));
  const attacks = attacksOf();
  const from = dayOf(WARM_UP) + 9 * HOUR;
  const heard = inOrder([
    ...quietDay(company, WARM_UP, { scale: 0.5 }),
    ...attacks.flatMap(({ events }) => events(from)),
  ]).flatMap(attacked.feed);
  for (const event of quietDay(company, WARM_UP + 1, { scale: 0.5 })) heard.push(...attacked.feed(event));

  const month = quiet.flat();
  t.diagnostic(`warm-up of ${WARM_UP} days: ${warmUp.length} ${counted(warmUp)}`);
  t.diagnostic(
    `30 days: ${month.length} ${counted(month)}, most on one day ${Math.max(...quiet.map(({ length }) => length))}`,
  );
  t.diagnostic(
    `the day of attacks: ${heard.length} ${counted(heard)}; state kept: ${Math.round(learned.length / 1000)} kB`,
  );
  assert.ok(month.length <= 30 * BUDGET_A_DAY, month.map(({ reason }) => reason).join('\n'));
  assert.ok(warmUp.length <= 1.5 * WARM_UP * BUDGET_A_DAY, warmUp.map(({ reason }) => reason).join('\n'));
  for (const { name, rule } of attacks)
    assert.ok(
      heard.some((alert) => alert.rule === rule),
      `${name}: ${rule} is silent`,
    );
  for (const { reason, measure, uid, attack, events } of [...warmUp, ...month, ...heard])
    assert.ok(
      reason.length > 40 && measure !== undefined && uid.length > 10 && attack.length > 0 && Array.isArray(events),
    );
});

test('the same seed gives the same day', () => {
  assert.deepEqual(quietDay(company, 3), quietDay(company, 3));
  assert.notDeepEqual(quietDay(createCompany(2), 3)[10], quietDay(company, 3)[10]);
});
