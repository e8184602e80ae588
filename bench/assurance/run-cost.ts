/** Reads of a program, against the same while control tests run on the same server. */
import { setTimeout as sleep } from 'node:timers/promises';

import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { ratioOf, spreadOf, takeTurns, type Did } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';

const QUIET = 'reads, nothing else';
const BESIDE = 'reads, while control tests run';
/** Those that need no two people: they look, and attack nobody. */
const PROBES = ['AUTHZ-01', 'MASK-01', 'MASK-03', 'CRYPTO-03', 'AUDIT-01', 'MONITOR-05', 'NET-01'] as const;
const READERS = 4;
const EVERY_MS = 100;

async function measure({ world: open, sizes, progress }: Bench): Promise<Measured> {
  const world = await open();
  await world.haveBoth(100);
  const { server, key } = world;
  const room = createStrongroom({ url: server.url, key, purpose: 'service.support' });
  const officer = createStrongroom({ url: server.url, key: await server.keyFor('security') });
  const ids: string[] = [];
  for (let n = 0; n < 8; n += 1)
    ids.push((await room.records.create({ collection: 'customer', fields: { last_name: `Bench ${n}` } })).id);
  const reading = async (until: () => boolean): Promise<Did> => {
    let operations = 0;
    const from = performance.now();
    await Promise.all(
      Array.from({ length: READERS }, async (_, at) => {
        while (!until()) {
          await room.records.get(ids[at % ids.length] as string);
          operations += 1;
        }
      }),
    );
    return { operations, seconds: (performance.now() - from) / 1000 };
  };
  const forRound = (): (() => boolean) => {
    const end = performance.now() + Math.max(1000, sizes.roundMs);
    return () => performance.now() > end;
  };
  const ran: number[] = [];
  const beside = async (): Promise<Did> => {
    const begun = performance.now();
    const { id } = await officer.assurance.begin([...PROBES]);
    const state = { ended: false };
    const [did] = await Promise.all([reading(() => state.ended), waitFor(officer, id).finally(() => (state.ended = true))]);
    ran.push((performance.now() - begun) / 1000);
    return did;
  };
  const rates = await takeTurns(
    [
      { name: QUIET, work: () => reading(forRound()) },
      { name: BESIDE, work: beside },
    ],
    { rounds: Math.min(3, sizes.rounds), warmups: 1, onRound: (round, of) => progress(`round ${round} of ${of}`) },
  );
  return {
    sides: [QUIET, BESIDE].map((name) => ({ name, unit: 'reads/s', spread: spreadOf(rates[name as typeof QUIET]) })),
    goals: [goal('reads while control tests run, against none', ratioOf(rates[BESIDE], rates[QUIET]), { atLeast: 0.6 })],
    figures: [{ name: `a run of ${PROBES.length} tests, with its canaries, beside the reads`, value: spreadOf(ran).median, unit: 's' }],
  };
} // prettier-ignore

async function waitFor(room: Strongroom, id: string): Promise<void> {
  for (;;) {
    const { state, because, results } = await room.assurance.run(id);
    const not = results.filter(({ verdict }) => verdict !== 'pass');
    if (not.length > 0)
      throw new Error(not.map((each) => `${each.testId} ${each.verdict}: ${each.because}`).join('; '));
    if (state === 'done') return;
    if (state !== 'running') throw new Error(`the run ended as ${state}: ${because}`);
    await sleep(EVERY_MS);
  }
}

export const runCost: Row = {
  name: 'run-cost',
  title: 'Control tests beside the day’s work',
  how: [
    'Four readers of one server, over HTTP; in turns alone, and from the moment a run of seven probes is asked for until it has ended and taken its canaries away. The runner is a process of its own on the same machine.',
  ],
  measure,
};
