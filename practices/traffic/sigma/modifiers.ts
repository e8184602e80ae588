/** `field|modifier|modifier` → what is asked of the field (Sigma modifiers appendix 2.1). */
import { nearest, quoted } from './fault.ts';

export const COMPARISONS = ['lt', 'lte', 'gt', 'gte'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const TIME_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type TimePart = (typeof TIME_PARTS)[number];
export type Encoding = 'base64' | 'base64offset' | 'utf16' | 'utf16le' | 'utf16be' | 'windash';

export type Modifiers = Readonly<{
  /** How a string lies in the field; null: it is the whole of it. */
  where: 'contains' | 'startswith' | 'endswith' | null;
  all: boolean;
  cased: boolean;
  not: boolean;
  /** In the order they are applied. */
  encodings: readonly Encoding[];
  kind: 'value' | 're' | 'cidr' | 'exists' | 'fieldref';
  /** Of `re`. */
  flags: ReadonlySet<'i' | 'm' | 's'>;
  compare: Comparison | null;
  timePart: TimePart | null;
}>;

export type ModifierFault = Readonly<{ says: string; hint: string }>;

const WHERE = ['contains', 'startswith', 'endswith'] as const;
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  base64: 'base64', base64offset: 'base64offset', utf16: 'utf16', utf16le: 'utf16le', utf16be: 'utf16be', wide: 'utf16le', windash: 'windash',
}; // prettier-ignore
const KINDS = ['re', 'cidr', 'exists', 'fieldref'] as const;
const FLAGS = ['i', 'm', 's'] as const;
const ALL = [
  ...WHERE,
  'all',
  'cased',
  'neq',
  ...Object.keys(ENCODINGS),
  ...KINDS,
  ...FLAGS,
  ...COMPARISONS,
  ...TIME_PARTS,
  'expand',
];

const isOne = <T extends string>(list: readonly T[], word: string): word is T =>
  (list as readonly string[]).includes(word);

export function readModifiers(words: readonly string[]): Modifiers | ModifierFault {
  const read = {
    where: null as Modifiers['where'],
    all: false,
    cased: false,
    not: false,
    encodings: [] as Encoding[],
    kind: 'value' as Modifiers['kind'],
    flags: new Set<'i' | 'm' | 's'>(),
    compare: null as Comparison | null,
    timePart: null as TimePart | null,
  };
  const clash = (word: string, with_: string): ModifierFault => ({
    says: `the modifier ${quoted(word)} does not go with ${quoted(with_)}`,
    hint: 'use one of the two',
  });
  for (const [index, word] of words.entries()) {
    if (words.indexOf(word) !== index) return { says: `the modifier ${quoted(word)} stands twice`, hint: 'remove one' };
    if (isOne(WHERE, word)) {
      if (read.where !== null) return clash(word, read.where);
      read.where = word;
    } else if (word === 'all') read.all = true;
    else if (word === 'cased') read.cased = true;
    else if (word === 'neq') read.not = true;
    else if (Object.hasOwn(ENCODINGS, word)) read.encodings.push(ENCODINGS[word] as Encoding);
    else if (isOne(FLAGS, word)) {
      if (read.kind !== 're')
        return {
          says: `the modifier ${quoted(word)} stands without re before it`,
          hint: `write it behind re, as field|re|${word}`,
        };
      read.flags.add(word);
    } else if (isOne(KINDS, word)) {
      if (read.kind !== 'value') return clash(word, read.kind);
      read.kind = word;
    } else if (isOne(COMPARISONS, word)) {
      if (read.compare !== null) return clash(word, read.compare);
      read.compare = word;
    } else if (isOne(TIME_PARTS, word)) {
      if (read.timePart !== null) return clash(word, read.timePart);
      read.timePart = word;
    } else if (word === 'expand') {
      return {
        says: 'the modifier "expand" asks for a list that only the place it was written for has',
        hint: 'write the values out in place of the %name%',
      };
    } else {
      const near = nearest(word, ALL);
      return {
        says: `there is no modifier ${quoted(word)}`,
        hint: near === null ? `modifiers are ${ALL.join(', ')}` : `did you mean ${near}?`,
      };
    }
  }
  return contradiction(read) ?? read;
}

function contradiction({ where, cased, encodings, kind, compare, timePart, all }: Modifiers): ModifierFault | null {
  const says = (a: string, b: string): ModifierFault => ({
    says: `the modifier ${quoted(a)} does not go with ${quoted(b)}`,
    hint: 'use one of the two',
  });
  const encoding = encodings[0];
  if (kind !== 'value' && encoding !== undefined) return says(kind, encoding);
  if (kind !== 'value' && compare !== null) return says(kind, compare);
  if (kind !== 'value' && timePart !== null) return says(kind, timePart);
  // `re` is looked for anywhere in the field already, so `contains` adds nothing; some rules of the community say both
  if ((kind === 'cidr' || kind === 'exists') && where !== null) return says(kind, where);
  if (kind === 're' && (where === 'startswith' || where === 'endswith')) return says(kind, where);
  if ((kind === 'cidr' || kind === 'exists') && cased) return says(kind, 'cased');
  if (kind === 'exists' && all) return says(kind, 'all');
  const number = compare ?? timePart;
  if (number !== null && where !== null) return says(number, where);
  if (number !== null && encoding !== undefined) return says(number, encoding);
  if (number !== null && cased) return says(number, 'cased');
  return null;
}
