/**
 * Trains the tagger of person names: `node tools/detect-tagger.ts [sentences]` writes
 * practices/collection/detect/names/tagger.br. Our own sentences, names from the lists of @faker-js/faker (MIT), fixed
 * seeds: the same versions give the same file. Run tools/detect-lexicon.ts first.
 */
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

import { allLocales, base, Faker, generateMersenne32Randomizer } from '@faker-js/faker';

import { trainTagger, type Labelled } from '#practices/collection';

import { fillSentence, type Filled } from './detect/fill.ts';
import { SENTENCES } from './detect/sentences.ts';

const SEED = 20_260_101;
/** Which sentences a locale's names stand in, and how often. */
const LOCALES: ReadonlyArray<readonly [locale: keyof typeof allLocales, language: keyof typeof SENTENCES, share: number]> = [
  ['en', 'en', 34], ['en_GB', 'en', 4], ['en_IN', 'en', 4], ['en_ZA', 'en', 2], ['en_NG', 'en', 2], ['de', 'en', 4], ['fr', 'en', 4], ['es', 'en', 4],
  ['it', 'en', 4], ['nl', 'en', 3], ['pl', 'en', 3], ['sv', 'en', 2], ['fi', 'en', 2], ['da', 'en', 2], ['pt_BR', 'en', 2], ['hu', 'en', 2], ['tr', 'en', 2],
  ['cs_CZ', 'en', 2], ['hr', 'en', 2], ['id_ID', 'en', 1], ['ro', 'en', 1], ['vi', 'en', 1], ['de', 'de', 9], ['de_AT', 'de', 2], ['fr', 'fr', 7],
  ['es', 'es', 5], ['es_MX', 'es', 3], ['it', 'any', 2], ['ru', 'any', 2], ['el', 'any', 1], ['pt_PT', 'any', 1], ['uk', 'any', 1],
]; // prettier-ignore

const randomizer = generateMersenne32Randomizer();
randomizer.seed(SEED);
const random = (): number => randomizer.next();
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const fakers = new Map(
  LOCALES.map(([name]) => [name, new Faker({ locale: [allLocales[name], allLocales.en, base], randomizer })]),
);
const english = fakers.get('en') as Faker;
const lists = new Map(
  Object.entries(SENTENCES).map(([language, text]) => [language, text.split('\n').filter((line) => line !== '').map((line) => line.replaceAll('\\n', '\n'))]),
); // prettier-ignore
const shares = LOCALES.flatMap((entry) => Array.from({ length: entry[2] }, () => entry));

const count = Number(process.argv[2] ?? 26_000);
const labelled: Labelled[] = [];
for (let i = 0; i < count; i += 1) {
  const [locale, language] = pick(shares);
  const parts = Array.from({ length: random() < 0.25 ? 2 : 1 }, () => fillSentence(pick(lists.get(language) ?? []), fakers.get(locale) as Faker, english)); // prettier-ignore
  labelled.push(written(joined(parts)));
}
const weights = trainTagger(labelled, 5, random);
const file = brotliCompressSync(weights, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
writeFileSync('practices/collection/detect/names/tagger.br', file);
console.log(`${count} sentences, ${weights.filter((weight) => weight !== 0).length} weights, ${file.length} bytes`);

function joined(parts: readonly Filled[]): Filled {
  let text = '';
  const names: [number, number][] = [];
  for (const part of parts) {
    if (text !== '') text += ' ';
    for (const [start, end] of part.names) names.push([start + text.length, end + text.length]);
    text += part.text;
  }
  return { text, names };
}

/** Some write all in small letters, some in capitals: offsets stay, for what changes its length is left as it is. */
function written(sentence: Filled): Labelled {
  const chance = random();
  const other =
    chance < 0.1 ? sentence.text.toLowerCase() : chance < 0.15 ? sentence.text.toUpperCase() : sentence.text;
  return other.length === sentence.text.length ? { text: other, names: sentence.names } : sentence;
}
