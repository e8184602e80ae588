/** Statements on sensors: where each goes on, and how it is. */
import type { Statements } from '#platform/db';

import { trafficFailure } from '../failures.ts';

export type SensorRow = Readonly<{
  name: string;
  node: string;
  cursor: unknown;
  events: bigint;
  malformed: bigint;
  dropped: bigint;
  gaps: bigint;
  problem: string | null;
  running: boolean;
  seen_at: Date;
  /** When it last brought events. */
  event_at: Date | null;
  pace: unknown;
}>;
type Before = Pick<SensorRow, 'cursor' | 'running' | 'seen_at' | 'pace'>;

/** Says that it runs. @returns as it was before; null the first time */
export async function beginSensor(db: Statements, name: string, node: string): Promise<Before | null> {
  const [row] = await db<Before[]>`
    select cursor, running, seen_at, pace from traffic.sensors where name = ${name} and node = ${node}`;
  await db`
    insert into traffic.sensors (name, node, running, seen_at) values (${name}, ${node}, true, clock_timestamp())
    on conflict (name, node) do update set running = true, problem = null, seen_at = excluded.seen_at`;
  return row ?? null;
}

export type SensorNews = Readonly<{
  events: number;
  malformed: number;
  dropped: number;
  gaps: number;
  problem: string | null;
  /** Undefined: it stays where it is. */
  cursor?: unknown;
  /** Undefined: it stays as it is. */
  pace?: unknown;
}>;

export async function noteSensor(tx: Statements, name: string, node: string, news: SensorNews): Promise<void> {
  const { events, malformed, dropped, gaps, problem, cursor, pace } = news;
  await tx`
    update traffic.sensors set events = events + ${events}, malformed = malformed + ${malformed}, dropped = dropped + ${dropped},
      gaps = gaps + ${gaps}, problem = ${problem}, seen_at = clock_timestamp()
      ${events === 0 ? tx`` : tx`, event_at = clock_timestamp()`} ${pace === undefined ? tx`` : tx`, pace = ${tx.json(pace as never)}`}
      ${cursor === undefined ? tx`` : tx`, cursor = ${tx.json(cursor as never)}`}
    where name = ${name} and node = ${node}`;
}

/** Whoever sends lines by HTTP stands in the list too, as long as they are not too many to be listed. */
const BY_HTTP = 'by HTTP';
const SENDERS = 200;

/** @throws TRAFFIC_FULL where there are as many already */
export async function noteSender(tx: Statements, name: string, { events, malformed }: Readonly<{ events: number; malformed: number }>): Promise<void> {
  const noted = await tx`
    insert into traffic.sensors as s (name, node, events, malformed, running, seen_at, event_at)
    select ${name}, ${BY_HTTP}, ${events}, ${malformed}, true, clock_timestamp(), ${events === 0 ? tx`null` : tx`clock_timestamp()`}
    where (select count(*) from traffic.sensors where node = ${BY_HTTP} and name <> ${name}) < ${SENDERS}
    on conflict (name, node) do update set events = s.events + excluded.events, malformed = s.malformed + excluded.malformed,
      seen_at = excluded.seen_at, event_at = coalesce(excluded.event_at, s.event_at)`;
  if (noted.count === 0) throw trafficFailure('FULL', { detail: `${SENDERS} feeds are sent by HTTP already` });
} // prettier-ignore

/** It is there, though it has nothing to say. */
export async function touchSensor(db: Statements, name: string, node: string): Promise<void> {
  await db`update traffic.sensors set seen_at = clock_timestamp() where name = ${name} and node = ${node}`;
}

/** Of servers that are no more. */
export async function sweepSensors(db: Statements, keepDays: number): Promise<void> {
  await db`delete from traffic.sensors where seen_at < now() - make_interval(days => ${keepDays})`;
}

export async function endSensor(db: Statements, name: string, node: string): Promise<void> {
  await db`update traffic.sensors set running = false, seen_at = clock_timestamp() where name = ${name} and node = ${node}`;
}

export async function listSensors(db: Statements): Promise<SensorRow[]> {
  // a server that was killed said no goodbye: who was not heard of does not run
  return db<SensorRow[]>`
    select * from (
      select name, node, cursor, events, malformed, dropped, gaps, problem, seen_at, event_at,
        running and (node = ${BY_HTTP} or seen_at > clock_timestamp() - interval '2 minutes') as running
      from traffic.sensors order by seen_at desc limit 500) as s
    order by name, node`;
}

/** Of a feed: machines whose flows it tells of. */
export type OwnRow = Readonly<{ name: string; own: Readonly<{ hosts: readonly string[]; known: readonly string[] }> }>;

/** What is declared for a node now; what was declared before and is no more goes. */
export async function declareOwn(tx: Statements, node: string, declared: readonly OwnRow[]): Promise<void> {
  await tx`update traffic.sensors set own = null where node = ${node} and own is not null and name <> all(${declared.map(({ name }) => name)}::text[])`;
  for (const { name, own } of declared)
    await tx`update traffic.sensors set own = ${tx.json(own)} where name = ${name} and node = ${node}`;
}

/** Of all nodes, in one order. */
export async function listOwn(db: Statements): Promise<OwnRow[]> {
  return db<OwnRow[]>`select name, own from traffic.sensors where own is not null order by name, node limit 500`;
}
