/** Internet addresses as numbers, and networks (RFC 4632, RFC 4291). An IPv4 address inside an IPv6 one (::ffff:0:0/96) is the IPv4 address. */
import { isIPv4, isIPv6 } from 'node:net';

export type Network = Readonly<{ family: 4 | 6; first: bigint; bits: number }>;
type Address = Readonly<{ family: 4 | 6; value: bigint }>;

const LONGEST = 64;

export function readAddress(text: string): Address | null {
  if (text.length > LONGEST) return null;
  if (isIPv4(text)) return { family: 4, value: ofParts(text.split('.'), 8n, 10) };
  const [bare = ''] = text.split('%');
  if (!isIPv6(bare)) return null;
  const value = ofIpv6(bare);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; null where it is neither. */
export function readNetwork(text: string): Network | null {
  const [start = '', length, more] = text.split('/');
  const address = readAddress(start);
  if (address === null || more !== undefined) return null;
  const mapped = address.family === 4 && start.includes(':');
  const size = address.family === 4 ? 32 : 128;
  if (
    length !== undefined &&
    (length === '' || length.length > 3 || ![...length].every((unit) => unit >= '0' && unit <= '9'))
  )
    return null;
  const bits = length === undefined ? size : Number(length) - (mapped ? 96 : 0);
  if (bits < 0 || bits > size) return null;
  const shift = BigInt(size - bits);
  return { family: address.family, first: (address.value >> shift) << shift, bits };
}

export function isWithin(address: Address, { family, first, bits }: Network): boolean {
  const shift = BigInt((family === 4 ? 32 : 128) - bits);
  return address.family === family && address.value >> shift === first >> shift;
}

function ofIpv6(text: string): bigint {
  let plain = text;
  if (text.includes('.')) {
    const at = text.lastIndexOf(':') + 1;
    const low = ofParts(text.slice(at).split('.'), 8n, 10);
    plain = `${text.slice(0, at)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const [head = '', tail] = plain.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return ofParts([...before, ...zeros, ...after], 16n, 16);
}

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));

function ofParts(parts: readonly string[], bits: bigint, radix: number): bigint {
  return parts.reduce((sum, part) => (sum << bits) | BigInt(Number.parseInt(part, radix)), 0n);
}
