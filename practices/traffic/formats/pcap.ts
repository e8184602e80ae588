/** Classic pcap: a header that says byte order, clock and link type, and records one behind the other. */
import { MOST_PACKET_BYTES, type OnPacket, type TakeRecords } from './records.ts';

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;

/** magic → bytes are little-endian, and how many of the record's fraction make a microsecond. */
const MAGICS: Readonly<Record<number, readonly [little: boolean, perUs: number]>> = {
  0xa1_b2_c3_d4: [false, 1],
  0xd4_c3_b2_a1: [true, 1],
  0xa1_b2_3c_4d: [false, 1000],
  0x4d_3c_b2_a1: [true, 1000],
};

export function createPcapReader(magic: number, onPacket: OnPacket): TakeRecords | null {
  const kind = MAGICS[magic];
  if (kind === undefined) return null;
  const [little, perUs] = kind;
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  let linkType = -1;

  return (bytes) => {
    let at = 0;
    if (linkType < 0) {
      if (bytes.length < PCAP_HEADER) return { used: 0, needed: PCAP_HEADER };
      // the upper bits say whether frames end with a checksum
      linkType = u32(bytes, 20) & 0xffff;
      at = PCAP_HEADER;
    }
    while (bytes.length - at >= RECORD_HEADER) {
      const captured = u32(bytes, at + 8);
      if (captured > MOST_PACKET_BYTES) return { used: at, needed: 0 };
      const end = at + RECORD_HEADER + captured;
      if (end > bytes.length) return { used: at, needed: RECORD_HEADER + captured };
      const timeUs = u32(bytes, at) * 1e6 + Math.trunc(u32(bytes, at + 4) / perUs);
      onPacket(bytes, at + RECORD_HEADER, end, timeUs, u32(bytes, at + 12), linkType);
      at = end;
    }
    return { used: at, needed: RECORD_HEADER };
  };
}
