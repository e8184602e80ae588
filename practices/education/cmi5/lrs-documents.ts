/** Routes of what a part keeps: activities/state and agents/profile (xAPI 1.0.3 Communication §2.2, §2.3, §2.6). */
import type { IncomingMessage } from 'node:http';

import { educationFailure } from '../failures.ts';
import { etagOf, MOST_DOCUMENT, type Conditions, type Shelf } from './documents.ts';
import { launchData } from './launch.ts';
import { bodyOf, instantIn, ownOnly, parametersOf, type Parameters } from './lrs-request.ts';
import { json, NOTHING, type Asked, type Route } from './lrs-route.ts';
import { LAUNCH_DATA } from './words.ts';

const conditionsOf = ({ headers }: IncomingMessage): Conditions => ({
  match: headers['if-match'] ?? null,
  noneMatch: headers['if-none-match'] ?? null,
});
const typeOf = ({ headers }: IncomingMessage): string => {
  const type = headers['content-type'] ?? 'application/octet-stream';
  if (type.length > 200 || !/^[\x20-\x7e]+$/.test(type))
    throw educationFailure('XAPI_INVALID', { detail: 'the media type is none' });
  return type;
};

/** @param shelfIn of its parameters */
export const documentRoutes = (
  known: readonly string[],
  needed: readonly string[],
  name: string,
  shelfIn: (from: Parameters) => Shelf,
): Record<string, Route> => {
  const read = ({ query, by }: Asked, more: readonly string[] = [], must: readonly string[] = []) => {
    const from = parametersOf(query, [...known, name, ...more], [...needed, ...must]);
    ownOnly(from, by);
    return { from, shelf: shelfIn(from), id: from.get(name) ?? null };
  };
  const put =
    (how: 'replace' | 'merge'): Route =>
    async (asked, { documents }) => {
      const { shelf, id } = read(asked, [], [name]);
      const bytes = await bodyOf(asked.request, MOST_DOCUMENT);
      await documents.put(
        asked.by,
        shelf,
        id ?? '',
        { type: typeOf(asked.request), bytes, how },
        conditionsOf(asked.request),
      );
      return NOTHING;
    };
  return {
    PUT: put('replace'),
    POST: put('merge'),
    DELETE: async (asked, { documents }) => {
      // the learner's own are taken away one by one
      const { shelf, id } = read(asked, [], name === 'stateId' ? [] : [name]);
      await documents.remove(asked.by, shelf, id, conditionsOf(asked.request));
      return NOTHING;
    },
    GET: async (asked, { documents, returnUrl }) => {
      const { from, shelf, id } = read(asked, ['since']);
      const { by } = asked;
      const told = shelf.of === 'state' && shelf.registered;
      if (id === null)
        return json([
          ...(await documents.names(by, shelf, instantIn(from, 'since'))),
          ...(told && !from.has('since') ? [LAUNCH_DATA] : []),
        ]);
      if (told && id === LAUNCH_DATA) {
        const body = Buffer.from(JSON.stringify(launchData(by.of, by.session, returnUrl)));
        return {
          status: 200,
          headers: {
            'content-type': 'application/json',
            etag: etagOf(body),
            'last-modified': by.session.began_at.toUTCString(),
          },
          body,
        };
      }
      const found = await documents.get(by, shelf, id);
      if (found === null) throw educationFailure('XAPI_NOT_FOUND');
      return {
        status: 200,
        headers: { 'content-type': found.type, etag: etagOf(found.bytes), 'last-modified': found.at.toUTCString() },
        body: found.bytes,
      };
    },
  };
};
