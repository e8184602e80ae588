/** Which rules an event can match at all, by what it has: most events touch few rules. */
import type { Need } from './compile.ts';
import { textOf } from './field.ts';
import { createLiterals, type Literals } from './literals.ts';
import type { Slots, View } from './view.ts';

export type Candidates = Readonly<{
  /** Calls back with numbers of rules; with one more than once, perhaps. */
  find: (view: View, found: (rule: number) => void) => void;
  /** Rules that every event is shown to. */
  always: number;
}>;

type Scan = Readonly<{ rulesIn: (view: View) => readonly number[] }>;
type Lookup = Readonly<{ slot: number; rules: ReadonlyMap<string, readonly number[]> }>;

/** @param needs  of each rule; null: shown every event */
export function createCandidates(
  needs: readonly Readonly<{ rule: number; needs: readonly Need[] | null }>[],
  slots: Slots,
): Candidates {
  const always = needs.flatMap((each) => (each.needs === null ? [each.rule] : []));
  const wanted = { is: new Map<number, Map<string, number[]>>(), has: new Map<number, Map<string, number[]>>() };
  for (const { rule, needs: list } of needs) {
    for (const { field, kind, text } of list ?? []) {
      const slot = slots.slotOf(field);
      const texts = wanted[kind].get(slot) ?? new Map<string, number[]>();
      wanted[kind].set(slot, texts);
      const rules = texts.get(text) ?? [];
      texts.set(text, rules);
      if (rules.at(-1) !== rule) rules.push(rule);
    }
  }
  const lookups = [...wanted.is].map(([slot, rules]): Lookup => ({ slot, rules }));
  const scans = [...wanted.has].map(([slot, texts]): Scan => ({
    rulesIn: scanOf(slot, createLiterals([...texts.keys()]), [...texts.values()]),
  }));
  return {
    always: always.length,
    find: (view, found) => {
      for (const rule of always) found(rule);
      for (const { slot, rules } of lookups) {
        for (const text of view.folded(slot)) {
          const list = rules.get(text);
          if (list !== undefined) for (const rule of list) found(rule);
        }
      }
      for (const { rulesIn } of scans) for (const rule of rulesIn(view)) found(rule);
    },
  };
}

/** Texts of a field whose rules are remembered, twice as many at most: pages and programs come again and again. */
const REMEMBERED = 1024;
/** Longer ones seldom come twice. */
const MOST_REMEMBERED = 256;
const NONE: readonly number[] = [];

function scanOf(slot: number, literals: Literals, rules: readonly (readonly number[])[]): Scan['rulesIn'] {
  let young = new Map<string, readonly number[]>();
  let old = young;
  const scan = (texts: readonly string[]): readonly number[] => {
    let found: Set<number> | null = null;
    for (const text of texts)
      literals.findIn(text, (index) => {
        found ??= new Set();
        for (const rule of rules[index] as readonly number[]) found.add(rule);
      });
    return found === null ? NONE : [...(found as Set<number>)];
  };
  return (view) => {
    const values = view.values(slot);
    if (values.length === 0) return NONE;
    const text = values.length === 1 ? textOf(values[0] as (typeof values)[number]) : '';
    if (values.length > 1 || text.length > MOST_REMEMBERED) return scan(view.folded(slot));
    const known = young.get(text) ?? old.get(text);
    if (known !== undefined) return known;
    const found = scan(view.folded(slot));
    if (young.size >= REMEMBERED) [old, young] = [young, new Map()];
    // a copy: a part of a line holds on to the whole of it
    young.set(Buffer.from(text).toString(), found);
    return found;
  };
}
