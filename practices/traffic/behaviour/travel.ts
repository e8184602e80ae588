/**
 * Impossible travel: one actor in two countries that are further apart than anybody flies in the time between. Only what
 * worked counts: anybody can fail to log in from anywhere. Countries come from the event, else from the address.
 *
 * The doubt is said: a VPN, a relay, a mobile network or anycast looks the same; so it is medium, and low once the same two
 * countries have come on three days.
 * False-positive budget: one a month for each hundred people (a VPN that is switched on).
 */
import { CLASSES } from '../event.ts';
import type { CountryOf } from './addresses.ts';
import { DAY, HOUR, LATE_MS, MINUTE } from './clock.ts';
import type { Gap } from './countries.ts';
import { createKeyed } from './keyed.ts';
import { addressOf, alertOf, entityOf, isOutside, utc, whoOf, type Watch } from './watch.ts';

export type TravelOptions = Readonly<{ most: number; countryOf: CountryOf; gap: Gap; kilometresPerHour?: number }>;

type Pair = { days: number; last: number };
type Place = { address: string; country: string; time: number; uid: string; pairs: Map<string, Pair> | null };

const RULE = 'behaviour.impossible-travel';
/** Below it, an address registered a little beside where it is used is likelier. */
const NEAR_KM = 300;
const MOST_PAIRS = 16;

export function travelWatch({ most, countryOf, gap, kilometresPerHour = 1000 }: TravelOptions): Watch {
  const actors = createKeyed<Place>(most);
  return {
    rule: RULE,
    classes: ['api', 'authentication'],
    windowMs: 16 * HOUR,
    feed: (event, time, say) => {
      const actor = whoOf(event);
      const address = addressOf(event);
      if (actor === undefined || address === undefined || event.status_id === 2) return;
      if (event.class_uid === CLASSES.api && (event.http_response?.code ?? 200) >= 400) return;
      const key = actor;
      const was = actors.get(key);
      if (was !== undefined && was.address === address) {
        if (time > was.time || time < was.time - LATE_MS) was.time = time;
        return;
      }
      if (!isOutside(address)) return;
      const country = event.src_endpoint?.location?.country ?? countryOf(address);
      if (country === undefined) return;
      actors.set(key, { address, country, time, uid: event.metadata.uid, pairs: was?.pairs ?? null });
      if (was === undefined || was.country === country || time < was.time - LATE_MS) return;
      const kilometres = gap(was.country, country);
      const tookMs = Math.abs(time - was.time);
      const needsMs = (kilometres / kilometresPerHour) * HOUR;
      if (kilometres < NEAR_KM || tookMs >= needsMs) return;
      const place = actors.get(key) as Place;
      const pairs = (place.pairs ??= new Map());
      const name = [was.country, country].sort().join('-');
      const pair = pairs.get(name) ?? { days: 0, last: -Infinity };
      if (time < pair.last + DAY && time > pair.last - DAY) return;
      pair.days += 1;
      pair.last = time;
      pairs.delete(name);
      pairs.set(name, pair);
      if (pairs.size > MOST_PAIRS) pairs.delete(pairs.keys().next().value as string);
      say(
        alertOf({
          rule: RULE,
          title: 'One actor in two far countries',
          severity: pair.days > 3 ? 'low' : 'medium',
          key: `actor=${actor}`,
          entity: entityOf(event),
          time,
          window: time,
          events: [was.uid, event.metadata.uid],
          reason:
            `${actor} was seen from ${was.address} (${was.country}) and ${Math.round(tookMs / MINUTE)} minutes later from ${address} ` +
            `(${country}) at ${utc(time)}: at least ${Math.round(kilometres)} km, for which a flight takes ${Math.round(needsMs / MINUTE)} minutes. ` +
            `A VPN, a relay, a mobile network or anycast looks the same` +
            (pair.days > 1 ? `, and these two countries have come on ${pair.days} days.` : '.'),
          measure: {
            name: 'minutes between',
            value: Math.round(tookMs / MINUTE),
            usual: 0,
            limit: Math.round(needsMs / MINUTE),
          },
          attack: ['T1078'],
        }),
      );
    },
    held: actors.held,
  };
}
