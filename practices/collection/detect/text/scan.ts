/**
 * The scan: a text in parts of 16 KiB, each made into tokens once; the first sign of a token says which detectors look.
 *
 * Every detector reads a bounded stretch around its token (hundreds of signs), so the whole is linear. Parts overlap:
 * tokens begin 512 signs before and end 1,024 after, and a candidate belongs to the part it begins in.
 */
import type { Finding, TextOptions } from '../finding.ts';
import { packsOf } from '../national/packs.ts';
import { CONTEXT } from '../words/context-words.ts';
import { addressAt } from './addresses.ts';
import { isDigit, isHex, isSign } from './characters.ts';
import { documentAt, ibanAt, nationalAt, passportZoneAt } from './codes.ts';
import { birthMonthAt } from './dates.ts';
import { emailAt, hexGroupsAt } from './network.ts';
import { numberAt } from './numbers.ts';
import { withoutOverlaps } from './overlaps.ts';
import type { Page } from './page.ts';
import { peopleIn, roomForPeople } from './people.ts';
import { degreesAt } from './positions.ts';
import { keyAt, privateKeyAt, saidAt, userinfoAt } from './secrets.ts';
import { specialAt } from './special.ts';
import type { Tables } from './tables.ts';
import { BREAK, CAPITALS, INITIAL, MIXED, NUMBER, roomForTokens, SIGN, tokenise, WORD } from './tokens.ts';
import { handleAt } from './usernames.ts';

const PART = 16_384;
const BEFORE = 512;
const AFTER = 1024;
/** Without +, numbers of these countries are known. */
const PHONE_COUNTRIES = ['US', 'GB', 'DE', 'FR', 'ES', 'IT', 'NL', 'AU', 'IN'] as const;

export function scanText(text: string, options: TextOptions, tables: Tables): Finding[] {
  const { minConfidence = 0.5, names = 'precise', maxFindings = 100_000, types, countries } = options;
  const wanted = types === undefined ? null : new Set(types);
  const page: Page = {
    text,
    tokens: roomForTokens(Math.min(text.length, PART + BEFORE + AFTER)),
    characters: tables.characters,
    contexts: tables.contexts,
    months: tables.months,
    packs: countries === undefined ? tables.packs : packsOf(countries),
    phoneCountries: countries ?? PHONE_COUNTRIES,
    wants: wanted === null ? () => true : (type) => wanted.has(type),
    least: minConfidence,
    from: 0,
    to: 0,
    found: [],
    runEnd: 0,
  };
  const sight = page.wants('person-name') ? roomForPeople(Math.min(text.length, PART + BEFORE + AFTER)) : null;
  const findings: Finding[] = [];
  let reached = 0;
  for (let from = 0; from < text.length && findings.length < maxFindings; from = page.to) {
    page.from = from;
    page.to = partEnd(text, from);
    page.found = [];
    tokenise(text, Math.max(0, from - BEFORE), Math.min(text.length, page.to + AFTER), tables.characters, page.tokens);
    scanPart(page, tables);
    if (sight !== null) peopleIn(page, tables.people, sight, names);
    for (const one of withoutOverlaps(page.found)) {
      if (one.start < reached || findings.length >= maxFindings) continue;
      findings.push(one);
      reached = one.end;
    }
  }
  return findings;
}

/** At a space near the part's end, so that few findings are cut; anywhere if there is none. */
function partEnd(text: string, from: number): number {
  const end = from + PART;
  if (end >= text.length) return text.length;
  for (let at = end; at > end - 256; at -= 1) if (text.charCodeAt(at) <= 32) return at;
  return end;
}

function scanPart(page: Page, tables: Tables): void {
  const { tokens, text } = page;
  const said = CONTEXT.secret | CONTEXT.username;
  const looks = {
    special: page.wants('health') || page.wants('special-category'),
    address: page.wants('postal-address'),
  };
  let skipTo = 0;
  for (let token = 0; token < tokens.count; token += 1) {
    const start = tokens.start[token] as number;
    if (start >= page.to) break;
    const end = tokens.end[token] as number;
    // one that began in the part before, or is part of a private key
    if (end <= page.from || start < skipTo) continue;
    const kind = tokens.kind[token] as number;
    if (kind === BREAK) continue;
    if (kind === SIGN) {
      skipTo = Math.max(skipTo, signAt(page, token, start));
      continue;
    }
    if (kind !== WORD) codeAt(page, token, kind, start, end, tables);
    else {
      if (looks.special) specialAt(page, token, tables.special);
      if (looks.address) addressAt(page, token, tables.streets);
      const shape = tokens.shape[token] as number;
      if ((shape === CAPITALS || shape === INITIAL) && end - start <= 6) {
        nationalAt(page, token);
        if (page.wants('vehicle-plate') && end - start <= 3) documentAt(page, token);
      }
      const context = tables.contexts.bitsOf(tokens.hash[token] as number);
      if ((context & CONTEXT.month) !== 0) birthMonthAt(page, token);
      if ((context & said) !== 0) {
        if ((context & CONTEXT.secret) !== 0 && page.wants('credential')) saidAt(page, token, 'credential');
        if ((context & CONTEXT.username) !== 0 && page.wants('username')) saidAt(page, token, 'username');
      }
    }
    if (
      end - start <= 4 &&
      (text.charCodeAt(end) === 58 || text.charCodeAt(end) === 45) &&
      isHex(text.charCodeAt(start))
    )
      hexGroupsAt(page, token, start);
    if (start >= page.runEnd && page.wants('credential')) keyAt(page, token);
  }
}

function codeAt(page: Page, token: number, kind: number, start: number, end: number, tables: Tables): void {
  const size = end - start;
  if (kind === NUMBER) {
    // behind +, ( or - the sign before looks
    const before = page.text.charCodeAt(start - 1);
    if (size <= 24 && before !== 43 && !(before === 40 && isDigit(page.text.charCodeAt(start)))) numberAt(page, token);
  } else if (size >= 4) ibanAt(page, token, tables.ibanLengths);
  if (size <= 18 && page.wants('national-id')) nationalAt(page, token);
  if (size <= 9) documentAt(page, token);
  else if (size >= 19 && kind === MIXED) passportZoneAt(page, token);
}

/** @returns up to where everything belongs to one finding, or 0 */
function signAt(page: Page, token: number, start: number): number {
  const { text } = page;
  switch (text.charCodeAt(start)) {
    case 64: // @
      emailAt(page, start);
      handleAt(page, token, start);
      return 0;
    case 43: // +
    case 40: // (
      if (isDigit(text.charCodeAt(start + 1))) numberAt(page, token);
      else if (text.charCodeAt(start) === 40 && text.charCodeAt(start + 1) === 43) return 0;
      return 0;
    case 58: // :
      if (text.charCodeAt(start + 1) === 58 && !isSign(text.charCodeAt(start - 1))) hexGroupsAt(page, token, start);
      else if (text.charCodeAt(start + 1) === 47 && text.charCodeAt(start + 2) === 47) userinfoAt(page, start + 3);
      return 0;
    case 45: // -
      return text.charCodeAt(start + 1) === 45 && text.charCodeAt(start - 1) !== 45 ? privateKeyAt(page, start) : 0;
    case 0xb0: // °
      degreesAt(page, token, start);
      return 0;
    default:
      return 0;
  }
}
