/**
 * The rules in nftables' own language (nft(8)), and what `nft -f -` takes to put them in place of what is there: one table,
 * replaced as a whole in one transaction. The same policy gives the same text, byte for byte.
 *
 * INVARIANT: of what people wrote, only names (a–z, 0–9, -), numbers, parsed addresses and reasons stripped to letters and
 * digits get in, so that no text can break out of its place.
 */
import { BLOCK_SETS, type BlockSet, type Chain, type Match, type Rule, type Ruleset } from './ruleset.ts';
import { prefixOf, spanText, type Family, type Span } from './spans.ts';

export const TABLE = 'strongroom';

/** One entry of a block set. */
export type Block = Readonly<{ span: Span; seconds: number; reason: string }>;

/** Elements of one set, blocked addresses or addresses whose rate is counted: the kernel's memory is bounded. */
const SET_SIZE = 65_536;

/** @param blocks that go on: they are in the sets again, with what is left of their time */
export function tableText(ruleset: Ruleset, blocks: readonly Block[] = []): string {
  const sets = BLOCK_SETS.map((set) => {
    const elements = blocks.filter(({ span }) => blockSetOf(span) === set).map(elementText);
    const held = elements.length === 0 ? '' : ` elements = { ${elements.join(', ')} };`;
    const flags = set.holds === 'network' ? 'interval, timeout' : 'timeout';
    return `  set ${set.name} { type ${typeOf(set.family)}; flags ${flags}; size ${SET_SIZE};${held} }`;
  });
  const rates = ruleset.rateSets.map(
    ({ name, family }) =>
      `  set ${name} { type ${typeOf(family)}; flags dynamic, timeout; timeout 1h; size ${SET_SIZE}; }`,
  );
  return `table inet ${TABLE} {\n${[...sets, ...rates, ...ruleset.chains.map(chainText)].join('\n')}\n}\n`;
}

/** The first line makes the table where there is none, so that the second has something to delete. */
export const REMOVAL = `table inet ${TABLE}\ndelete table inet ${TABLE}\n`;
export const replacing = (table: string): string => REMOVAL + table;

/** Null for a range that is no single network: there is no set for it. */
export function blockSetOf(span: Span): BlockSet | null {
  if (prefixOf(span) === null) return null;
  const holds = span.first === span.last ? 'address' : 'network';
  return BLOCK_SETS.find((each) => each.family === span.family && each.holds === holds) ?? null;
}

export const elementText = ({ span, seconds, reason }: Block): string =>
  `${spanText(span)} timeout ${Math.max(1, Math.floor(seconds))}s comment "${plainWords(reason)}"`;

/** nftables' strings have no escapes: what is not a letter, a digit or a simple sign becomes a space. At most 64 characters. */
export function plainWords(text: string): string {
  const kept = text.slice(0, 256).replaceAll(/[^A-Za-z0-9.,:_-]+/g, ' ').trim().slice(0, 64).trim(); // prettier-ignore
  return kept === '' ? 'no reason given' : kept;
}

function chainText({ name, otherwise, rules }: Chain): string {
  const lines = rules.map((each) => `    ${ruleText(each)} comment "${each.name}"`);
  return `  chain ${name} {\n    type filter hook ${name} priority filter; policy ${otherwise};\n${lines.join('\n')}\n  }`;
}

function ruleText({ matches, verdict }: Rule): string {
  const end = verdict === null ? [] : verdict === 'drop' ? ['counter', 'drop'] : ['accept'];
  return [...matches.map(matchText), ...end].join(' ');
}

/** What is compared with the machine: counters are no part of what a rule means. */
export const meaningText = ({ matches, verdict }: Rule): string =>
  [...matches.map(matchText), ...(verdict === null ? [] : [verdict])].join(' ');

function matchText(match: Match): string {
  switch (match.on) {
    case 'loopback':
      return `${match.way === 'in' ? 'iifname' : 'oifname'} ${match.is ? '' : '!= '}"lo"`;
    case 'source':
    case 'destination':
      return `${addressOf(match.on, match.family)} ${oneOf(match.spans.map(spanText))}`;
    case 'blocked':
      return `${addressOf(match.end, match.set.family)} @${match.set.name}`;
    case 'port':
    case 'source port':
      return `${match.protocol} ${match.on === 'port' ? 'dport' : 'sport'} ${oneOf(match.ports.map(String))}`;
    case 'state':
      return `ct state ${match.states.join(',')}`;
    case 'icmp':
      return `${match.family === 4 ? 'icmp' : 'icmpv6'} type ${oneOf(match.types)}`;
    case 'above rate': {
      const { connections, per, burst } = match.rate;
      return `update @${match.set} { ${whose(match.family)} limit rate over ${connections}/${per} burst ${burst} packets }`;
    }
    case 'noting':
      return `update @${match.set} { ${whose(match.family)} }`;
    case 'noted':
      return `${whose(match.family)} @${match.set}`;
    case 'above shared rate': {
      const { connections, per, burst } = match.rate;
      return `limit rate over ${connections}/${per} burst ${burst} packets`;
    }
    case 'log':
      break;
  }
  return `limit rate ${match.perSecond}/second burst 5 packets log prefix "${match.prefix}"`;
}

/** Of IPv6 a /64 is one subscriber (RFC 6177). */
const whose = (family: Family): string => (family === 4 ? 'ip saddr' : 'ip6 saddr & ffff:ffff:ffff:ffff::');
const typeOf = (family: Family): string => `ipv${family}_addr`;
const addressOf = (end: 'source' | 'destination', family: Family): string =>
  `${family === 4 ? 'ip' : 'ip6'} ${end === 'source' ? 'saddr' : 'daddr'}`;
const oneOf = (all: readonly string[]): string => (all.length === 1 ? (all[0] as string) : `{ ${all.join(', ')} }`);
