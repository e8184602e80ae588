/** Addresses and networks that testers come from. */
import { inNetworks, readNetwork } from '#platform/networks';

/** A network that is wider than this is half of the world. */
const LEAST_BITS = 8;

/** `192.0.2.7`, `192.0.2.0/28`, `2001:db8::/48`. */
export function isSource(text: string): boolean {
  const network = readNetwork(text);
  return network !== null && network.bits >= LEAST_BITS;
}

/** @param about of a case, as `address 192.0.2.7` */
export const fromSources = (about: string, sources: readonly string[]): boolean =>
  about.split(/[\s,()[\]]+/).some((word) => inNetworks(sources, word));
