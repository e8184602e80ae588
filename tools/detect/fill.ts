/** Fills the slots of sentences from a locale of Faker, and keeps the places of the names. */
import type { Faker } from '@faker-js/faker';

import { ENGLISH_WORDS } from './ordinary-words.ts';

const WORDS = ENGLISH_WORDS.split(/\s+/).filter((word) => word !== '');

export type Filled = { text: string; names: [start: number, end: number][] };

/** Slots that are names. */
const NAMES = new Set(['name', 'given', 'family']);

export function fillSentence(sentence: string, faker: Faker, english: Faker): Filled {
  const names: [number, number][] = [];
  let text = '';
  let at = 0;
  for (const match of sentence.matchAll(/\{(\w+)\}/g)) {
    text += sentence.slice(at, match.index);
    const slot = match[1] as string;
    const value = valueOf(slot, faker, english);
    if (NAMES.has(slot)) names.push([text.length, text.length + value.length]);
    text += value;
    at = match.index + match[0].length;
  }
  return { text: text + sentence.slice(at), names };
}

const big = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function valueOf(slot: string, faker: Faker, english: Faker): string {
  const { person, location } = faker;
  switch (slot) {
    case 'name':
      return fullName(faker);
    case 'given':
      return person.firstName();
    case 'family':
      return person.lastName();
    case 'title':
      return english.helpers.arrayElement(['Mr', 'Mr.', 'Mrs', 'Mrs.', 'Ms', 'Ms.', 'Miss', 'Dr', 'Dr.', 'Prof.']);
    case 'city':
      return location.city();
    case 'country':
      return english.helpers.maybe(() => location.country(), { probability: 0.5 }) ?? english.location.country();
    case 'street':
      return location.streetAddress();
    case 'org':
      return english.helpers.maybe(() => firm(faker, english), { probability: 0.45 }) ?? english.company.name();
    case 'job':
      return english.helpers.maybe(() => english.person.jobTitle().toLowerCase(), { probability: 0.5 }) ?? english.person.jobTitle(); // prettier-ignore
    case 'Product':
      return english.helpers.arrayElement([() => english.commerce.productName(), () => english.vehicle.vehicle(), () => english.food.dish(),
        () => english.commerce.product(), () => english.music.album(), () => english.book.title(), () => english.airline.airline().name, () => big(english.hacker.noun())])(); // prettier-ignore
    case 'noun':
      return english.word.noun();
    case 'Noun':
      return english.helpers.arrayElement([() => big(english.word.noun()), () => english.commerce.department(), () => big(english.animal.type()), () => english.music.genre()])(); // prettier-ignore
    case 'NOUN':
      return english.word.noun().toUpperCase();
    case 'salad':
      return salad(english);
    case 'Salad':
      return big(salad(english));
    case 'url':
      return english.helpers.arrayElement([() => english.internet.url(), () => `http://www.${big(english.word.noun())}${big(english.word.noun())}.com/`, () => `www.${english.internet.domainName()}`])(); // prettier-ignore
    case 'code':
      return english.string.alpha({ length: { min: 2, max: 3 }, casing: 'upper' });
    case 'adj':
      return english.word.adjective();
    case 'Adj':
      return big(english.word.adjective());
    case 'month':
      return english.date.month();
    case 'date':
      return english.date.past({ years: 20 }).toISOString().slice(0, 10);
    case 'phone':
      return english.phone.number();
    case 'email':
      return english.internet.email();
    case 'number':
      return String(english.number.int({ min: 1, max: 99_999 }));
    default:
      throw new Error(`there is no slot ${slot}`);
  }
}

/** Ordinary words in no order: whatever a sentence begins with or goes on with, it is no name. */
function salad(english: Faker): string {
  return Array.from({ length: english.number.int({ min: 2, max: 9 }) }, () => english.helpers.arrayElement(WORDS)).join(
    ' ',
  );
}

function fullName(faker: Faker): string {
  const { person, helpers } = faker;
  const [given, family] = [person.firstName(), person.lastName()];
  return helpers.weightedArrayElement([
    { weight: 70, value: `${given} ${family}` },
    { weight: 6, value: `${given} ${String.fromCharCode(65 + faker.number.int(25))}. ${family}` },
    { weight: 5, value: `${given} ${person.firstName()} ${family}` },
    { weight: 4, value: `${given} ${family}-${person.lastName()}` },
    { weight: 4, value: `${given} ${family} ${person.lastName()}` },
    { weight: 3, value: `${given.charAt(0)}. ${family}` },
    { weight: 3, value: `${given} ${helpers.arrayElement(['de', 'van', 'von', 'van der', 'Mc', "O'", 'Di', 'El', 'Al-'])} ${family}`.replace(/(Mc|O'|Al-) /, '$1') },
    { weight: 5, value: given },
  ]); // prettier-ignore
}

function firm(faker: Faker, english: Faker): string {
  const { person, location } = faker;
  return english.helpers.arrayElement([
    () => `${person.lastName()} ${english.helpers.arrayElement(['Ltd', 'Inc', 'Inc.', 'GmbH', 'AG', 'LLC', 'SA', 'SARL', 'S.L.', 'Group', 'and Sons', 'Holdings', 'Bank', '& Co.', 'KG', 'BV', 'AB', 'SpA'])}`,
    () => `${location.city()} ${english.helpers.arrayElement(['Bank', 'University', 'Airport', 'Insurance', 'Motors', 'Foods', 'Hospital', 'School', 'Hotel', 'Club', 'Times', 'Press', 'Theatre'])}`,
    () => `${big(english.word.adjective())} ${big(english.word.noun())} ${english.helpers.arrayElement(['Ltd', 'Inc', 'Corp', 'Systems', 'Software', 'Labs', 'Partners'])}`,
    () => `${big(english.word.noun())}${big(english.word.noun())}`,
    () => big(invented(english)),
    () => `${big(invented(english))} ${english.helpers.arrayElement(['Software', 'Energy', 'Media', 'Group', 'Solutions'])}`,
    () => `${person.lastName()}-${person.lastName()}`,
    () => `${english.string.alpha({ length: 3, casing: 'upper' })} ${big(english.word.noun())}`,
  ])(); // prettier-ignore
}

const SYLLABLES = 'ba be bo ca ce co da de do el en fa fo ga geo gra hy in ka li lo ma me mo na ne no nu o or pa pi pro qua ra re ri ro sa se si so sta sy ta te ti to tra tri u va ve vi vo xo za zen'.split(' '); // prettier-ignore

/** A word that is in no list, such as firms call themselves. */
function invented(english: Faker): string {
  return Array.from({ length: english.number.int({ min: 2, max: 4 }) }, () => english.helpers.arrayElement(SYLLABLES)).join(''); // prettier-ignore
}
