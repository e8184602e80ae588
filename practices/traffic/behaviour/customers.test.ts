import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { HOUR } from './clock.ts';
import { customersWatch } from './customers.ts';
import { createMaker } from './made-events.ts';

const T = Date.UTC(2026, 0, 5, 9);
const { request } = createMaker();

function worked(watch: ReturnType<typeof customersWatch>, actor: string, hours: readonly number[], from = 0): Alert[] {
  const said: Alert[] = [];
  for (const [hour, customers] of hours.entries())
    for (let i = 0; i < customers; i += 1) {
      const time = T + (from + hour) * HOUR + i;
      watch.feed(request({ time, actor, address: '84.1.2.3', subjects: 1 }), time, (alert) => said.push(alert));
    }
  return said;
}

test('an hour far beyond the own hours is said at once, with what is usual', () => {
  const watch = customersWatch({ most: 1000 });
  assert.deepEqual(worked(watch, 'person_a', [5, 8, 6, 9, 7, 5, 6]), []);

  const [alert, ...more] = worked(watch, 'person_a', [200], 7);

  assert.deepEqual(more, []);
  assert.equal(alert?.measure?.value, 51);
  assert.equal(alert?.severity, 'high');
  assert.match(
    alert?.reason ?? '',
    /person_a has touched 51 customers under support in the hour from 2026-01-05T16:00Z; usual is 6, .*own last 7 active hours/,
  );
  assert.equal(
    alert?.uid,
    `behaviour.customers-per-hour:${hash('sha256', 'actor=person_a,purpose=support', 'base64url').slice(0, 22)}:${T + 7 * HOUR}`,
  );
});

test('a busy hour of one who works is quiet: three times the usual, below the floor', () => {
  const watch = customersWatch({ most: 1000 });

  assert.deepEqual(worked(watch, 'person_a', [12, 15, 11, 16, 14, 13, 45, 12]), []);
});

test('who is new and works as others do is quiet, and one without others is told as having no baseline', () => {
  const watch = customersWatch({ most: 1000 });
  for (const [i, peer] of ['person_b', 'person_c', 'person_d'].entries())
    worked(
      watch,
      peer,
      Array.from({ length: 20 }, () => 60 + i),
    );

  assert.deepEqual(worked(watch, 'person_new', [120], 30), []);
  const [alert] = worked(watch, 'person_new', [200], 31);
  assert.match(alert?.reason ?? '', /by others of its kind, as it has no baseline of its own yet/);

  const alone = customersWatch({ most: 1000 });
  const [first] = worked(alone, 'person_new', [51]);
  assert.match(first?.reason ?? '', /a floor, as there is no baseline yet/);
  assert.equal(first?.severity, 'medium');
});
