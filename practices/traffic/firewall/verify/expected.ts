/** What the policy promises to whom, as probes with the answer they must get. */
import type { FirewallPolicy, Transport } from '../policy.ts';
import { rulesetOf } from '../ruleset.ts';
import { simulate } from '../simulate.ts';
import { addressText, covers, spanOf, spanText, type Family, type Span } from '../spans.ts';
import type { Seen } from './probe.ts';

export type Expected = Readonly<{ source: string; target: string; port: number; protocol: Transport; open: boolean }>;
export type Finding = Readonly<{ source: string; port: number; protocol: Transport; expected: 'open' | 'closed'; seen: Seen; says: string }>; // prettier-ignore

/** Services that are left open by mistake most often. */
export const OFTEN_OPEN: readonly number[] = [21, 23, 25, 80, 111, 139, 445, 2375, 3306, 3389, 5432, 5900, 6379, 8080, 9200, 11211, 27017]; // prettier-ignore
const MOST = { sources: 16, ports: 48 } as const;
/** Documentation networks and the like: nobody's, so that one is surely in no network of the policy. */
const STRANGERS = ['203.0.113.77', '198.51.100.77', '192.0.2.77', '100.64.77.7', '2001:db8:ffff::77', 'fd77:7777::77'];

/** @param others ports beside the declared ones that must be closed */
export function expectedOf(
  policy: FirewallPolicy,
  target: (family: Family) => string,
  others = OFTEN_OPEN,
): readonly Expected[] {
  // prettier-ignore
  const ruleset = rulesetOf(policy);
  const ports = portsOf(policy, others);
  return sourcesOf(policy).flatMap((span) =>
    ports.map(({ port, protocol }): Expected => {
      const [source, to] = [addressText(span.family, span.first), target(span.family)];
      const { verdict } = simulate(ruleset, { way: 'in', source, destination: to, protocol, port });
      return { source, target: to, port, protocol, open: verdict === 'accept' };
    }),
  );
}

/** Admin and listeners first: the bound cuts the others. */
export function portsOf(policy: FirewallPolicy, others: readonly number[]) {
  const tcp = (port: number) => ({ port, protocol: 'tcp' as Transport });
  const all = [...policy.admin.ports.map(tcp), ...policy.listeners, ...others.map(tcp)];
  const known = new Map(all.map(({ port, protocol }) => [`${protocol} ${port}`, { port, protocol }]));
  return [...known.values()].slice(0, MOST.ports);
}

/** One address of each network that is named, and a stranger of each family. */
function sourcesOf({ admin, listeners }: FirewallPolicy): readonly Span[] {
  const named = [...admin.networks, ...listeners.flatMap(({ from }) => (from === 'any' ? [] : from))];
  const inside = named.map((each): Span => {
    // the first of a wider network is its name, no machine's
    const first = each.last - each.first > 1n ? each.first + 1n : each.first;
    return { family: each.family, first, last: first };
  });
  const free = STRANGERS.map((each) => spanOf(each) as Span).filter((each) => !covers(named, each));
  const strangers = ([4, 6] as const).flatMap((family) => free.find((each) => each.family === family) ?? []);
  const all = new Map([...strangers, ...inside.filter(isUsable)].map((each) => [spanText(each), each]));
  return [...all.values()].slice(0, MOST.sources);
}

/** Addresses that one machine can have (RFC 6890): no loopback, link, group, or reserved ones. */
function isUsable(span: Span): boolean {
  if (span.family === 6) return ['2000::/3', 'fc00::/7'].some((each) => covers([spanOf(each) as Span], span));
  const barred = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '198.18.77.0/24', '224.0.0.0/3'];
  return !barred.some((each) => covers([spanOf(each) as Span], span));
}

export function findingsOf(expected: readonly Expected[], seen: readonly Seen[]): readonly Finding[] {
  return expected.flatMap(({ source, port, protocol, open }, at): Finding[] => {
    const was = seen[at] ?? 'silent';
    if (open ? was === 'open' : was === 'silent') return [];
    const what = `${protocol} port ${port} from ${source}`;
    const says = open
      ? `${what} should be let in, and ${was === 'silent' ? 'nothing answers' : 'nobody listens'}`
      : `${what} should be closed, and ${was === 'open' ? 'it is open' : 'the packet gets through (nobody listens now)'}`;
    return [{ source, port, protocol, expected: open ? 'open' : 'closed', seen: was, says }];
  });
}
