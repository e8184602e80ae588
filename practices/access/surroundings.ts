/**
 * Facts about where and when: the zone of the address that a request comes from, and whether it is business hours. They
 * are found anew for each request; work that goes on keeps the zone it began in, and not the hours.
 */
import type { BusinessHours } from '#platform/config';
import { nameOf, type NamedNetworks } from '#platform/networks';

import type { ChosenFact, Facts } from './facts.ts';

export type Surroundings = Readonly<Pick<Facts, 'zone' | 'hours'>>;
/** Values of facts that can come up in this installation, beside the one in UNKNOWN. */
export type Reach = Readonly<Partial<Record<ChosenFact, readonly string[]>>>;
export type FindSurroundings = Readonly<{
  /** @param address as of `addressOf`; what is no address is on the internet */
  at: (address: string) => Surroundings;
  /** The same place, now. */
  again: (before: Surroundings) => Surroundings;
}>;
export type SurroundingsSettings = Readonly<{
  zones: NamedNetworks<Facts['zone']>;
  /** Null: it never is. */
  businessHours: BusinessHours | null;
}>;

export function createSurroundings({
  zones,
  businessHours,
  clock,
}: SurroundingsSettings & Readonly<{ clock: () => Date }>): FindSurroundings {
  const hoursNow = businessHours === null ? () => 'off' as const : hoursBy(businessHours, clock);
  return {
    at: (address) => ({ zone: nameOf(zones, address) ?? 'internet', hours: hoursNow() }),
    again: ({ zone }) => ({ zone, hours: hoursNow() }),
  };
}

export const reachOf = ({ zones, businessHours }: SurroundingsSettings): Reach => ({
  ...(zones.length === 0 ? {} : { zone: [...new Set(zones.map(({ name }) => name))] }),
  ...(businessHours === null ? {} : { hours: ['business'] }),
});

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function hoursBy({ timeZone, spans }: BusinessHours, clock: () => Date): () => Facts['hours'] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  // offsets are whole minutes in every zone of today: one answer a minute is exact
  let known: Readonly<{ minute: number; hours: Facts['hours'] }> = { minute: Number.NaN, hours: 'off' };
  return () => {
    const now = clock();
    const minute = Math.floor(now.getTime() / 60_000);
    if (known.minute !== minute) {
      const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
      const day = DAYS.indexOf(parts.weekday ?? '');
      const ofDay = Number(parts.hour) * 60 + Number(parts.minute);
      const open = spans.some(({ days, from, until }) => days.has(day) && ofDay >= from && ofDay < until);
      known = { minute, hours: open ? 'business' : 'off' };
    }
    return known.hours;
  };
}
