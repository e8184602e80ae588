/** Exact search: the blind index against a b-tree on clear text, among few people and among all of them. */
import { findCandidates } from '#practices/vault';

import type { System } from '../../server/compose.ts';
import { startBare } from '../load/bare.ts';
import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, takeTurns, type Contender, type Did } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { besides } from './system.ts';

const INDEX = 'blind index';
const TREE = 'b-tree on clear text';
const FEW = 'blind index among few';
const FEW_TREE = 'b-tree among few';
const WHOLE = 'whole search over HTTP';
const BARE = 'Fastify + SELECT';
/** Searches under way at once, in one process. */
const AT_ONCE = 8;

/** @param search of one address; how many it found */
async function searches(ms: number, people: number, search: (email: string) => Promise<number>): Promise<Did> {
  const until = performance.now() + ms;
  let [operations, next] = [0, Math.floor(Math.random() * people)];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < until) {
        next = (next + 7919) % people;
        if ((await search(person(next).email)) < 1) throw new Error(`person ${next} was not found`);
        operations += 1;
      }
    }),
  );
  return { operations };
}

const byIndex = ({ vault: { core } }: System) => {
  const collection = core.catalog().collections.get('customer');
  const spec = collection?.fields.get('email');
  if (collection === undefined || spec === undefined) throw new Error('the catalogue has no customer.email');
  return async (email: string): Promise<number> =>
    (await findCandidates(core, [() => core.lookups.query(collection, spec, email)], null, 21)).length;
};
const byTree =
  ({ clear }: World) =>
  async (email: string): Promise<number> =>
    (await clear.db`select customer_id from customer where email = ${email} limit 21`).length;

async function measure({ sizes, world, smallWorld, progress }: Bench): Promise<Measured> {
  const [large, small] = [await world(), await smallWorld()];
  const few = sizes.imports[0] as number;
  await large.haveBoth(sizes.imports.reduce((sum, count) => sum + count, 0));
  await small.haveBoth(few);
  for (const each of [large, small]) for (const { db } of [each, each.clear]) await db`analyze`;
  const bare = await startBare(large.clear.url);
  const systems = [await besides(large), await besides(small)] as const;
  const email = (n: number): string => person((n * 7919) % large.sealed()).email;
  const emails = Array.from({ length: 5000 }, (_, n) => email(n));
  const headers = { authorization: `Bearer ${large.key}`, 'strongroom-purpose': 'service.support' };
  const asked = {
    [WHOLE]: emails.map((address): Request => ({
      method: 'POST',
      path: '/v1/vault/records/search',
      headers,
      body: { collection: 'customer', where: { email: address } },
    })),
    [BARE]: emails.map((address): Request => ({ method: 'POST', path: '/customers/search', body: { email: address } })),
  };
  const inProcess = <Name extends string>(
    name: Name,
    people: number,
    search: (address: string) => Promise<number>,
  ): Contender<Name> => ({
    name,
    work: () => searches(sizes.roundMs, people, search),
  });
  const overHttp = <Name extends typeof WHOLE | typeof BARE>(name: Name, url: string): Contender<Name> => ({
    name,
    work: async () => {
      const { answered: operations, seconds } = await load({
        url,
        requests: asked[name],
        connections: sizes.connections,
        seconds: sizes.loadSeconds,
      });
      return { operations, seconds };
    },
  });
  try {
    const rates = {
      ...(await takeTurns(
        [
          inProcess(INDEX, large.sealed(), byIndex(systems[0])),
          inProcess(TREE, large.sealed(), byTree(large)),
          inProcess(FEW, small.sealed(), byIndex(systems[1])),
          inProcess(FEW_TREE, small.sealed(), byTree(small)),
        ],
        { rounds: sizes.rounds, warmups: 3, onRound: (round, of) => progress(`index, round ${round} of ${of}`) },
      )),
      ...(await takeTurns([overHttp(WHOLE, large.server.url), overHttp(BARE, bare.url)], {
        rounds: Math.min(sizes.rounds, 3),
        warmups: 1,
        onRound: (round, of) => progress(`over HTTP, round ${round} of ${of}`),
      })),
    };
    return {
      sides: Object.entries(rates).map(([name, values]) => ({
        name,
        unit: 'searches a second',
        spread: spreadOf(values),
      })),
      goals: [
        goal(`of ${TREE}`, ratioOf(rates[INDEX], rates[TREE]), { atLeast: 0.8 }),
        goal('of itself among few: flat', ratioOf(rates[INDEX], rates[FEW]), { atLeast: 0.8 }),
        goal(`of ${BARE}: decided, logged, opened and verified, over HTTP`, ratioOf(rates[WHOLE], rates[BARE])),
      ],
      figures: [
        { name: 'people among whom is searched', value: large.sealed(), unit: '' },
        { name: 'few', value: small.sealed(), unit: '' },
      ],
    };
  } finally {
    await Promise.all(systems.map((system) => system.close()));
    await bare.stop();
  }
}

export const search: Row = {
  name: 'search',
  title: 'Exact search by e-mail address',
  how: [
    'Blind index: normalise, HMAC, look up who may be meant, in one statement; b-tree: one SELECT by the clear address. Both from one process, 8 searches at a time, on the same PostgreSQL.',
    'Few and all are two databases, measured in turn.',
    'The whole search over HTTP also decides, logs, opens the records and checks each hit; its peer is Fastify with a SELECT of the clear rows.',
  ],
  measure,
};
