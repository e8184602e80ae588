/**
 * Which pages may ask. A page of a site that is not named in the settings gets nothing, whatever its browser would let it
 * read: the server itself refuses it, and no cookie counts here, so that nobody's sign-in can be ridden on.
 * Source: WHATWG Fetch, "CORS protocol"
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

import { privacyFailure } from '../failures.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const ALLOWED_HEADERS = 'content-type, strongroom-choices';
const ASK_AGAIN_SECONDS = '600';

/** @throws PRIVACY_ORIGIN_UNKNOWN */
export function answerOrigin({ site, sites }: PrivacyHttpNeeds, request: FastifyRequest, reply: FastifyReply): void {
  const { origin, host, 'sec-fetch-site': from } = request.headers;
  reply.header('vary', 'Origin, Sec-GPC, Accept-Language').header('cache-control', 'no-store');
  if (origin === undefined) {
    // no browser, or a page of this very origin; a browser says of itself when it is another's
    if (from === undefined || from === 'same-origin' || from === 'none') return;
    throw privacyFailure('ORIGIN_UNKNOWN');
  }
  const own = site.origin ?? `${site.secure ? 'https' : 'http'}://${String(host)}`;
  if (origin !== own && !sites.includes(origin)) throw privacyFailure('ORIGIN_UNKNOWN');
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': ALLOWED_HEADERS,
    'access-control-max-age': ASK_AGAIN_SECONDS,
    'cross-origin-resource-policy': 'cross-origin',
  });
}
