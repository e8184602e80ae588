/** The cells of one question of the matrix, under chosen facts. What can be chosen are the values that the cells have. */
import type { PolicyMatrix } from './contract.ts';

type Cell = PolicyMatrix['cells'][number];
export type FactChoice = Readonly<{ fact: string; values: readonly string[] }>;

/** Cells about classes of data, for a role and an action. */
export const cellsOf = (cells: readonly Cell[], role: string, action: string): readonly Cell[] =>
  cells.filter((cell) => cell.role === role && cell.action === action && cell.dataClass !== null);

/** Facts that have more than one value among these cells: only they can make a difference. */
export function factChoices(cells: readonly Cell[]): readonly FactChoice[] {
  const values = new Map<string, Set<string>>();
  for (const { facts } of cells)
    for (const [fact, value] of Object.entries(facts))
      values.set(fact, (values.get(fact) ?? new Set()).add(String(value)));
  return [...values].flatMap(([fact, found]) => (found.size > 1 ? [{ fact, values: [...found] }] : []));
}

/** A field is declared for the purpose; of every other fact the first value, which is the one that earns the least trust. */
export const usual = ({ fact, values }: FactChoice): string => (fact === 'declared' ? 'true' : (values[0] ?? ''));

export const under = (cells: readonly Cell[], chosen: Readonly<Record<string, string>>): readonly Cell[] =>
  cells.filter(({ facts }) =>
    Object.entries(chosen).every(([fact, value]) => facts[fact] === undefined || String(facts[fact]) === value),
  );
