/** Cells that are names, places or streets, by the lexicon; days that may be of birth, by their years. */
import { LEXICON } from '../names/lexicon.ts';
import { STREET } from '../text/addresses.ts';
import { isWrittenDay } from '../text/dates.ts';
import type { Tables } from '../text/tables.ts';
import { MIXED, NUMBER, roomForTokens, SIGN, tokenise, WORD, type Tokens } from '../text/tokens.ts';
import { clueOf, type ValueClue } from './column-values.ts';

const MAX_NAME = 60;

type Kinds = {
  person: number;
  place: number;
  street: number;
  day: number;
  firm: number;
  known: number;
  years: number[];
  codes: Map<string, number>;
};

/** @returns clues for person names, postal addresses and days of birth */
export function wordClues(cells: readonly string[], tables: Tables): ValueClue[] {
  const tokens = roomForTokens(MAX_NAME + 4);
  const seen: Kinds = { person: 0, place: 0, street: 0, day: 0, firm: 0, known: 0, years: [], codes: new Map() };
  for (const cell of cells) {
    if (cell.length > MAX_NAME) continue;
    tokenise(cell, 0, cell.length, tables.characters, tokens);
    const code = postcodeForm(cell);
    if (code !== null) seen.codes.set(code, (seen.codes.get(code) ?? 0) + 1);
    const year = dayYear(cell);
    if (year !== null) [seen.day, seen.years] = [seen.day + 1, [...seen.years, year]];
    else if (isStreet(cell, tokens, tables)) seen.street += 1;
    else lookAtWords(tokens, tables, seen);
  }
  return [personClue(cells, seen), placeClue(cells, seen), streetClue(cells, seen), postcodeClue(cells, seen), dayClue(cells, seen)].filter((clue) => clue !== null); // prettier-ignore
}

function lookAtWords(tokens: Tokens, { people }: Tables, seen: Kinds): void {
  let [words, names, given, places, ordinary, firm] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < tokens.count; i += 1) {
    const kind = tokens.kind[i] as number;
    if (kind === NUMBER || kind === MIXED) return;
    if (kind === SIGN && ![39, 0x2019, 45, 46, 44].includes(tokens.hash[i] as number)) return;
    if (kind !== WORD || (tokens.end[i] as number) - (tokens.start[i] as number) === 1) continue;
    words += 1;
    const bits = people.lexicon.bitsOf(tokens.hash[i] as number);
    if ((bits & (LEXICON.given | LEXICON.family)) !== 0) names += 1;
    if ((bits & LEXICON.given) !== 0) given += 1;
    if ((bits & LEXICON.place) !== 0) places += 1;
    if ((bits & LEXICON.word) !== 0) ordinary += 1;
    if ((bits & LEXICON.firm) !== 0 && words > 1) firm += 1;
  }
  if (words === 0 || words > 5) return;
  if (firm > 0) seen.firm += 1;
  else if (places === words && ordinary < words && (given === 0 || words > 1) && places >= names) seen.place += 1;
  else if (names * 2 >= words && names > 0 && ordinary < words && (words > 1 ? given > 0 || names === words : ordinary === 0)) seen.person += 1; // prettier-ignore
}

function personClue(cells: readonly string[], { person, place, firm }: Kinds): ValueClue | null {
  if (person === 0) return null;
  // towns are called like families, and firms like their founders
  const against = person < place * 2 || firm * 6 > cells.length;
  const clue = clueOf('person-name', null, person, cells.length, against ? 0.5 : 0.14, 'are names by the lists', 0.55);
  return clue;
}

function placeClue(cells: readonly string[], { place, person }: Kinds): ValueClue | null {
  if (place === 0 || place < person) return null;
  // a list of towns is not an address: by itself it says little
  const clue = clueOf('postal-address', 'city', place, cells.length, 0.2, 'are places by the lists', 0.65);
  return { ...clue, reason: { ...clue.reason, adds: Math.min(clue.reason.adds, eachOnce(cells) ? 2 : 3.6) } };
}

const streetClue = (cells: readonly string[], { street }: Kinds): ValueClue | null =>
  street === 0
    ? null
    : clueOf('postal-address', 'street', street, cells.length, 0.04, 'are a street with a number', 0.7);

/** A list of places has each of them once; people live where others do. */
const eachOnce = (cells: readonly string[]): boolean => cells.length >= 20 && new Set(cells).size === cells.length;

/** Forms of postcodes, 9 for a digit and A for a letter; those of digits alone are also of other numbers. */
const FORMS: ReadonlySet<string> = new Set(['99999', '9999', '999999', '99999-9999', '99999-999', '999 99', '99-999', 'A9A 9A9', 'A9 9AA', 'A99 9AA', 'AA9 9AA',
  'AA99 9AA', 'A9A 9AA', 'AA9A 9AA', 'AAA 9AA', 'AA9 9AA', '9999 AA', 'A-999 99', 'AA-9999', 'A-9999', 'A-99999']); // prettier-ignore

function postcodeForm(cell: string): string | null {
  if (cell.length < 4 || cell.length > 10) return null;
  const form = cell.replaceAll(/[0-9]/g, '9').replaceAll(/[A-Z]/g, 'A');
  if (!FORMS.has(form)) return null;
  return cell.startsWith('0') ? `0${form}` : form;
}

/** Nearly all of a form of postcodes, and not all of one that other numbers have too. */
function postcodeClue(cells: readonly string[], { codes }: Kinds): ValueClue | null {
  const hits = codes.values().reduce((sum, count) => sum + count, 0);
  const telling = codes.entries().reduce((sum, [form, count]) => sum + (/^0|A|[ -]/.test(form) ? count : 0), 0);
  if (hits === 0 || telling * 20 < cells.length) return null;
  const clue = clueOf('postal-address', 'postcode', hits, cells.length, 0.25, 'have forms of postcodes', 0.95);
  return { ...clue, reason: { ...clue.reason, adds: Math.min(clue.reason.adds, eachOnce(cells) ? 2 : 3.7) } };
}

/** Days that all lie between 10 and 110 years back, spread over more than 15 years: people's, more likely than orders'. */
function dayClue(cells: readonly string[], { day, years }: Kinds): ValueClue | null {
  if (day < 3) return null;
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const spread = first >= 1910 && last <= 2012 && last - first >= 15;
  const clue = clueOf('birth-date', null, day, cells.length, spread ? 0.12 : 0.9, spread ? 'are days of 1910 to 2012, over 15 years or more' : 'are days', 0.9); // prettier-ignore
  return spread ? { ...clue, reason: { ...clue.reason, adds: Math.min(3.6, clue.reason.adds) } } : { ...clue, reason: { ...clue.reason, adds: Math.min(0.2, clue.reason.adds) } }; // prettier-ignore
}

function dayYear(cell: string): number | null {
  const digits = cell.match(/\d+/g)?.slice(0, 3) ?? [];
  if (cell.length < 8 || cell.length > 30 || digits.length === 0 || cell.charCodeAt(0) > 57) return null;
  // with a time behind it must be midnight: nobody's birth has one
  const rest = cell.match(/\d+/g)?.slice(3) ?? [];
  if (rest.some((part) => Number(part) !== 0)) return null;
  if (
    !isWrittenDay(
      digits.join(''),
      digits.map(({ length }) => length),
    )
  )
    return null;
  const year = digits.find(({ length }) => length >= 4);
  return year === undefined ? null : Number(year.slice(0, 4));
}

/** A number at one end, words at the other, one of them of streets or in capitals. */
function isStreet(cell: string, tokens: Tokens, { streets }: Tables): boolean {
  let [words, big, numbers, street] = [0, 0, 0, false];
  for (let i = 0; i < tokens.count; i += 1) {
    const kind = tokens.kind[i] as number;
    if (kind === NUMBER || kind === MIXED) numbers += 1;
    else if (kind === WORD) {
      words += 1;
      if (tokens.shape[i] !== 0) big += 1;
      const bits = streets.words.bitsOf(tokens.hash[i] as number);
      if ((bits & (STREET.behind | STREET.before | STREET.box)) !== 0) street = true;
      const word = cell.slice(tokens.start[i], tokens.end[i]).toLowerCase();
      if (/(?:strasse|straße|str|weg|platz|gasse|allee|straat|laan|gatan|gata|veien|katu)$/.test(word) && word.length > 4) street = true; // prettier-ignore
    }
  }
  const edge = tokens.kind[0] === NUMBER || tokens.kind[tokens.count - 1] === NUMBER || tokens.kind[tokens.count - 1] === MIXED; // prettier-ignore
  return words >= 1 && words <= 7 && numbers >= 1 && numbers <= 3 && (street || (edge && words >= 2 && big === words && tokens.kind[0] === NUMBER)); // prettier-ignore
}
