/**
 * Sets of addresses of one family as sorted ranges: what networks mean, however they were written. nft shows ranges merged
 * like this, so what is declared and what is there compare as text.
 */
import { isIPv4 } from 'node:net';

import { plainAddress, readNetwork } from '#platform/networks';

export type Family = 4 | 6;
/** Both ends belong to it. */
export type Span = Readonly<{ family: Family; first: bigint; last: bigint }>;

const WIDTH = { 4: 32, 6: 128 } as const;

/** A network or an address; null when it is none. Bits behind the prefix are taken away. */
export function spanOf(text: string): Span | null {
  const network = readNetwork(text);
  if (network === null) return null;
  const family: Family = network.bytes.length === 4 ? 4 : 6;
  const free = BigInt(WIDTH[family] - network.bits);
  const first = (numberOf(network.bytes) >> free) << free;
  return { family, first, last: first + (1n << free) - 1n };
}

const numberOf = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** As nft writes them: an address, a prefix, or `first-last`. */
export function spanText({ family, first, last }: Span): string {
  const bits = prefixOf({ family, first, last });
  if (bits === null) return `${addressText(family, first)}-${addressText(family, last)}`;
  return bits === WIDTH[family] ? addressText(family, first) : `${addressText(family, first)}/${bits}`;
}

/** null where the range is no single network. */
export function prefixOf({ family, first, last }: Span): number | null {
  const size = last - first + 1n;
  if ((size & (size - 1n)) !== 0n || first % size !== 0n) return null;
  return WIDTH[family] - (size.toString(2).length - 1);
}

/** In the one spelling that everything here uses. */
export function addressText(family: Family, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((at) => String((value >> at) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16));
  const hextets = groups.join(':');
  // an IPv4 address inside an IPv6 one stays what it was written as: networks of that kind were read as IPv4
  return plainV6(hextets);
}

function plainV6(hextets: string): string {
  const plain = plainAddress(hextets);
  return plain === null || isIPv4(plain) ? hextets : plain;
}

/** Sorted, merged where they overlap or touch; of the one family asked for. */
export function merged(spans: readonly Span[], family: Family): readonly Span[] {
  const sorted = spans
    .filter((each) => each.family === family)
    .toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const out: Span[] = [];
  for (const each of sorted) {
    const before = out.at(-1);
    if (before === undefined || each.first > before.last + 1n) out.push(each);
    else if (each.last > before.last) out[out.length - 1] = { ...before, last: each.last };
  }
  return out;
}

export const overlap = (a: Span, b: Span): boolean => a.family === b.family && a.first <= b.last && b.first <= a.last;

export const covers = (outer: readonly Span[], inner: Span): boolean =>
  merged(outer, inner.family).some(({ first, last }) => first <= inner.first && inner.last <= last);

/** A range as the fewest networks. */
export function networksIn({ family, first, last }: Span): readonly Span[] {
  const out: Span[] = [];
  for (let at = first; at <= last;) {
    let size = 1n;
    while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
    out.push({ family, first: at, last: at + size - 1n });
    at += size;
  }
  return out;
}
