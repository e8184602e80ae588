/**
 * Postal addresses: a house number and a street, with what goes on behind (flat, postcode, town). Three ways to write a
 * street: `12 Baker Street`, `Hauptstraße 12`, `12 rue de la Paix` or `Calle Mayor 5`. Also PO boxes.
 */
import type { Reason } from '../finding.ts';
import { LEXICON } from '../names/lexicon.ts';
import type { WordTable } from '../words/word-table.ts';
import { contextFor, put, type Page } from './page.ts';
import { BREAK, CAPITALS, MIXED, NUMBER, SIGN, TITLE, WORD } from './tokens.ts';

/** Bits of the table of street words. */
export const STREET = { behind: 1, before: 2, unit: 4, small: 8, box: 16 } as const;

const STREET_WORDS: Readonly<Record<keyof typeof STREET, string>> = {
  behind: 'street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl square sq terrace ter way crescent close highway hwy parkway pkwy circle cir trail trl alley row walk mews gardens grove hill park bridge plaza straat laan weg plein gade vej gata gatan gate vei katu tie utca ulica ulice trg cesta heights ridge run crossing point station meadow meadows ferry village harbor harbour islands lights loop forge fords forest glen green haven isle junction knoll lake landing light locks manor mill mission motorway mountain oval pass passage path pike pine plain plains port prairie radial ramp rapid rest river roads route shoal shore skyway spring springs spur squares stravenue stream summit throughway trace track trafficway tunnel turnpike underpass union valley via viaduct view viewpoint vista wall wells',
  before: 'rue avenue boulevard place chemin impasse allée quai route cours passage calle avenida plaza paseo camino carretera ronda via viale piazza corso largo strada vicolo rua travessa praça estrada alameda ulica ul aleja os rruga cesta ulice subida bajada barrio rambla sección edificio colonia senda urbanización chalet riera monte gran bloque partida polígono puerta rincón salida sector torrente vía am im',
  unit: 'apt apartment suite ste unit flat floor piso appartement wohnung etage bâtiment bis',
  small: 'de la le les du des del los las el di della dei degli da do dos das van von der den am an im zur zum und of the y e et l d saint st san santa',
  box: 'box postfach bp apartado casella',
}; // prettier-ignore
const ENDINGS = ['strasse', 'straße', 'str', 'weg', 'platz', 'gasse', 'allee', 'ring', 'damm', 'ufer', 'straat', 'laan', 'plein', 'gracht', 'gatan', 'vägen', 'veien', 'vegen', 'gata', 'katu', 'gade', 'vej']; // prettier-ignore

const ALONE: readonly string[] = [...ENDINGS, 'vei', 'cesta', 'ulica', 'ulice', 'utca', 'gate', 'iela', 'tie'];

export function* streetWords(): Generator<readonly [word: string, bits: number]> {
  for (const [name, words] of Object.entries(STREET_WORDS))
    for (const word of words.split(' ')) yield [word, STREET[name as keyof typeof STREET]];
}

export type Streets = Readonly<{ words: WordTable; lexicon: WordTable }>;

/** At a word that may be of a street. */
export function addressAt(page: Page, token: number, streets: Streets): void {
  const { tokens, text } = page;
  const bits = streets.words.bitsOf(tokens.hash[token] as number);
  const size = (tokens.end[token] as number) - (tokens.start[token] as number);
  if ((bits & STREET.behind) !== 0 && tokens.shape[token] !== 0) behindNumber(page, token, streets);
  if ((bits & STREET.before) !== 0) beforeName(page, token, streets);
  if ((bits & STREET.box) !== 0) boxAt(page, token, streets);
  // Rheindorfer Str. 79, Solbergs Vei 1
  if (
    ALONE.includes(
      text
        .slice(tokens.start[token], Math.min(tokens.end[token] as number, (tokens.start[token] as number) + 9))
        .toLowerCase(),
    ) &&
    isBig(page, token - 1)
  )
    withNumberBehind(page, token - 1, token, streets, 0.5);
  if (size > 4 && tokens.shape[token] !== 0) {
    const word = text.slice(Math.max(tokens.start[token] as number, (tokens.end[token] as number) - 8), tokens.end[token]).toLowerCase(); // prettier-ignore
    if (ENDINGS.some((ending) => word.endsWith(ending) && size > ending.length)) withNumberBehind(page, token, token, streets, 0.5); // prettier-ignore
  }
}

const isBig = (page: Page, at: number): boolean =>
  page.tokens.kind[at] === WORD && (page.tokens.shape[at] as number) >= TITLE;
/** 12, 12a, 12-14; not a year-like number of five digits. */
const isHouse = (page: Page, at: number): boolean => {
  const { kind, start, end } = page.tokens;
  const size = (end[at] ?? 0) - (start[at] ?? 0);
  return (kind[at] === NUMBER && size <= 5) || (kind[at] === MIXED && size <= 5 && page.text.charCodeAt(start[at] as number) < 58); // prettier-ignore
};
const isPoint = (page: Page, at: number): boolean => page.tokens.kind[at] === SIGN && page.tokens.hash[at] === 46;
const isSmall = (page: Page, at: number, streets: Streets): boolean =>
  (streets.words.bitsOf(page.tokens.hash[at] as number) & STREET.small) !== 0;

/** `221b Baker Street`: back over at most four names to a number. */
function behindNumber(page: Page, token: number, streets: Streets): void {
  let at = token - 1;
  let names = 0;
  while (at >= 0 && names < 4 && (isBig(page, at) || isPoint(page, at) || (names > 0 && isSmall(page, at, streets)))) {
    if (isBig(page, at)) names += 1;
    at -= 1;
  }
  if (at < 0 || names === 0 || !isHouse(page, at)) return;
  finish(page, at, token, streets, { says: 'a house number, names, and a word for street', adds: 0.6 });
}

/** `12 rue de la Paix`, `Calle Mayor 5`. */
function beforeName(page: Page, token: number, streets: Streets): void {
  let at = token + 1;
  let [names, last] = [0, token];
  while (names < 4 && at < page.tokens.count && at - token < 9) {
    if (isBig(page, at)) [names, last] = [names + 1, at];
    else if (!isSmall(page, at, streets) && !isPoint(page, at) && !isApostrophe(page, at)) break;
    at += 1;
  }
  if (names === 0) return;
  const before = page.tokens.kind[token - 1] === SIGN ? token - 2 : token - 1;
  if (before >= 0 && isHouse(page, before))
    finish(page, before, last, streets, { says: 'a house number, a word for street, and names', adds: 0.65 });
  else withNumberBehind(page, token, last, streets, 0.5);
}

const isApostrophe = (page: Page, at: number): boolean =>
  page.tokens.kind[at] === SIGN && (page.tokens.hash[at] === 39 || page.tokens.hash[at] === 0x2019 || page.tokens.hash[at] === 45); // prettier-ignore

function withNumberBehind(page: Page, first: number, last: number, streets: Streets, adds: number): void {
  let at = last + 1;
  while (at < last + 3 && page.tokens.kind[at] === SIGN && [44, 46].includes(page.tokens.hash[at] as number)) at += 1;
  if (!isHouse(page, at)) return;
  // the words before belong to it: Am Alten Markt-Straße
  let from = first;
  while (from > 0 && first - from < 4 && (isApostrophe(page, from - 1) || (isBig(page, from - 1) && isApostrophe(page, from)))) from -= 1; // prettier-ignore
  if (isApostrophe(page, from)) from = first;
  finish(page, from, at, streets, { says: 'a street and a house number', adds });
}

function boxAt(page: Page, token: number, streets: Streets): void {
  const { tokens } = page;
  if (tokens.kind[token + 1] !== NUMBER) return;
  let first = token;
  // P.O. before
  while (first > 0 && token - first < 4 && (isPoint(page, first - 1) || (isBig(page, first - 1) && (tokens.end[first - 1] as number) - (tokens.start[first - 1] as number) <= 2))) first -= 1; // prettier-ignore
  finish(page, first, token + 1, streets, { says: 'a post office box', adds: 0.6 });
}

/** Goes on over a flat, a postcode, a town, a state: at most 16 tokens. */
function finish(page: Page, first: number, streetEnd: number, { words, lexicon }: Streets, street: Reason): void {
  const { tokens } = page;
  let last = streetEnd;
  let [code, town, unit, lines] = [false, false, false, 0];
  for (let at = streetEnd + 1; at < tokens.count && at - streetEnd <= 16; at += 1) {
    const kind = tokens.kind[at] as number;
    if (kind === BREAK) {
      lines += 1;
      if (lines > 3) break;
      continue;
    }
    if (kind === SIGN) {
      if (![44, 46, 45, 35, 0x2019, 39].includes(tokens.hash[at] as number)) break;
      continue;
    }
    const size = (tokens.end[at] as number) - (tokens.start[at] as number);
    const bits = words.bitsOf(tokens.hash[at] as number);
    if (kind === WORD && (bits & STREET.unit) !== 0) unit = true;
    else if (kind === NUMBER || kind === MIXED) {
      if (size > 7) break;
      if (size >= 3 && size <= 6) code = true;
    } else if (tokens.shape[at] === TITLE || tokens.shape[at] === CAPITALS) {
      const known = (lexicon.bitsOf(tokens.hash[at] as number) & LEXICON.place) !== 0;
      // an unknown name counts as a town behind a postcode, or right behind a comma
      if (!known && !code && tokens.kind[at - 1] !== SIGN && tokens.kind[at - 1] !== BREAK) break;
      town = true;
    } else if ((bits & STREET.small) === 0) break;
    else continue;
    last = at;
  }
  put(page, 'postal-address', tokens.start[first] as number, tokens.end[last] as number, [
    street,
    unit ? { says: 'a flat follows', adds: 0.1 } : null,
    code ? { says: 'a postcode follows', adds: 0.15 } : null,
    town ? { says: 'a town follows', adds: 0.1 } : null,
    contextFor(page, first, last, 'address', 0.15),
  ]);
}
