/**
 * Packets → flows: a bounded table of who talks to whom. A flow is told when it is over (both sides said so, a reset, or
 * nothing for a while), when it has lasted for an interval, or when the table is full and it is the one that was quiet
 * longest.
 *
 * A flow stands in the table under its key from both sides; lists in the order of the last packet say which is next to end.
 */
import { TCP, UDP, type Packet } from './layers.ts';
import type { Opening } from './opening.ts';

export type Flow = {
  protocol: number;
  /** Source, destination, ports as bytes, as the first packet had them; `back` is the same from the other side. */
  key: string;
  back: string;
  addressLength: 4 | 16;
  /** The first packet came from the one who answers. */
  turned: boolean;
  /** Microseconds. */
  beganUs: number;
  /** Since the last time that it was told. */
  sinceUs: number;
  lastUs: number;
  bytesFirst: number;
  bytesSecond: number;
  packetsFirst: number;
  packetsSecond: number;
  flags: number;
  /** 1: the first side, 2: the second. */
  finsSeen: number;
  /** Which side reset it; 0: none. */
  resetBy: 0 | 1 | 2;
  /** Which packet of the stream began it: makes flows of one microsecond different. */
  ordinal: number;
  told: number;
  opening: Opening | null;
  list: List | null;
  previous: Flow | null;
  next: Flow | null;
};

/** `done`: over. `idle`: nothing for a while. `interval`: goes on. `full`: had to go. `end`: of the input. */
export type WhyTold = 'done' | 'idle' | 'interval' | 'full' | 'end';

export type FlowLimits = Readonly<{
  mostFlows: number;
  tcpIdleMs: number;
  otherIdleMs: number;
  /** After a connection's end, for its last packets. */
  closingMs: number;
  /** A flow that goes on is told so often. */
  intervalMs: number;
}>;

export const FLOW_LIMITS: FlowLimits = {
  mostFlows: 65_536,
  tcpIdleMs: 300_000,
  otherIdleMs: 60_000,
  closingMs: 5_000,
  intervalMs: 300_000,
};

type List = { head: Flow | null; tail: Flow | null; idleUs: number };

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

export type FlowTable = Readonly<{
  /** @returns the packet's flow, and whether the packet came from its first side */
  add: (packet: Packet, timeUs: number, ordinal: number) => Flow;
  isFromFirst: () => boolean;
  /** Tells what is quiet at that time. */
  expire: (nowUs: number) => void;
  endAll: () => void;
  size: () => number;
}>;

export function createFlows(limits: FlowLimits, onTold: (flow: Flow, why: WhyTold) => void): FlowTable {
  const tcp = new Map<string, Flow>();
  const udp = new Map<string, Flow>();
  const others = new Map<string, Flow>();
  const lists = {
    tcp: listOf(limits.tcpIdleMs),
    other: listOf(limits.otherIdleMs),
    closing: listOf(limits.closingMs),
  };
  const all = [lists.tcp, lists.other, lists.closing];
  const intervalUs = limits.intervalMs * 1000;
  let size = 0;
  let fromFirst = true;

  const tableOf = (protocol: number): Map<string, Flow> => (protocol === TCP ? tcp : protocol === UDP ? udp : others);

  const end = (flow: Flow, why: WhyTold): void => {
    unlink(flow);
    const table = tableOf(flow.protocol);
    table.delete(flow.key);
    table.delete(flow.back);
    size -= 1;
    onTold(flow, why);
  };

  const begin = (table: Map<string, Flow>, key: string, packet: Packet, timeUs: number, ordinal: number): Flow => {
    if (size >= limits.mostFlows) end(quietest(all) as Flow, 'full');
    const flow = newFlow(packet, key, timeUs, ordinal);
    table.set(key, flow);
    table.set(flow.back, flow);
    size += 1;
    link(flow, packet.protocol === TCP ? lists.tcp : lists.other);
    return flow;
  };

  const expire = (nowUs: number): void => {
    for (const list of all) {
      while (list.head !== null && nowUs - list.head.lastUs > list.idleUs)
        end(list.head, list === lists.closing ? 'done' : 'idle');
    }
  };

  return {
    add: (packet, timeUs, ordinal) => {
      expire(timeUs);
      const table = tableOf(packet.protocol);
      const key = keyOf(packet);
      let flow = table.get(key);
      // a new connection between the same ports: the old one is over
      if (flow?.list === lists.closing && (packet.tcpFlags & (SYN | ACK)) === SYN) {
        end(flow, 'done');
        flow = undefined;
      }
      flow ??= begin(table, key, packet, timeUs, ordinal);
      fromFirst = flow.key === key;
      count(flow, packet, fromFirst, timeUs);
      if (flow.finsSeen === 3 || flow.resetBy !== 0) {
        if (flow.list !== lists.closing) move(flow, lists.closing);
      } else if (flow.next !== null) move(flow, flow.list as List);
      if (timeUs - flow.sinceUs > intervalUs) {
        onTold(flow, 'interval');
        beginAgain(flow, timeUs);
      }
      return flow;
    },
    isFromFirst: () => fromFirst,
    expire,
    endAll: () => {
      for (const list of all) while (list.head !== null) end(list.head, list === lists.closing ? 'done' : 'end');
    },
    size: () => size,
  };
}

function keyOf({ bytes, addressesAt, version, portsAt, protocol }: Packet): string {
  const addressesEnd = addressesAt + (version === 4 ? 8 : 32);
  // with no options in between the ports stand right behind the addresses
  if (portsAt === addressesEnd) return bytes.toString('latin1', addressesAt, addressesEnd + 4);
  const addresses = bytes.toString('latin1', addressesAt, addressesEnd);
  return portsAt >= 0
    ? addresses + bytes.toString('latin1', portsAt, portsAt + 4)
    : addresses + String.fromCharCode(protocol);
}

function newFlow(packet: Packet, key: string, timeUs: number, ordinal: number): Flow {
  const addressLength = packet.version === 4 ? 4 : 16;
  const ports = key.slice(addressLength * 2);
  const otherPorts = packet.portsAt < 0 ? ports : ports.slice(2, 4) + ports.slice(0, 2);
  return {
    protocol: packet.protocol,
    key,
    back: key.slice(addressLength, addressLength * 2) + key.slice(0, addressLength) + otherPorts,
    addressLength,
    turned: isAnswer(packet),
    beganUs: timeUs,
    sinceUs: timeUs,
    lastUs: timeUs,
    bytesFirst: 0,
    bytesSecond: 0,
    packetsFirst: 0,
    packetsSecond: 0,
    flags: 0,
    finsSeen: 0,
    resetBy: 0,
    ordinal,
    told: 0,
    opening: null,
    list: null,
    previous: null,
    next: null,
  };
}

/** The first packet that we see is not always the first: SYN with ACK is an answer, and so is what comes from a service's port. */
function isAnswer({ bytes, protocol, portsAt, tcpFlags }: Packet): boolean {
  if (portsAt < 0) return false;
  if (protocol === TCP && (tcpFlags & SYN) !== 0) return (tcpFlags & ACK) !== 0;
  return bytes.readUInt16BE(portsAt) < 1024 && bytes.readUInt16BE(portsAt + 2) >= 1024;
}

function count(flow: Flow, packet: Packet, fromFirst: boolean, timeUs: number): void {
  if (fromFirst) {
    flow.bytesFirst += packet.ipBytes;
    flow.packetsFirst += 1;
  } else {
    flow.bytesSecond += packet.ipBytes;
    flow.packetsSecond += 1;
  }
  // a clock that was set back does not make a flow older
  if (timeUs > flow.lastUs) flow.lastUs = timeUs;
  const { tcpFlags } = packet;
  flow.flags |= tcpFlags;
  if ((tcpFlags & FIN) !== 0) flow.finsSeen |= fromFirst ? 1 : 2;
  if ((tcpFlags & RST) !== 0 && flow.resetBy === 0) flow.resetBy = fromFirst ? 1 : 2;
}

function beginAgain(flow: Flow, timeUs: number): void {
  flow.sinceUs = timeUs;
  flow.bytesFirst = 0;
  flow.bytesSecond = 0;
  flow.packetsFirst = 0;
  flow.packetsSecond = 0;
  flow.told += 1;
}

const listOf = (idleMs: number): List => ({ head: null, tail: null, idleUs: idleMs * 1000 });

function link(flow: Flow, list: List): void {
  flow.list = list;
  flow.previous = list.tail;
  flow.next = null;
  if (list.tail === null) list.head = flow;
  else list.tail.next = flow;
  list.tail = flow;
}

function unlink(flow: Flow): void {
  const { list, previous, next } = flow;
  if (list === null) return;
  if (previous === null) list.head = next;
  else previous.next = next;
  if (next === null) list.tail = previous;
  else next.previous = previous;
  flow.list = null;
}

function move(flow: Flow, list: List): void {
  unlink(flow);
  link(flow, list);
}

function quietest(lists: readonly List[]): Flow | null {
  let best: Flow | null = null;
  for (const { head } of lists) if (head !== null && (best === null || head.lastUs < best.lastUs)) best = head;
  return best;
}
