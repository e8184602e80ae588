/**
 * Asking for one id after the other: many that are not there (or not allowed) of one shape of path by one actor or address.
 * Paths differ in their ids only when one of their segments has a digit in it; a scanner's list of known paths has a shape
 * each and is not meant here. Of the system's own requests the path is the route's pattern: there each request counts.
 *
 * Honest life that comes near: a job that works through a list of which a tenth is gone, and somebody who reloads one dead
 * link (one id, so one).
 * False-positive budget: one a month, by a list of customers of which most have been erased.
 */
import { hash } from 'node:crypto';

import { CLASSES } from '../event.ts';
import { DAY, LATE_MS, MINUTE } from './clock.ts';
import { createDistinct, hashOf, type Distinct } from './distinct.ts';
import { allHeld, createKeyed } from './keyed.ts';
import { subscriberAt, alertOf, entityOf, keepUid, utc, whoOf, type Watch } from './watch.ts';

export type EnumerationOptions = Readonly<{
  most: number;
  salt?: number;
  /** Different missing ids within ten minutes, and within a day. */
  fast?: number;
  slow?: number;
  /** Of all that was asked for by this shape, above which it is no list that is worked through. */
  share?: number;
}>;

type Asked = {
  from: number;
  asked: number;
  missing: Distinct;
  day: number;
  dayAsked: number;
  dayMissing: Distinct;
  said: number;
  uids: string[];
};

const RULE = 'behaviour.id-enumeration';
const FAST_MS = 10 * MINUTE;

export function enumerationWatch({ most, salt = 0, fast = 30, slow = 150, share = 0.5 }: EnumerationOptions): Watch {
  const keyed = createKeyed<Asked>(most);
  const missers = createKeyed<true>(most);
  return {
    rule: RULE,
    classes: ['api', 'http'],
    windowMs: DAY + LATE_MS,
    feed: (event, time, say) => {
      const code = event.http_response?.code;
      const path = event.http_request?.url.path;
      const who = whoOf(event) ?? subscriberAt(event);
      if (code === undefined || path === undefined || who === undefined) return;
      const isMissing = code === 404 || code === 403 || code === 410;
      // those who only ask for what is there are not remembered, nor are their paths looked at: most people
      if (!isMissing && missers.get(who) === undefined) return;
      const own = event.class_uid === CLASSES.api;
      const shape = shapeOf(path, own);
      if (shape === null) return;
      const key = `${event.metadata.log_name}|${who}|${shape}`;
      let asked = keyed.get(key);
      if (asked === undefined) {
        if (!isMissing) return;
        missers.set(who, true);
        asked = {
          from: time,
          asked: 0,
          missing: createDistinct(),
          day: time,
          dayAsked: 0,
          dayMissing: createDistinct(),
          said: -Infinity,
          uids: [],
        };
        keyed.set(key, asked);
      }
      if (time > asked.day + DAY || time < asked.day - LATE_MS) {
        asked.day = time;
        asked.dayAsked = 0;
        asked.dayMissing = createDistinct();
        if (time < asked.said) asked.said = -Infinity;
      }
      if (time > asked.from + FAST_MS || time < asked.from - LATE_MS) {
        asked.from = time;
        asked.asked = 0;
        asked.missing = createDistinct();
      }
      asked.asked += 1;
      asked.dayAsked += 1;
      if (!isMissing) return;
      const id = hashOf(own ? (event.api?.request?.uid ?? event.metadata.uid) : path, salt);
      asked.missing.add(id);
      asked.dayMissing.add(id);
      keepUid(asked.uids, event);
      if (time < asked.said + DAY) return;
      const now = asked.missing.count();
      const day = asked.dayMissing.count();
      const isFast = now >= fast && now / asked.asked >= share;
      const isSlow = day >= slow && day / asked.dayAsked >= share;
      if (!isFast && !isSlow) return;
      asked.said = time;
      const [value, from, limit] = isFast ? [now, asked.from, fast] : [day, asked.day, slow];
      const all = isFast ? asked.asked : asked.dayAsked;
      // a foreign path may hold a name between its numbers: the events show it to people, the alert does not
      const shown = own ? shape : `#${hash('sha256', shape).slice(0, 12)}`;
      say(
        alertOf({
          rule: RULE,
          title: 'One id after the other is asked for',
          severity: whoOf(event) === undefined ? 'medium' : 'high',
          key: `who=${who},path=${shown}`,
          entity: entityOf(event),
          time,
          window: from,
          events: [...asked.uids],
          reason:
            `${who} asked for ${value} ${own ? `things like ${shape}` : 'different paths of one shape'} that are not there or not allowed ` +
            `since ${utc(from)}, of ${all} in all; ${limit} in ${isFast ? 'ten minutes' : 'a day'} are too many.`,
          measure: { name: 'missing ids', value, usual: 0, limit },
          attack: ['T1087', 'T1595.003'],
        }),
      );
    },
    held: () => allHeld([keyed.held(), missers.held()]),
  };
}

/** The path with `*` for what has a digit in it; null where nothing has. Of own routes: the pattern, if it has a parameter. */
function shapeOf(path: string, own: boolean): string | null {
  if (own) return path.includes('{') || path.includes(':') ? path : null;
  let found = false;
  const shape = path
    .slice(0, 500)
    .split('/', 12)
    .map((segment) => {
      // a short one as v1 is a version, not an id
      if (segment.length < 3 && !/^\d+$/.test(segment)) return segment;
      if (!/\d/.test(segment)) return segment;
      found = true;
      return '*';
    })
    .join('/');
  return found ? shape : null;
}
