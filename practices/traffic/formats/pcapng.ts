/**
 * pcapng: sections, each in its own byte order, with interfaces whose clocks count in units of their own. Packets are in
 * enhanced, simple and the old packet blocks; all other blocks are read over.
 */
import { MOST_PACKET_BYTES, type OnPacket, type TakeRecords } from './records.ts';
import type { Tally } from './parser.ts';

const SECTION = 0x0a_0d_0d_0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const MOST_INTERFACES = 1024;
/** Of a block that is looked into: a packet and its options. */
const MOST_BLOCK_BYTES = MOST_PACKET_BYTES + 65_536;

type Interface = Readonly<{ linkType: number; snapLength: number; unitsPerSecond: number; offsetSeconds: number }>;

export function createPcapngReader(onPacket: OnPacket, tally: Tally): TakeRecords {
  let little = true;
  let interfaces: Interface[] = [];
  let timeUs = 0;

  const u16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));

  const declare = (bytes: Buffer, at: number, end: number): void => {
    if (end - at < 20 || interfaces.length >= MOST_INTERFACES) return;
    let unitsPerSecond = 1e6;
    let offsetSeconds = 0;
    for (let option = at + 16; option + 4 <= end - 4;) {
      const [code, length] = [u16(bytes, option), u16(bytes, option + 2)];
      const value = option + 4;
      if (code === 0 || value + length > end - 4) break;
      if (code === 9 && length === 1) unitsPerSecond = resolutionOf(bytes[value] as number);
      if (code === 14 && length === 8)
        offsetSeconds = Number(little ? bytes.readBigInt64LE(value) : bytes.readBigInt64BE(value));
      option = value + length + ((4 - (length % 4)) % 4);
    }
    interfaces.push({ linkType: u16(bytes, at + 8), snapLength: u32(bytes, at + 12), unitsPerSecond, offsetSeconds });
  };

  const packet = (bytes: Buffer, at: number, end: number, number: number): void => {
    const from = interfaces[number];
    const captured = end - at < 32 ? -1 : u32(bytes, at + 20);
    if (from === undefined || captured < 0 || at + 28 + captured > end - 4) return damaged(bytes, at, end);
    const units = u32(bytes, at + 12) * 4_294_967_296 + u32(bytes, at + 16);
    timeUs = Math.trunc((units / from.unitsPerSecond + from.offsetSeconds) * 1e6);
    onPacket(bytes, at + 28, at + 28 + captured, timeUs, u32(bytes, at + 24), from.linkType);
  };

  /** Has no time of its own: the last one is the nearest. */
  const simplePacket = (bytes: Buffer, at: number, end: number): void => {
    const from = interfaces[0];
    if (from === undefined || end - at < 16) return damaged(bytes, at, end);
    const wireLength = u32(bytes, at + 8);
    const captured = Math.min(wireLength, from.snapLength === 0 ? wireLength : from.snapLength, end - at - 16);
    onPacket(bytes, at + 12, at + 12 + captured, timeUs, wireLength, from.linkType);
  };

  const damaged = (bytes: Buffer, at: number, end: number): void =>
    tally.setAside('capture', 'a damaged packet block', bytes.subarray(at, Math.min(end, at + 64)));

  return (bytes) => {
    let at = 0;
    while (bytes.length - at >= 12) {
      let type = u32(bytes, at);
      if (type === SECTION) {
        const order = bytes.readUInt32BE(at + 8);
        if (order !== 0x1a_2b_3c_4d && order !== 0x4d_3c_2b_1a) return { used: at, needed: 0 };
        little = order === 0x4d_3c_2b_1a;
        interfaces = [];
        type = SECTION;
      }
      const length = u32(bytes, at + 4);
      if (length < 12 || length % 4 !== 0) return { used: at, needed: 0 };
      const isLooked = type === INTERFACE || type === OLD_PACKET || type === SIMPLE_PACKET || type === ENHANCED_PACKET;
      if (!isLooked || length > MOST_BLOCK_BYTES) {
        if (isLooked) tally.count('tooLong');
        if (at + length > bytes.length) return { used: at, needed: 12, skip: length };
      } else {
        const end = at + length;
        if (end > bytes.length) return { used: at, needed: length };
        if (type === INTERFACE) declare(bytes, at, end);
        else if (type === SIMPLE_PACKET) simplePacket(bytes, at, end);
        else packet(bytes, at, end, type === OLD_PACKET ? u16(bytes, at + 8) : u32(bytes, at + 8));
      }
      at += length;
    }
    return { used: at, needed: 12 };
  };
}

/** if_tsresol: the highest bit says that the rest is a power of two. */
function resolutionOf(value: number): number {
  return value & 0x80 ? 2 ** Math.min(value & 0x7f, 63) : 10 ** Math.min(value, 18);
}
