/**
 * One frame → addresses, ports and payload. Link types: Ethernet (with VLAN tags), Linux cooked 1 and 2, raw IP, BSD
 * loopback; IPv4, IPv6 with its extension headers; TCP, UDP, ICMP, and other protocols by their number.
 *
 * The result is one object used again and again: a capture has hundreds of thousands of packets a second.
 */
export type Packet = {
  bytes: Buffer;
  version: 4 | 6;
  protocol: number;
  /** Where the source address begins; the destination's stands behind it. */
  addressesAt: number;
  /** Where the two ports begin; -1: the protocol has none. */
  portsAt: number;
  tcpFlags: number;
  tcpSequence: number;
  payloadFrom: number;
  payloadTo: number;
  /** Of the IP packet. */
  ipBytes: number;
};

export const emptyPacket = (): Packet => ({
  bytes: Buffer.alloc(0),
  version: 4,
  protocol: 0,
  addressesAt: 0,
  portsAt: -1,
  tcpFlags: 0,
  tcpSequence: 0,
  payloadFrom: 0,
  payloadTo: 0,
  ipBytes: 0,
});

/**
 * `packet`: decoded. `notIp`: ARP and the like. `fragment`: not the first one, so it has no ports. `truncated`: the capture
 * or the packet ends before its ports. `unknownLink`: a link type that is not read.
 */
export type Decoded = 'packet' | 'notIp' | 'fragment' | 'truncated' | 'unknownLink';

export const TCP = 6;
export const UDP = 17;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN = new Set([0x8100, 0x88a8, 0x9100]);
const MOST_TAGS = 4;
const MOST_EXTENSIONS = 10;

export function decode(
  bytes: Buffer,
  from: number,
  to: number,
  wireLength: number,
  linkType: number,
  into: Packet,
): Decoded {
  into.bytes = bytes;
  switch (linkType) {
    case 1:
      return behindType(bytes, from, from + 12, to, wireLength, into);
    case 113:
      return behindType(bytes, from, from + 14, to, wireLength, into);
    case 276:
      return to - from < 20 ? 'truncated' : network(u16(bytes, from), bytes, from + 20, to, wireLength - 20, into);
    // loopback: an address family in the byte order of a machine we do not know, or (108) the network's; IP says it itself
    case 0:
    case 108:
      return byVersion(bytes, from + 4, to, wireLength - 4, into);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return byVersion(bytes, from, to, wireLength, into);
    default:
      return 'unknownLink';
  }
}

const u16 = (bytes: Buffer, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

function behindType(
  bytes: Buffer,
  from: number,
  typeAt: number,
  to: number,
  wireLength: number,
  into: Packet,
): Decoded {
  let at = typeAt;
  for (let tags = 0; at + 2 <= to; tags += 1) {
    const type = u16(bytes, at);
    if (!VLAN.has(type) || tags === MOST_TAGS)
      return network(type, bytes, at + 2, to, wireLength - (at + 2 - from), into);
    at += 4;
  }
  return 'truncated';
}

function network(type: number, bytes: Buffer, at: number, to: number, wireLength: number, into: Packet): Decoded {
  if (type === IPV4) return ipv4(bytes, at, to, wireLength, into);
  return type === IPV6 ? ipv6(bytes, at, to, wireLength, into) : 'notIp';
}

function byVersion(bytes: Buffer, at: number, to: number, wireLength: number, into: Packet): Decoded {
  if (at >= to) return 'truncated';
  const version = (bytes[at] as number) >> 4;
  if (version === 4) return ipv4(bytes, at, to, wireLength, into);
  return version === 6 ? ipv6(bytes, at, to, wireLength, into) : 'notIp';
}

/** RFC 791 §3.1. */
function ipv4(bytes: Buffer, at: number, to: number, wireLength: number, into: Packet): Decoded {
  if (to - at < 20) return 'truncated';
  const headerBytes = ((bytes[at] as number) & 15) * 4;
  if ((bytes[at] as number) >> 4 !== 4 || headerBytes < 20) return 'notIp';
  // 0 where the network card cuts segments after the capture
  const said = u16(bytes, at + 2);
  const ipBytes = said === 0 ? wireLength : said;
  if (ipBytes < headerBytes) return 'truncated';
  into.version = 4;
  into.addressesAt = at + 12;
  into.ipBytes = ipBytes;
  if ((u16(bytes, at + 6) & 0x1fff) !== 0) return 'fragment';
  return transport(bytes[at + 9] as number, bytes, at + headerBytes, Math.min(to, at + ipBytes), into);
}

/** RFC 8200 §3, §4. */
function ipv6(bytes: Buffer, at: number, to: number, wireLength: number, into: Packet): Decoded {
  if (to - at < 40) return 'truncated';
  if ((bytes[at] as number) >> 4 !== 6) return 'notIp';
  const said = u16(bytes, at + 4);
  const ipBytes = said === 0 ? Math.max(40, wireLength) : 40 + said;
  const end = Math.min(to, at + ipBytes);
  into.version = 6;
  into.addressesAt = at + 8;
  into.ipBytes = ipBytes;
  let next = bytes[at + 6] as number;
  let here = at + 40;
  for (let headers = 0; headers < MOST_EXTENSIONS; headers += 1) {
    if (!isExtension(next)) return transport(next, bytes, here, end, into);
    if (end - here < 8) return 'truncated';
    if (next === 44 && u16(bytes, here + 2) >> 3 !== 0) return 'fragment';
    const length = bytes[here + 1] as number;
    const skipped = next === 44 ? 8 : next === 51 ? (length + 2) * 4 : (length + 1) * 8;
    next = bytes[here] as number;
    here += skipped;
  }
  return 'truncated';
}

/** Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6. */
const isExtension = (next: number): boolean =>
  next === 0 ||
  next === 43 ||
  next === 44 ||
  next === 51 ||
  next === 60 ||
  next === 135 ||
  next === 139 ||
  next === 140;

function transport(protocol: number, bytes: Buffer, at: number, to: number, into: Packet): Decoded {
  into.protocol = protocol;
  into.tcpFlags = 0;
  into.portsAt = -1;
  into.payloadTo = Math.max(at, to);
  into.payloadFrom = into.payloadTo;
  if (protocol !== TCP && protocol !== UDP && protocol !== 132) return 'packet';
  if (to - at < 4) return 'truncated';
  into.portsAt = at;
  if (protocol === UDP) into.payloadFrom = Math.min(at + 8, into.payloadTo);
  if (protocol === TCP && to - at >= 14) {
    into.tcpSequence = bytes.readUInt32BE(at + 4);
    into.tcpFlags = bytes[at + 13] as number;
    into.payloadFrom = Math.min(at + Math.max(20, ((bytes[at + 12] as number) >> 4) * 4), into.payloadTo);
  }
  return 'packet';
}
