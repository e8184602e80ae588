/**
 * Capture files and streams → packets: classic pcap (both byte orders, micro- and nanoseconds) and pcapng.
 *
 * Bytes come in pieces of any size; a packet is handed on as a place in the piece that it ended in, and is not kept.
 * Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng
 */
import type { Tally } from './parser.ts';
import { createPcapReader } from './pcap.ts';
import { createPcapngReader } from './pcapng.ts';
import type { OnPacket, TakeRecords } from './records.ts';

export function readCapture(
  onPacket: OnPacket,
  tally: Tally,
): Readonly<{ feed: (bytes: Buffer) => void; end: () => void }> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let needed = 4;
  let skip = 0;
  let broken = false;
  let take: TakeRecords | null = null;

  const begin = (bytes: Buffer): TakeRecords | null => {
    if (bytes.readUInt32BE(0) === 0x0a_0d_0d_0a) return createPcapngReader(onPacket, tally);
    return createPcapReader(bytes.readUInt32BE(0), onPacket);
  };

  const breakOff = (bytes: Buffer): void => {
    broken = true;
    held = [];
    tally.setAside('capture', 'what follows is no record: the rest is left out', bytes.subarray(0, 100));
  };

  return {
    feed: (piece) => {
      let bytes = piece;
      if (skip > 0) {
        const skipped = Math.min(skip, bytes.length);
        skip -= skipped;
        bytes = bytes.subarray(skipped);
      }
      if (broken || bytes.length === 0) return;
      if (heldBytes + bytes.length < needed) {
        held.push(Buffer.from(bytes));
        heldBytes += bytes.length;
        return;
      }
      const all = held.length === 0 ? bytes : Buffer.concat([...held, bytes]);
      take ??= begin(all);
      const taken = take?.(all);
      if (taken === undefined || taken.needed === 0) return breakOff(all.subarray(taken?.used ?? 0));
      needed = taken.needed;
      const left = Math.max(0, all.length - taken.used - (taken.skip ?? 0));
      skip = Math.max(0, (taken.skip ?? 0) - (all.length - taken.used));
      // a copy: who reads files uses its memory again
      held = left === 0 ? [] : [Buffer.from(all.subarray(all.length - left))];
      heldBytes = left;
    },
    end: () => {
      if (!broken && heldBytes > 0) tally.setAside('capture', 'ends within a record', Buffer.concat(held));
      held = [];
      heldBytes = 0;
    },
  };
}
