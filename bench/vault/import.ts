/** Import of customers through the CLI, against COPY of the same rows in clear and against pgcrypto. */
import { rm } from 'node:fs/promises';

import { ratioOf, spreadOf, takeTurns, type Contender } from '../rounds.ts';
import { goal, type Bench, type Figure, type Goal, type Measured, type Missing, type Row } from '../row.ts';
import { cpuSeconds, familyCpuSeconds, residentMib } from '../world/server.ts';
import type { World } from '../world/world.ts';

const OURS = 'strongroom vault import';
const COPY = 'COPY in clear, 3 b-trees';
const PGCRYPTO = 'pgcrypto in SQL';

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const room = await world();
  const missing: Missing[] = [];
  const without = await room.clear.withoutPgcrypto();
  if (without !== null) missing.push({ peer: PGCRYPTO, why: without });
  const files: { path: string; count: number }[] = [];
  // the first batch warms everything up; it is where memory is compared with, too
  const [first, ...sizesOfRounds] = sizes.imports as [number, ...number[]];
  const countOf = (round: number): number => (round < 0 ? first : (sizesOfRounds[round] as number));
  const memory = watchMemory(room);
  const cost = { server: 0, postgresql: 0, cli: 0, rows: 0 };
  let from = room.sealed();

  const fileOf = async (round: number): Promise<{ path: string; count: number }> =>
    (files[round + 1] ??= await nextFile(room, (from += round < 0 ? 0 : countOf(round - 1)), countOf(round)));
  const ours: Contender<string> = {
    name: OURS,
    work: async (round) => {
      const { path, count } = await fileOf(round);
      const before = [await cpuSeconds(room.server.pid), await familyCpuSeconds(room.postgresPid)] as const;
      const { seconds, cpuSeconds: cli } = await room.importFile(path, count);
      memory.settle(round < 0 ? 'first' : 'later');
      if (round >= 0) {
        cost.server += (await cpuSeconds(room.server.pid)) - before[0];
        cost.postgresql += (await familyCpuSeconds(room.postgresPid)) - before[1];
        cost.cli += cli;
        cost.rows += count;
      }
      return { operations: count, seconds };
    },
  };
  const copy: Contender<string> = {
    name: COPY,
    work: async (round) => {
      const { path, count } = await fileOf(round);
      const began = performance.now();
      await room.clear.copy(path);
      return { operations: count, seconds: (performance.now() - began) / 1000 };
    },
  };
  const pgcrypto: Contender<string> = {
    name: PGCRYPTO,
    work: async () => ({ operations: await room.clear.pgcrypto(0, Math.min(sizes.pgcryptoRows, first)) }),
  };
  // pgcrypto takes its rows from the clear table, so COPY comes before it in the first round
  const rates = await takeTurns(without === null ? [ours, copy, pgcrypto] : [ours, copy], {
    rounds: sizesOfRounds.length,
    warmups: 1,
    onRound: (round, of) => progress(`round ${round} of ${of}: ${countOf(round - 2)} rows, ${room.sealed()} are in`),
  });
  memory.stop();
  for (const { path } of files) await rm(path, { force: true });

  const goals: Goal[] = [
    goal(`of ${COPY}`, ratioOf(rates[OURS] as number[], rates[COPY] as number[]), { atLeast: 0.35 }),
  ];
  if (rates[PGCRYPTO] !== undefined)
    goals.push(goal(`times ${PGCRYPTO}`, ratioOf(rates[OURS] as number[], rates[PGCRYPTO]), { atLeast: 3 }));
  goals.push(memory.goal());
  return {
    sides: Object.entries(rates).map(([name, values]) => ({ name, unit: 'rows a second', spread: spreadOf(values) })),
    goals,
    figures: [
      { name: 'rows imported in all', value: room.sealed(), unit: '' },
      ...(['server', 'postgresql', 'cli'] as const).map((who): Figure => ({
        name: `CPU of ${who} for a row`,
        value: (cost[who] / cost.rows) * 1e6,
        unit: 'µs',
      })),
      ...memory.figures(),
    ],
    missing,
  };
}

async function nextFile(room: World, from: number, count: number): Promise<{ path: string; count: number }> {
  return { path: await room.csv(from, count), count };
}

type Phase = 'first' | 'later';

/** Looks at the server's resident memory ten times a second. */
function watchMemory(room: World) {
  let now: number[] = [];
  const seen: Record<Phase, number[]> = { first: [], later: [] };
  const timer = setInterval(() => void residentMib(room.server.pid).then((mib) => now.push(mib)), 100);
  const peak = (phase: Phase): number => Math.max(...seen[phase]);
  return {
    settle: (phase: Phase) => {
      seen[phase].push(...now);
      now = [];
    },
    stop: () => clearInterval(timer),
    goal: () =>
      goal('server memory at its peak, all rows over the first ones', spreadOf([peak('later') / peak('first')]), {
        atMost: 1.5,
      }),
    figures: (): Figure[] => [
      { name: 'server memory at its peak, first rows', value: peak('first'), unit: 'MiB' },
      { name: 'server memory at its peak, all rows', value: peak('later'), unit: 'MiB' },
    ],
  };
}

export const importRows: Row = {
  name: 'import',
  title: 'Import of customers of 12 fields, 3 of them searchable, and an external id',
  how: [
    'Ours: `strongroom vault import` of a CSV file with its defaults, over HTTP, into a server process; each row is checked, sealed, indexed, logged and durable.',
    'COPY: the same file into a table of the same PostgreSQL, three b-trees, no other key; pgcrypto: twelve times pgp_sym_encrypt (AES-256) in one INSERT … SELECT.',
    'CLI, server and PostgreSQL share the cores. Memory: resident, of the server, looked at ten times a second.',
  ],
  measure,
};
