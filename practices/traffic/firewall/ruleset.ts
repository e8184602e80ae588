/**
 * Policy → the rules, in their order. What is loaded (nft-text.ts), what is simulated (simulate.ts) and what is compared
 * with the machine (difference.ts) is made of this one list.
 */
import type { Egress, FirewallPolicy, Listener, Rate, Transport, Whom } from './policy.ts';
import { merged, spanOf, type Family, type Span } from './spans.ts';

export type Match =
  | Readonly<{ on: 'loopback'; way: 'in' | 'out'; is: boolean }>
  | Readonly<{ on: 'source' | 'destination'; family: Family; spans: readonly Span[] }>
  /** Addresses that are blocked now. */
  | Readonly<{ on: 'blocked'; end: 'source' | 'destination'; set: BlockSet }>
  | Readonly<{ on: 'port' | 'source port'; protocol: Transport; ports: readonly number[] }>
  | Readonly<{ on: 'state'; states: readonly State[] }>
  | Readonly<{ on: 'icmp'; family: Family; types: readonly string[] }>
  | Readonly<{ on: 'above rate'; set: string; family: Family; rate: Rate }>
  /** Notes its address, where there is room. Sets of rates are not asked: that would count too. */
  | Readonly<{ on: 'noting'; set: string; family: Family }>
  | Readonly<{ on: 'noted'; set: string; family: Family }>
  /** All that this rule sees, together. */
  | Readonly<{ on: 'above shared rate'; rate: Rate }>
  | Readonly<{ on: 'log'; prefix: string; perSecond: number }>;

/** Addresses in one set, wider networks in another: an interval set refuses whatever overlaps. */
export const BLOCK_SETS = [
  { name: 'block4', family: 4, holds: 'address' },
  { name: 'blocknet4', family: 4, holds: 'network' },
  { name: 'block6', family: 6, holds: 'address' },
  { name: 'blocknet6', family: 6, holds: 'network' },
] as const;
export type BlockSet = (typeof BLOCK_SETS)[number];

export type State = 'new' | 'established' | 'related' | 'invalid';
/** A rule without a verdict only writes to the log. */
export type Rule = Readonly<{ name: string; matches: readonly Match[]; verdict: 'accept' | 'drop' | null }>;
export type Chain = Readonly<{ name: 'input' | 'output'; otherwise: 'accept' | 'drop'; rules: readonly Rule[] }>;
export type Ruleset = Readonly<{
  chains: readonly [input: Chain, output: Chain];
  /** Where the rates of listeners are counted, by address. */
  rateSets: readonly Readonly<{ name: string; family: Family }>[];
}>;

const FAMILIES = [4, 6] as const;
const SHARED = 100;
const loopback = (way: 'in' | 'out', is = true): Match => ({ on: 'loopback', way, is });

/** RFC 4890 §4.3.1, §4.4.1: without these IPv6 does not work; IPv4 needs its errors for path MTU discovery (RFC 1191). */
const NEEDED = {
  4: ['destination-unreachable', 'time-exceeded', 'parameter-problem'],
  6: ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'],
} as const;
const NEIGHBOURS = ['nd-router-solicit', 'nd-router-advert', 'nd-neighbor-solicit', 'nd-neighbor-advert'] as const;
const GROUPS = ['mld-listener-query', 'mld-listener-report', 'mld-listener-done', 'mld2-listener-report'] as const;

export function rulesetOf(policy: FirewallPolicy): Ruleset {
  return {
    chains: [
      { name: 'input', otherwise: 'drop', rules: inputRules(policy) },
      { name: 'output', otherwise: policy.egress === 'any' ? 'accept' : 'drop', rules: outputRules(policy) },
    ],
    rateSets: policy.listeners
      .filter(({ rate }) => rate !== null)
      .flatMap((each) =>
        familiesOf(each.from).flatMap((family) => setsOf(each, family).map((name) => ({ name, family }))),
      ),
  };
}

function inputRules(policy: FirewallPolicy): readonly Rule[] {
  return [
    // INVARIANT: the first; before states are looked at, so that a table of connections that is full locks nobody out
    ...byWhom(policy.admin.networks, 'source').map((from) => accept('admin', ...from, tcp('port', policy.admin.ports))),
    accept('loopback', loopback('in')),
    drop('loopback-forged', loopback('in', false), at('source', 4, '127.0.0.0/8')),
    drop('loopback-forged', loopback('in', false), at('source', 6, '::1')),
    ...BLOCK_SETS.map((set) => drop('blocked', { on: 'blocked', end: 'source', set })),
    ...icmp(),
    accept('established', { on: 'state', states: ['established', 'related'] }),
    drop('invalid', { on: 'state', states: ['invalid'] }),
    ...ping(policy.ping),
    ...policy.listeners.flatMap(listenerRules),
    ...log('in', policy),
  ];
}

function outputRules(policy: FirewallPolicy): readonly Rule[] {
  const answers = byWhom(policy.admin.networks, 'destination').map((to) =>
    accept('admin', ...to, tcp('source port', policy.admin.ports)),
  );
  const blocked = BLOCK_SETS.map((set) => drop('blocked', { on: 'blocked', end: 'destination', set }));
  const first = [...answers, accept('loopback', loopback('out')), ...blocked];
  if (policy.egress === 'any') return first;
  return [
    ...first,
    ...icmp(),
    accept('established', { on: 'state', states: ['established', 'related'] }),
    ...policy.egress.flatMap(egressRules),
    ...log('out', policy),
  ];
}

function listenerRules(listener: Listener): readonly Rule[] {
  const { name, protocol, port, from, rate } = listener;
  const asked: Match = { on: 'port', protocol, ports: [port] };
  const accepts = byWhom(from, 'source').map((whom) => accept(name, ...whom, asked));
  if (rate === null) return accepts;
  const counted = familiesOf(from).flatMap((family) => {
    const [rated, seen] = setsOf(listener, family);
    const whom = [...only(from, 'source', family), asked];
    return [
      // both sets have the same addresses: each packet goes to both, and they are as large
      { name, matches: [...whom, { on: 'noting', set: seen, family } as const], verdict: null },
      drop(name, ...whom, { on: 'above rate', set: rated, family, rate }),
      accept(name, ...whom, { on: 'noted', set: seen, family }),
    ];
  });
  // a set is full, by somebody with very many addresses: those who found no place in it share what a hundred may
  const shared = { ...rate, connections: rate.connections * SHARED, burst: rate.burst * SHARED };
  const rest = byWhom(from, 'source').map((whom) =>
    drop(name, ...whom, asked, { on: 'above shared rate', rate: shared }),
  );
  return [...counted, ...rest, ...accepts];
}

const egressRules = ({ name, to, protocol, ports }: Egress): readonly Rule[] =>
  byWhom(to, 'destination').map((whom) => accept(name, ...whom, { on: 'port', protocol, ports }));

/** Neighbour discovery may not come from further than the link, which the kernel itself checks (hop limit 255, RFC 4861 §7.1). */
const icmp = (): readonly Rule[] => [
  accept('errors', { on: 'icmp', family: 4, types: NEEDED[4] }),
  accept('errors', { on: 'icmp', family: 6, types: NEEDED[6] }),
  accept('neighbours', { on: 'icmp', family: 6, types: NEIGHBOURS }),
  // the unspecified address while the own one is not yet proven (RFC 3590)
  accept('groups', at('source', 6, '::', 'fe80::/10'), { on: 'icmp', family: 6, types: GROUPS }),
];

const ping = (whom: Whom): readonly Rule[] =>
  familiesOf(whom).map((family) =>
    accept('ping', ...only(whom, 'source', family), { on: 'icmp', family, types: ['echo-request'] }),
  );

function log(direction: 'in' | 'out', { log }: FirewallPolicy): readonly Rule[] {
  if (log === null) return [];
  const prefix = `strongroom drop ${direction}: `;
  return [{ name: 'log', matches: [{ on: 'log', prefix, perSecond: log.perSecond }], verdict: null }];
}

const accept = (name: string, ...matches: readonly Match[]): Rule => ({ name, matches, verdict: 'accept' });
const drop = (name: string, ...matches: readonly Match[]): Rule => ({ name, matches, verdict: 'drop' });
const tcp = (on: 'port' | 'source port', ports: readonly number[]): Match => ({ on, protocol: 'tcp', ports });
const at = (on: 'source' | 'destination', family: Family, ...networks: readonly string[]): Match => ({
  on,
  family,
  spans: networks.map((each) => spanOf(each) as Span),
});

const familiesOf = (whom: Whom): readonly Family[] =>
  whom === 'any' ? FAMILIES : FAMILIES.filter((family) => whom.some((each) => each.family === family));

/** Matches for one family: none for everybody. */
const only = (whom: Whom, on: 'source' | 'destination', family: Family): readonly Match[] =>
  whom === 'any' ? [] : [{ on, family, spans: merged(whom, family) }];

/** One list of matches for each family that is meant; a single empty one for everybody. */
const byWhom = (whom: Whom, on: 'source' | 'destination'): readonly (readonly Match[])[] =>
  whom === 'any' ? [[]] : familiesOf(whom).map((family) => only(whom, on, family));

const setsOf = ({ name }: Listener, family: Family): readonly [rated: string, seen: string] => [
  `rate-${name}-${family}`,
  `seen-${name}-${family}`,
];
