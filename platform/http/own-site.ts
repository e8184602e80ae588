/** What pages for people share who are not signed in, or sign in elsewhere: what they are sent with, and whose forms they take. */
import type { FastifyRequest } from 'fastify';

export type Site = Readonly<{ origin: string | null; secure: boolean }>;

/** Nothing of another site, no script, in nobody's frame, in no cache. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const; // prettier-ignore

/** False for a form of another site: browsers say where a request comes from, and nobody else can. */
export function isOwnSite({ origin: own, secure }: Site, { headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { 'sec-fetch-site': from, origin, host } = headers;
  return from === undefined
    ? origin === (own ?? `${secure ? 'https' : 'http'}://${String(host)}`)
    : from === 'same-origin';
}
