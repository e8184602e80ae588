/**
 * Makes practices/collection/detect/names/lexicon.br: given and family names, places and ordinary words, from the
 * locale lists of @faker-js/faker (MIT). `node tools/detect-lexicon.ts`; the same lists give the same file.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

import { allLocales, type LocaleDefinition } from '@faker-js/faker';

import { LEXICON, packWords } from '#practices/collection';

import { ALSO_NAMES, ORDINARY_WORDS } from './detect/ordinary-words.ts';

const FOLDER = 'practices/collection/detect/names';
/** Written without spaces between words, so that names are no tokens; and jests. */
const LEFT_OUT = new Set(['zh_CN', 'zh_TW', 'ja', 'ko', 'th', 'en_BORK', 'base', 'dv']);

/** All texts in a list, or in a tree of lists. */
function* textsIn(tree: unknown): Generator<string> {
  if (typeof tree === 'string') yield tree;
  else if (Array.isArray(tree)) for (const one of tree) yield* textsIn(one);
  else if (typeof tree === 'object' && tree !== null) for (const one of Object.values(tree)) yield* textsIn(one);
}

const bits = new Map<string, number>();
const add = (tree: unknown, bit: number): void => {
  for (const text of textsIn(tree)) {
    if (text.includes('{{')) continue;
    for (const [word] of text.matchAll(/\p{L}+/gu)) {
      const small = word.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '').normalize('NFC');
      if (small.length > 1 && small.length < 24) bits.set(small, (bits.get(small) ?? 0) | bit);
    }
  }
};

for (const [name, locale] of Object.entries<LocaleDefinition>(allLocales)) {
  if (LEFT_OUT.has(name)) continue;
  const { person, location, word, company } = locale as Record<string, Record<string, unknown> | undefined>;
  add(person?.first_name, LEXICON.given);
  add(person?.middle_name, LEXICON.given);
  add(person?.last_name, LEXICON.family);
  add([location?.city_name, location?.state, location?.country, location?.county], LEXICON.place);
  add([location?.street_suffix, location?.street_prefix], LEXICON.street);
  add(company?.legal_entity_type, LEXICON.firm);
  add(word, LEXICON.word);
}
add([allLocales.en.company, allLocales.en.commerce, allLocales.en.person?.['job_type'], allLocales.en.person?.['job_area']], LEXICON.word); // prettier-ignore
add(ORDINARY_WORDS, LEXICON.word);
for (const noun of allLocales.en.word?.noun ?? []) add([`${noun}s`], LEXICON.word);
for (const verb of allLocales.en.word?.verb ?? []) {
  const stem = verb.endsWith('e') ? verb.slice(0, -1) : verb;
  add([`${verb}s`, `${stem}ed`, `${stem}ing`], LEXICON.word);
}
// a word that is ordinary in a large language is there no name, whatever it is in a small one
for (const [text] of ORDINARY_WORDS.matchAll(/\p{L}+/gu)) {
  const small = text.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '').normalize('NFC');
  if (!ALSO_NAMES.has(small) && bits.has(small))
    bits.set(small, ((bits.get(small) ?? 0) & ~(LEXICON.given | LEXICON.family)) | LEXICON.word);
}

const words = [...bits].sort(([a], [b]) => (a < b ? -1 : 1));
const packed = Buffer.from(packWords(words));
const file = brotliCompressSync(packed, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
});
writeFileSync(`${FOLDER}/lexicon.br`, file);
copyFileSync('node_modules/@faker-js/faker/LICENSE', `${FOLDER}/LICENSE-faker.txt`);
console.log(`${words.length} words, ${packed.length} bytes, ${file.length} under brotli`);
