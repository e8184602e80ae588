/** A new key epoch for every subject, while readers go on. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { recordIdText } from '#platform/ids';

import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, type Spread } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import type { World } from '../world/world.ts';
import { someRecords } from './records.ts';

/** Of readers, in requests a second: well below what the server can do, so that a tail tells of delays, not of queues. */
const READERS = { rate: 200, connections: 16 };
/** The prototype took 34 s of CPU for a million rings, and the goal was 60 s: at most this many times the bare CPU. */
const AT_MOST_TIMES = 60 / 34;

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const room = await world();
  await room.haveBoth(sizes.imports.reduce((sum, count) => sum + count, 0));
  const bareMicroseconds = Array.from({ length: 5 }, () => bareRewrap(10_000));

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

/**
 * The prototype's rewrap (practices/vault.md): a wrap key by HMAC for each, AES-256-GCM of node:crypto over the keys of
 * three classes, opened under one epoch key and wrapped under the next.
 * @returns CPU microseconds for one
 */
function bareRewrap(count: number): number {
  const [from, to] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  const held = seal(from, randomBytes(3 * 40));
  const began = process.cpuUsage();
  for (let n = 0; n < count; n += 1) seal(to, open(from, held));
  const { user, system } = process.cpuUsage(began);
  return (user + system) / count;
}

type Box = Readonly<{ nonce: Buffer; content: Buffer; tag: Buffer }>;
const wrapKey = (kek: KeyObject, nonce: Buffer): KeyObject =>
  createSecretKey(createHmac('sha256', kek).update(nonce).digest());

function seal(kek: KeyObject, plain: Buffer): Box {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', wrapKey(kek, nonce), nonce);
  const content = cipher.update(plain);
  cipher.final();
  return { nonce, content, tag: cipher.getAuthTag() };
}

function open(kek: KeyObject, { nonce, content, tag }: Box): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', wrapKey(kek, nonce), nonce).setAuthTag(tag);
  const plain = decipher.update(content);
  decipher.final();
  return plain;
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
    'Bare: the rewrap of the prototype that the goal was set by, with node:crypto in a loop, CPU time of one core, no database.',
  ],
  measure,
};
