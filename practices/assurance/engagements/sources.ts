/** Addresses and networks that testers come from. */
import { BlockList, isIP } from 'node:net';

/** `192.0.2.7`, `192.0.2.0/28`, `2001:db8::/48`. */
export function isSource(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 8 && Number(bits) <= (family === 4 ? 32 : 128));
} // prettier-ignore

/** @param about of a case, as `address 192.0.2.7` */
export function fromSources(about: string, sources: readonly string[]): boolean {
  const list = new BlockList();
  for (const source of sources) {
    const [address = '', bits] = source.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return about.split(/[\s,()[\]]+/).some((word) => isIP(word) !== 0 && list.check(word, isIP(word) === 6 ? 'ipv6' : 'ipv4'));
} // prettier-ignore
