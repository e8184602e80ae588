/** What the sensor of the system's own requests costs them, and what inspecting them costs beside. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { childEnvironment } from '#platform/config';
import { recordIdText } from '#platform/ids';

import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, takeTurns } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { cpuSeconds } from '../world/server.ts';
import { someRecords } from '../vault/records.ts';
import type { Said, Switches } from './switched-server.ts';

const OFF = 'neither';
const SENSOR = 'sensor';
const BOTH = 'sensor and inspection';
const SIDES: Readonly<Record<typeof OFF | typeof SENSOR | typeof BOTH, Switches>> = {
  [OFF]: { sensor: 'off', inspection: 'off' },
  [SENSOR]: { sensor: 'on', inspection: 'off' },
  [BOTH]: { sensor: 'on', inspection: 'monitor' },
};
const RECORDS = 10_000;
/** Of browsers and programs: as many as one server sees in an hour, each again and again. */
const AGENTS = 40;

async function measure({ sizes, world, progress, serverFlags }: Bench): Promise<Measured> {
  const room = await world();
  const people = Math.min(
    RECORDS,
    sizes.imports.reduce((sum, count) => sum + count, 0),
  );
  await room.haveBoth(people);
  const requests = (await someRecords(room.db, people)).map((id, n): Request => ({
    method: 'GET',
    path: `/v1/vault/records/${recordIdText(id)}?fields=last_name,email,city`,
    headers: {
      authorization: `Bearer ${room.key}`,
      'strongroom-purpose': 'service.support',
      accept: 'application/json',
      'accept-language': 'en-GB,en;q=0.8,de;q=0.5',
      'user-agent': `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (n % AGENTS)}.0 Safari/537.36`,
    },
  })); // prettier-ignore
  const child = fork(new URL('switched-server.ts', import.meta.url), [room.server.home, room.databaseUrl], { execArgv: [...serverFlags], env: childEnvironment({}) }); // prettier-ignore
  try {
    const { url } = (await saidBy(child)) as Extract<Said, { url: string }>;
    const { connections, loadSeconds: seconds } = sizes;
    const last = { dropped: 0, looked: 0, spentMs: 0, slowestMs: 0 };
    const turnTo = async (to: Switches): Promise<void> => {
      child.send(to);
      Object.assign(last, ((await saidBy(child)) as Extract<Said, { done: object }>).done);
    };
    const cpu: Record<keyof typeof SIDES, number[]> = { [OFF]: [], [SENSOR]: [], [BOTH]: [] };
    const contender = <Name extends keyof typeof SIDES>(name: Name) => ({
      name,
      work: async (round: number) => {
        await turnTo(SIDES[name]);
        const before = await cpuSeconds(child.pid as number);
        const { answered, seconds: took } = await load({ url, requests, connections, seconds });
        const used = (await cpuSeconds(child.pid as number)) - before;
        if (round >= 0) cpu[name].push((used / Math.max(1, answered)) * 1e6);
        return { operations: answered, seconds: took };
      },
    });
    const rates = await takeTurns([contender(OFF), contender(SENSOR), contender(BOTH)], {
      rounds: sizes.rounds,
      warmups: sizes.name === 'tiny' ? 0 : 1,
      onRound: (round, of) => progress(`round ${round} of ${of}, ${connections} connections`),
    });
    await turnTo(SIDES[OFF]);
    return {
      sides: ([OFF, SENSOR, BOTH] as const).flatMap((name) => [
        { name, unit: 'reads a second', spread: spreadOf(rates[name]) },
        { name: `${name}, CPU of the server`, unit: 'µs a read', spread: spreadOf(cpu[name]) },
      ]),
      goals: [
        goal('with the sensor, of reads a second without', ratioOf(rates[SENSOR], rates[OFF]), { atLeast: 0.97 }),
        goal('with sensor and inspection, of those with the sensor', ratioOf(rates[BOTH], rates[SENSOR])),
        goal('CPU of the server for a read, with the sensor over without', ratioOf(cpu[SENSOR], cpu[OFF])),
        goal(
          'CPU of the server for a read, with inspection over with the sensor alone',
          ratioOf(cpu[BOTH], cpu[SENSOR]),
        ),
      ],
      figures: [
        { name: 'inspection of a request', value: (last.spentMs / Math.max(1, last.looked)) * 1000, unit: 'µs' },
        { name: 'of the slowest one', value: last.slowestMs, unit: 'ms' },
        { name: 'events dropped', value: last.dropped, unit: '' },
      ],
    };
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}

async function saidBy(child: ChildProcess): Promise<Said> {
  const ended = Promise.withResolvers<never>();
  const onExit = (code: number | null): void => ended.reject(new Error(`the server ended with ${code}`));
  child.once('exit', onExit);
  try {
    const [said] = (await Promise.race([once(child, 'message'), ended.promise])) as [Said];
    return said;
  } finally {
    child.off('exit', onExit);
  }
}

export const sensorCost: Row = {
  name: 'sensor-cost',
  title: 'Reads over HTTP with and without the sensor of own requests, and the inspection beside it',
  how: [
    `GET of three fields for a purpose, ${RECORDS.toLocaleString('en')} records in turn, headers of ${AGENTS} browsers. One process, in which sensor and inspection are switched between rounds; the load comes from another.`,
    'CPU is that of the server’s process, all threads, and less moved by what else runs than reads a second are.',
    'With the sensor: each request an event, sealed and written, and looked at by all rules and behaviours, on the same cores. The server of the other rows runs idle beside it and may take the detections.',
    'Inspection in mode monitor: headers and queries that were clean are known, the path is not looked at where it is an id of ours.',
  ],
  measure,
};
