/** What people look at while it happens: minutes, who is busiest, newest alerts, how the sensors are. */
import type { Db } from '#platform/db';

import { alertView, type AlertView } from '../cases/cases.ts';
import { minutesSince } from '../store/blocks.ts';
import { alertsSince } from '../store/cases.ts';
import { listSensors } from '../store/sensors.ts';
import { busiest } from '../store/touches.ts';

export type LiveView = Readonly<{
  at: string;
  minutes: readonly Readonly<{
    minute: string;
    sensor: string;
    events: number;
    failed: number;
    subjects: number;
    bytes: number;
    dropped: number;
  }>[];
  /** Who touched most different customers today. */
  busiest: readonly Readonly<{ actor: string; purpose: string; customers: number }>[];
  alerts: readonly AlertView[];
}>;
export type SensorView = Readonly<{
  name: string;
  node: string;
  running: boolean;
  events: number;
  malformed: number;
  dropped: number;
  gaps: number;
  problem: string | null;
  /** When it was last asked how it is. */
  seenAt: string;
  /** When it last brought events. */
  lastEventAt: string | null;
}>;

export function createLive({ db, clock }: { db: Db; clock: () => Date }) {
  return {
    /** @param minutes how far back */
    live: async (minutes: number): Promise<LiveView> => {
      const now = clock();
      const since = new Date(Math.floor(now.getTime() / 60_000) * 60_000 - minutes * 60_000);
      const [rows, actors, alerts] = await Promise.all([
        minutesSince(db, since),
        busiest(db, 10),
        alertsSince(db, new Date(now.getTime() - 86_400_000), 50),
      ]);
      return {
        at: now.toISOString(),
        minutes: rows.map((row) => ({ ...row, minute: row.minute.toISOString() })),
        busiest: actors,
        alerts: alerts.map(alertView),
      };
    },
    sensors: async (): Promise<SensorView[]> =>
      (await listSensors(db)).map(
        ({ name, node, running, events, malformed, dropped, gaps, problem, seen_at, event_at }) => ({
          name,
          node,
          running,
          events: Number(events),
          malformed: Number(malformed),
          dropped: Number(dropped),
          gaps: Number(gaps),
          problem,
          seenAt: seen_at.toISOString(),
          lastEventAt: event_at?.toISOString() ?? null,
        }),
      ),
  };
}
