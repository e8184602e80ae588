/** Labelled text and cells from Faker, under seeds that the tagger was not trained with; most of the locales it knows. */
import { allLocales, base, Faker, generateMersenne32Randomizer } from '@faker-js/faker';

import type { DetectedType } from '#practices/collection';

import { BENIGN_CELLS, MEASURED_SENTENCES } from './sentences.ts';

export type LabelledSpan = Readonly<{ type: DetectedType; start: number; end: number }>;
export type LabelledText = Readonly<{ text: string; spans: readonly LabelledSpan[] }>;

const TYPES: Readonly<Record<string, DetectedType>> = {
  person: 'person-name',
  phone: 'phone',
  iban: 'iban',
  card: 'payment-card',
  email: 'email',
  ip: 'ip-address',
  ssn: 'national-id',
  address: 'postal-address',
};
const LOCALES: ReadonlyArray<readonly [keyof typeof allLocales, keyof typeof MEASURED_SENTENCES]> = [
  ['en', 'en'], ['en_US', 'en'], ['en_AU', 'en'], ['en_CA', 'en'], ['en_IE', 'en'], ['de', 'de'], ['de_CH', 'de'], ['fr', 'fr'], ['fr_CH', 'fr'], ['es', 'es'],
  ['nb_NO', 'en'], ['sk', 'en'], ['sl_SI', 'en'], ['lv', 'en'],
]; // prettier-ignore

export type Generator = Readonly<{
  texts: (count: number, sentences?: typeof MEASURED_SENTENCES) => LabelledText[];
  benign: (count: number) => string[];
}>;

export function createGenerator(seed: number): Generator {
  const randomizer = generateMersenne32Randomizer();
  randomizer.seed(seed);
  const fakers = LOCALES.map(([locale, language]) => ({
    language,
    faker: new Faker({ locale: [allLocales[locale], allLocales.en, base], randomizer }),
  }));
  const english = new Faker({ locale: [allLocales.en, base], randomizer });
  return {
    texts: (count, sentences = MEASURED_SENTENCES) =>
      Array.from({ length: count }, () => {
        const { faker, language } = english.helpers.arrayElement(fakers);
        const lines = sentences[language].split('\n').filter((line) => line !== '');
        return fill(english.helpers.arrayElement(lines), faker, english);
      }),
    benign: (count) =>
      Array.from({ length: count }, () => fill(english.helpers.arrayElement(BENIGN_CELLS), english, english).text),
  };
}

function fill(sentence: string, faker: Faker, english: Faker): LabelledText {
  const spans: LabelledSpan[] = [];
  let text = '';
  let at = 0;
  for (const match of sentence.matchAll(/\{(\w+)\}/g)) {
    text += sentence.slice(at, match.index);
    const value = valueOf(match[1] as string, faker, english);
    const type = TYPES[match[1] as string];
    if (type !== undefined) spans.push({ type, start: text.length, end: text.length + value.length });
    text += value;
    at = match.index + match[0].length;
  }
  return { text: text + sentence.slice(at), spans };
}

function valueOf(slot: string, faker: Faker, english: Faker): string {
  const { person, location } = faker;
  switch (slot) {
    case 'person':
      return english.number.float() < 0.8 ? `${person.firstName()} ${person.lastName()}` : person.firstName();
    case 'phone':
      return english.number.float() < 0.5 ? faker.phone.number({ style: 'national' }) : faker.phone.number({ style: 'human' }); // prettier-ignore
    case 'iban':
      return english.finance.iban({ formatted: english.number.float() < 0.5 });
    case 'card':
      return validCard(english);
    case 'email':
      return faker.internet.email();
    case 'ip':
      return english.number.float() < 0.7 ? english.internet.ipv4() : english.internet.ipv6();
    case 'ssn':
      return `${english.number.int({ min: 100, max: 665 })}-${english.number.int({ min: 10, max: 99 })}-${english.number.int({ min: 1000, max: 9999 })}`;
    case 'address':
      return `${location.streetAddress()}, ${location.zipCode()} ${location.city()}`;
    case 'place':
      return location.city();
    case 'organisation':
      return english.company.name();
    case 'thing':
      return english.commerce.productName();
    case 'number':
      return String(english.number.int({ min: 100, max: 9_999_999 }));
    case 'day':
      return english.date.recent({ days: 900, refDate: '2026-01-01' }).toISOString().slice(0, 10);
    case 'time':
      return english.date.recent({ refDate: '2026-01-01' }).toISOString().slice(11, 19);
    case 'amount':
      return `${english.finance.amount({ max: 90_000 })} EUR`;
    case 'version':
      return english.system.semver();
    case 'adjective':
      return english.word.adjective();
    case 'noun':
      return english.word.noun();
    case 'hash':
      return english.git.commitSha();
    case 'uuid':
      return english.string.uuid();
    case 'currency':
      return english.finance.currencyCode();
    case 'mime':
      return english.system.mimeType();
    case 'colour':
      return english.color.human();
    case 'sentence':
      return english.commerce.productDescription();
    default:
      throw new Error(`there is no slot ${slot}`);
  }
}

/** Faker's card numbers have a Luhn digit; some of its issuers' lengths are not in use, and are drawn again. */
function validCard(english: Faker): string {
  const issuer = english.helpers.arrayElement([
    'visa',
    'mastercard',
    'american_express',
    'discover',
    'diners_club',
    'jcb',
  ]);
  const digits = english.finance.creditCardNumber(issuer).replaceAll(/\D/g, '');
  return english.number.float() < 0.4 && digits.length === 16 ? (digits.match(/\d{4}/g) as string[]).join(' ') : digits;
}
