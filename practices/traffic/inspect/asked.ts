/**
 * What of a request is looked at: all that its route's schema leaves free. Path, query and headers always; of a body only
 * the fields that the route says are free text of people who work here.
 *
 * INVARIANT: what a route says is data (customers' values, a provider's answers) is never a part.
 */
import type { InspectedRoute } from '#platform/http';

import { isPlain, type Part } from './parts.ts';

export type Asked = Readonly<{
  /** As it came, path and query. */
  url: string;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What stood in the path where the route leaves it open; null: there is no such route. */
  params: Readonly<Record<string, unknown>> | null;
  inspect: InspectedRoute | undefined;
}>;

/** Ids of ours, and UUIDs: no signature finds anything in them, and nearly every path has one. */
const ID = /^(?:[a-z]{2,5}_(?:[0-9a-z]{26}|[0-9a-z]{39})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Values of cookies that are none but ours have: RFC 6265 §4.1.1 without what attacks are made of. */
const COOKIES = /^[\w.~=; -]*$/;
/** RFC 9110 §11.2: a scheme and a token68. */
const CREDENTIALS = /^[A-Za-z]{1,20} [\w.~+/-]{1,8192}={0,4}$/;
/** Which site sent somebody here is the browser's to say, and `http://localhost` is none of an attack there. */
const ORIGIN = /^https?:\/\/[\w.:[\]-]{1,255}/;

/** What is there before the body. */
export function doorParts({ url, headers, params, inspect: { data = [], text = [] } = {} }: Asked): readonly Part[] {
  const parts: Part[] = [];
  const add = (place: Part['place'], name: string, value: unknown): void => {
    if (typeof value === 'string' && value !== '' && !ID.test(value)) parts.push({ place, name, value });
  };
  // the router splits a query off at either
  const asked = url.search(/[?#]/);
  if (params === null) add('path', '', asked === -1 ? url : url.slice(0, asked));
  else for (const name in params) if (!data.includes(`path.${name}`)) add('path', name, params[name]);
  if (asked !== -1 && !data.includes('query'))
    for (const [name, value] of new URLSearchParams(url.slice(asked + 1)))
      // a name alone is the sender's too
      if (!data.includes(`query.${name}`) && !(ID.test(value) && isPlain(name)))
        parts.push({ place: 'query', name, value: ID.test(value) ? '' : value });
  for (const name in headers) {
    const value = headers[name];
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) {
      if (isOurs(name, each) || data.includes(`headers.${name}`)) continue;
      if (name === 'user-agent') add('agent', name, each);
      else if (text.includes(`headers.${name}`)) add('text', name, asWritten(each));
      else add('header', name, name === 'origin' || name === 'referer' ? each.replace(ORIGIN, '') : each);
    }
  }
  return parts;
}

/** Words in a header are percent-encoded. */
function asWritten(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Credentials in the shape that they have here: compared, never parsed. Anything else in their place is looked at. */
const isOurs = (name: string, value: string): boolean =>
  (name === 'cookie' && COOKIES.test(value)) ||
  ((name === 'authorization' || name === 'proxy-authorization') && CREDENTIALS.test(value));

/** Of a body that fits its schema. */
export function textParts(body: unknown, { text = [] }: InspectedRoute = {}): readonly Part[] {
  return text.flatMap((name) => {
    const [root, ...path] = name.split('.');
    if (root !== 'body') return [];
    const value = path.reduce<unknown>(memberOf, body);
    return typeof value === 'string' && value !== '' ? [{ place: 'text' as const, name, value }] : [];
  });
}

const memberOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined;
