/**
 * The ledger against the wire: what left the system's own machines towards outside, by the flows, and what its requests say
 * they answered. Data that left without a logged read is an alert of its own: a copy of the database, a way round the API.
 *
 * By hour, of all machines named in `hosts` together. What is answered counts with a third on top and 3 kB for each request
 * (TLS, headers); the rest has its own usual (updates, mail), of which three active hours make a baseline; before, 50 MB an
 * hour are the floor. Judged when the next hour has begun and five minutes are over, as flows are told when they end.
 * False-positive budget: one a month; a new nightly backup to a place that is not `known` is told on up to four nights.
 */
import { CLASSES, type TrafficEvent } from '../event.ts';
import { HOUR, LATE_MS } from './clock.ts';
import { createTally } from './tally.ts';
import { megabytes } from './volume.ts';
import { alertOf, isOutside, keepUid, utc, type Say, type Watch } from './watch.ts';

export type ReconcileOptions = Readonly<{
  most: number;
  /** Addresses of the machines that the system runs on. None: nothing is judged. */
  hosts?: readonly string[];
  /** Places outside where data goes on purpose, as a store of backups: its peaks would hide what else leaves. */
  known?: readonly string[];
  floorBytes?: number;
}>;

type Hour = { left: number; answered: number; requests: number; uids: string[] };

const RULE = 'behaviour.unlogged-data';
const OVERHEAD_BYTES = 3000;
const OVERHEAD = 4 / 3;

export function reconcileWatch({ hosts = [], known = [], floorBytes = 50e6 }: ReconcileOptions): Watch {
  const ours = new Set(hosts);
  const expected = new Set(known);
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
  // two at most: the one that is going on and the one before, which late flows still belong to
  const open = new Map<number, Hour>();

  const judge = (hour: number, { left, answered, requests, uids }: Hour, time: number, say: Say): void => {
    const explained = answered * OVERHEAD + requests * OVERHEAD_BYTES;
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
          `In the hour from ${utc(hour * HOUR)} ${megabytes(left)} left ${[...ours].slice(0, 5).join(', ')} towards outside; ` +
          `${requests} logged requests answered ${megabytes(answered)}. ${megabytes(over.value)} have no read in the log; ` +
          `usual is ${megabytes(over.usual)}, unusual above ${megabytes(over.limit)}.`,
        measure: { name: 'bytes without a logged read', value: over.value, usual: over.usual, limit: over.limit },
        attack: ['T1041', 'T1048'],
      }),
    );
  };
  return {
    rule: RULE,
    classes: ['api', 'network'],
    windowMs: 2 * HOUR + LATE_MS,
    feed: (event, time, say) => {
      if (ours.size === 0) return;
      const hour = Math.floor(time / HOUR);
      for (const [each, totals] of open) {
        if (time < (each + 1) * HOUR + LATE_MS && time > each * HOUR - HOUR) continue;
        open.delete(each);
        judge(each, totals, time, say);
      }
      const bytes = event.class_uid === CLASSES.network ? leftBy(event, ours, expected) : 0;
      if (event.class_uid === CLASSES.network && bytes <= 0) return;
      let totals = open.get(hour);
      if (totals === undefined) open.set(hour, (totals = { left: 0, answered: 0, requests: 0, uids: [] }));
      if (event.class_uid === CLASSES.api) {
        totals.requests += 1;
        totals.answered += event.http_response?.length ?? 0;
        return;
      }
      totals.left += bytes;
      if (bytes > 1e6) keepUid(totals.uids, event);
    },
    held: () => ({ keys: open.size + unlogged.held().keys, most: 5, dropped: 0 }),
    learned: () => unlogged.learned(),
    learn: unlogged.learn,
  };
}

/** Whoever began it: sent by ours to outside, or fetched from ours by outside. */
function leftBy(
  { src_endpoint: src, dst_endpoint: dst, traffic }: TrafficEvent,
  ours: ReadonlySet<string>,
  expected: ReadonlySet<string>,
): number {
  const [from, to] = [src?.ip, dst?.ip];
  if (from === undefined || to === undefined || expected.has(to)) return 0;
  if (ours.has(from) && !ours.has(to) && isOutside(to)) return traffic?.bytes_out ?? 0;
  if (ours.has(to) && !ours.has(from) && isOutside(from)) return traffic?.bytes_in ?? 0;
  return 0;
}
