/** One value of a rule → what a field's value must be. */
import { isWithin, readAddress, readNetwork } from './address.ts';
import { encoded } from './encodings.ts';
import { kindOf, quoted } from './fault.ts';
import { textOf, type Field, type Scalar } from './field.ts';
import type { Comparison, Modifiers, TimePart } from './modifiers.ts';
import {
  around,
  compilePattern,
  fold,
  foldPattern,
  isPlain,
  longestPart,
  parsePattern,
  plainText,
  type Pattern,
} from './pattern.ts';
import { readExpression } from './regular-expression.ts';

/** What a value that matches surely has in it, folded: by this an event finds the few rules that can match it. */
export type Atom = Readonly<{ kind: 'is' | 'has'; text: string }>;

export type ValueTest =
  /** Of a value that is there; `folded` is its text, folded. */
  | Readonly<{
      kind: 'value';
      cost: number;
      atoms: readonly Atom[] | null;
      matches: (value: Scalar, folded: string) => boolean;
    }>
  | Readonly<{ kind: 'absent' }>
  | Readonly<{ kind: 'exists'; wanted: boolean }>
  | Readonly<{ kind: 'field'; other: Field; matches: (text: string, other: string) => boolean }>;

export type ValueFault = Readonly<{ says: string; hint: string }>;

export function readValue(
  value: unknown,
  modifiers: Modifiers,
  fieldNamed: (name: string) => Field,
): ValueTest | ValueFault {
  if (value instanceof Map || Array.isArray(value) || value === undefined) {
    return {
      says: `a ${kindOf(value)} stands where one value should`,
      hint: 'a value is text, a number, true, false or null',
    };
  }
  const scalar = value as Scalar;
  if (modifiers.kind === 'exists') {
    if (typeof scalar !== 'boolean') return { says: `exists is given ${quoted(scalar)}`, hint: 'write true or false' };
    return { kind: 'exists', wanted: scalar };
  }
  if (modifiers.compare !== null || modifiers.timePart !== null)
    return number(scalar, modifiers.compare, modifiers.timePart);
  if (modifiers.kind === 'cidr') return network(scalar);
  if (modifiers.kind === 're') return expression(scalar, modifiers);
  if (modifiers.kind === 'fieldref') return reference(scalar, modifiers, fieldNamed);
  if (scalar === null) return { kind: 'absent' };
  return pattern(textOf(scalar), modifiers);
}

function pattern(text: string, { where, cased, encodings }: Modifiers): ValueTest | ValueFault {
  let patterns: readonly Pattern[] | null = [parsePattern(text)];
  if (encodings.length > 0) patterns = encoded(patterns[0] as Pattern, encodings);
  if (patterns === null)
    return {
      says: `the wildcard in ${quoted(text)} cannot be encoded`,
      hint: 'escape it with a backslash, or write the value without it',
    };
  if (where !== null && text === '')
    return { says: `${where} is given an empty text`, hint: 'that is in every text: use exists, or leave it out' };
  if (patterns.length === 0)
    return {
      says: `${quoted(text)} is too short for its encoding`,
      hint: 'base64offset needs two characters at least',
    };
  const placed = where === null ? patterns : patterns.map((each) => around(each, where));
  const folded = placed.map(foldPattern);
  const tests = (cased ? placed : folded).map(compilePattern);
  const atoms = folded.map((each): Atom =>
    isPlain(each) ? { kind: 'is', text: plainText(each) } : { kind: 'has', text: longestPart(each) },
  );
  const [only] = tests as [(text: string) => boolean];
  const any = tests.length === 1 ? only : (value: string): boolean => tests.some((test) => test(value));
  return {
    kind: 'value',
    cost: placed.every(isPlain) ? 1 : 2,
    atoms: atoms.every((atom) => atom.kind === 'is' || atom.text !== '') ? atoms : null,
    matches: cased ? (value) => any(textOf(value)) : (_value, folded) => any(folded),
  };
}

function expression(value: Scalar, { flags }: Modifiers): ValueTest | ValueFault {
  if (value === null) return { says: 're is given null', hint: 'write a regular expression in single quotes' };
  const read = readExpression(textOf(value), flags);
  return 'test' in read ? { kind: 'value', cost: 20, atoms: null, matches: (value) => read.test(textOf(value)) } : read;
}

function network(value: Scalar): ValueTest | ValueFault {
  const read = typeof value === 'string' ? readNetwork(value) : null;
  if (read === null)
    return { says: `${quoted(value)} is not a network`, hint: 'write it as 10.0.0.0/8 or 2001:db8::/32' };
  return {
    kind: 'value',
    cost: 5,
    atoms: null,
    matches: (value) => {
      const address = typeof value === 'string' ? readAddress(value) : null;
      return address !== null && isWithin(address, read);
    },
  };
}

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
};

function number(value: Scalar, compare: Comparison | null, part: TimePart | null): ValueTest | ValueFault {
  const limit = numberOf(value);
  if (limit === null)
    return { says: `${compare ?? part ?? ''} is given ${quoted(value)}`, hint: 'write a number without quotes' };
  const compared =
    compare === null
      ? (given: number): boolean => given === limit
      : (given: number): boolean => COMPARE[compare](given, limit);
  return {
    kind: 'value',
    cost: 3,
    atoms: null,
    matches: (value) => {
      const given = part === null ? numberOf(value) : partOf(value, part);
      return given !== null && compared(given);
    },
  };
}

function numberOf(value: Scalar): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.length > 40 || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const PARTS: Readonly<Record<TimePart, (time: Date) => number>> = {
  minute: (time) => time.getUTCMinutes(),
  hour: (time) => time.getUTCHours(),
  day: (time) => time.getUTCDate(),
  week: isoWeek,
  month: (time) => time.getUTCMonth() + 1,
  year: (time) => time.getUTCFullYear(),
};

/** Of UTC; a number is milliseconds since 1970, a text a date as ISO 8601 has it. */
function partOf(value: Scalar, part: TimePart): number | null {
  if (typeof value === 'string' && value.length > 40) return null;
  const time = typeof value === 'number' || typeof value === 'string' ? new Date(value) : null;
  if (time === null || Number.isNaN(time.getTime())) return null;
  return PARTS[part](time);
}

/** ISO 8601: the week of a day is that of its Thursday. */
function isoWeek(time: Date): number {
  const day = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
  const thursday = new Date(day + (4 - (time.getUTCDay() || 7)) * 86_400_000);
  return Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

function reference(
  value: Scalar,
  { where, cased }: Modifiers,
  fieldNamed: (name: string) => Field,
): ValueTest | ValueFault {
  if (typeof value !== 'string' || value === '')
    return { says: `fieldref is given ${quoted(value)}`, hint: 'write the name of another field' };
  const same = cased ? (text: string): string => text : fold;
  const lies = (text: string, other: string): boolean =>
    where === null
      ? text === other
      : where === 'contains'
        ? text.includes(other)
        : where === 'startswith'
          ? text.startsWith(other)
          : text.endsWith(other);
  return { kind: 'field', other: fieldNamed(value), matches: (text, other) => lies(same(text), same(other)) };
}
