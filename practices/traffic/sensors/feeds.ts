/**
 * Runs the declared feeds: each writes its events and where it goes on in one transaction, and begins there again. How each
 * is, is written down every few seconds: what it dropped, could not read, missed.
 */
import type { spawn as nodeSpawn } from 'node:child_process';

import type { Db } from '#platform/db';

import { lineFormat, readDatagramLines, readNetflow, type Counts } from '../formats/index.ts';
import type { Recorder } from '../record/recorder.ts';
import { beginSensor, endSensor, noteSensor } from '../store/sensors.ts';
import { captureWire } from './capture-wire.ts';
import type { DeclaredFeed } from './declared-feeds.ts';
import { listenUdp } from './listen-udp.ts';
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
}>;

type Running = { name: string; sensor: Pick<Sensor<never>, 'stop'> & { health: () => Health }; noted: Counts };
const sensorName = ({ name }: DeclaredFeed): string => `feed.${name}`;

export function createFeeds({ db, recorder, clock, node, feeds, spawn, captureUser }: FeedsNeeds): Feeds {
  const running: Running[] = [];
  const now = (): number => clock().getTime();
  const begin = async (feed: DeclaredFeed): Promise<Running['sensor']> => {
    const logName = sensorName(feed);
    const before = await beginSensor(db, logName, node);
    const sink = async (events: Parameters<Recorder['record']>[2]['events'], cursor: unknown): Promise<void> =>
      recorder.record(logName, node, cursor === null ? { events } : { events, cursor });
    const needs = { logName, clock: now };
    if (feed.kind === 'file') {
      const cursor = (before?.cursor ?? null) as TailCursor | null;
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
    each.noted = counts;
    const problem = state === 'waiting' ? (gaps.at(-1)?.why ?? 'it waits for its file or its program') : null;
    // events are counted with the transaction that writes them
    await noteSensor(db, each.name, node, { events: 0, ...news, problem });
  };
  return {
    start: async () => {
      for (const feed of feeds) running.push({ name: sensorName(feed), sensor: await begin(feed), noted: {} });
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
}
