/** Whether a field's category is a term that others know, and which one was probably meant. */
import { DPV_PD } from './dpv-pd.ts';
import { FIDESLANG } from './fideslang.ts';

export type KnownTerm =
  | Readonly<{ known: true; replacedBy: string | null }>
  /** `nearest`: by the fewest letters to change; null when nothing is near. */
  | Readonly<{ known: false; nearest: string | null }>;

const DPV_PREFIX = 'pd:';
/** More letters than this apart, a term is another one. */
const NEAR = 8;

/** @param category fideslang's key, or `pd:` and a term of DPV PD; at most 200 characters */
export function knownTerm(category: string): KnownTerm {
  const replacedBy = FIDESLANG.get(category);
  if (replacedBy !== undefined) return { known: true, replacedBy };
  if (category.startsWith(DPV_PREFIX) && DPV_PD.has(category.slice(DPV_PREFIX.length)))
    return { known: true, replacedBy: null };
  let nearest: string | null = null;
  let fewest = NEAR + 1;
  for (const term of allTerms()) {
    const apart = lettersApart(category, term, fewest);
    if (apart < fewest) [nearest, fewest] = [term, apart];
  }
  return { known: false, nearest };
}

function* allTerms(): Generator<string> {
  for (const [key, replacedBy] of FIDESLANG) if (replacedBy === null) yield key;
  for (const term of DPV_PD) yield `${DPV_PREFIX}${term}`;
}

/** Levenshtein's distance, without regard to case; gives up at `limit`. */
function lettersApart(one: string, other: string, limit: number): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const kept = (row[j - 1] as number) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      next[j] = Math.min(kept, (row[j] as number) + 1, (next[j - 1] as number) + 1);
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return Math.min(limit, row[b.length] as number);
}
