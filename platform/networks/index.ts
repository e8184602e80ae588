/**
 * Addresses and networks (RFC 4632, RFC 4291 §2.2, §2.3), compared as bytes. An IPv4 address inside an IPv6 one
 * (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) counts as what it is, in addresses and in networks: sockets that listen on both
 * say all of theirs that way.
 */
import { isIPv4, isIPv6 } from 'node:net';

export type Network = Readonly<{ bytes: readonly number[]; bits: number }>;

const MAPPED_BITS = 96;

/** 4 bytes, or 16; null when it is none. A port, brackets and the name of an interface are left out. */
export function addressBytes(text: string): readonly number[] | null {
  const address = withoutPort(text);
  if (isIPv4(address)) return address.split('.').map(Number);
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return null;
  const bytes = hextets(plain).flatMap((each) => [each >> 8, each & 255]);
  return isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** `192.0.2.1:443` and `[2001:db8::1]:443`, as some proxies write it. */
const withoutPort = (text: string): string =>
  /^\[([0-9a-fA-F:.]{2,45})\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^(\d[\d.]{6,14}):\d{1,5}$/.exec(text)?.[1] ?? text;

/** @param address one that is valid; the URL parser writes it in its shortest form, without dots */
function hextets(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16));
  const [before, after] = [read(head), read(tail ?? '')];
  return tail === undefined
    ? before
    : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const isMapped = (bytes: readonly number[]): boolean =>
  bytes.slice(0, 10).every((each) => each === 0) && bytes[10] === 255 && bytes[11] === 255;

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address; null when it is none. */
export function readNetwork(text: string): Network | null {
  const [, address = '', prefix] = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (!isIPv4(address) && !isIPv6(address)) return null;
  const written = isIPv4(address) ? 32 : 128;
  const given = prefix === undefined ? written : Number(prefix);
  const bytes = addressBytes(address);
  if (bytes === null || given > written) return null;
  const bits = written === 128 && bytes.length === 4 ? given - MAPPED_BITS : given;
  // wider than all of IPv4, written inside IPv6: nobody means that
  return bits < 0 ? null : { bytes, bits };
}

export const isNetwork = (text: string): boolean => readNetwork(text) !== null;

/** Whether nothing is set behind the prefix: `10.0.0.5/8` is somebody's mistake, and which one is not ours to guess. */
export const isExact = ({ bytes, bits }: Network): boolean =>
  bytes.every((byte, at) => (byte & (255 >> Math.min(8, Math.max(0, bits - at * 8)))) === 0);

const holds = ({ bytes, bits }: Network, address: readonly number[]): boolean =>
  bytes.length === address.length &&
  bytes.every((byte, at) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 255;
    return (byte & mask) === ((address[at] as number) & mask);
  });

/** @param address as the socket says it; what is no address is nowhere */
export function isIn(networks: readonly Network[], address: string): boolean {
  const bytes = networks.length === 0 ? null : addressBytes(address);
  return bytes !== null && networks.some((each) => holds(each, bytes));
}

/** INVARIANT: what cannot be read lets nobody in. */
export const inNetworks = (networks: readonly string[], address: string): boolean =>
  isIn(
    networks.flatMap((each) => readNetwork(each) ?? []),
    address,
  );

/** In the one spelling that is compared and counted by: IPv4 with dots, IPv6 in its shortest form; null when it is none. */
export function plainAddress(text: string): string | null {
  const bytes = addressBytes(text);
  if (bytes === null) return null;
  return bytes.length === 4 ? bytes.join('.') : written(bytes);
}

/** Whom an address stands for where attempts are counted: one subscriber of IPv6 has 2^64 addresses (RFC 6177). */
export function neighbourhood(address: string): string {
  const bytes = addressBytes(address);
  if (bytes === null) return address;
  return bytes.length === 4 ? bytes.join('.') : written(bytes.map((byte, at) => (at < 8 ? byte : 0)));
}

/** The same as it is told, or blocked: of IPv6 the /64. */
export function subscriberOf(address: string): string {
  const around = neighbourhood(address);
  return isIPv6(around) ? `${around}/64` : around;
}

const written = (bytes: readonly number[]): string => {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] as number) << 8) | (bytes[at * 2 + 1] as number)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
};

/** Networks that have a name. */
export type NamedNetworks<Name extends string> = readonly Readonly<{ name: Name; network: Network }>[];

/** The name of the narrowest network that an address is in; null: in none. */
export function nameOf<Name extends string>(named: NamedNetworks<Name>, address: string): Name | null {
  const bytes = named.length === 0 ? null : addressBytes(address);
  if (bytes === null) return null;
  let best: NamedNetworks<Name>[number] | null = null;
  for (const each of named)
    if (holds(each.network, bytes) && (best === null || each.network.bits > best.network.bits)) best = each;
  return best?.name ?? null;
}
