/**
 * What the rules would do with a packet, without loading them. Rules are tried in their order, as the kernel does; a test
 * holds it against a real one (real.test.ts). Other tables of the machine may still drop what this one lets in.
 */
import type { Transport } from './policy.ts';
import type { Match, Ruleset, State } from './ruleset.ts';
import { covers, spanOf, type Span } from './spans.ts';

export type Packet = Readonly<{
  way: 'in' | 'out';
  /** Over the loopback interface; else from or to elsewhere. */
  loopback?: boolean;
  /** Text is read as sockets say it: an IPv4 address inside an IPv6 one is what it is (RFC 4291 §2.5.5.2). */
  source: string | Span;
  destination: string | Span;
  protocol: Transport | 'icmp' | 'icmpv6';
  port?: number;
  sourcePort?: number;
  icmpType?: string;
  /** As the table of connections sees it. */
  state?: State;
  /** Whether its sender has begun more connections than the listener's rate allows. */
  aboveRate?: boolean;
}>;

export type Verdict = Readonly<{ verdict: 'accept' | 'drop'; /** Name of the rule; null: what the chain does at its end. */ rule: string | null }>; // prettier-ignore

/** @param blocked what is in the block sets */
export function simulate(ruleset: Ruleset, packet: Packet, blocked: readonly Span[] = []): Verdict {
  const chain = ruleset.chains[packet.way === 'in' ? 0 : 1];
  const ends = { source: endOf(packet.source), destination: endOf(packet.destination) };
  for (const { name, matches, verdict } of chain.rules) {
    if (verdict === null || !matches.every((each) => fits(each, packet, ends, blocked))) continue;
    return { verdict, rule: name };
  }
  return { verdict: chain.otherwise, rule: null };
}

const endOf = (end: string | Span): Span | null => (typeof end === 'string' ? spanOf(end) : end);

type Ends = Readonly<{ source: Span | null; destination: Span | null }>;

function fits(match: Match, packet: Packet, ends: Ends, blocked: readonly Span[]): boolean {
  switch (match.on) {
    case 'loopback':
      return match.way === packet.way && match.is === (packet.loopback ?? false);
    case 'source':
    case 'destination':
      return isWithin(match.spans, ends[match.on], match.family);
    case 'blocked':
      return isWithin(blocked, ends[match.end], match.set.family);
    case 'port':
      return packet.protocol === match.protocol && packet.port !== undefined && match.ports.includes(packet.port);
    case 'source port':
      return packet.protocol === match.protocol && packet.sourcePort !== undefined && match.ports.includes(packet.sourcePort); // prettier-ignore
    case 'state':
      return match.states.includes(packet.state ?? 'new');
    case 'icmp':
      return packet.protocol === (match.family === 4 ? 'icmp' : 'icmpv6') && match.types.includes(packet.icmpType ?? ''); // prettier-ignore
    case 'above rate':
      return (packet.aboveRate ?? false) && ends.source?.family === match.family;
    case 'noting':
    case 'noted':
      return ends.source?.family === match.family;
    case 'above shared rate':
      return false;
    case 'log':
      break;
  }
  return true;
}

const isWithin = (spans: readonly Span[], end: Span | null, family: 4 | 6): boolean =>
  end !== null && end.family === family && covers(spans, end);
