/** What a behaviour is to the one who composes them, with what all of them share: who did it, from which address, how it is said. */
import { hash } from 'node:crypto';

import { subscriberOf } from '#platform/networks';

import type { Alert, Entity, Severity } from '../alert.ts';
import type { ClassName, TrafficEvent } from '../event.ts';
import type { Held } from './keyed.ts';

export type Say = (alert: Alert) => void;

export type Watch = Readonly<{
  /** Of the alerts; also what it is switched on and off by. */
  rule: string;
  classes: readonly ClassName[];
  /** How far back events must be given again after a start. */
  windowMs: number;
  /** @param time   when it is judged to have been (clock.ts) */
  feed: (event: TrafficEvent, time: number, say: Say) => void;
  held: () => Held;
  /** What it has learned, as plain JSON: bounded as its state is. Windows that are open are not in it: events make them again. */
  learned?: () => unknown;
  /** What does not look like its own is left out. */
  learn?: (learned: unknown) => void;
}>;

/** Names longer than this are cut: a key must not hold what a hostile log can put into a name. */
const LONGEST = 200;

/** The text, or a copy of its beginning: a slice would hold on to the whole. */
export function brief(text: string): string;
export function brief(text: string | undefined): string | undefined;
export function brief(text: string | undefined): string | undefined {
  return text === undefined || text.length <= LONGEST ? text : Buffer.from(text.slice(0, LONGEST)).toString();
}

export const whoOf = (event: TrafficEvent): string | undefined => brief(event.actor?.user?.uid);
/** Who is behind an address, where tries are counted: of IPv6 somebody has a /64, and takes another address for each. */
export function subscriberAt(event: TrafficEvent): string | undefined {
  const address = addressOf(event);
  return address?.includes(':') === true ? subscriberOf(address) : address;
}
export const addressOf = (event: TrafficEvent): string | undefined => brief(event.src_endpoint?.ip);

export function entityOf(event: TrafficEvent): Entity {
  const actor = whoOf(event);
  const address = addressOf(event);
  const session = event.actor?.session?.uid;
  return {
    ...(session === undefined ? {} : { session }),
    ...(actor?.startsWith('key_') === true ? { key: actor } : {}),
    ...(actor === undefined ? {} : { actor }),
    ...(address === undefined ? {} : { address }),
  };
}

export type Saying = Readonly<{
  rule: string;
  title: string;
  severity: Severity;
  key: string;
  entity: Entity;
  time: number;
  /** Start of what was looked at: the same events say the same uid. */
  window: number;
  events: readonly string[];
  reason: string;
  measure: NonNullable<Alert['measure']>;
  attack: readonly string[];
}>;

/** The key may hold a name that a foreign log has; a uid goes where nothing is ever erased, as the audit log, and so has its hash. */
export const alertOf = ({ window, ...said }: Saying): Alert => ({
  uid: `${said.rule}:${hash('sha256', said.key, 'base64url').slice(0, 22)}:${window}`,
  ...said,
});

/** uids of the last events, as an alert shows them: few, as there is a list for each key. */
export function keepUid(uids: string[], event: TrafficEvent, most = 10): void {
  if (uids.length >= most) uids.shift();
  uids.push(event.metadata.uid);
}

export const utc = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;

/** Public enough to be somewhere: not of RFC 1918, RFC 4193, loopback, link-local, shared (RFC 6598). */
export function isOutside(ip: string): boolean {
  if (ip.includes(':')) {
    if (ip.startsWith('::ffff:')) return isOutside(ip.slice(7));
    const start = ip.slice(0, 4).toLowerCase();
    return !(ip === '::1' || ip === '::' || /^f[cd]|^fe[89ab]/.test(start));
  }
  const first = octetAt(ip, 0);
  if (first === 10 || first === 127 || first === 0 || first >= 224) return false;
  if (first !== 172 && first !== 192 && first !== 169 && first !== 100) return true;
  const second = octetAt(ip, ip.indexOf('.') + 1);
  return !(
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128)
  );
}

function octetAt(ip: string, from: number): number {
  let octet = 0;
  for (let i = from; i < from + 3; i += 1) {
    const digit = ip.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    octet = octet * 10 + digit;
  }
  return octet;
}

/** The network that an address is a part of: /24, or /48 of IPv6, as text. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`;
  const head = ip.split('::', 1)[0] ?? '';
  return `${[...head.split(':'), '0', '0', '0'].slice(0, 3).join(':')}::/48`;
}
