/**
 * How a value becomes less exact, step by step: day → month → year → decade, number → range → wider range, postcode → fewer
 * of its signs. The last step of every field is the same: nothing but that there is a column.
 *
 * INVARIANT: a step may be taken from the value or from what an earlier step of the same field made of it, with the same
 * result: so groups only ever grow together. `checkSteps` refuses steps for which it would not be so.
 * Source: Samarati 2001, "Protecting respondents' identities in microdata release" (domain generalisation hierarchies)
 */
import type { FieldSpec, FieldType } from '../catalog.ts';

export type CellValue = string | number | boolean | null | object;
export type Step = Readonly<{ kind: 'month' | 'year' | 'decade' | 'prefix' | 'range'; size: number }>;

/** What stands where nothing is told. */
export const ANYTHING = '*';
const KEPT: Readonly<Record<string, number>> = { month: 7, year: 4, decade: 3 };
const TYPES: Readonly<Record<Step['kind'], readonly FieldType[]>> = {
  month: ['date'],
  year: ['date'],
  decade: ['date'],
  prefix: ['postcode', 'text', 'name'],
  range: ['number', 'integer'],
};
const MAX_SIZE: Readonly<Record<string, number>> = { prefix: 100, range: 1_000_000_000 };

/** @returns null when it is none: month, year, decade, prefix:3, range:10 */
export function parseStep(text: string): Step | null {
  if (text === 'month' || text === 'year' || text === 'decade') return { kind: text, size: KEPT[text] as number };
  const [, kind = '', digits = ''] = /^(prefix|range):([1-9]\d{0,9})$/.exec(text) ?? [];
  const size = Number(digits);
  if ((kind !== 'prefix' && kind !== 'range') || size > (MAX_SIZE[kind] as number)) return null;
  return { kind, size };
}

/** @returns what is wrong with these steps of a field, from the finest to the coarsest; null: nothing */
export function checkSteps({ type }: Pick<FieldSpec, 'type'>, steps: readonly string[]): string | null {
  let before: Step | null = null;
  for (const text of steps) {
    const step = parseStep(text);
    if (step === null) return `there are these steps: month, year, decade, prefix:3, range:10`;
    if (!TYPES[step.kind].includes(type)) return `there is no such step for a ${type}`;
    if (before !== null && !follows(before, step))
      return `each step is coarser than the one before, ranges a multiple of it`;
    before = step;
  }
  return null;
}

const follows = (before: Step, { kind, size }: Step): boolean =>
  kind === 'range' ? size > before.size && size % before.size === 0 : size < before.size;

/** @param value of the field, or what an earlier step made of it; absent stays absent */
export function takeStep({ kind, size }: Step, value: CellValue): CellValue {
  if (value === null || value === ANYTHING) return value;
  if (kind === 'range') return rangeOf(value, size);
  if (typeof value !== 'string') return ANYTHING;
  if (kind === 'prefix') return [...value.replaceAll(' ', '')].slice(0, size).join('');
  return kind === 'decade' ? `${value.slice(0, size)}0s` : value.slice(0, size);
}

/** From there on two neighbours are one number for a computer. */
const EXACT = Number.MAX_SAFE_INTEGER;

/** `[20,30)`: from 20 on, below 30. */
function rangeOf(value: CellValue, size: number): string {
  const number = typeof value === 'string' ? Number(/^\[(-?\d{1,16}),/.exec(value)?.[1]) : value;
  if (typeof number !== 'number' || !(Math.abs(number) < EXACT / 2)) return ANYTHING;
  const from = Math.floor(number / size) * size;
  return `[${from === 0 ? 0 : from},${from + size})`;
}

/** The forms that one column can leave in, from what is kept of it to nothing at all. */
export type Levels = readonly ((kept: CellValue) => CellValue)[];

export const levelsOf = (steps: readonly Step[]): Levels => [
  (kept) => kept,
  ...steps.map((step) => (kept: CellValue) => takeStep(step, kept)),
  () => ANYTHING,
];
