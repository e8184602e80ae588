/**
 * An address of the web → asset and logical place. Ports, queries and what only names one record are left out: a server
 * under test listens elsewhere each time, and the same fault behind `/items/7` and `/items/8` is one.
 */
export type WebPlace = Readonly<{ asset: string; path: string; parameters: readonly string[] }>;

/** @returns null for what is no address with a host */
export function webPlaceOf(address: string): WebPlace | null {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  if (text.length > 8192 || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.hostname === '') return null;
  return {
    asset: url.hostname.toLowerCase(),
    path: url.pathname.split('/').map(segmentOf).join('/') || '/',
    parameters: [...new Set(url.searchParams.keys())],
  };
}

/** `GET /items/{n}`. */
export const placeAt = (method: string | undefined, path: string): string =>
  method !== undefined && /^[A-Za-z]{1,20}$/.test(method) ? `${method.toUpperCase()} ${path}` : path;

function segmentOf(segment: string): string {
  if (/^\d+$/.test(segment)) return '{n}';
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(segment)) return '{id}';
  // what has letters and digits mixed over some length is made by a program: ids, tokens, hashes
  return /^(?=.*\d)(?=.*[a-z])[A-Za-z0-9_-]{16,}$/i.test(segment) && !/^[a-z]+(?:-[a-z]+)+\d?$/i.test(segment)
    ? '{id}'
    : segment;
}
