/** Addresses that are refused now, so that each request asks once for each width of network there is, however many they are. */
import { addressBytes, readNetwork } from '#platform/networks';

export type Blocks = Readonly<{
  size: number;
  /** Milliseconds since 1970 until when an address is refused; 0: it is not. */
  until: (address: string) => number;
}>;

const keyOf = (bytes: readonly number[], bits: number): string =>
  `${bits} ${bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 255).join('.')}`;

export function readBlocks(rows: readonly Readonly<{ target: string; until: Date }>[]): Blocks {
  const ends = new Map<string, number>();
  const widths = { 4: new Set<number>(), 16: new Set<number>() };
  for (const { target, until } of rows) {
    const network = readNetwork(target);
    if (network === null) continue;
    const key = keyOf(network.bytes, network.bits);
    // of several of the same the last to end counts
    ends.set(key, Math.max(ends.get(key) ?? 0, until.getTime()));
    widths[network.bytes.length === 4 ? 4 : 16].add(network.bits);
  }
  return {
    size: ends.size,
    until: (address) => {
      const bytes = ends.size === 0 ? null : addressBytes(address);
      if (bytes === null) return 0;
      let last = 0;
      for (const bits of widths[bytes.length === 4 ? 4 : 16]) last = Math.max(last, ends.get(keyOf(bytes, bits)) ?? 0);
      return last;
    },
  };
}

export const NO_BLOCKS = readBlocks([]);
