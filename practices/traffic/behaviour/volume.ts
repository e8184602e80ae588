/**
 * How much data an actor is answered, and how much a machine of ours sends outside, in an hour and in a day, against its own
 * hours and days. Rare honest peaks (a backup each night) are known once they came: half as much again as the largest of the
 * last week's active hours is quiet.
 *
 * Three active hours, and three days, make a baseline; before, floors of 100 MB an hour and 500 MB a day hold.
 * False-positive budget: one a month for each hundred actors and machines; a new nightly backup is told on two nights.
 */
import { CLASSES, type TrafficEvent } from '../event.ts';
import { DAY, HOUR, LATE_MS } from './clock.ts';
import { allHeld } from './keyed.ts';
import { basisWords, createTally, type Over, type Tally } from './tally.ts';
import { addressOf, alertOf, brief, entityOf, isOutside, utc, whoOf, type Say, type Watch } from './watch.ts';

export type VolumeOptions = Readonly<{ most: number; hourBytes?: number; dayBytes?: number }>;

const RULE = 'behaviour.volume-out';

export function volumeWatch({ most, hourBytes = 100e6, dayBytes = 500e6 }: VolumeOptions): Watch {
  const shared = { warm: 3, sigmas: 6, ratio: 5, peaks: 1.5, teaches: 4, most };
  // machines and actors apart: a key put together anew for each event would be most of the work
  const tallies = (): Tallies => ({
    hours: createTally({ ...shared, bucketMs: HOUR, history: 168, floor: hourBytes }),
    days: createTally({ ...shared, bucketMs: DAY, history: 30, floor: dayBytes, ratio: 3 }),
  });
  const [actors, machines] = [tallies(), tallies()];

  const tell = (
    event: TrafficEvent,
    who: string,
    time: number,
    span: 'hour' | 'day',
    over: Over | null,
    say: Say,
  ): void => {
    if (over === null) return;
    const { bucket, value, usual, limit, events } = over;
    const isActor = event.class_uid === CLASSES.api;
    const key = `${isActor ? 'actor' : 'host'}=${who}`;
    say(
      alertOf({
        rule: RULE,
        title: isActor ? 'More data is answered than usual' : 'More data leaves than usual',
        severity: over.basis === 'own' && value > 3 * limit ? 'high' : 'medium',
        key: `${key},span=${span}`,
        entity: isActor ? entityOf(event) : { host: who },
        time,
        window: bucket,
        events,
        reason:
          `${who} ${isActor ? 'was answered' : 'sent outside'} ${megabytes(value)} in the ${span} from ${utc(bucket)}; ` +
          `usual is ${megabytes(usual)}, unusual above ${megabytes(limit)} (${basisWords(over, span === 'hour' ? 'active hours' : 'days')}).`,
        measure: { name: `bytes in ${span === 'hour' ? 'an hour' : 'a day'}`, value, usual, limit },
        attack: isActor ? ['T1213', 'T1567'] : ['T1048', 'T1041'],
      }),
    );
  };
  return {
    rule: RULE,
    classes: ['api', 'network'],
    windowMs: DAY + LATE_MS,
    feed: (event, time, say) => {
      const moved = event.class_uid === CLASSES.api ? answered(event) : sentOutside(event);
      if (moved === null) return;
      const [who, bytes] = moved;
      const uid = event.metadata.uid;
      const { hours, days } = event.class_uid === CLASSES.api ? actors : machines;
      tell(event, who, time, 'hour', hours.add(who, time, bytes, uid), say);
      tell(event, who, time, 'day', days.add(who, time, bytes, uid), say);
    },
    held: () => allHeld([actors, machines].flatMap(({ hours, days }) => [hours.held(), days.held()])),
    learned: () => ({ actors: learnedOf(actors), machines: learnedOf(machines) }),
    learn: (learned) => {
      if (typeof learned !== 'object' || learned === null) return;
      if ('actors' in learned) learnInto(actors, learned.actors);
      if ('machines' in learned) learnInto(machines, learned.machines);
    },
  };
}

type Tallies = Readonly<{ hours: Tally; days: Tally }>;

const learnedOf = ({ hours, days }: Tallies): unknown => ({ hours: hours.learned(), days: days.learned() });

function learnInto({ hours, days }: Tallies, learned: unknown): void {
  if (typeof learned !== 'object' || learned === null) return;
  if ('hours' in learned) hours.learn(learned.hours);
  if ('days' in learned) days.learn(learned.days);
}

type Moved = readonly [who: string, bytes: number] | null;

function answered(event: TrafficEvent): Moved {
  const actor = whoOf(event);
  const bytes = event.http_response?.length ?? 0;
  return actor === undefined || bytes <= 0 ? null : [actor, bytes];
}

/** Of a flow that one of ours began. What others fetch from us is judged by reconcile.ts. */
function sentOutside(event: TrafficEvent): Moved {
  const from = addressOf(event);
  const to = brief(event.dst_endpoint?.ip);
  const bytes = event.traffic?.bytes_out ?? 0;
  if (from === undefined || to === undefined || bytes <= 0 || isOutside(from) || !isOutside(to)) return null;
  return [from, bytes];
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
