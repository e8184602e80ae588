/** Names of persons in a part of a text: what the tagger says, with the lexicon and the words beside as reasons. */
import type { Reason } from '../finding.ts';
import { look, roomForSight, type Sight } from '../names/features.ts';
import { LEXICON } from '../names/lexicon.ts';
import { tagNames, type Span } from '../names/tagger.ts';
import type { WordTable } from '../words/word-table.ts';
import { contextFor, put, type Page } from './page.ts';
import { CAPITALS, SMALL, WORD } from './tokens.ts';

export type People = Readonly<{ lexicon: WordTable; weights: Int8Array }>;
export type Names = 'precise' | 'broad';

/** Added to the scores of names, in units of the weights; chosen on sentences that are not in the benchmark. */
const BIAS: Readonly<Record<Names, number>> = { precise: 0, broad: 60 };

const ONE_SMALL: Reason = { says: 'it is one word in small letters', adds: -0.1 };
const ONE_CAPITALS: Reason = { says: 'it is one word in capitals', adds: -0.15 };
const ONE_FAMILY: Reason = { says: 'it is a family name alone, as firms and places are called', adds: -0.2 };

export function roomForPeople(size: number): Sight {
  return roomForSight(size + 1);
}

export function peopleIn(page: Page, { lexicon, weights }: People, sight: Sight, names: Names): void {
  const { tokens } = page;
  look(page.text, tokens, lexicon, page.characters.fold, sight);
  for (const span of tagNames(tokens, sight, weights, 0, tokens.count, BIAS[names]))
    putPerson(page, sight, span, names);
}

function putPerson(page: Page, sight: Sight, span: Span, names: Names): void {
  const { tokens } = page;
  let { last } = span;
  // a joint at the end is a sentence's
  while (last > span.first && tokens.kind[last] !== WORD) last -= 1;
  let [words, known, given] = [0, 0, 0];
  for (let i = span.first; i <= last; i += 1) {
    if (tokens.kind[i] !== WORD) continue;
    words += 1;
    const bits = (sight.look[i] as number) & 63;
    // in small letters an ordinary word is rather that
    const ordinary = (bits & LEXICON.word) !== 0 && tokens.shape[i] === SMALL;
    if ((bits & (LEXICON.given | LEXICON.family)) !== 0 && !ordinary) {
      known += 1;
      if ((bits & LEXICON.given) !== 0) given += 1;
    }
  }
  if (words === 1 && (tokens.end[last] as number) - (tokens.start[last] as number) < 2) return;
  const lead = Math.round(span.margin);
  const next = tokens.kind[last + 1] === WORD ? (sight.look[last + 1] as number) & LEXICON.firm : 0;
  const person = contextFor(page, span.first, last, 'person', 0.1);
  const shape = tokens.shape[span.first] as number;
  const reasons: (Reason | null)[] = [
    { says: `the tagger reads it as a name (lead ${lead})`, adds: Math.max(0.05, Math.min(0.7, 0.1 + lead / 1000)) },
    known > 0
      ? { says: `${known} of ${words} words are in the lists of names`, adds: 0.2 }
      : { says: 'no word of it is in the lists of names', adds: -0.15 },
    person,
    next === 0 ? null : { says: 'a word for a firm stands right behind', adds: -0.4 },
    words > 1 ? null : shape === SMALL ? ONE_SMALL : shape === CAPITALS ? ONE_CAPITALS : null,
    words === 1 && known === 1 && given === 0 && (person === null || person.adds < 0.1) ? ONE_FAMILY : null,
    names === 'broad' ? { says: 'more names are asked for', adds: 0.25 } : null,
  ];
  put(page, 'person-name', tokens.start[span.first] as number, tokens.end[last] as number, reasons);
}
