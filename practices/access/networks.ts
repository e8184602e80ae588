/** Networks in CIDR notation (RFC 4632, RFC 4291 §2.3): from where a key may be used. */
import { BlockList, isIP, isIPv4 } from 'node:net';

type Network = Readonly<{ address: string; bits: number; family: 'ipv4' | 'ipv6' }>;

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address; null when it is none. */
function readNetwork(text: string): Network | null {
  const [, address = '', prefix] = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return null;
  const most = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most ? null : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

export const isNetwork = (text: string): boolean => readNetwork(text) !== null;

/** @param address as the socket says it; an IPv4 address inside an IPv6 one counts as what it is */
export function inNetworks(networks: readonly string[], address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 0) return false;
  const list = new BlockList();
  for (const each of networks) {
    const network = readNetwork(each);
    // INVARIANT: what cannot be read lets nobody in
    if (network !== null) list.addSubnet(network.address, network.bits, network.family);
  }
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
