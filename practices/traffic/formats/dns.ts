/**
 * A DNS message (RFC 1035 §4) → its question, code and answers.
 *
 * INVARIANT: a compressed name points backwards only, each time further back than the last: no loop, whatever the bytes.
 */
import { addressText } from './addresses.ts';
import { plain } from './text.ts';

export type DnsMessage = Readonly<{
  isResponse: boolean;
  id: number;
  hostname: string;
  type: string;
  rcode: string;
  answers: readonly Readonly<{ rdata: string; type: string }>[];
}>;

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  252: 'AXFR',
  255: 'ANY',
  257: 'CAA',
};

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET'];

const MOST_ANSWERS = 20;
const MOST_NAME_BYTES = 255;
const MOST_JUMPS = 32;

const typeName = (type: number): string => TYPES[type] ?? `TYPE${type}`;

/** @returns null: no DNS query or response, or a damaged one */
export function readDns(bytes: Buffer, from: number, to: number): DnsMessage | null {
  if (to - from < 12) return null;
  const u16 = (at: number): number => bytes.readUInt16BE(at);
  const flags = u16(from + 2);
  // opcode 0 is a query; the question is one in all that is on the wire
  if (((flags >> 11) & 15) !== 0 || u16(from + 4) !== 1) return null;
  const name = nameAt(bytes, from, from + 12, to);
  if (name === null || name.end + 4 > to) return null;
  const isResponse = (flags & 0x8000) !== 0;
  return {
    isResponse,
    id: u16(from),
    hostname: name.text,
    type: typeName(u16(name.end)),
    rcode: RCODES[flags & 15] ?? `RCODE${flags & 15}`,
    answers: isResponse ? answersAt(bytes, from, name.end + 4, to, u16(from + 6)) : [],
  };
}

/** As many as there are whole ones: a truncated response still says something. */
function answersAt(bytes: Buffer, message: number, from: number, to: number, count: number): DnsMessage['answers'] {
  const answers: { rdata: string; type: string }[] = [];
  let at = from;
  for (let answer = 0; answer < Math.min(count, MOST_ANSWERS); answer += 1) {
    const name = nameAt(bytes, message, at, to);
    if (name === null || name.end + 10 > to) break;
    const type = bytes.readUInt16BE(name.end);
    const rdata = name.end + 10;
    const end = rdata + bytes.readUInt16BE(name.end + 8);
    if (end > to) break;
    answers.push({ type: typeName(type), rdata: plain(rdataText(type, bytes, message, rdata, end), 500) });
    at = end;
  }
  return answers;
}

function rdataText(type: number, bytes: Buffer, message: number, from: number, to: number): string {
  const length = to - from;
  const nameFrom = (at: number): string => (at < to ? nameAt(bytes, message, at, to)?.text : undefined) ?? '';
  if ((type === 1 && length === 4) || (type === 28 && length === 16))
    return addressText(bytes.toString('latin1', from, to), 0, length);
  if (type === 2 || type === 5 || type === 12 || type === 6) return nameFrom(from);
  if (type === 15 && length > 2) return `${bytes.readUInt16BE(from)} ${nameFrom(from + 2)}`;
  if (type === 33 && length > 6)
    return `${bytes.readUInt16BE(from)} ${bytes.readUInt16BE(from + 2)} ${bytes.readUInt16BE(from + 4)} ${nameFrom(from + 6)}`;
  if (type === 16) return stringsAt(bytes, from, to);
  // RFC 3597 §5
  return `\\# ${length} ${bytes.toString('hex', from, Math.min(to, from + 64))}`;
}

/** TXT: strings with their lengths in front. */
function stringsAt(bytes: Buffer, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && text.length < 500;) {
    const end = Math.min(to, at + 1 + (bytes[at] as number));
    text += bytes.toString('latin1', at + 1, end);
    at = end;
  }
  return text;
}

/** In small letters: resolvers vary them on purpose. Dots and what does not print within a label as RFC 1035 §5.1 writes them. */
function nameAt(bytes: Buffer, message: number, from: number, to: number): { text: string; end: number } | null {
  let text = '';
  let end = -1;
  let [at, length, lowest] = [from, 0, from];
  for (let jumps = 0; jumps <= MOST_JUMPS;) {
    if (at >= to) return null;
    const size = bytes[at] as number;
    if (size === 0) return { text: text === '' ? '.' : text.toLowerCase(), end: end < 0 ? at + 1 : end };
    if (size >= 0xc0) {
      if (at + 2 > to) return null;
      const target = message + (((size & 0x3f) << 8) | (bytes[at + 1] as number));
      if (target >= lowest) return null;
      if (end < 0) end = at + 2;
      lowest = target;
      at = target;
      jumps += 1;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > MOST_NAME_BYTES || at + 1 + size > to) return null;
    text += `${text === '' ? '' : '.'}${labelText(bytes.toString('latin1', at + 1, at + 1 + size))}`;
    at += size + 1;
  }
  return null;
}

const ORDINARY = /^[\w-]+$/;

const labelText = (label: string): string =>
  ORDINARY.test(label)
    ? label
    : label.replaceAll(/[^\w-]/g, (each) =>
        each === '.' || each === '\\'
          ? `\\${each}`
          : each >= '!' && each <= '~'
            ? each
            : `\\${String(each.charCodeAt(0)).padStart(3, '0')}`,
      );
