/** A detection → a function that says of an event whether it matches, cheap questions first. */
import type { Condition } from './condition.ts';
import type { Detection, FieldTest, Selection } from './detection.ts';
import { textOf, type Field } from './field.ts';
import type { ValueTest } from './value.ts';
import type { Slots, View } from './view.ts';

export type Matcher = (view: View) => boolean;

export function compileDetection({ selections, condition }: Detection, slots: Slots): Matcher {
  const compiled = new Map([...selections].map(([name, selection]) => [name, compileSelection(selection, slots)]));
  return compileCondition(condition, (name) => compiled.get(name) as Matcher);
}

export function compileCondition(condition: Condition, matcherOf: (name: string) => Matcher): Matcher {
  if (condition.op === 'is') return matcherOf(condition.name);
  if (condition.op === 'not') {
    const of = compileCondition(condition.of, matcherOf);
    return (view) => !of(view);
  }
  if (condition.op === 'count') return atLeast(condition.least, condition.names.map(matcherOf));
  const parts = condition.of.map((part) => compileCondition(part, matcherOf));
  return condition.op === 'and' ? every(parts) : some(parts);
}

const every = (parts: readonly Matcher[]): Matcher =>
  parts.length === 1 ? (parts[0] as Matcher) : (view) => parts.every((part) => part(view));
const some = (parts: readonly Matcher[]): Matcher =>
  parts.length === 1 ? (parts[0] as Matcher) : (view) => parts.some((part) => part(view));

function atLeast(least: number, parts: readonly Matcher[]): Matcher {
  if (least === 1) return some(parts);
  if (least === parts.length) return every(parts);
  return (view) => {
    let found = 0;
    for (const part of parts) if (part(view)) found += 1;
    return found >= least;
  };
}

function compileSelection(selection: Selection, slots: Slots): Matcher {
  return some(
    selection.map((tests) =>
      every(tests.toSorted((a, b) => costOf(a) - costOf(b)).map((test) => compileTest(test, slots))),
    ),
  );
}

const costOfValue = (test: ValueTest): number => (test.kind === 'value' ? test.cost : 1);
const costOf = ({ tests }: FieldTest): number => tests.reduce((sum, test) => sum + costOfValue(test), 0);

function compileTest({ field, tests, every: all, not }: FieldTest, slots: Slots): Matcher {
  const slot = slots.slotOf(field);
  const sorted = tests.toSorted((a, b) => costOfValue(a) - costOfValue(b));
  const parts = sorted.map((test) => compileValue(test, slot, slots));
  const of = all ? every(parts) : some(parts);
  return not ? (view) => !of(view) : of;
}

function compileValue(test: ValueTest, slot: number, slots: Slots): Matcher {
  if (test.kind === 'absent') return (view) => view.values(slot).length === 0;
  if (test.kind === 'exists') return (view) => view.values(slot).length > 0 === test.wanted;
  if (test.kind === 'field') {
    const other = slots.slotOf(test.other);
    const compared = test.matches;
    return (view) => {
      const [values, others] = [view.values(slot), view.values(other)];
      return values.some((value) => others.some((each) => compared(textOf(value), textOf(each))));
    };
  }
  const asked = test.matches;
  return (view) => {
    const values = view.values(slot);
    if (values.length === 0) return false;
    const folded = view.folded(slot);
    for (let i = 0; i < values.length; i += 1) if (asked(values[i] ?? null, folded[i] as string)) return true;
    return false;
  };
}

export type Need = Readonly<{ field: Field; kind: 'is' | 'has'; text: string }>;

/**
 * What an event surely has when the detection matches: at least one of these. null: it cannot be said, and the rule is asked about
 * every event of its classes.
 */
export function needsOf({ selections, condition }: Detection): readonly Need[] | null {
  const ofTest = ({ field, tests, every: all, not }: FieldTest): readonly Need[] | null => {
    if (not) return null;
    const each = tests.map((test) =>
      test.kind === 'value' && test.atoms !== null ? test.atoms.map((atom): Need => ({ field, ...atom })) : null,
    );
    return all ? best(each) : union(each);
  };
  const ofSelection = (selection: Selection): readonly Need[] | null =>
    union(selection.map((tests) => best(tests.map(ofTest))));
  const walk = (node: Condition): readonly Need[] | null => {
    if (node.op === 'not') return null;
    if (node.op === 'is') return ofSelection(selections.get(node.name) as Selection);
    const parts =
      node.op === 'count'
        ? node.names.map((name) => ofSelection(selections.get(name) as Selection))
        : node.of.map(walk);
    if (node.op === 'or' || (node.op === 'count' && node.least < node.names.length)) return union(parts);
    return best(parts);
  };
  return walk(condition);
}

function union(parts: readonly (readonly Need[] | null)[]): readonly Need[] | null {
  return parts.includes(null) ? null : (parts as readonly (readonly Need[])[]).flat();
}

/** Of parts that must all match the one that fewest events have: long texts, few of them. */
function best(parts: readonly (readonly Need[] | null)[]): readonly Need[] | null {
  let found: readonly Need[] | null = null;
  let most = -Infinity;
  for (const part of parts) {
    if (part === null) continue;
    const shortest = part.reduce((least, { text }) => Math.min(least, text.length), Infinity);
    // what a field wholly is, as a method or a status, is short and on every second event; of texts each length more halves
    // what is met, twice as many double it
    const common = part[0]?.kind === 'is' && shortest < 5;
    const worth = (common ? -2 : shortest) - Math.log2(part.length + 1);
    if (worth > most) [found, most] = [part, worth];
  }
  return found;
}
