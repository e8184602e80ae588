/** What every scan looks things up in: made once, some tens of milliseconds. */
import { ibanLengths, type IbanLengths } from '../ibans.ts';
import { loadLexicon } from '../names/lexicon.ts';
import { loadWeights } from '../names/tagger.ts';
import { packsOf, type NationalPacks } from '../national/packs.ts';
import { contextWords, monthNumbers } from '../words/context-words.ts';
import { specialWords, type SpecialWords } from '../words/special-words.ts';
import { createWordTable, type WordTable } from '../words/word-table.ts';
import type { People } from './people.ts';
import { streetWords, type Streets } from './addresses.ts';
import { createCharacters, type Characters } from './characters.ts';

export type Tables = Readonly<{
  characters: Characters;
  contexts: WordTable;
  months: WordTable;
  ibanLengths: IbanLengths;
  packs: NationalPacks;
  people: People;
  special: SpecialWords;
  streets: Streets;
}>;

export function createTables(): Tables {
  const characters = createCharacters();
  const lexicon = loadLexicon(characters);
  return {
    characters,
    contexts: createWordTable(contextWords(), characters),
    months: createWordTable(monthNumbers(), characters),
    ibanLengths: ibanLengths(),
    packs: packsOf(),
    people: { lexicon, weights: loadWeights() },
    special: specialWords(characters),
    streets: { words: createWordTable(streetWords(), characters), lexicon },
  };
}
