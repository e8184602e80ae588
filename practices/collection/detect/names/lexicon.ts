/**
 * The lexicon: given names, family names, places, and ordinary words, by the hash of each.
 *
 * The file is made by tools/detect-lexicon.ts from the locale lists of @faker-js/faker (MIT, names/LICENSE-faker.txt):
 * sorted words, each with the length it shares with the one before and its bits, under brotli.
 */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

import type { Characters } from '../text/characters.ts';
import { createWordTable, type WordTable } from '../words/word-table.ts';

export const LEXICON = { given: 1, family: 2, place: 4, word: 8, street: 16, firm: 32 } as const;

export function loadLexicon(characters: Characters): WordTable {
  const file = brotliDecompressSync(readFileSync(new URL('lexicon.br', import.meta.url)), { maxOutputLength: 8_000_000 }); // prettier-ignore
  return createWordTable(unpackWords(file.toString('utf8')), characters);
}

/** Bits and shared lengths are one sign each, from @ on, so that they never are a line's end. */
export function packWords(words: readonly (readonly [word: string, bits: number])[]): string {
  let before = '';
  const lines: string[] = [];
  for (const [word, bits] of words) {
    let shared = 0;
    while (shared < 60 && shared < word.length && word[shared] === before[shared]) shared += 1;
    lines.push(String.fromCharCode(64 + bits, 64 + shared) + word.slice(shared));
    before = word;
  }
  return lines.join('\n');
}

export function* unpackWords(text: string): Generator<readonly [word: string, bits: number]> {
  let word = '';
  for (let at = 0; at < text.length;) {
    const line = text.indexOf('\n', at);
    const end = line < 0 ? text.length : line;
    word = word.slice(0, text.charCodeAt(at + 1) - 64) + text.slice(at + 2, end);
    yield [word, text.charCodeAt(at) - 64];
    at = end + 1;
  }
}
