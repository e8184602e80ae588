/** Statements on sensors: where each goes on, and how it is. */
import type { Statements } from '#platform/db';

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
}>;

/** Says that it runs. @returns as it was before; null the first time */
export async function beginSensor(
  db: Statements,
  name: string,
  node: string,
): Promise<Pick<SensorRow, 'cursor' | 'running' | 'seen_at'> | null> {
  const [row] = await db<Pick<SensorRow, 'cursor' | 'running' | 'seen_at'>[]>`
    select cursor, running, seen_at from traffic.sensors where name = ${name} and node = ${node}`;
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
}>;

export async function noteSensor(tx: Statements, name: string, node: string, news: SensorNews): Promise<void> {
  const { events, malformed, dropped, gaps, problem, cursor } = news;
  await tx`
    update traffic.sensors set events = events + ${events}, malformed = malformed + ${malformed}, dropped = dropped + ${dropped},
      gaps = gaps + ${gaps}, problem = ${problem}, seen_at = clock_timestamp()
      ${cursor === undefined ? tx`` : tx`, cursor = ${tx.json(cursor as never)}`}
    where name = ${name} and node = ${node}`;
}

export async function endSensor(db: Statements, name: string, node: string): Promise<void> {
  await db`update traffic.sensors set running = false, seen_at = clock_timestamp() where name = ${name} and node = ${node}`;
}

export async function listSensors(db: Statements): Promise<SensorRow[]> {
  return db<SensorRow[]>`select * from traffic.sensors order by name, node limit 500`;
}
