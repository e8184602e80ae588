/** The detection of a rule: selections, and the condition that joins them. */
import { namesIn, readCondition, type Condition } from './condition.ts';
import { kindOf, nearest, quoted, type Report, type Step } from './fault.ts';
import { WHOLE_EVENT, type Field } from './field.ts';
import { readModifiers, type Modifiers } from './modifiers.ts';
import { fieldOf, knownNames } from './taxonomy.ts';
import { readValue, type ValueTest } from './value.ts';

export type FieldTest = Readonly<{ field: Field; tests: readonly ValueTest[]; every: boolean; not: boolean }>;
/** All of a map's tests; a list is one of several. */
export type Selection = readonly (readonly FieldTest[])[];
export type Detection = Readonly<{ selections: ReadonlyMap<string, Selection>; condition: Condition }>;

const MOST_SELECTIONS = 200;
const MOST_VALUES = 5000;
const KEYWORD: Modifiers = {
  where: 'contains',
  all: false,
  cased: false,
  not: false,
  encodings: [],
  kind: 'value',
  flags: new Set(),
  compare: null,
  timePart: null,
};

export type DetectionContext = Readonly<{ product: string | null; report: Report }>;

export function readDetection(value: unknown, { product, report }: DetectionContext): Detection | null {
  const at: Step[] = ['detection'];
  if (!(value instanceof Map)) {
    report(at, 'the detection is missing', 'write detection: with one selection and a condition');
    return null;
  }
  let sound = true;
  const refuse: Report = (...fault) => {
    if (fault[3] !== 'warning') sound = false;
    report(...fault);
  };
  const budget = { values: MOST_VALUES };
  const selections = new Map<string, Selection>();
  for (const [key, part] of value as Map<unknown, unknown>) {
    const name = String(key);
    if (name === 'condition') continue;
    if (name === 'timeframe') {
      refuse(
        [...at, name],
        'timeframe belongs to a form that is no longer part of Sigma',
        'write a correlation with a timespan',
      );
      continue;
    }
    if (selections.size >= MOST_SELECTIONS) {
      refuse([...at, name], `there are more than ${MOST_SELECTIONS} selections`, 'split the rule');
      break;
    }
    selections.set(name, readSelection(part, [...at, name], { product, report: refuse }, budget));
  }
  const condition = readConditions(value.get('condition'), [...selections.keys()], refuse);
  if (condition === null || !sound) return null;
  const used = namesIn(condition);
  for (const name of selections.keys()) {
    if (!used.has(name))
      report(
        [...at, name],
        `the selection ${quoted(name)} is not used`,
        'name it in the condition, or remove it',
        'warning',
      );
  }
  return { selections, condition };
}

function readConditions(value: unknown, names: readonly string[], report: Report): Condition | null {
  const at = ['detection', 'condition'];
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (value === undefined || value === null) {
    report(at, 'the condition is missing', `name a selection: condition: ${names[0] ?? 'selection'}`);
    return null;
  }
  const read = texts.map((text) => {
    if (typeof text !== 'string') {
      report(at, `the condition is a ${kindOf(text)}`, 'write it as text: selection and not filter');
      return null;
    }
    const found = readCondition(text, names);
    if ('condition' in found) return found.condition;
    report(at, found.fault.says, found.fault.hint);
    return null;
  });
  if (read.length === 0 || read.includes(null)) return null;
  return read.length === 1 ? (read[0] as Condition) : { op: 'or', of: read as Condition[] };
}

type Budget = { values: number };

function readSelection(value: unknown, at: readonly Step[], context: DetectionContext, budget: Budget): Selection {
  if (value instanceof Map) return [readMap(value, at, context, budget)];
  if (Array.isArray(value) && value.length > 0) {
    if (value.every((item) => item instanceof Map))
      return value.map((item, i) => readMap(item as Map<unknown, unknown>, [...at, i], context, budget));
    if (!value.some((item) => item instanceof Map)) return [keywords(value, at, context, budget, KEYWORD)];
    context.report(at, 'a list mixes maps and plain values', 'make two selections of it');
    return [];
  }
  if (typeof value === 'string' || typeof value === 'number') return [keywords([value], at, context, budget, KEYWORD)];
  context.report(
    at,
    `the selection is ${Array.isArray(value) ? 'an empty list' : `a ${kindOf(value)}`}`,
    'write fields with values, a list of such maps, or a list of keywords',
  );
  return [];
}

function keywords(
  values: readonly unknown[],
  at: readonly Step[],
  context: DetectionContext,
  budget: Budget,
  modifiers: Modifiers,
): FieldTest[] {
  const tests = readValues(
    values,
    at,
    { ...modifiers, where: modifiers.kind === 'value' ? 'contains' : null },
    context,
    budget,
  );
  return [{ field: WHOLE_EVENT, tests, every: modifiers.all, not: modifiers.not }];
}

function readMap(
  map: ReadonlyMap<unknown, unknown>,
  at: readonly Step[],
  context: DetectionContext,
  budget: Budget,
): FieldTest[] {
  if (map.size === 0) context.report(at, 'the selection is empty', 'write a field with a value');
  return [...map].flatMap(([key, value]): FieldTest[] => {
    const [name = '', ...words] = String(key).split('|');
    const here = [...at, String(key)];
    const modifiers = readModifiers(words);
    if ('says' in modifiers) {
      context.report(here, modifiers.says, modifiers.hint);
      return [];
    }
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) context.report(here, 'the list of values is empty', 'write a value, or remove the field');
    if (modifiers.all && values.length === 1)
      context.report(here, 'the modifier "all" is given one value', 'it needs a list: leave it out', 'warning');
    if (name === '') return keywords(values, here, context, budget, modifiers);
    const tests = readValues(values, here, modifiers, context, budget);
    return [{ field: named(name, here, context), tests, every: modifiers.all, not: modifiers.not }];
  });
}

function readValues(
  values: readonly unknown[],
  at: readonly Step[],
  modifiers: Modifiers,
  context: DetectionContext,
  budget: Budget,
): ValueTest[] {
  budget.values -= values.length;
  if (budget.values < 0) {
    context.report(at, `the rule has more than ${MOST_VALUES} values`, 'split it');
    return [];
  }
  return values.flatMap((value, i): ValueTest[] => {
    const read = readValue(value, modifiers, (name) => named(name, at, context));
    if ('kind' in read) return [read];
    context.report(values.length === 1 ? at : [...at, i], read.says, read.hint);
    return [];
  });
}

function named(name: string, at: readonly Step[], { product, report }: DetectionContext): Field {
  const { field, known } = fieldOf(name, product);
  if (!known) {
    const near = nearest(name, knownNames());
    if (near !== null) report(at, `no sensor is known to fill ${quoted(name)}`, `did you mean ${near}?`, 'warning');
    else if (product === 'strongroom')
      report(at, `own requests have no ${quoted(name)}`, 'fields are those of event.ts', 'warning');
  }
  return field;
}
