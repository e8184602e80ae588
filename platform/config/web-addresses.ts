/** Addresses on the web, as settings have them. */
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
