/** A match → an alert: about whom, told apart by what, and why in plain words without a customer's value. */
import { createHash } from 'node:crypto';

import type { Alert, Entity } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { textOf, type Field, type Scalar } from './field.ts';
import type { SigmaRule } from './rule.ts';

/** Fields that name machines, actors and programs: their values may stand in an alert's key. Others are shown as a short hash. */
const SHOWN: Readonly<Record<string, string>> = {
  'actor.user.uid': 'actor', 'actor.session.uid': 'session', 'src_endpoint.ip': 'address', 'dst_endpoint.ip': 'host',
  'dst_endpoint.hostname': 'host', 'dst_endpoint.port': 'port', whoever: 'who', dns_parent: 'domain', 'api.operation': 'operation',
  'strongroom.action': 'action', 'connection_info.protocol_name': 'protocol', 'metadata.log_name': 'log',
  'finding_info.uid': 'finding', 'finding_info.title': 'finding', 'tls.ja4': 'ja4', 'src_endpoint.location.country': 'country',
}; // prettier-ignore

const MOST_VALUE = 128;

export type Part = Readonly<{ field: string; value: string }>;

/** The values a key is made of; null where the event lacks one: then it belongs to no key. */
export function partsOf(fields: readonly Field[], event: TrafficEvent): Part[] | null {
  const parts: Part[] = [];
  for (const { path, read } of fields) {
    const value = read(event);
    if (value === undefined || value === null) return null;
    if (typeof value !== 'object') {
      const text = textOf(value);
      parts.push({ field: path, value: text.length > MOST_VALUE * 8 ? text.slice(0, MOST_VALUE * 8) : text });
      continue;
    }
    const list = value.filter((each): each is Exclude<Scalar, null> => each !== undefined && each !== null);
    if (list.length === 0) return null;
    const text = list.map((each) => textOf(each).slice(0, MOST_VALUE * 2)).join(',');
    parts.push({ field: path, value: text.slice(0, MOST_VALUE * 8) });
  }
  return parts;
}

/** What state is held under: no two keys have the same text. */
export const keyOf = (rule: string, parts: readonly Part[]): string =>
  parts.length === 1 ? `${rule} ${parts[0]?.value}` : JSON.stringify([rule, ...parts.map(({ value }) => value)]);

export const keyText = (parts: readonly Part[]): string =>
  parts.length === 0
    ? 'all'
    : parts.map(({ field, value }) => `${SHOWN[field] ?? field}=${shownValue(field, value)}`).join(' ');

function shownValue(field: string, value: string): string {
  if (!Object.hasOwn(SHOWN, field)) return `#${hashOf(value).slice(0, 12)}`;
  return value.length > MOST_VALUE ? `${value.slice(0, MOST_VALUE)}…` : value;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same for the same rule, key and window, whichever process looks at the events. */
export const uidOf = (rule: string, parts: readonly Part[] | string, window: number): string =>
  `sigma_${hashOf(JSON.stringify([rule, typeof parts === 'string' ? parts : parts.map(({ field, value }) => [field, value]), window])).slice(0, 32)}`;

/** Of one event: everybody it names. */
export function entityOf({
  actor,
  src_endpoint: from,
  dst_endpoint: to,
  connection_info: connection,
}: TrafficEvent): Entity {
  const uid = actor?.user?.uid;
  const outbound = connection?.direction_id === 2 || connection?.direction_id === 3;
  const [peer, own] = outbound ? [to, from] : [from, to];
  const host = own?.hostname ?? own?.ip;
  return {
    ...(actor?.session === undefined ? {} : { session: actor.session.uid }),
    ...(uid?.startsWith('key_') === true ? { key: uid } : {}),
    ...(uid === undefined ? {} : { actor: uid }),
    ...(peer?.ip === undefined ? {} : { address: peer.ip }),
    ...(host === undefined ? {} : { host }),
  };
}

/** Of several events: only whom all of them share, that is, whom they are grouped by. */
export function sharedEntity(parts: readonly Part[], event: TrafficEvent): Entity {
  const whole = entityOf(event);
  const by = new Set(parts.map(({ field }) => field));
  const [fromThere, toThere] = [
    by.has('src_endpoint.ip'),
    by.has('dst_endpoint.ip') || by.has('dst_endpoint.hostname'),
  ];
  const who = by.has('whoever');
  const outbound = event.connection_info?.direction_id === 2 || event.connection_info?.direction_id === 3;
  const isActor = by.has('actor.user.uid') || (who && whole.actor !== undefined);
  const [address, host] = outbound ? [toThere, fromThere] : [fromThere || (who && whole.actor === undefined), toThere];
  return {
    ...(by.has('actor.session.uid') && whole.session !== undefined ? { session: whole.session } : {}),
    ...(isActor && whole.key !== undefined ? { key: whole.key } : {}),
    ...(isActor && whole.actor !== undefined ? { actor: whole.actor } : {}),
    ...(address && whole.address !== undefined ? { address: whole.address } : {}),
    ...(host && whole.host !== undefined ? { host: whole.host } : {}),
  };
}

/** What is beyond a rule's budget, told together: about nobody by itself, with the newest events. */
export function breadthOf(
  rule: SigmaRule,
  {
    keys,
    hour,
    events,
    time,
    budget,
  }: Readonly<{ keys: number; hour: number; events: readonly string[]; time: number; budget: number }>,
): Alert {
  return {
    uid: uidOf(rule.id, `breadth ${keys}`, hour),
    rule: rule.id,
    title: `Many at once: ${rule.title}`,
    severity: rule.level ?? 'low',
    key: 'breadth',
    entity: {},
    time,
    events,
    reason:
      `${keys} alerts of this rule within an hour: the first ${budget} were told one by one, what is beyond is told together, ` +
      `again when it has doubled. Whom it is about is in the newest events`,
    measure: { name: 'alerts within an hour', value: keys, usual: 0, limit: budget },
    attack: rule.attack,
  };
}

/** That a rule was suspended is said as what it found would have been: people look where alerts are. */
export function suspensionOf(rule: SigmaRule, because: string, time: number): Alert {
  return {
    uid: uidOf(rule.id, 'suspended', Math.floor(time / 3_600_000)),
    rule: rule.id,
    title: `Rule suspended: ${rule.title}`,
    severity: rule.level === 'high' || rule.level === 'critical' ? 'high' : 'medium',
    key: 'notice',
    entity: {},
    time,
    events: [],
    reason: `${because}: it says nothing more until a person resumes it`,
    attack: [],
    notice: true,
  };
}

export function spanWords(ms: number): string {
  const units = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], [1000, 'second']] as const; // prettier-ignore
  const [unit, name] = units.find(([size]) => ms % size === 0) ?? [1000, 'second'];
  const count = Math.round(ms / unit);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
