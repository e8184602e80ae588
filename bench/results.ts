/** Results on disk: bench/results/<what>.json, a row at a time, so that one row can be measured anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Machine } from './machine.ts';
import type { Measured, Row } from './row.ts';
import type { Sizes } from './sizes.ts';

export type RowResult = Measured &
  Readonly<{
    row: string;
    title: string;
    how: readonly string[];
    measuredAt: string;
    seconds: number;
    sizes: Sizes['name'];
    machine: Machine;
    /** Commit of the sources, with `+` when files were changed since. */
    commit: string;
  }>;
export type Results = Readonly<{ schema: 'strongroom/bench/1'; rows: readonly RowResult[] }>;

export function readResults(path: string): Results {
  if (!existsSync(path)) return { schema: 'strongroom/bench/1', rows: [] };
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}

/** Rows measured now take the place of the same rows before; the order is that of `order`. */
export function writeResults(path: string, measured: readonly RowResult[], order: readonly Row[]): Results {
  const rows = new Map([...readResults(path).rows, ...measured].map((result) => [result.row, result]));
  const known = order.flatMap(({ name }) => rows.get(name) ?? []);
  const results: Results = { schema: 'strongroom/bench/1', rows: known };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, rounded, 2)}\n`);
  return results;
}

/** Five digits: more than the machine's own unrest. */
const rounded = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
