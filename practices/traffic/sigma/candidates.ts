/** Which rules an event can match at all, by what it has: most events touch few rules. */
import type { Need } from './compile.ts';
import { createLiterals, type Literals } from './literals.ts';
import type { Slots, View } from './view.ts';

export type Candidates = Readonly<{
  /** Calls back with numbers of rules; with one more than once, perhaps. */
  find: (view: View, found: (rule: number) => void) => void;
  /** Rules that every event is shown to. */
  always: number;
}>;

type Scan = Readonly<{ slot: number; literals: Literals; rules: readonly (readonly number[])[] }>;
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
    slot,
    literals: createLiterals([...texts.keys()]),
    rules: [...texts.values()],
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
      for (const { slot, literals, rules } of scans) {
        for (const text of view.folded(slot)) {
          literals.findIn(text, (index) => {
            for (const rule of rules[index] as readonly number[]) found(rule);
          });
        }
      }
    },
  };
}
