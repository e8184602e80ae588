/** IANA protocol numbers, by the names that events have them under. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  // one word for both: who looks for pings means both
  58: 'icmp',
  132: 'sctp',
};

export const protocolName = (number: number): string => NAMES[number] ?? `ip-${number}`;
