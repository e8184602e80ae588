/** Request inspection: how many requests a second beside reading their JSON, what is found, and what is flagged wrongly. */
import { readFile } from 'node:fs/promises';

import { allFakers, type Faker } from '@faker-js/faker';

import { createInspector, type Inspector, type Part, type Place } from '#practices/traffic';

import { forAboutOnCore, ratioOf, spreadOf, takeTurns } from '../rounds.ts';
import { goal, type Row } from '../row.ts';

type Case = Readonly<{ place: Place; value: string }>;
const SEED = 4_711;
const LOCALES = ['en', 'de', 'fr', 'it', 'es', 'ja', 'pl', 'nl', 'pt_BR', 'en_IE', 'tr', 'ko', 'zh_CN'] as const;

const casesOf = async (kind: 'attacks' | 'quiet'): Promise<readonly Case[]> =>
  JSON.parse(await readFile(new URL(`../../vectors/inspect/${kind}.json`, import.meta.url), 'utf8')) as readonly Case[];

/** What a search for a customer sends, with the headers of a browser. */
const REQUEST = {
  path: '/v1/vault/records',
  query: { collection: 'customer', limit: '50', q: "O'Brien, Ann & sons" },
  headers: {
    accept: 'application/json',
    'accept-language': 'en-GB,en;q=0.8,de;q=0.5',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  },
} as const;
const PARTS: readonly Part[] = [
  { place: 'path', name: '', value: REQUEST.path },
  ...Object.entries(REQUEST.query).map(([name, value]): Part => ({ place: 'query', name, value })),
  { place: 'header', name: 'accept', value: REQUEST.headers.accept },
  { place: 'header', name: 'accept-language', value: REQUEST.headers['accept-language'] },
  { place: 'agent', name: 'user-agent', value: REQUEST.headers['user-agent'] },
];

export const inspect: Row = {
  name: 'inspect-requests',
  title: 'Requests inspected for attacks',
  how: [
    'Attacks and quiet values are vectors/inspect, written here while the signatures were written: not held out. Generated: values from Faker under a seed in 13 locales, as query values; none is an attack.',
    'A request is a path, three query values and three headers; requests a second of one thread by its own CPU time, libddwaf, the patterns without it, and JSON.parse of the same request.',
    'Held out, once, outside of this bench: docs/adr on request inspection.',
  ],
  measure: async ({ sizes, progress }) => {
    const [native, own] = [createInspector({ budgetMs: 2000 }), createInspector({ engine: 'own', budgetMs: 2000 })];
    const [attacks, quiet] = await Promise.all([casesOf('attacks'), casesOf('quiet')]);
    progress('rates');
    const generated = generate(sizes.name === 'full' ? 60 : 10);
    const share = (inspector: Inspector, cases: readonly Case[]): number =>
      cases.filter((each) => inspector.inspect([{ ...each, name: 'q' }]).verdict !== 'clean').length / cases.length;

    const text = JSON.stringify(REQUEST);
    const rates = await takeTurns(
      [
        { name: 'libddwaf', work: () => forAboutOnCore(sizes.roundMs, () => native.inspect(PARTS)) },
        { name: 'own patterns', work: () => forAboutOnCore(sizes.roundMs, () => own.inspect(PARTS)) },
        { name: 'JSON.parse', work: () => forAboutOnCore(sizes.roundMs, () => void JSON.parse(text)) },
      ],
      { rounds: sizes.rounds, warmups: 1 },
    );
    const once = (value: number) => spreadOf([value]);
    const measured = {
      sides: Object.entries(rates).map(([name, values]) => ({ name, unit: 'requests/s', spread: spreadOf(values) })),
      goals: [
        goal('attacks found, libddwaf', once(share(native, attacks)), { atLeast: 0.99 }),
        goal('attacks found, own patterns', once(share(own, attacks)), { atLeast: 0.95 }),
        goal('quiet values flagged', once(share(native, quiet)), { atMost: 0.005 }),
        goal('generated values flagged', once(share(native, generated)), { atMost: 0.001 }),
        goal('libddwaf over JSON.parse of the request', ratioOf(rates.libddwaf, rates['JSON.parse'])),
        goal('libddwaf over own patterns', ratioOf(rates.libddwaf, rates['own patterns'])),
      ],
      figures: [
        { name: 'attacks', value: attacks.length, unit: '' },
        { name: 'quiet values', value: quiet.length, unit: '' },
        { name: 'generated values', value: generated.length, unit: '' },
      ],
    };
    native.close();
    return measured;
  },
};

/** No system paths and no random symbols: those are flagged, and mean to be. */
function generate(each: number): readonly Case[] {
  const kinds: readonly ((faker: Faker) => string)[] = [
    (faker) => faker.person.fullName(),
    (faker) => faker.location.streetAddress(true),
    (faker) => faker.company.name(),
    (faker) => faker.internet.email(),
    (faker) => faker.internet.url(),
    (faker) => faker.lorem.sentence(),
    (faker) => faker.commerce.productDescription(),
    (faker) => faker.hacker.phrase(),
    (faker) => faker.git.commitMessage(),
    (faker) => faker.company.catchPhrase(),
    (faker) => faker.phone.number(),
    (faker) => faker.finance.iban(),
    (faker) => faker.string.alphanumeric(40),
    (faker) => faker.internet.password(),
    (faker) => JSON.stringify({ name: faker.person.firstName(), count: faker.number.int() }),
  ];
  return LOCALES.flatMap((locale) => {
    const faker = allFakers[locale];
    faker.seed(SEED);
    return Array.from({ length: each }, () => kinds.map((make): Case => ({ place: 'query', value: make(faker) }))).flat(); // prettier-ignore
  });
}
