import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cellsOf, factChoices, under, usual } from './usual-cells.ts';

const facts = [
  { declared: false, grant: 'none', restricted: false, kind: 'service' },
  { declared: true, grant: 'none', restricted: false, kind: 'service' },
  { declared: true, grant: 'jit', restricted: false, kind: 'service' },
  { declared: true, grant: 'none', restricted: true, kind: 'service' },
];
const cells = facts.map((each, at) => ({
  role: 'support', action: 'records.read', purpose: 'service', dataClass: 'personal', facts: each,
  outcome: (['denied', 'masked', 'clear', 'denied'] as const)[at] as 'clear',
})); // prettier-ignore

test('what can be chosen is what the cells differ in, and at first what is so every day', () => {
  const choices = factChoices(cells);

  assert.deepEqual(choices, [
    { fact: 'declared', values: ['false', 'true'] },
    { fact: 'grant', values: ['none', 'jit'] },
    { fact: 'restricted', values: ['false', 'true'] },
  ]);
  const chosen = Object.fromEntries(choices.map((each) => [each.fact, usual(each)]));
  assert.deepEqual(under(cells, chosen).map(({ outcome }) => outcome), ['masked']); // prettier-ignore
  assert.deepEqual(under(cells, { ...chosen, grant: 'jit' }).map(({ outcome }) => outcome), ['clear']); // prettier-ignore
  assert.deepEqual(under(cells, { ...chosen, restricted: 'true' }).map(({ outcome }) => outcome), ['denied']); // prettier-ignore
});

test('requests as a whole, other roles and other actions are no cells of a question', () => {
  const [cell] = cells;
  const others = [{ dataClass: null }, { role: 'dpo' }, { action: 'records.search' }].map((more) => ({ ...cell, ...more })); // prettier-ignore

  assert.deepEqual(cellsOf([...cells, ...others] as typeof cells, 'support', 'records.read'), cells);
});
