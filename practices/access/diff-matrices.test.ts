import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diffMatrices } from './diff-matrices.ts';
import type { Cell, Matrix } from './matrix.ts';

const cell = (n: number, outcome: Cell['outcome']): Cell => ({
  role: 'support', action: 'records.read', purpose: `p${n}`, facts: {}, dataClass: 'personal', outcome,
}); // prettier-ignore
const matrix = (cells: readonly Cell[]): Matrix => ({
  cells: new Map(cells.map((each) => [each.purpose, each])),
  idle: [],
  failing: [],
});

test('one decision that shows more is listed, however many show less', () => {
  const many = Array.from({ length: 900 }, (_, n) => n);
  const before = matrix([...many.map((n) => cell(n, 'clear')), cell(900, 'masked')]);
  const after = matrix([...many.map((n) => cell(n, 'masked')), cell(900, 'clear')]);

  const diff = diffMatrices(before, after);

  assert.deepEqual([diff.wider, diff.narrower, diff.cells.length], [1, 900, 501]);
  assert.deepEqual(
    diff.cells.filter(({ to }) => to === 'clear').map(({ purpose }) => purpose),
    ['p900'],
  );
});

test('a cell that is not there is denied, and nothing that stayed is listed', () => {
  const diff = diffMatrices(matrix([cell(1, 'masked'), cell(2, 'denied')]), matrix([cell(3, 'clear')]));

  assert.deepEqual(
    diff.cells.map(({ purpose, from, to }) => [purpose, from, to]),
    [
      ['p3', 'denied', 'clear'],
      ['p1', 'masked', 'denied'],
    ],
  );
});
