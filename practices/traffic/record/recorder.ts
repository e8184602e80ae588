/**
 * Writes what sensors saw: a block, its counts, who touched whom and where the sensor goes on, in one transaction. So what
 * is read again after a crash was not written, and what was written is not read again.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import type { TrafficEvent } from '../event.ts';
import { addActorDays, type ActorDay } from '../store/actors.ts';
import { addMinutes, insertBlock, type MinuteCounts } from '../store/blocks.ts';
import { noteSender, noteSensor } from '../store/sensors.ts';
import { addTouches, holdForgetting, type Touch } from '../store/touches.ts';
import { indexOf, isOwnActor, timeOf, type Sealing } from './block.ts';

export type Seen = Readonly<{
  events: readonly TrafficEvent[];
  touches?: readonly Touch[];
  malformed?: number;
  dropped?: number;
  gaps?: number;
  problem?: string | null;
  cursor?: unknown;
}>;
export type Recorder = Readonly<{
  /** @param sensor its name @param node null: one that keeps no place, as a line that was sent by HTTP */
  record: (sensor: string, node: string | null, seen: Seen) => Promise<void>;
  /** Once: events of a block that this server wrote a moment ago, and need not open. Nobody else changes them. */
  recent: (blockId: Uuid) => readonly TrafficEvent[] | undefined;
}>;

/** Events of one block: what a box costs is shared by so many, and a search opens no more than it must. */
const BLOCK = 1000;

export type RecorderNeeds = Readonly<{
  db: Db;
  sealing: Sealing;
  clock: () => Date;
  /** Makes the partition of a day that has none yet: a machine may have slept over midnight. */
  makePartitions: () => Promise<unknown>;
  /** Which of these customers are there: one who was erased meanwhile does not come back with a touch. */
  living: (tx: Statements, subjectIds: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
}>;

/** Blocks of the own sensor that are kept at hand, about 2 MB each. */
const RECENT = 10;
/** Only of its own requests does the system know who somebody is. */
const OWN = 'requests';
/** check_violation: what PostgreSQL says where no partition takes a row. */
const NO_PARTITION = '23514';

export function createRecorder({ db, sealing, clock, makePartitions, living }: RecorderNeeds): Recorder {
  const recent = new Map<Uuid, readonly TrafficEvent[]>();
  const keep = (blocks: ReadonlyMap<Uuid, readonly TrafficEvent[]>): void => {
    for (const [blockId, events] of blocks) {
      if (recent.size >= RECENT) recent.delete(recent.keys().next().value as Uuid);
      recent.set(blockId, events);
    }
  };
  const write: Recorder['record'] = async (sensor, node, seen) => {
    const { events, touches = [], malformed = 0, dropped = 0, gaps = 0, problem = null, cursor } = seen;
    const now = clock().getTime();
    const blocks = new Map<Uuid, readonly TrafficEvent[]>();
    await transact(db, async (tx) => {
      blocks.clear();
      for (let from = 0; from < events.length; from += BLOCK) {
        const part = events.slice(from, from + BLOCK);
        // in the order of their events: detections take the blocks of one transaction by id
        const blockId = uuidv7(now + from / BLOCK);
        blocks.set(blockId, part);
        await insertBlock(tx, blockId, sensor, indexOf(part, now, sealing.termOf), sealing.seal(blockId, part));
      }
      await addMinutes(tx, sensor, countMinutes(events, dropped, now));
      if (sensor === OWN) await addActorDays(tx, countActors(events, now));
      if (touches.length > 0) {
        await holdForgetting(tx);
        const there = await living(tx, [...new Set(touches.map(({ subjectId }) => subjectId))]);
        await addTouches(tx, touches.filter(({ subjectId }) => there.has(subjectId))); // prettier-ignore
      }
      if (node === null) await noteSender(tx, sensor, { events: events.length, malformed });
      else await noteSensor(tx, sensor, node, { events: events.length, malformed, dropped, gaps, problem, cursor });
    });
    // what a foreign log says is not as it is read again: undefined members, numbers that JSON does not have
    if (sensor === OWN) keep(blocks);
  };
  return {
    recent: (blockId) => {
      const events = recent.get(blockId);
      recent.delete(blockId);
      return events;
    },
    record: async (sensor, node, seen) => {
      try {
        await write(sensor, node, seen);
      } catch (thrown) {
        if (!(thrown instanceof Error) || (thrown as { code?: unknown }).code !== NO_PARTITION) throw thrown;
        await makePartitions();
        await write(sensor, node, seen);
      }
    },
  };
}

/** Ids of customers are counted where they are touched; here it is how often. */
function countMinutes(events: readonly TrafficEvent[], dropped: number, now: number): MinuteCounts[] {
  type Counts = { events: number; failed: number; subjects: number; bytes: number; dropped: number };
  const minutes = new Map<number, Counts>();
  const at = (time: number): Counts => {
    const minute = Math.floor(time / 60_000) * 60_000;
    const known = minutes.get(minute) ?? { events: 0, failed: 0, subjects: 0, bytes: 0, dropped: 0 };
    minutes.set(minute, known);
    return known;
  };
  for (const event of events) {
    const counts = at(timeOf(event, now));
    counts.events += 1;
    if (event.status_id === 2) counts.failed += 1;
    counts.subjects += event.strongroom?.subjects ?? 0;
    counts.bytes += whole(event.http_response?.length ?? event.traffic?.bytes_out ?? 0);
  }
  if (dropped > 0) at(now).dropped += dropped;
  return [...minutes].map(([minute, counts]) => ({ minute: new Date(minute), ...counts }));
}

const DAY_MS = 86_400_000;

function countActors(events: readonly TrafficEvent[], now: number): ActorDay[] {
  const days = new Map<string, { actor: string; day: number; purpose: string; events: number; failed: number }>();
  const own = new Map<string, boolean>();
  const isOwn = (actor: string): boolean => {
    const known = own.get(actor) ?? isOwnActor(actor);
    own.set(actor, known);
    return known;
  };
  for (const event of events) {
    const actor = event.actor?.user?.uid;
    if (actor === undefined || !isOwn(actor)) continue;
    const day = Math.floor(timeOf(event, now) / DAY_MS);
    // as a touch has it
    const purpose = event.strongroom?.purpose ?? '-';
    const counts = days.get(`${day} ${actor} ${purpose}`) ?? { actor, day, purpose, events: 0, failed: 0 };
    days.set(`${day} ${actor} ${purpose}`, counts);
    counts.events += 1;
    if (event.status_id === 2) counts.failed += 1;
  }
  return [...days.values()].map((each) => ({ ...each, day: new Date(each.day * DAY_MS).toISOString().slice(0, 10) }));
}

/** A foreign log may say anything; sums of what it says fit PostgreSQL's bigint. */
const MOST_BYTES = 2 ** 40;
const whole = (n: number): number => (Number.isFinite(n) && n > 0 ? Math.min(Math.floor(n), MOST_BYTES) : 0);
