/** What changed between two versions of a policy, line by line as it is read: the longest common run of lines stays. */
import type { Section } from '../content/document.ts';
import { textOfBlock } from '../content/tree.ts';

export type ChangedLine = Readonly<{ how: 'same' | 'added' | 'removed'; text: string }>;

const linesOf = (sections: readonly Section[]): readonly string[] =>
  sections.flatMap(({ title, blocks }) => [title, ...blocks.flatMap((block) => textOfBlock(block).split('\n'))]);

/** Of texts of a few hundred lines: a table of both. */
export function diffTexts(before: readonly Section[], after: readonly Section[]): readonly ChangedLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  // common[i][j]: lines that old from i and now from j have in common, in order
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      (common[i] as Uint32Array)[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ how: 'same', text: old[i] as string });
      i += 1;
      j += 1;
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ how: 'removed', text: old[i] as string });
      i += 1;
    } else {
      lines.push({ how: 'added', text: now[j] as string });
      j += 1;
    }
  }
  return lines.every(({ how }) => how === 'same') ? [] : lines;
}
