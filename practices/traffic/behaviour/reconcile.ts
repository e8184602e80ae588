/**
 * The ledger against the wire: what left the system's own machines, by the flows of a sensor that sees them, and what its
 * requests say they answered. Data that left without a logged read is an alert of its own: a copy of the database, a way
 * round the API.
 *
 * By hour, of all machines named in `hosts` together; a flow belongs to the hour in which it ended, a request to the one in
 * which its answer did. What is answered counts with a third on top and 3 kB for each request (TLS, headers), and what of an
 * hour's answers was not seen leaving yet counts in the next one too: long connections are told in parts. The rest has its
 * own usual (updates, mail), of which three active hours make a baseline; before, 50 MB an hour are the floor. Judged half an
 * hour after the hour, so that all flows of it are told; those told later still are left out.
 *
 * Not seen: less than the floor an hour. Said wrongly: an answer that takes longer than an hour, until it has ended.
 * False-positive budget: one a month; a new nightly backup to a place that is not `known` is told on two nights.
 */
import { inNetworks } from '#platform/networks';

import { CLASSES, type TrafficEvent } from '../event.ts';
import { HOUR, MINUTE } from './clock.ts';
import { createTally } from './tally.ts';
import { megabytes } from './volume.ts';
import { alertOf, isOutside, keepUid, utc, type Say, type Watch } from './watch.ts';

export type ReconcileOptions = Readonly<{
  most: number;
  /** Addresses of the machines that the system runs on. None: nothing is judged. */
  hosts?: readonly string[];
  /** Whose flows count for a machine: each is counted once, however many sensors see it. Left out: everybody's. */
  feeds?: ReadonlyMap<string, string>;
  /** Addresses and networks where data goes on purpose, as a database, a store of backups: its peaks would hide what else leaves. */
  known?: readonly string[];
  /** To whom what leaves counts. `everybody` where a sensor is declared to see these machines alone. */
  to?: 'outside' | 'everybody';
  floorBytes?: number;
}>;

type Hour = { left: number; answered: number; requests: number; uids: string[] };

const RULE = 'behaviour.unlogged-data';
const OVERHEAD_BYTES = 3000;
const OVERHEAD = 4 / 3;
const LATE_FLOWS_MS = 30 * MINUTE;

export function reconcileWatch(options: ReconcileOptions): Watch {
  const { hosts = [], floorBytes = 50e6 } = options;
  const leftBy = leavingOf(options);
  const unlogged = createTally({
    bucketMs: HOUR,
    history: 168,
    warm: 3,
    floor: floorBytes,
    sigmas: 6,
    ratio: 3,
    peaks: 1.5,
    teaches: 4,
    most: 2,
  });
  // few: the one that is going on and the one before, which late flows still belong to
  const open = new Map<number, Hour>();
  // answered in the hour that was judged last, and not seen leaving yet
  let carried = { hour: Number.NaN, bytes: 0 };

  const judge = (hour: number, { left, answered, requests, uids }: Hour, time: number, say: Say): void => {
    const before = carried.hour === hour - 1 ? carried.bytes : 0;
    carried = { hour, bytes: Math.min(answered, Math.max(0, answered + before - left)) };
    const explained = before + answered * OVERHEAD + requests * OVERHEAD_BYTES;
    const over = unlogged.add('all', hour * HOUR, Math.max(1, left - explained), uids.at(-1) ?? '');
    if (over === null) return;
    say(
      alertOf({
        rule: RULE,
        title: 'Data left without a logged read',
        severity: over.basis === 'own' ? 'high' : 'medium',
        key: 'hosts=all',
        entity: {},
        time,
        window: hour * HOUR,
        events: uids,
        reason:
          `In the hour from ${utc(hour * HOUR)} ${megabytes(left)} left ${hosts.slice(0, 5).join(', ')}${options.to === 'everybody' ? '' : ' towards outside'}; ` +
          `${requests} logged requests answered ${megabytes(answered)}. ${megabytes(over.value)} have no read in the log; ` +
          `usual is ${megabytes(over.usual)}, unusual above ${megabytes(over.limit)}.`,
        measure: { name: 'bytes without a logged read', value: over.value, usual: over.usual, limit: over.limit },
        attack: ['T1041', 'T1048'],
      }),
    );
  };
  const judgeWhatIsOver = (time: number, say: Say): void => {
    for (const [hour, totals] of [...open].sort(([a], [b]) => a - b)) {
      if (!isOver(hour, time)) continue;
      open.delete(hour);
      judge(hour, totals, time, say);
    }
  };
  return {
    rule: RULE,
    classes: ['api', 'network'],
    windowMs: 2 * HOUR + LATE_FLOWS_MS,
    feed: (event, time, say) => {
      if (hosts.length === 0) return;
      const isRequest = event.class_uid === CLASSES.api;
      const bytes = isRequest ? 0 : leftBy(event);
      if (!isRequest && bytes <= 0) return;
      const ended = endOf(event, time);
      if (!isRequest && event.metadata.logged_time - ended > LATE_FLOWS_MS) return;
      const hour = Math.floor(ended / HOUR);
      for (const each of open.keys())
        if (isOver(each, ended)) {
          judgeWhatIsOver(ended, say);
          break;
        }
      let totals = open.get(hour);
      if (totals === undefined) open.set(hour, (totals = { left: 0, answered: 0, requests: 0, uids: [] }));
      if (isRequest) {
        totals.requests += 1;
        totals.answered += event.http_response?.length ?? 0;
        return;
      }
      totals.left += bytes;
      if (bytes > 1e6) keepUid(totals.uids, event);
    },
    held: () => ({ keys: open.size + unlogged.held().keys, most: 6, dropped: 0 }),
    learned: () => unlogged.learned(),
    learn: unlogged.learn,
  };
}

/** Where it is far before it, the clock was set back. */
const isOver = (hour: number, time: number): boolean =>
  time >= (hour + 1) * HOUR + LATE_FLOWS_MS || time <= hour * HOUR - HOUR;

/** Never later than it was told: a source may claim any duration. */
function endOf(event: TrafficEvent, time: number): number {
  const lasted = event.class_uid === CLASSES.api ? event.http_response?.latency : event.duration;
  const end = event.time + (lasted !== undefined && lasted > 0 ? lasted : 0);
  return Math.max(time, Math.min(end, event.metadata.logged_time));
}

/** Whoever began it: sent by ours, or fetched from ours. */
function leavingOf({ hosts = [], feeds, known = [], to: counted = 'outside' }: ReconcileOptions) {
  const ours = new Set(hosts);
  const isExpected = (address: string): boolean =>
    (counted === 'outside' && !isOutside(address)) || (known.length > 0 && inNetworks(known, address));
  return ({ src_endpoint: src, dst_endpoint: dst, traffic, metadata }: TrafficEvent): number => {
    const [from, to] = [src?.ip, dst?.ip];
    if (from === undefined || to === undefined) return 0;
    const isSent = ours.has(from);
    if (isSent === ours.has(to)) return 0;
    const bytes = (isSent ? traffic?.bytes_out : traffic?.bytes_in) ?? 0;
    if (bytes <= 0 || (feeds !== undefined && feeds.get(isSent ? from : to) !== metadata.log_name)) return 0;
    return isExpected(isSent ? to : from) ? 0 : bytes;
  };
}
