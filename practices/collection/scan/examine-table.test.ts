import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDetector } from '../detect/detector.ts';
import { examineTable } from './examine-table.ts';
import { guessField } from './field-guess.ts';

const detector = createDetector();
const table = (name: string, columns: Readonly<Record<string, readonly string[]>>) =>
  examineTable(
    {
      name, kind: 'table', rows: 4, sampled: 4,
      columns: Object.entries(columns).map(([column, samples]) => ({ name: column, sqlType: 'text', key: null, samples })),
    },
    detector,
  ); // prettier-ignore

test('a state and a country are parts of an address where a street or a town stands beside them, and each is its own part', () => {
  const address = {
    Address: ['1600 Amphitheatre Parkway', '1 Microsoft Way', '627 Broadway', '801 W 4th Street'],
    City: ['Mountain View', 'Redmond', 'New York', 'Reno'],
    State: ['CA', 'WA', 'NY', 'NV'],
    Country: ['USA', 'USA', 'Canada', 'Germany'],
  };
  const beside = table('public.customer', address).columns;
  const alone = table('public.machine', { State: ['on', 'off', 'on', 'off'] }).columns;

  assert.deepEqual(beside.map(guessField).map(({ category }) => category?.split('.').at(-1)), ['street', 'city', 'state', 'country']); // prettier-ignore
  assert.equal(alone[0]?.type, null);
});
