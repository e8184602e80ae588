/** A decided, audited read of a whole record over HTTP, against bare Fastify with a SELECT on the clear table. */
import { recordIdText } from '#platform/ids';

import { startBare } from '../load/bare.ts';
import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, takeTurns } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { person } from '../world/people.ts';
import { someRecords } from './records.ts';

const OURS = 'strongroom';
const BARE = 'Fastify + SELECT';
/** Read in turn: fewer than the key rings that a server keeps open (20,000). */
const RECORDS = 10_000;

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const room = await world();
  const people = Math.min(
    RECORDS,
    sizes.imports.reduce((sum, count) => sum + count, 0),
  );
  await room.haveBoth(people);
  await room.clear.db`create index if not exists customer_id on customer (customer_id)`;
  const bare = await startBare(room.clear.url);
  const headers = { authorization: `Bearer ${room.key}`, 'strongroom-purpose': 'service.support' };
  const ids = (await someRecords(room.db, people)).map(recordIdText);
  const requests: Record<typeof OURS | typeof BARE, Request[]> = {
    [OURS]: ids.map((id) => ({ method: 'GET', path: `/v1/vault/records/${id}`, headers })),
    [BARE]: Array.from({ length: people }, (_, n) => ({
      method: 'GET',
      path: `/customers/${person((n * 7919) % people).customer_id}`,
    })),
  };
  const p99: Record<typeof OURS | typeof BARE, number[]> = { [OURS]: [], [BARE]: [] };
  const { connections, loadSeconds: seconds } = sizes;
  const contender = <Name extends typeof OURS | typeof BARE>(name: Name, url: string) => ({
    name,
    work: async (round: number) => {
      const answer = await load({ url, requests: requests[name], connections, seconds });
      if (round >= 0) p99[name].push(answer.p99Ms);
      return { operations: answer.answered, seconds: answer.seconds };
    },
  });
  try {
    const rates = await takeTurns([contender(OURS, room.server.url), contender(BARE, bare.url)], {
      rounds: Math.min(sizes.rounds, 5),
      warmups: 1,
      onRound: (round, of) => progress(`round ${round} of ${of}, ${connections} connections`),
    });
    return {
      sides: [
        ...([OURS, BARE] as const).map((name) => ({ name, unit: 'reads a second', spread: spreadOf(rates[name]) })),
        ...([OURS, BARE] as const).map((name) => ({ name: `${name}, p99`, unit: 'ms', spread: spreadOf(p99[name]) })),
      ],
      goals: [
        goal(`of ${BARE}, reads a second`, ratioOf(rates[OURS], rates[BARE]), { atLeast: 0.6 }),
        goal(`times ${BARE}, p99`, ratioOf(p99[OURS], p99[BARE]), { atMost: 2 }),
      ],
    };
  } finally {
    await bare.stop();
  }
}

export const read: Row = {
  name: 'read',
  title: 'A decided, audited read of a record of 12 fields over HTTP, 64 connections',
  how: [
    `Ours: GET of all fields for a purpose, ${RECORDS.toLocaleString('en')} records in turn; key looked up, decided, the log durable before anything is opened, every field opened.`,
    'Bare: Fastify with one route and no hook, the same driver and number of connections, one SELECT by an indexed id on the clear table.',
    'The load comes from a third process on the same cores.',
  ],
  measure,
};
