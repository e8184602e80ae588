/** For tests: frames and capture files, written byte by byte as the standards say. */
export type Sent = Readonly<{
  from?: string;
  to?: string;
  fromPort?: number;
  toPort?: number;
  flags?: number;
  sequence?: number;
  payload?: Buffer | string;
}>;

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);

const v4 = (text: string): Buffer => Buffer.from(text.split('.').map(Number));
/** Written out in full: eight groups. */
const v6 = (text: string): Buffer => Buffer.concat(text.split(':').map((group) => u16(Number.parseInt(group, 16))));

export function tcp({ fromPort = 40_000, toPort = 80, flags = 0x18, sequence = 1, payload = '' }: Sent): Buffer {
  const header = Buffer.concat([
    u16(fromPort),
    u16(toPort),
    u32(sequence),
    u32(0),
    Buffer.from([0x50, flags]),
    u16(1024),
    u32(0),
  ]);
  return Buffer.concat([header, Buffer.from(payload)]);
}

export function udp({ fromPort = 40_000, toPort = 53, payload = '' }: Sent): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([u16(fromPort), u16(toPort), u16(bytes.length + 8), u16(0), bytes]);
}

export function ipv4(
  protocol: number,
  payload: Buffer,
  { from = '10.0.0.1', to = '192.0.2.1' }: Sent = {},
  fragment = 0,
): Buffer {
  const header = [
    Buffer.from([0x45, 0]),
    u16(20 + payload.length),
    u16(7),
    u16(fragment),
    Buffer.from([64, protocol]),
    u16(0),
  ];
  return Buffer.concat([...header, v4(from), v4(to), payload]);
}

/** @param next of the first header behind IPv6's own */
export function ipv6(
  next: number,
  payload: Buffer,
  from = '2001:db8:0:0:0:0:0:1',
  to = '2001:db8:0:0:0:0:0:2',
): Buffer {
  return Buffer.concat([u32(0x6000_0000), u16(payload.length), Buffer.from([next, 64]), v6(from), v6(to), payload]);
}

/** An extension header of 8 bytes times `eights`. */
export const extension = (next: number, eights = 1): Buffer =>
  Buffer.concat([Buffer.from([next, eights - 1]), Buffer.alloc(eights * 8 - 2)]);

export const ethernet = (packet: Buffer, type = 0x0800, tags: readonly number[] = []): Buffer =>
  Buffer.concat([Buffer.alloc(12), ...tags.map((tag) => Buffer.concat([u16(tag), u16(5)])), u16(type), packet]);

export const tcpFrame = (sent: Sent): Buffer => ethernet(ipv4(6, tcp(sent), sent));
export const udpFrame = (sent: Sent): Buffer => ethernet(ipv4(17, udp(sent), sent));

export type Timed = readonly [timeMs: number, frame: Buffer];

type PcapOptions = Readonly<{ linkType?: number; big?: boolean; nano?: boolean; snap?: number }>;

export function pcap(
  packets: readonly Timed[],
  { linkType = 1, big = false, nano = false, snap = 262_144 }: PcapOptions = {},
): Buffer {
  const u32 = number32(big);
  const magic = nano ? 0xa1_b2_3c_4d : 0xa1_b2_c3_d4;
  const version = big ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0]);
  const records = packets.map(([timeMs, frame]) => {
    const kept = frame.subarray(0, snap);
    const fraction = Math.round((timeMs % 1000) * (nano ? 1e6 : 1e3));
    return Buffer.concat([u32(Math.trunc(timeMs / 1000)), u32(fraction), u32(kept.length), u32(frame.length), kept]);
  });
  return Buffer.concat([u32(magic), version, u32(0), u32(0), u32(snap), u32(linkType), ...records]);
}

/** With an interface whose clock counts nanoseconds, a block nobody knows, and one packet in a simple block. */
export function pcapng(packets: readonly Timed[], { linkType = 1, big = false }: PcapOptions = {}): Buffer {
  const u32 = number32(big);
  const u16 = (value: number): Buffer => (big ? u32(value << 16) : u32(value)).subarray(0, 2);
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = u32(padded.length + 12);
    return Buffer.concat([u32(type), length, padded, length]);
  };
  const section = Buffer.concat([u32(0x1a_2b_3c_4d), u16(1), u16(0), Buffer.alloc(8, 255)]);
  const nanoseconds = Buffer.concat([u16(9), u16(1), Buffer.from([9, 0, 0, 0]), u16(0), u16(0)]);
  const blocks = packets.map(([timeMs, frame]) => {
    const units = BigInt(Math.round(timeMs * 1000)) * 1000n;
    const time = [u32(Number(units >> 32n)), u32(Number(units & 0xffff_ffffn))];
    return block(6, Buffer.concat([u32(0), ...time, u32(frame.length), u32(frame.length), frame]));
  });
  return Buffer.concat([
    block(0x0a_0d_0d_0a, section),
    block(1, Buffer.concat([u16(linkType), u16(0), u32(0), nanoseconds])),
    block(0xbad, Buffer.alloc(100)),
    ...blocks,
  ]);
}

function number32(big: boolean): (value: number) => Buffer {
  return (value) => (big ? u32(value) : u32(value).reverse());
}

/** A DNS message of one question, with answers as they stand on the wire. */
type DnsParts = Readonly<{ type?: number; answers?: readonly Buffer[]; rcode?: number; isResponse?: boolean }>;

export function dns(
  name: string,
  { type = 1, answers = [], rcode = 0, isResponse = answers.length > 0 }: DnsParts = {},
): Buffer {
  const flags = (isResponse ? 0x8180 : 0x0100) | rcode;
  return Buffer.concat([
    u16(77),
    u16(flags),
    u16(1),
    u16(answers.length),
    u32(0),
    labels(name),
    u16(type),
    u16(1),
    ...answers,
  ]);
}

export const labels = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** Its name is a pointer to the question's. */
export const answer = (type: number, rdata: Buffer): Buffer =>
  Buffer.concat([u16(0xc00c), u16(type), u16(1), u32(60), u16(rdata.length), rdata]);

type HelloParts = Readonly<{
  ciphers: readonly number[];
  extensions: readonly number[];
  signatures?: readonly number[];
  versions?: readonly number[];
  alpn?: readonly (string | Buffer)[];
  sni?: string;
  version?: number;
}>;

/** @returns the record of one ClientHello, its extensions in the order given */
export function clientHello({
  ciphers,
  extensions,
  signatures = [],
  versions = [],
  alpn = [],
  sni = 'shop.example',
  version = 0x0303,
}: HelloParts): Buffer {
  const sized = (size: 1 | 2, body: Buffer): Buffer =>
    Buffer.concat([size === 1 ? Buffer.from([body.length]) : u16(body.length), body]);
  const bodies: Readonly<Record<number, Buffer>> = {
    0: sized(2, Buffer.concat([Buffer.from([0]), sized(2, Buffer.from(sni))])),
    13: sized(2, Buffer.concat(signatures.map(u16))),
    16: sized(2, Buffer.concat(alpn.map((one) => sized(1, Buffer.from(one))))),
    43: sized(1, Buffer.concat(versions.map(u16))),
  };
  const written = extensions.map((type) => Buffer.concat([u16(type), sized(2, bodies[type] ?? Buffer.alloc(3))]));
  const body = Buffer.concat([
    u16(version),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32)),
    sized(2, Buffer.concat(ciphers.map(u16))),
    sized(1, Buffer.from([0])),
    sized(2, Buffer.concat(written)),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), sized(2, body)]);
  return Buffer.concat([Buffer.from([22, 3, 1]), sized(2, handshake)]);
}
