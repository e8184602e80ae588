/**
 * JA4, the fingerprint of a TLS client (FoxIO's specification; this one of theirs is under the BSD 3-Clause licence).
 *
 *     t 13 d 15 16 h2 _ 8daaf6152771 _ e5627efa2ab1
 *
 * TCP; the highest version offered; a server's name or an address; how many ciphers and extensions, without GREASE; first
 * and last character of the first ALPN value; ciphers, sorted and hashed; extensions sorted (SNI and ALPN left out) and
 * signature algorithms as they come, hashed.
 * Source: https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md
 */
import { hash } from 'node:crypto';

import { highestVersion, isGrease, type ClientHello } from './hello.ts';

const VERSIONS: Readonly<Record<number, string>> = {
  0x0304: '13',
  0x0303: '12',
  0x0302: '11',
  0x0301: '10',
  0x0300: 's3',
  0x0002: 's2',
};

const SNI = 0x0000;
const ALPN = 0x0010;

export function ja4Of(hello: ClientHello): string {
  const ciphers = hello.ciphers.filter((each) => !isGrease(each));
  const extensions = hello.extensions.filter((each) => !isGrease(each));
  const signatures = hello.signatureAlgorithms.filter((each) => !isGrease(each));
  const named = extensions.filter((each) => each !== SNI && each !== ALPN);
  const first = [
    't',
    VERSIONS[highestVersion(hello)] ?? '00',
    extensions.includes(SNI) ? 'd' : 'i',
    twoDigits(ciphers.length),
    twoDigits(extensions.length),
    alpnText(hello.alpn[0]),
  ].join('');
  const behind = signatures.length === 0 ? '' : `_${hexes(signatures)}`;
  return `${first}_${hashed(sortedHexes(ciphers))}_${named.length === 0 && behind === '' ? NOTHING : hashed(`${sortedHexes(named)}${behind}`)}`;
}

const NOTHING = '000000000000';

const hashed = (text: string): string => (text === '' ? NOTHING : hash('sha256', text, 'hex').slice(0, 12));

const twoDigits = (count: number): string => String(Math.min(count, 99)).padStart(2, '0');

const hex = (value: number): string => value.toString(16).padStart(4, '0');
const hexes = (values: readonly number[]): string => values.map(hex).join(',');
const sortedHexes = (values: readonly number[]): string => values.map(hex).sort().join(',');

const isAlphanumeric = (byte: number): boolean => /[0-9A-Za-z]/.test(String.fromCharCode(byte));

/** Bytes that are no letters or digits: the ends of their hexadecimal form. */
function alpnText(value: Buffer | undefined): string {
  const [first, last] = [value?.[0], value?.at(-1)];
  if (first === undefined || last === undefined) return '00';
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return `${first.toString(16).padStart(2, '0')[0]}${last.toString(16).padStart(2, '0')[1]}`;
}
