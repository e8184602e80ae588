/**
 * Settings about the surroundings of a request: proxies in front, networks with names, business hours. A network written
 * with bits behind its prefix is refused: one of its two halves is a mistake, and the zone of somebody hangs on it.
 */
import { isExact, readNetwork, type NamedNetworks, type Network } from '#platform/networks';

import { accept, reject, type Parsed } from './parsed.ts';

/** Zones that policies know; whoever is in no network is on the internet. */
export const ZONES = ['internet', 'vpn', 'office'] as const;
export type Zone = (typeof ZONES)[number];

/** Days from 0, Sunday; minutes of the day, the last one not included. */
export type Span = Readonly<{ days: ReadonlySet<number>; from: number; until: number }>;
export type BusinessHours = Readonly<{ timeZone: string; spans: readonly Span[] }>;

const MOST = 500;

const exact = (text: string): Network | null => {
  const network = readNetwork(text);
  return network !== null && isExact(network) ? network : null;
};

export function proxies(raw: string): Parsed<readonly Network[]> {
  const read = raw.trim().split(/[\s,]+/).map(exact); // prettier-ignore
  // whoever trusts everybody lets everybody say where they are
  const good = read.flatMap((each) => (each === null || each.bits === 0 ? [] : [each]));
  return good.length === read.length && good.length <= MOST
    ? accept(good)
    : reject(
        'addresses or networks of the proxies, such as 10.0.0.5 or 10.0.0.4/30, with commas between; never all there are',
      );
}

export function zones(raw: string): Parsed<NamedNetworks<Zone>> {
  const expected = 'office=10.0.0.0/8,192.168.0.0/16;vpn=10.8.0.0/16, of office, vpn and internet, each network once';
  const named: { name: Zone; network: Network }[] = [];
  const seen = new Set<string>();
  for (const part of raw.split(';').filter((each) => each.trim() !== '')) {
    const [name = '', list = '', ...more] = part.split('=').map((each) => each.trim());
    const zone = ZONES.find((each) => each === name);
    if (zone === undefined || more.length > 0) return reject(expected);
    for (const text of list.split(',')) {
      const network = exact(text.trim());
      const key = network === null ? '' : `${network.bytes.join('.')}/${network.bits}`;
      if (network === null || seen.has(key)) return reject(expected);
      seen.add(key);
      named.push({ name: zone, network });
    }
  }
  return named.length > 0 && named.length <= MOST ? accept(named) : reject(expected);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

export function businessHours(raw: string): Parsed<BusinessHours> {
  const expected = 'a time zone, then days and times: Europe/Berlin Mon-Fri 08:00-18:00; Sat 09:00-13:00';
  const [, timeZone = '', rest = ''] = /^(\S{1,60})\s+(\S.{0,500})$/.exec(raw.trim()) ?? [];
  if (!isTimeZone(timeZone)) return reject(expected);
  const spans = rest.split(';').map((each) => readSpan(each.trim()));
  const good = spans.flatMap((each) => each ?? []);
  return good.length > 0 && good.length === spans.length ? accept({ timeZone, spans: good }) : reject(expected);
}

/** One that the program knows by name: an offset would be wrong for half of the year. */
function isTimeZone(name: string): boolean {
  return name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name);
}

function readSpan(text: string): Span | null {
  const [, names = '', from = '', until = ''] = /^([A-Za-z,-]{3,40})\s+(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  const days = names.split(',').map(readDays);
  const [begin, end] = [minuteOf(from), minuteOf(until)];
  if (begin === null || end === null || begin >= end || days.some((each) => each === null)) return null;
  return { days: new Set(days.flatMap((each) => each ?? [])), from: begin, until: end };
}

/** `Mon`, or `Fri-Mon`. */
function readDays(text: string): number[] | null {
  const [first, last, ...more] = text.split('-').map((name) => DAYS.findIndex((each) => each === name));
  if (first === undefined || first < 0 || more.length > 0) return null;
  if (last === undefined) return [first];
  if (last < 0) return null;
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, n) => (first + n) % 7);
}

function minuteOf(text: string): number | null {
  const [, hours = '', minutes = ''] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return hours !== '' && Number(minutes) < 60 && minute <= 24 * 60 ? minute : null;
}
