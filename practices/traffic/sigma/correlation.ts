/** The correlation of a rule: which matches count together (Sigma correlation rules specification 2.1). */
import { kindOf, nearest, quoted, type Report } from './fault.ts';
import { readTimespan } from './timespan.ts';

export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'temporal',
  'temporal_ordered',
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];
export type Bound = Readonly<{ op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq'; value: number }>;

export type Correlation = Readonly<{
  type: CorrelationType;
  /** ids or names, as written and in this order. */
  rules: readonly string[];
  /** Names of fields or aliases. */
  groupBy: readonly string[];
  timespanMs: number;
  bounds: readonly Bound[];
  /** Of value_…: what is counted. */
  field: string | null;
  /** alias → name of a rule → name of a field. */
  aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The rules it stands on alert by themselves, too. */
  generate: boolean;
}>;

/** What is held for one key is bounded by this: a count beyond it would be memory that anybody can fill. */
export const MOST_COUNT = 10_000;
const MOST_RULES = 20;
const OPS = ['gt', 'gte', 'lt', 'lte', 'eq'] as const;

export function readCorrelation(value: unknown, report: Report): Correlation | null {
  if (!(value instanceof Map)) {
    report(
      ['correlation'],
      `the correlation is a ${kindOf(value)}`,
      'write type, rules, group-by, timespan and condition',
    );
    return null;
  }
  let sound = true;
  const refuse: Report = (at, ...rest) => {
    if (rest[2] !== 'warning') sound = false;
    report(['correlation', ...at], ...rest);
  };
  const type: unknown = value.get('type');
  const isType = (CORRELATION_TYPES as readonly unknown[]).includes(type);
  if (type === 'value_percentile' || type === 'value_median') {
    refuse(
      ['type'],
      `${type} needs every value of the window, and memory for it has no bound`,
      'use value_count, value_sum or value_avg',
    );
  } else if (!isType) {
    const near = typeof type === 'string' ? nearest(type, CORRELATION_TYPES) : null;
    refuse(
      ['type'],
      `there is no correlation type ${quoted(type)}`,
      near === null ? `types are ${CORRELATION_TYPES.join(', ')}` : `did you mean ${near}?`,
    );
  }
  const rules = readTexts(value.get('rules'), 'rules', refuse);
  if (rules.length === 0) refuse(['rules'], 'no rules are named', 'list ids or names of the rules whose matches count');
  if (rules.length > MOST_RULES || new Set(rules).size < rules.length)
    refuse(['rules'], 'the list names a rule twice, or more than 20', 'name each once');
  const groupBy = value.has('group-by') ? readTexts(value.get('group-by'), 'group-by', refuse) : [];
  if (groupBy.length > 8) refuse(['group-by'], `the list has ${groupBy.length} fields`, 'at most 8');
  const timespanMs = readTimespan(value.get('timespan'));
  if (timespanMs === null)
    refuse(
      ['timespan'],
      `${quoted(value.get('timespan'))} is not a time`,
      'write a number with s, m, h or d, as 10m; at most 31d',
    );
  const aliases = readAliases(value.get('aliases'), refuse);
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  const { bounds, field } = readBounds(
    value.get('condition'),
    { needed: !isTemporal, ofValues: typeof type === 'string' && type.startsWith('value_') },
    refuse,
  );
  if (!sound || timespanMs === null) return null;
  return {
    type: type as CorrelationType,
    rules,
    groupBy,
    timespanMs,
    bounds,
    field,
    aliases,
    generate: value.get('generate') === true,
  };
}

function readTexts(value: unknown, key: string, report: Report): string[] {
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  if (value !== undefined && list.length === 0) report([key], `${key} is not a list of names`, `write it as a list`);
  return list.flatMap((item, i) => {
    if (typeof item === 'string' && item !== '' && item.length <= 256) return [item];
    report([key, i], `a ${kindOf(item)} stands where a name should`, 'write a short text');
    return [];
  });
}

function readBounds(
  value: unknown,
  { needed, ofValues }: { needed: boolean; ofValues: boolean },
  report: Report,
): { bounds: Bound[]; field: string | null } {
  const nothing = { bounds: [], field: null };
  if (value === undefined) {
    if (needed) report(['condition'], 'the condition is missing', 'say how many: condition: { gte: 10 }');
    return nothing;
  }
  if (!(value instanceof Map)) {
    report(['condition'], `the condition is a ${kindOf(value)}`, 'write a map: gte: 10');
    return nothing;
  }
  const bounds: Bound[] = [];
  let field: string | null = null;
  for (const [key, part] of value as Map<unknown, unknown>) {
    const op = OPS.find((each) => each === key);
    if (op !== undefined) {
      if (typeof part !== 'number' || !Number.isFinite(part) || part < 0)
        report(['condition', op], `${op} is given ${quoted(part)}`, 'write a number without quotes');
      else bounds.push({ op, value: part });
    } else if (key === 'field' && typeof part === 'string') field = part;
    else if (key === 'field') report(['condition', 'field'], 'field is not the name of one field', 'write one name');
    else
      report(
        ['condition', String(key)],
        `there is no criterion ${quoted(String(key))}`,
        'criteria are gt, gte, lt, lte, eq; value_count has field besides',
      );
  }
  if (ofValues && field === null)
    report(['condition'], 'the field whose values count is missing', 'write field: with its name');
  if (!ofValues && field !== null)
    report(['condition', 'field'], 'field says nothing here', 'only value_count, value_sum and value_avg have it');
  if (needed && !bounds.some(({ op }) => op === 'gt' || op === 'gte' || op === 'eq')) {
    report(
      ['condition'],
      'the condition is true of nothing at all',
      'a stream knows only what came: say gt, gte or eq',
    );
  }
  // a sum is held as one number, a count as what was counted
  const counted = !ofValues || value.get('field') === undefined;
  if (counted && bounds.some(({ value: bound }) => bound > MOST_COUNT))
    report(['condition'], `a count of more than ${MOST_COUNT} is not held`, 'use a shorter timespan');
  return { bounds, field };
}

function readAliases(value: unknown, report: Report): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  if (value === undefined) return aliases;
  if (
    !(value instanceof Map) ||
    ![...value.values()].every(
      (part) => part instanceof Map && [...part.values()].every((name) => typeof name === 'string'),
    )
  ) {
    report(['aliases'], 'aliases are not a map of maps', 'write alias: { name of a rule: field }');
    return aliases;
  }
  for (const [alias, part] of value as Map<unknown, Map<unknown, string>>) {
    aliases.set(String(alias), new Map([...part].map(([rule, field]) => [String(rule), field])));
  }
  return aliases;
}
