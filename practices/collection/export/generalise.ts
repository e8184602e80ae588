/**
 * Which step of each quasi-identifier leaves: as fine as can be, so that every group is large enough and at most the allowed
 * number of rows is left out.
 *
 * From the coarsest on, always the column that has lost most becomes one step finer, as long as the rest still fits. Coarser
 * groups are unions of finer ones, so what did not fit once never will with any column finer still: each step is tried once,
 * and what is found is minimal: no column of it can be finer. It need not be the only such choice.
 * Source: Samarati 2001 (k-minimal generalisation with suppression); LeFevre et al. 2005 (generalisation property)
 */

/**
 * @param heights of each column: the number of its coarsest step; 0 is as fine as it gets
 * @param isFit whether these steps leave few enough rows out
 * @returns null when not even the coarsest do
 */
export async function generalise(
  heights: readonly number[],
  isFit: (steps: readonly number[]) => Promise<boolean>,
): Promise<number[] | null> {
  const now = [...heights];
  if (!(await isFit(now))) return null;
  const settled = new Set(heights.flatMap((height, column) => (height === 0 ? [column] : [])));
  const lost = (column: number): number => (now[column] as number) / (heights[column] as number);
  for (;;) {
    let next = -1;
    for (const column of now.keys()) if (!settled.has(column) && (next < 0 || lost(column) > lost(next))) next = column;
    if (next < 0) return now;
    const finer = now.with(next, (now[next] as number) - 1);
    if (await isFit(finer)) now[next] = finer[next] as number;
    if (now[next] === 0 || now[next] !== finer[next]) settled.add(next);
  }
}
