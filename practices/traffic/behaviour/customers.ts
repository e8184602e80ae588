/**
 * How many customers an actor touches in an hour under one purpose, against its own hours and those of its peers (same role
 * and purpose). From the events alone: what two requests of one hour both touch counts twice, so it is an upper bound; the
 * exact and slow half is slow-scrape.ts.
 *
 * Five active hours make a baseline; before, the median of its peers' EWMAs (three of them, itself left out) holds, and
 * without peers a floor of 50 an hour: then it says that it has no baseline.
 * False-positive budget: one a month for each hundred actors, beside two for each new batch job.
 */
import { HOUR, MINUTE } from './clock.ts';
import { allHeld, createKeyed } from './keyed.ts';
import { basisWords, createTally } from './tally.ts';
import { ewma, medianOf } from './usual.ts';
import { alertOf, brief, entityOf, utc, whoOf, type Watch } from './watch.ts';

export type CustomersOptions = Readonly<{ most: number; floor?: number; sigmas?: number; ratio?: number }>;

const RULE = 'behaviour.customers-per-hour';
/** Actors of one kind that are compared with, at most. */
const PEERS = 200;

export function customersWatch({ most, floor = 50, sigmas = 8, ratio = 3 }: CustomersOptions): Watch {
  const kinds = createKeyed<Map<string, number>>(1000);
  const kindOf = createKeyed<string>(most);
  const tally = createTally(
    { bucketMs: HOUR, history: 168, warm: 5, floor, sigmas, ratio, peaks: 1.5, most },
    (key, value) => {
      const kind = kindOf.get(key);
      if (kind === undefined) return;
      const peers = kinds.get(kind) ?? new Map<string, number>();
      const held = peers.get(key);
      peers.delete(key);
      peers.set(key, ewma(held, value));
      if (peers.size > PEERS) peers.delete(peers.keys().next().value as string);
      kinds.set(kind, peers);
    },
  );
  const peersOf = (key: string, kind: string) => (): number | undefined => {
    const others = [...(kinds.get(kind) ?? [])].filter(([peer]) => peer !== key).map(([, value]) => value);
    return others.length < 3 ? undefined : medianOf(others);
  };
  return {
    rule: RULE,
    classes: ['api'],
    windowMs: HOUR + 10 * MINUTE,
    feed: (event, time, say) => {
      const touched = event.strongroom?.subjects ?? 0;
      const actor = whoOf(event);
      if (touched <= 0 || actor === undefined) return;
      const purpose = brief(event.strongroom?.purpose) ?? 'no purpose';
      const key = `${actor}|${purpose}`;
      const kind = `${event.strongroom?.role ?? ''}|${purpose}`;
      if (kindOf.get(key) !== kind) kindOf.set(key, kind);
      const over = tally.add(key, time, touched, event.metadata.uid, peersOf(key, kind));
      if (over === null) return;
      const { bucket, value, usual, limit, events } = over;
      say(
        alertOf({
          rule: RULE,
          title: 'More customers in an hour than usual',
          severity: value > 5 * limit ? 'critical' : over.basis === 'floor' ? 'medium' : 'high',
          key: `actor=${actor},purpose=${purpose}`,
          entity: entityOf(event),
          time,
          window: bucket,
          events,
          reason:
            `${actor} has touched ${value} customers under ${purpose} in the hour from ${utc(bucket)}; ` +
            `usual is ${Math.round(usual)}, unusual above ${Math.round(limit)} (${basisWords(over, 'active hours')}).`,
          measure: { name: 'customers in an hour', value, usual, limit },
          attack: ['T1213', 'T1078'],
        }),
      );
    },
    held: () => allHeld([tally.held(), kindOf.held(), kinds.held()]),
    learned: () => tally.learned(),
    learn: tally.learn,
  };
}
