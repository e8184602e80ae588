/** What is wrong with a rule, said so that its author can put it right. */
export type Step = string | number;

export type RuleFault = Readonly<{
  /** Name of the text it is in. */
  file: string;
  /** From 1; null where the text could not be read at all. */
  line: number | null;
  /** id or name of the rule, where it has one. */
  rule: string | null;
  /** `error`: the rule is not loaded. `warning`: it is, and perhaps does not do what its author thinks. */
  weight: 'error' | 'warning';
  says: string;
  hint: string;
}>;

/** Notes what is wrong at a place of a rule's document. */
export type Report = (at: readonly Step[], says: string, hint: string, weight?: RuleFault['weight']) => void;

/** Text of a rule inside a sentence: one line, 60 characters at most, so that a hostile rule does not fill the log. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : `a ${kindOf(value)}`;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return typeof value === 'string' ? JSON.stringify(shown) : shown;
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Map) return 'map';
  if (Array.isArray(value)) return 'list';
  return typeof value;
}

/** The nearest of the known words, for «did you mean»; null where none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.min(3, Math.ceil(word.length / 3) + 1);
  if (word.length > 64) return null;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
