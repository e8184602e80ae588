/**
 * IP addresses without the part that tells one household from another: IPv4 keeps 24 bits, IPv6 keeps 48.
 * Source: RFC 4291 §2.2, RFC 5952 (one spelling), RFC 6235 §4 (truncation)
 */
import { isIPv4, isIPv6 } from 'node:net';

/** @returns the truncated address in one spelling, or null when it is none */
export function truncateAddress(text: string): string | null {
  if (isIPv4(text)) return `${text.slice(0, text.lastIndexOf('.'))}.0`;
  // with a zone it names an interface of one machine
  if (!isIPv6(text) || text.includes('%')) return null;
  const groups = expand(text);
  if (groups === null) return null;
  // an IPv4 address in IPv6 is truncated as what it is (RFC 4291 §2.5.5.2)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high, low] = [groups[6] as number, groups[7] as number];
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.0`;
  }
  const kept = groups.slice(0, 3);
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map((group) => group.toString(16)).join(':')}::`;
}

/** Eight groups of 16 bits. The text was seen to be an IPv6 address. */
function expand(text: string): number[] | null {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (a: string, b: string): string => (Number(a) * 256 + Number(b)).toString(16);
  const [, head = '', a = '', b = '', c = '', d = ''] = dotted ?? [];
  const whole = dotted === null ? text : `${head}${hex(a, b)}:${hex(c, d)}`;
  const [before = '', after] = whole.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [read(before), read(after ?? '')];
  if (after === undefined) return left.length === 8 ? left : null;
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}
