/**
 * A stream of packets (pcap or pcapng) → events: a network event for each flow, DNS events, a network event with `tls` for
 * each ClientHello, HTTP events for requests that anybody can read.
 *
 * Flows: `bytes_out` of `traffic` is from who began it. Those that go on are told in parts (`unmapped.part` 0, 1, …), whose
 * bytes add up. activity_id 1 a hello, 2 closed, 3 reset, 4 no answer, 5 refused, 6 traffic.
 * Counts: `packets`, `fragments` (later parts of a packet: their bytes are in no flow), `truncated`, `notIp`, `unknownLink`,
 * `flowsFull` (told early, for room), `openingsUnread` (a hello or request that could not be put together).
 */
import { eventOf, type Source, type TrafficEvent } from '../event.ts';
import { readCapture } from './capture.ts';
import { readDns, type DnsMessage } from './dns.ts';
import { createFlows, FLOW_LIMITS, type Flow, type FlowLimits, type WhyTold } from './flows.ts';
import { versionText, type ClientHello } from './hello.ts';
import { httpActivity } from './http-words.ts';
import { ja4Of } from './ja4.ts';
import { decode, emptyPacket, TCP, UDP, type Decoded } from './layers.ts';
import type { Told } from './lines.ts';
import { createOpenings, type Said } from './opening.ts';
import { createTally, type Parser, type ParserNeeds } from './parser.ts';
import { endsOf } from './flow-ends.ts';
import { flowTold } from './flow-told.ts';
import { keepableTime, plain } from './text.ts';
import { uidsOf } from './uid.ts';

export type WireParser = Parser &
  Readonly<{
    /** Time goes by though no packet comes: tells what is quiet at that time, in milliseconds. */
    tick: (nowMs: number) => TrafficEvent[];
    /** Flows and bytes held now. */
    held: () => Readonly<{ flows: number; openingBytes: number }>;
  }>;

const COUNTED: Readonly<Record<Exclude<Decoded, 'packet'>, string>> = {
  fragment: 'fragments',
  truncated: 'truncated',
  notIp: 'notIp',
  unknownLink: 'unknownLink',
};

const DNS_PORTS = new Set([53, 5353]);

export function readWire({ logName, clock }: ParserNeeds, limits: Partial<FlowLimits> = {}): WireParser {
  const tally = createTally();
  const source: Source = { log_name: logName, product: 'Strongroom wire sensor', vendor: 'Strongroom' };
  const uidOf = uidsOf(logName);
  const openings = createOpenings(tally);
  const packet = emptyPacket();
  let events: TrafficEvent[] = [];
  let packets = 0;

  const tell = (told: Told, position: string, content: string): void => {
    const loggedTime = clock();
    const time = keepableTime(told.time, loggedTime);
    tally.count('events');
    events.push(eventOf(source, { ...told, time, uid: uidOf(position, content) }, loggedTime));
  };

  const onTold = (flow: Flow, why: WhyTold): void => {
    if (why === 'full') tally.count('flowsFull');
    if (why !== 'interval' && flow.opening !== null) tellSaid(flow, openings.end(flow.opening), flow.lastUs);
    tell(flowTold(flow, why), `${flow.beganUs}#${flow.ordinal}`, `${flow.protocol}|${flow.key}|${flow.told}`);
  };
  const flows = createFlows({ ...FLOW_LIMITS, ...limits }, onTold);

  const tellSaid = (flow: Flow, said: Said, timeUs: number): void => {
    if (said === null) return;
    const shared = { time: timeUs / 1000, ...endsOf(flow) };
    const told = 'hello' in said ? helloTold(said.hello, shared) : requestTold(said.request, shared);
    tell(told, `${timeUs}#${packets}`, `${flow.key}|${told.class}`);
  };

  const tellDns = (flow: Flow, from: number, to: number, timeUs: number): void => {
    const message = readDns(packet.bytes, from, to);
    if (message === null) return tally.count('notDns');
    const shared = { time: timeUs / 1000, ...endsOf(flow) };
    tell(dnsTold(message, shared), `${timeUs}#${packets}`, `${flow.key}|${message.id}`);
  };

  const look = (flow: Flow, timeUs: number): void => {
    const { payloadFrom: from, payloadTo: to, bytes, protocol } = packet;
    const isDns =
      DNS_PORTS.has(bytes.readUInt16BE(packet.portsAt)) || DNS_PORTS.has(bytes.readUInt16BE(packet.portsAt + 2));
    if (protocol === UDP) {
      if (isDns) tellDns(flow, from, to, timeUs);
      return;
    }
    // over TCP a length stands in front of the message (RFC 1035 §4.2.2)
    if (isDns) {
      if (to - from > 14 && bytes.readUInt16BE(from) === to - from - 2) tellDns(flow, from + 2, to, timeUs);
      return;
    }
    if (flow.opening?.state === 'done' || flows.isFromFirst() === flow.turned) return;
    const { opening, said } = openings.take(flow.opening, packet);
    flow.opening = opening;
    tellSaid(flow, said, timeUs);
  };

  const capture = readCapture((bytes, from, to, timeUs, wireLength, linkType) => {
    packets += 1;
    const decoded = decode(bytes, from, to, wireLength, linkType, packet);
    if (decoded !== 'packet') return tally.count(COUNTED[decoded]);
    const flow = flows.add(packet, timeUs, packets);
    if (packet.payloadTo > packet.payloadFrom && (packet.protocol === TCP || packet.protocol === UDP))
      look(flow, timeUs);
  }, tally);

  const taken = (work: () => void): TrafficEvent[] => {
    events = [];
    work();
    const told = events;
    events = [];
    return told;
  };

  return {
    feed: (bytes) => taken(() => capture.feed(bytes)),
    tick: (nowMs) => taken(() => flows.expire(nowMs * 1000)),
    end: () =>
      taken(() => {
        capture.end();
        flows.endAll();
      }),
    counts: () => ({ ...tally.counts(), packets }),
    aside: tally.aside,
    held: () => ({ flows: flows.size(), openingBytes: openings.heldBytes() }),
  };
}

type Shared = Pick<Told, 'time' | 'src_endpoint' | 'dst_endpoint' | 'connection_info'>;

function helloTold(hello: ClientHello, shared: Shared): Told {
  const version = versionText(hello);
  return {
    class: 'network',
    activity_id: 1,
    ...shared,
    tls: {
      ...(version === undefined ? {} : { version }),
      ...(hello.sni === undefined ? {} : { sni: hello.sni }),
      ja4: ja4Of(hello),
      ...(hello.alpn.length === 0 ? {} : { alpn: hello.alpn.map((each) => plain(each.toString('latin1'), 64)) }),
    },
  };
}

const requestTold = (request: NonNullable<TrafficEvent['http_request']>, shared: Shared): Told => ({
  class: 'http',
  activity_id: httpActivity(request.http_method),
  ...shared,
  http_request: request,
});

function dnsTold({ isResponse, hostname, type, rcode, answers }: DnsMessage, shared: Shared): Told {
  return {
    class: 'dns',
    activity_id: isResponse ? 2 : 1,
    ...shared,
    query: { hostname: plain(hostname, 512), type },
    ...(isResponse ? { rcode, status_id: rcode === 'NOERROR' ? (1 as const) : (2 as const) } : {}),
    ...(answers.length === 0 ? {} : { answers }),
  };
}
