/** One document of a rule file → a rule or a correlation, or what is wrong with it. */
import type { ClassUid } from '../event.ts';
import { SEVERITIES, type Severity } from '../alert.ts';
import { readCorrelation, type Correlation } from './correlation.ts';
import { readDetection, type Detection } from './detection.ts';
import { kindOf, nearest, quoted, type Report } from './fault.ts';
import type { Field } from './field.ts';
import { classesOf, knownCategories, type Logsource } from './logsource.ts';
import { fieldOf } from './taxonomy.ts';
import { readTimespan } from './timespan.ts';

export type RuleHead = Readonly<{
  id: string;
  name: string | null;
  title: string;
  /** null of a building block of correlations, which says nothing by itself. */
  level: Severity | null;
  file: string;
  description: string;
  attack: readonly string[];
  falsePositives: readonly string[];
  /** Alerts an hour that its author thinks bearable; more suspend it. */
  budget: number | null;
  /** Alerts are told apart by these; null: by whom they are about. */
  groupBy: readonly Field[] | null;
  /** An alert of one rule and key is said once in so many milliseconds. */
  quietMs: number | null;
}>;

export type SingleRule = RuleHead &
  Readonly<{ kind: 'rule'; logsource: Logsource; classes: readonly ClassUid[]; detection: Detection }>;
export type CorrelationRule = RuleHead & Readonly<{ kind: 'correlation'; correlation: Correlation }>;
export type SigmaRule = SingleRule | CorrelationRule;

const MOST_TITLE = 256;

export function readRule(file: string, value: unknown, report: Report): SigmaRule | null {
  if (!(value instanceof Map)) {
    report([], `the document is a ${kindOf(value)}`, 'a rule is a map with title, id, logsource, detection and level');
    return null;
  }
  const map = value as ReadonlyMap<unknown, unknown>;
  let sound = true;
  const refuse: Report = (...fault) => {
    if (fault[3] !== 'warning') sound = false;
    report(...fault);
  };
  const isCorrelation = map.has('correlation');
  if (map.has('filter') && !map.has('detection'))
    refuse(['filter'], 'this is a Sigma filter', 'write its condition into the rules it is for');
  const logsource = readLogsource(map.get('logsource'), isCorrelation, refuse);
  const head = readHead(file, map, logsource.product, refuse);
  if (isCorrelation) {
    const correlation = readCorrelation(map.get('correlation'), refuse);
    return sound && correlation !== null ? { ...head, kind: 'correlation', correlation } : null;
  }
  const detection = readDetection(map.get('detection'), { product: logsource.product, report: refuse });
  if (!sound || detection === null) return null;
  return { ...head, kind: 'rule', logsource, classes: classesOf(logsource), detection };
}

function readHead(file: string, map: ReadonlyMap<unknown, unknown>, product: string | null, report: Report): RuleHead {
  const title = map.get('title');
  if (typeof title !== 'string' || title.trim() === '')
    report(['title'], 'the title is missing', 'say in a few words what the rule finds');
  else if (title.length > MOST_TITLE)
    report(
      ['title'],
      `the title has ${title.length} characters`,
      `at most ${MOST_TITLE}: the rest belongs into the description`,
    );
  const [id, name] = [map.get('id'), map.get('name')];
  const named = typeof name === 'string' && name !== '';
  if (!isWord(id) && !(map.has('correlation') && named))
    report(['id'], 'the id is missing', 'give it a UUID of its own (uuidgen makes one), and keep it');
  if (name !== undefined && (!named || name.length > 128))
    report(['name'], 'the name is not a short text', 'it is what correlations call the rule by');
  const level = map.get('level');
  if (level === undefined && !named) report(['level'], 'the level is missing', `write one of ${SEVERITIES.join(', ')}`);
  else if (level !== undefined && !isSeverity(level)) {
    const near = typeof level === 'string' ? nearest(level, SEVERITIES) : null;
    report(
      ['level'],
      `there is no level ${quoted(level)}`,
      near === null ? `write one of ${SEVERITIES.join(', ')}` : `did you mean ${near}?`,
    );
  }
  return {
    id: isWord(id) ? id : isWord(name) ? name : '',
    name: named ? name : null,
    title: typeof title === 'string' ? title : '',
    level: isSeverity(level) ? level : null,
    file,
    description: typeof map.get('description') === 'string' ? String(map.get('description')) : '',
    attack: techniques(map.get('tags')),
    falsePositives: texts(map.get('falsepositives')),
    ...readOurs(map.get('strongroom'), product, report),
  };
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 128;
const isSeverity = (value: unknown): value is Severity => (SEVERITIES as readonly unknown[]).includes(value);
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string').slice(0, 100);

/** `attack.t1078.004` → `T1078.004`; tactics and other tags are left out. */
function techniques(tags: unknown): string[] {
  return texts(tags).flatMap((tag) => {
    const technique = tag.toLowerCase().startsWith('attack.t') ? tag.slice('attack.'.length).toUpperCase() : '';
    return technique.length >= 5 &&
      [...technique.slice(1)].every((unit) => unit === '.' || (unit >= '0' && unit <= '9'))
      ? [technique]
      : [];
  });
}

/** Sigma leaves room for keys of one's own: what its format cannot say of alerts stands under `strongroom`. */
function readOurs(
  value: unknown,
  product: string | null,
  report: Report,
): Pick<RuleHead, 'budget' | 'groupBy' | 'quietMs'> {
  const nothing = { budget: null, groupBy: null, quietMs: null };
  if (value === undefined) return nothing;
  if (!(value instanceof Map)) {
    report(['strongroom'], `this is a ${kindOf(value)}`, 'write a map: group-by, quiet, budget, tests');
    return nothing;
  }
  const [budget, quiet, groupBy] = [value.get('budget'), value.get('quiet'), value.get('group-by')] as unknown[];
  for (const key of value.keys()) {
    if (!['budget', 'quiet', 'group-by', 'tests'].includes(String(key)))
      report(
        ['strongroom', String(key)],
        `there is no setting ${quoted(String(key))}`,
        'settings are group-by, quiet, budget and tests',
      );
  }
  if (budget !== undefined && (typeof budget !== 'number' || !Number.isInteger(budget) || budget < 1))
    report(['strongroom', 'budget'], 'the budget is not a whole number', 'write how many alerts an hour are bearable');
  const quietMs = quiet === undefined ? null : readTimespan(quiet);
  if (quiet !== undefined && quietMs === null)
    report(['strongroom', 'quiet'], `${quoted(quiet)} is not a time`, 'write a number with s, m, h or d, as 1h');
  const names = texts(groupBy);
  if (groupBy !== undefined && (!Array.isArray(groupBy) || names.length !== groupBy.length || names.length === 0))
    report(['strongroom', 'group-by'], 'group-by is not a list of fields', 'write it as [src_ip]');
  return {
    budget: typeof budget === 'number' ? budget : null,
    quietMs,
    groupBy: names.length === 0 ? null : names.map((name) => fieldOf(name, product).field),
  };
}

function readLogsource(value: unknown, isCorrelation: boolean, report: Report): Logsource {
  const none = { category: null, product: null, service: null };
  if (value === undefined && isCorrelation) return none;
  if (!(value instanceof Map)) {
    report(['logsource'], 'the logsource is missing', 'say which events it is about: category: webserver');
    return none;
  }
  const part = (key: string): string | null => {
    const text: unknown = value.get(key);
    if (text === undefined || text === null) return null;
    if (typeof text === 'string' && text !== '' && text.length <= 128) return text.toLowerCase();
    report(['logsource', key], `${key} is not a short text`, 'write it in lower case');
    return null;
  };
  const logsource = { category: part('category'), product: part('product'), service: part('service') };
  if (logsource.category === null && logsource.product === null && logsource.service === null)
    report(['logsource'], 'the logsource says nothing', 'write category, product or service');
  else if (logsource.category !== null && classesOf(logsource).length === 0) {
    const near = nearest(logsource.category, knownCategories());
    if (near !== null && near !== logsource.category)
      report(
        ['logsource', 'category'],
        `there is no category ${quoted(logsource.category)}`,
        `did you mean ${near}?`,
        'warning',
      );
  }
  return logsource;
}
