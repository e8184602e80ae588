/**
 * Filters and PATCH paths of SCIM, parsed by hand: one pass from left to right, and limits before anything is built.
 *
 * Beside the grammar, `emails[type eq "work"].value eq "x"` is a filter too: Microsoft Entra sends it.
 * Source: RFC 7644 §3.4.2.2 figure 1, §3.5.2 figure 7
 */
import { accessFailure } from '../failures.ts';

export const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'pr', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Value = string | number | boolean | null;
export type Comparison = Readonly<{
  is: 'compare';
  /** Lower case, as `name.givenname`. */
  attribute: string;
  operator: Operator;
  /** null with `pr`. */
  value: Value;
}>;
export type Filter =
  | Comparison
  | Readonly<{ is: 'and' | 'or'; all: readonly Filter[] }>
  | Readonly<{ is: 'not'; of: Filter }>;
/** `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`, in lower case. */
export type Path = Readonly<{ attribute: string; filter: Filter | null; sub: string | null }>;

export const MAX_CHARS = 2000;
const MAX_LEVELS = 8;
const MAX_COMPARISONS = 50;

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/;
/** An attribute of a schema that is not the resource's own. */
export const isForeign = (attribute: string): boolean => attribute.startsWith('urn:');

// sticky, and no two ways to match the same text: linear
const BLANKS = / */y;
const NAME = /[A-Za-z][A-Za-z0-9_:.$-]*/y;
const SUB = /\.[$A-Za-z][A-Za-z0-9_-]*/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?/y;
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([['true', true], ['false', false], ['null', null]]); // prettier-ignore

/** @throws ACCESS_SCIM_FILTER */
export function parseFilter(text: string): Filter {
  const fault = (detail: string): Error => accessFailure('SCIM_FILTER', { detail });
  const read = reader(text, fault);
  const filter = read.filter(0, '');
  read.end();
  return filter;
}

/** @throws ACCESS_SCIM_PATH */
export function parsePath(text: string): Path {
  const fault = (detail: string): Error => accessFailure('SCIM_PATH', { detail });
  const read = reader(text, fault);
  const name = read.name();
  if (!read.takes('[')) {
    read.end();
    if (isForeign(name)) return { attribute: name, filter: null, sub: null };
    const [attribute = '', sub = null, ...more] = name.split('.');
    if (more.length > 0) throw fault('an attribute has one level of sub-attributes');
    return { attribute, filter: null, sub };
  }
  const filter = read.filter(1, '');
  read.needs(']');
  const sub = read.sub();
  read.end();
  return { attribute: name, filter, sub };
}

function reader(text: string, fault: (detail: string) => Error) {
  if (text.length > MAX_CHARS) throw fault(`it is longer than ${MAX_CHARS} characters`);
  let at = 0;
  let comparisons = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const blanks = (): void => void match(BLANKS);
  const takes = (mark: string): boolean => {
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  const needs = (mark: string): void => {
    blanks();
    if (!takes(mark)) throw fault(`a ${mark} is missing at character ${at + 1}`);
  };
  const name = (): string => {
    const found = match(NAME)?.toLowerCase().replace(CORE, '');
    if (found === undefined || found === '' || found.endsWith('.') || found.endsWith(':'))
      throw fault(`an attribute is missing at character ${at + 1}`);
    return found;
  };
  /** A word of the language itself, when it comes next. */
  const word = (wanted: string): boolean => {
    const before = at;
    blanks();
    if (match(NAME)?.toLowerCase() === wanted) return true;
    at = before;
    return false;
  };
  const value = (): Value => {
    const quoted = match(TEXT);
    if (quoted !== null) return asText(quoted, fault);
    const number = match(NUMBER);
    if (number !== null) return Number(number);
    const found = WORDS.get(match(NAME)?.toLowerCase() ?? '');
    if (found === undefined) throw fault(`a value is missing at character ${at + 1}`);
    return found;
  };
  const compare = (attribute: string): Comparison => {
    comparisons += 1;
    if (comparisons > MAX_COMPARISONS) throw fault(`it has more than ${MAX_COMPARISONS} comparisons`);
    blanks();
    const operator = match(NAME)?.toLowerCase() as Operator | undefined;
    if (operator === undefined || !OPERATORS.includes(operator))
      throw fault(`an operator is missing before character ${at + 1}`);
    if (operator === 'pr') return { is: 'compare', attribute, operator, value: null };
    if (!takes(' ')) throw fault(`a blank is missing at character ${at + 1}`);
    blanks();
    return { is: 'compare', attribute, operator, value: value() };
  };
  const sub = (): string | null => match(SUB)?.slice(1).toLowerCase() ?? null;
  const one = (level: number, prefix: string): Filter => {
    if (level > MAX_LEVELS) throw fault(`it is nested deeper than ${MAX_LEVELS} levels`);
    blanks();
    const before = at;
    if (word('not')) {
      blanks();
      if (takes('(')) {
        const of = filter(level + 1, prefix);
        needs(')');
        return { is: 'not', of };
      }
      at = before;
    }
    if (takes('(')) {
      const inner = filter(level + 1, prefix);
      needs(')');
      return inner;
    }
    const attribute = name();
    if (prefix !== '' || !takes('[')) return compare(prefix + attribute);
    const inner = filter(level + 1, `${attribute}.`);
    needs(']');
    const below = sub();
    return below === null ? inner : { is: 'and', all: [inner, compare(`${attribute}.${below}`)] };
  };
  const chain = (joined: 'and' | 'or', next: () => Filter): Filter => {
    const all = [next()];
    while (word(joined)) all.push(next());
    return all.length === 1 ? (all[0] as Filter) : { is: joined, all };
  };
  // `and` binds closer than `or`
  const filter = (level: number, prefix: string): Filter => chain('or', () => chain('and', () => one(level, prefix)));
  return {
    filter, name, needs, sub, takes,
    end: () => {
      blanks();
      if (at < text.length) throw fault(`there is more than it takes at character ${at + 1}`);
    },
  }; // prettier-ignore
}

function asText(quoted: string, fault: (detail: string) => Error): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw fault('a text is not written as in JSON');
  }
}

/** Whether a value of a multi-valued attribute is meant. Texts are compared as SCIM does where nothing else is said: whatever their case. */
export function matches(filter: Filter, item: Readonly<Record<string, unknown>>): boolean {
  if ('all' in filter) {
    const holds = (each: Filter): boolean => matches(each, item);
    return filter.is === 'and' ? filter.all.every(holds) : filter.all.some(holds);
  }
  if (filter.is === 'not') return !matches(filter.of, item);
  const name = Object.keys(item).find((each) => each.toLowerCase() === filter.attribute);
  const held = name === undefined ? null : (item[name] ?? null);
  return compared(filter, folded(held), folded(filter.value));
}

const folded = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
function compared({ operator }: Comparison, held: unknown, wanted: unknown): boolean {
  if (operator === 'pr') return held !== null && held !== '';
  // Entra writes a boolean as a text
  const same = held === wanted || (typeof held === 'boolean' && String(held) === wanted);
  if (operator === 'eq') return same;
  if (operator === 'ne') return !same;
  if (typeof held !== 'string' || typeof wanted !== 'string') return false;
  if (operator === 'co') return held.includes(wanted);
  if (operator === 'sw') return held.startsWith(wanted);
  if (operator === 'ew') return held.endsWith(wanted);
  throw accessFailure('SCIM_FILTER', { detail: `${operator} is not supported` });
}
