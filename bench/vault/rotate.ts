/** A new key epoch for every subject, while readers go on. */
import { setTimeout as sleep } from 'node:timers/promises';

import { recordIdText, type SubjectId } from '#platform/ids';

import type { System } from '../../server/compose.ts';
import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, type Spread } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import type { World } from '../world/world.ts';
import { someRecords } from './records.ts';
import { besides } from './system.ts';

/** Of readers, in requests a second: well below what the server can do, so that a tail tells of delays, not of queues. */
const READERS = { rate: 200, connections: 16 };
/** The prototype took 34 s of CPU for a million rings, and the goal was 60 s: at most this many times the bare CPU. */
const AT_MOST_TIMES = 60 / 34;

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const room = await world();
  await room.haveBoth(sizes.imports.reduce((sum, count) => sum + count, 0));
  const system = await besides(room);
  const bareMicroseconds = await bareRewrap(system, Math.min(room.sealed(), 50_000));
  await system.close();

  const headers = { authorization: `Bearer ${room.key}`, 'strongroom-purpose': 'service.support' };
  const ids = await someRecords(room.db, Math.min(10_000, room.sealed()));
  const requests = ids.map((id): Request => ({
    method: 'GET',
    path: `/v1/vault/records/${recordIdText(id)}`,
    headers,
  }));
  const readers = async (): Promise<number> =>
    (await load({ url: room.server.url, requests, ...READERS, seconds: sizes.loadSeconds })).p99Ms;

  progress('readers alone');
  await readers();
  const alone = [await readers(), await readers(), await readers()];
  const custodian = await room.server.keyFor('custodian');
  const job = await startRotation(room, custodian);
  const during: number[] = [];
  let state = await job();
  while (state.state === 'running') {
    during.push(await readers());
    state = await job();
    progress(`rotating: ${state.done} of ${state.total}`);
  }
  alone.push(await readers(), await readers());
  const seconds = state.seconds;
  const perRing = (seconds / room.sealed()) * 1e6;
  const idle = spreadOf(alone);
  const slower: Spread = ratioOf(
    during,
    during.map(() => idle.median),
  );
  return {
    sides: [
      { name: 'readers alone, p99', unit: 'ms', spread: idle },
      { name: 'readers while keys are rotated, p99', unit: 'ms', spread: spreadOf(during) },
      { name: 'rotation', unit: 'key rings a second', spread: spreadOf([room.sealed() / seconds]) },
      {
        name: 'bare opening and wrapping on one core',
        unit: 'key rings a second',
        spread: spreadOf(bareMicroseconds.map((us) => 1e6 / us)),
      },
    ],
    goals: [
      goal('times the bare opening and wrapping, in time', spreadOf(bareMicroseconds.map((us) => perRing / us)), {
        atMost: AT_MOST_TIMES,
      }),
      goal("times readers' p99 without a rotation", slower, { atMost: 1.5 }),
    ],
    figures: [
      { name: 'key rings', value: room.sealed(), unit: '' },
      { name: 'the rotation took', value: seconds, unit: 's' },
      { name: 'for a million', value: perRing, unit: 's' },
    ],
  };
}

/** @returns CPU microseconds for one ring, once for each of five parts of the rings read */
async function bareRewrap({ vault: { core }, db }: System, count: number): Promise<number[]> {
  const rows = await db<{ subject_id: SubjectId; epoch: number; ring: Buffer }[]>`
    select subject_id, epoch, ring from vault.keyrings order by subject_id limit ${count}`;
  const size = Math.ceil(rows.length / 5);
  const spent: number[] = [];
  for (let part = 0; part < 5; part += 1) {
    const began = process.cpuUsage();
    const some = rows.slice(part * size, (part + 1) * size);
    for (const { subject_id: id, epoch, ring } of some)
      await core.keys.rewrap(id, { epoch, first: ring, secondEpoch: null, second: null });
    const { user, system } = process.cpuUsage(began);
    spent.push((user + system) / some.length);
  }
  return spent;
}

type State = Readonly<{ state: string; done: number; total: number; seconds: number }>;

/** @returns a question for how far it is */
async function startRotation({ server }: World, key: string): Promise<() => Promise<State>> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/v1/vault/rotations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ what: 'epoch' }),
  });
  const { id } = (await answer.json()) as { id: string };
  return async () => {
    await sleep(200);
    const asked = await fetch(`${server.url}/v1/vault/rotations/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const job = (await asked.json()) as {
      state: string;
      done: number;
      total: number;
      startedAt: string;
      finishedAt: string | null;
    };
    if (job.state === 'failed') throw new Error('the rotation failed');
    const ended = job.finishedAt === null ? Date.now() : Date.parse(job.finishedAt);
    return { ...job, seconds: (ended - Date.parse(job.startedAt)) / 1000 };
  };
}

export const rotate: Row = {
  name: 'rotate',
  title: 'A new key epoch for every subject, while serving',
  how: [
    'Every key ring is opened, wrapped under a new epoch key and stored, in the server that goes on answering.',
    `Readers: ${READERS.rate} reads a second over ${READERS.connections} connections, before, during and after; the time of each counts from when it was due.`,
    'Bare: opening and wrapping the same rings in a loop, CPU time of one core, no database.',
  ],
  measure,
};
