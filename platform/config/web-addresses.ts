/** Addresses of others, as settings have them. */
import { accept, reject, type Parsed } from './parsed.ts';

export const webAddress = (raw: string): Parsed<string> => {
  const expected = 'an https:// address, or http:// for this machine';
  if (!URL.canParse(raw)) return reject(expected);
  const { protocol, hostname, href } = new URL(raw);
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return protocol === 'https:' || (protocol === 'http:' && local) ? accept(href) : reject(expected);
};

export const webOrigin = (raw: string): Parsed<string> => {
  const expected = 'an https:// address without a path, or http:// for this machine';
  if (!URL.canParse(raw)) return reject(expected);
  const { protocol, hostname, origin, pathname, username } = new URL(raw);
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return pathname === '/' && username === '' && (protocol === 'https:' || (protocol === 'http:' && local))
    ? accept(origin)
    : reject(expected);
};

export const webOrigins = (raw: string): Parsed<readonly string[]> => {
  const found = raw
    .trim()
    .split(/[\s,]+/)
    .map(webOrigin);
  const origins = found.flatMap((each) => (each.ok ? [each.value] : []));
  return origins.length === found.length
    ? accept([...new Set(origins)])
    : reject('origins with spaces between, each an https:// address without a path, or http:// for this machine');
};

export const postgresUrl = (raw: string): Parsed<string> => {
  if (!URL.canParse(raw)) return reject('a URL such as postgres://user:password@host:5432/database');
  const { protocol } = new URL(raw);
  return protocol === 'postgres:' || protocol === 'postgresql:'
    ? accept(raw)
    : reject('a URL that begins with postgres://');
};

export const syslogAddress = (raw: string): Parsed<string> => {
  const trimmed = raw.trim();
  return /^(udp|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(trimmed)
    ? accept(trimmed)
    : reject('udp://host:port or tcp://host:port');
};
