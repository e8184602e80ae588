/**
 * Runs the declared feeds: each writes its events and where it goes on in one transaction, and begins there again. How each
 * is, is written down every few seconds: what it dropped, could not read, missed, and whether it has fallen silent (pace.ts),
 * which is told as an alert too.
 */
import type { spawn as nodeSpawn } from 'node:child_process';
import { hash } from 'node:crypto';

import type { Db } from '#platform/db';

import { lineFormat, readDatagramLines, readNetflow, type Counts } from '../formats/index.ts';
import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import type { Recorder } from '../record/recorder.ts';
import { beginSensor, declareOwn, endSensor, noteSensor } from '../store/sensors.ts';
import { captureWire } from './capture-wire.ts';
import type { DeclaredFeed } from './declared-feeds.ts';
import { listenUdp } from './listen-udp.ts';
import { createPace, lengthWords, type Pace, type Silence } from './pace.ts';
import type { Health, Sensor } from './sensor.ts';
import { tailFile, type TailCursor } from './tail-file.ts';

export type Feeds = Readonly<{
  start: () => Promise<void>;
  /** Writes down how each is. */
  note: () => Promise<void>;
  stop: () => Promise<void>;
}>;
export type FeedsNeeds = Readonly<{
  db: Db;
  recorder: Recorder;
  clock: () => Date;
  node: string;
  feeds: readonly DeclaredFeed[];
  spawn: typeof nodeSpawn;
  /** Whom tcpdump becomes; null where this process is nobody special. */
  captureUser: string | null;
  onAlert: (alert: Alert) => Promise<void>;
}>;

type Running = {
  name: string;
  sensor: Pick<Sensor<never>, 'stop'> & { health: () => Health };
  pace: Pace;
  noted: Counts;
  told: number | null;
};
export const SILENT_RULE = 'sensor.silent';
const sensorName = ({ name }: DeclaredFeed): string => `feed.${name}`;

export function createFeeds({ db, recorder, clock, node, feeds, spawn, captureUser, onAlert }: FeedsNeeds): Feeds {
  const running: Running[] = [];
  const now = (): number => clock().getTime();
  const begin = async (feed: DeclaredFeed): Promise<Running> => {
    const name = sensorName(feed);
    const before = await beginSensor(db, name, node);
    const pace = createPace(before?.pace, now());
    const sink = async (events: readonly TrafficEvent[], cursor: unknown): Promise<void> => {
      await recorder.record(name, node, cursor === null ? { events } : { events, cursor });
      if (events.some((event) => !isGap(event))) pace.seen(now());
    };
    return { name, pace, noted: {}, told: null, sensor: await open(feed, name, before?.cursor, sink) };
  };
  const open = async (feed: DeclaredFeed, logName: string, cursorBefore: unknown, sink: (events: readonly TrafficEvent[], cursor: unknown) => Promise<void>): Promise<Running['sensor']> => {
    const needs = { logName, clock: now };
    if (feed.kind === 'file') {
      const cursor = (cursorBefore ?? null) as TailCursor | null;
      const sensor = tailFile({ ...needs, path: feed.path, format: lineFormat(feed.format, feed.declared), cursor });
      await sensor.start(sink);
      return sensor;
    }
    if (feed.kind === 'udp') {
      const parser = feed.format === 'netflow' ? readNetflow(needs) : readDatagramLines(lineFormat('syslog'), needs);
      const sensor = listenUdp({ ...needs, host: feed.host, port: feed.port, senders: feed.senders, parser });
      await sensor.start(sink);
      return sensor;
    }
    const filter = feed.filter === undefined ? {} : { filter: feed.filter };
    const sensor = captureWire({ ...needs, interface: feed.interface, ...filter, spawn, user: captureUser });
    await sensor.start(sink);
    return sensor;
  };
  const noteOne = async (each: Running): Promise<void> => {
    const { state, counts, gaps } = each.sensor.health();
    const since = (name: string): number => Math.max(0, (counts[name] ?? 0) - (each.noted[name] ?? 0));
    const news = { malformed: since('malformed'), dropped: since('dropped'), gaps: since('gaps') };
    const before = each.noted;
    each.noted = counts;
    const silence = each.pace.look(now());
    const waits = state === 'waiting' ? (gaps.at(-1)?.why ?? 'it waits for its file or its program') : null;
    const problem = [waits, silence === null ? null : silenceWords(silence)].filter((each) => each !== null).join('; ') || null;
    // events are counted with the transaction that writes them
    await noteSensor(db, each.name, node, { events: 0, ...news, problem, pace: each.pace.state() }).catch((thrown: unknown) => {
      // counted the next time
      each.noted = before;
      throw thrown;
    });
    if (silence === null || each.told === silence.eventAtMs) return;
    // with the same uid after a restart: it is kept once
    await onAlert(silentAlert(each.name, node, silence, now()));
    each.told = silence.eventAtMs;
  };
  return {
    start: async () => {
      for (const feed of feeds) running.push(await begin(feed));
      await declareOwn(db, node, feeds.flatMap((feed) => (feed.own === undefined ? [] : [{ name: sensorName(feed), own: feed.own }])));
    },
    note: async () => {
      for (const each of running) await noteOne(each);
    },
    stop: async () => {
      await Promise.all(running.map(({ sensor }) => sensor.stop()));
      for (const each of running) {
        await noteOne(each);
        await endSensor(db, each.name, node);
      }
    },
  };
} // prettier-ignore

const isGap = ({ finding_info: finding }: TrafficEvent): boolean => finding?.types?.includes('sensor gap') === true;

const silenceWords = ({ eventAtMs, quietMs, usualMs }: Silence): string =>
  `no event that can be read since ${new Date(eventAtMs).toISOString().slice(0, 16)}Z, for ${lengthWords(quietMs)}; its longest silence in 14 days was ${lengthWords(usualMs)}`;

const silentAlert = (name: string, node: string, silence: Silence, now: number): Alert => ({
  uid: `${SILENT_RULE}:${hash('sha256', `${name} ${node}`, 'base64url').slice(0, 22)}:${silence.eventAtMs}`,
  rule: SILENT_RULE,
  title: 'A sensor has fallen silent',
  severity: 'medium',
  key: `sensor=${name}`,
  entity: {},
  time: now,
  events: [],
  reason: `${name} of ${node}: ${silenceWords(silence)}. Somebody may have switched it off, or its lines have another form now: what it would see is not seen`,
  measure: {
    name: 'minutes of silence',
    value: Math.round(silence.quietMs / 60_000),
    usual: Math.round(silence.usualMs / 60_000),
    limit: Math.round(silence.usualMs / 20_000),
  },
  attack: ['T1562'],
  notice: true,
});
