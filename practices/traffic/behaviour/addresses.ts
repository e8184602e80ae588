/**
 * Which country an address is registered in, from `@ip-location-db/geo-whois-asn-country-mmdb`: the package says CC0-1.0; its
 * readme asks to name the Number Resource Organization (nro.net, CC BY 4.0), whose statistics it is made of, and says that
 * what is published to npm has errors. So: good for a doubt, never for a block. Where it is registered is not where somebody
 * sits: VPNs, relays, mobile networks and anycast all lie.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';

import { Reader, type Response } from 'mmdb-lib';

import { createKeyed } from './keyed.ts';

export type CountryOf = (address: string) => string | undefined;

/** Reads 8 MB once. @param most   addresses that are remembered, as one look-up takes some microseconds */
export function openCountries(most = 10_000): CountryOf {
  const file = import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb');
  const reader = new Reader<Response>(readFileSync(fileURLToPath(file)));
  const known = createKeyed<string>(most);
  return (address) => {
    // a log may say anything
    if (address.length > 45 || isIP(address) === 0) return undefined;
    const held = known.get(address);
    if (held !== undefined) return held === '' ? undefined : held;
    const country = codeOf(reader, address);
    known.set(address, country ?? '');
    return country;
  };
}

function codeOf(reader: Reader<Response>, address: string): string | undefined {
  const found: unknown = reader.get(address);
  if (typeof found !== 'object' || found === null || !('country_code' in found)) return undefined;
  const { country_code: code } = found;
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined;
}
