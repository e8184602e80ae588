/** What a change of policies changes: the cells that come out otherwise. */
import type { Cell, Matrix } from './matrix.ts';

export type ChangedCell = Omit<Cell, 'outcome'> & Readonly<{ from: Cell['outcome']; to: Cell['outcome'] }>;
export type MatrixDiff = Readonly<{
  /** Cells that show more afterwards, and that show less. */
  wider: number;
  narrower: number;
  /** Of those that show more the first 500, then of those that show less: a long list of the one never hides the other. */
  cells: readonly ChangedCell[];
}>;

const SHOWN = 500;
const RANK: Readonly<Record<Cell['outcome'], number>> = { denied: 0, masked: 1, clear: 2, allowed: 2 };

/**
 * INVARIANT: both were enumerated over the same facts, or their cells are not those of the same questions.
 * A cell that one of them does not have is denied there: nothing that was refused as a whole is asked in part.
 */
export function diffMatrices(before: Matrix, after: Matrix): MatrixDiff {
  const [more, less]: [ChangedCell[], ChangedCell[]] = [[], []];
  let [wider, narrower] = [0, 0];
  for (const key of new Set([...before.cells.keys(), ...after.cells.keys()])) {
    const [old, made] = [before.cells.get(key), after.cells.get(key)];
    const [from, to] = [old?.outcome ?? 'denied', made?.outcome ?? 'denied'];
    if (from === to) continue;
    const isWider = RANK[to] > RANK[from];
    if (isWider) wider += 1;
    else narrower += 1;
    const shown = isWider ? more : less;
    if (shown.length < SHOWN) shown.push({ ...((made ?? old) as Cell), from, to });
  }
  return { wider, narrower, cells: [...more, ...less] };
}
