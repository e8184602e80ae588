/** Precision, recall and F1 by type: a finding is right when it covers a labelled span of its type, IoU at least 0.5. */
import type { DetectedType } from '#practices/collection';

import type { LabelledSpan } from './generate.ts';

export type Count = { right: number; wrong: number; missed: number };
export type Counts = Map<DetectedType, Count>;

export function addScores(
  counts: Counts,
  found: readonly LabelledSpan[],
  labelled: readonly LabelledSpan[],
  types: readonly DetectedType[],
): void {
  for (const type of types) {
    const count = counts.get(type) ?? { right: 0, wrong: 0, missed: 0 };
    counts.set(type, count);
    const mine = found.filter((one) => one.type === type);
    const theirs = labelled.filter((one) => one.type === type);
    for (const one of mine) {
      if (theirs.some((other) => overlap(one, other) >= 0.5)) count.right += 1;
      else count.wrong += 1;
    }
    for (const other of theirs) if (!mine.some((one) => overlap(one, other) >= 0.5)) count.missed += 1;
  }
}

function overlap(a: LabelledSpan, b: LabelledSpan): number {
  const both = Math.min(a.end, b.end) - Math.max(a.start, b.start);
  return both <= 0 ? 0 : both / (Math.max(a.end, b.end) - Math.min(a.start, b.start));
}

export const precision = ({ right, wrong }: Count): number => (right + wrong === 0 ? 1 : right / (right + wrong));
export const recall = ({ right, missed }: Count): number => (right + missed === 0 ? 1 : right / (right + missed));

/** Found and labelled are counted each on its side, so F1 is of precision and recall as given. */
export function f1(count: Count): number {
  const [p, r] = [precision(count), recall(count)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

export function sumOf(counts: Counts, types: readonly DetectedType[]): Count {
  const sum = { right: 0, wrong: 0, missed: 0 };
  for (const type of types) {
    const count = counts.get(type);
    if (count === undefined) continue;
    sum.right += count.right;
    sum.wrong += count.wrong;
    sum.missed += count.missed;
  }
  return sum;
}
