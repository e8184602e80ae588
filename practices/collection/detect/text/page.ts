/** A part of a text under scan, and what the detectors share: tokens, tables, and the candidates they put down. */
import { weigh, type DetectedType, type Reason } from '../finding.ts';
import type { NationalPacks } from '../national/packs.ts';
import { CONTEXT, type ContextName } from '../words/context-words.ts';
import type { WordTable } from '../words/word-table.ts';
import type { Characters } from './characters.ts';
import { BREAK, SIGN, type Tokens } from './tokens.ts';

export type Candidate = {
  type: DetectedType;
  start: number;
  end: number;
  confidence: number;
  reasons: readonly Reason[];
  detail: string | null;
};

export type Page = {
  readonly text: string;
  readonly tokens: Tokens;
  readonly characters: Characters;
  readonly contexts: WordTable;
  readonly months: WordTable;
  readonly packs: NationalPacks;
  /** For phone numbers without +. */
  readonly phoneCountries: readonly string[];
  readonly wants: (type: DetectedType) => boolean;
  /** Candidates below are not worth keeping. */
  readonly least: number;
  /** Of the part itself; tokens begin before and end after it, for context. */
  from: number;
  to: number;
  found: Candidate[];
  /** End of the run of signs last looked at by scanRun. */
  runEnd: number;
};

/** Puts a candidate down if its reasons weigh enough. */
export function put(
  page: Page,
  type: DetectedType,
  start: number,
  end: number,
  reasons: readonly (Reason | null)[],
  detail: string | null = null,
): void {
  if (start < page.from || start >= page.to || !page.wants(type)) return;
  const given = reasons.filter((reason) => reason !== null);
  const confidence = weigh(given);
  if (confidence >= page.least) page.found.push({ type, start, end, confidence, reasons: given, detail });
}

const REACH = 6;
/** Signs between words do not count, up to here. */
const REACH_TOKENS = 20;

/**
 * A context word among the six words before or after tokens [first, last].
 * @returns the reason, with all its points before and fewer after; null when there is none
 */
export function contextFor(page: Page, first: number, last: number, name: ContextName, adds = 0.35): Reason | null {
  const bit = CONTEXT[name];
  if (near(page, first, -1, bit)) return { says: `a word for ${SAYS[name]} stands before it`, adds };
  if (near(page, last, 1, bit)) return { says: `a word for ${SAYS[name]} stands after it`, adds: adds * 0.6 };
  return null;
}

/** Evidence against: a word such as order or version just before. */
export function thingBefore(page: Page, first: number): Reason | null {
  return near(page, first, -1, CONTEXT.thing, 2) ? { says: 'a word for an order, a version or an amount stands before it', adds: -0.25 } : null; // prettier-ignore
}

export function near(page: Page, from: number, step: 1 | -1, bit: number, reach = REACH): boolean {
  const { tokens, contexts } = page;
  let [words, breaks] = [0, 0];
  for (let i = from + step, seen = 0; i >= 0 && i < tokens.count && seen < REACH_TOKENS; i += step, seen += 1) {
    const kind = tokens.kind[i] as number;
    if (kind === SIGN) continue;
    if (kind === BREAK) {
      breaks += 1;
      if (breaks > 2) return false;
      continue;
    }
    if ((contexts.bitsOf(tokens.hash[i] as number) & bit) !== 0) return true;
    words += 1;
    if (words >= reach) return false;
  }
  return false;
}

const SAYS: Readonly<Record<ContextName, string>> = {
  phone: 'phone',
  card: 'card',
  iban: 'account',
  national: 'national number',
  passport: 'passport',
  birth: 'birth',
  plate: 'plate',
  geo: 'position',
  device: 'device',
  secret: 'secret',
  username: 'user name',
  address: 'address',
  person: 'person',
  ip: 'IP address',
  month: 'month',
  social: 'social network',
  thing: 'thing',
};
