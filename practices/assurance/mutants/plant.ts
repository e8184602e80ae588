/** A source file with a mutant in it. */
import type { Mutant } from './mutant.ts';

/** @returns null when what it looks for does not stand in the text exactly once: then it changes nothing any more */
export function mutated(source: string, { find, replace }: Pick<Mutant, 'find' | 'replace'>): string | null {
  const at = source.indexOf(find);
  if (at < 0 || source.includes(find, at + 1) || find === replace) return null;
  return source.slice(0, at) + replace + source.slice(at + find.length);
}
