/** What the readers of both containers of packets share: whole records out of the bytes there are. */
/** @param timeUs microseconds since 1970 @param wireLength of the packet on the wire, whatever was captured of it */
export type OnPacket = (
  bytes: Buffer,
  from: number,
  to: number,
  timeUs: number,
  wireLength: number,
  linkType: number,
) => void;

/** Reads as many whole records as there are. @returns bytes used, and how many must be there for the next one; 0: broken */
export type TakeRecords = (bytes: Buffer) => Readonly<{ used: number; needed: number; skip?: number }>;

/** More than tcpdump's own limit for one packet: what says it is longer is no packet. */
export const MOST_PACKET_BYTES = 262_144;
