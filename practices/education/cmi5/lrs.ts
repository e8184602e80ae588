/**
 * The LRS of courses: routes of xAPI 1.0.3 below /xapi/ of the origin of contents, so that a part reaches them as its own
 * origin, and nothing of another origin does (there are no CORS headers). Each request is of one session, by its token.
 */
import type { IncomingMessage } from 'node:http';

import { isFailure } from '#platform/failure';
import { toProblem } from '#platform/http';

import { educationFailure } from '../failures.ts';
import { documentRoutes } from './lrs-documents.ts';
import { ownOnly, parametersOf } from './lrs-request.ts';
import { json, type Asked, type LrsAnswer, type LrsNeeds, type Route } from './lrs-route.ts';
import { statementRoutes } from './lrs-statements.ts';
import type { Part } from './structure.ts';
import { XAPI_VERSION } from './words.ts';

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  statements: statementRoutes,
  activities: {
    GET: async ({ query, by }) => {
      ownOnly(parametersOf(query, ['activityId'], ['activityId']), by);
      const { title } = by.of.read.parts[by.session.part] as Part;
      return json({
        objectType: 'Activity',
        id: by.of.activities.part(by.session.part),
        definition: { name: { [by.of.read.locale]: title } },
      });
    },
  },
  agents: {
    GET: async ({ query, by }) => {
      ownOnly(parametersOf(query, ['agent'], ['agent']), by);
      return json({ objectType: 'Person', account: [by.of.actor.account] });
    },
  },
  'activities/state': documentRoutes(
    ['activityId', 'agent', 'registration'],
    ['activityId', 'agent'],
    'stateId',
    (from) => ({ of: 'state', registered: from.has('registration') }),
  ),
  'agents/profile': documentRoutes(['agent'], ['agent'], 'profileId', () => ({ of: 'agent' })),
  'activities/profile': {
    GET: async ({ query, by }) => {
      const from = parametersOf(query, ['activityId', 'profileId', 'since'], ['activityId']);
      ownOnly(from, by);
      if (from.has('profileId')) throw educationFailure('XAPI_NOT_FOUND');
      return json([]);
    },
  },
};

/** @param path what follows /xapi/. @throws what is nobody's plan */
export async function answerLrs(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  needs: LrsNeeds,
): Promise<LrsAnswer> {
  try {
    return await answered(request, path, query, needs);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return {
      status: thrown.status,
      headers: {
        'content-type': 'application/problem+json',
        ...(thrown.status === 429 ? { 'retry-after': '1' } : {}),
      },
      body: JSON.stringify(toProblem(thrown, '')),
    };
  }
}

async function answered(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  needs: LrsNeeds,
): Promise<LrsAnswer> {
  const { headers } = request;
  if (path === 'about') return json({ version: [XAPI_VERSION] });
  const version = headers['x-experience-api-version'];
  if (typeof version !== 'string' || !/^1\.0(\.\d{1,3})?$/.test(version))
    throw educationFailure('XAPI_INVALID', { detail: 'X-Experience-API-Version is missing, or none of 1.0' });
  const [, auth = ''] = /^Basic ([A-Za-z0-9+/=]{1,200})$/.exec(headers.authorization ?? '') ?? [];
  if (auth === '') throw educationFailure('XAPI_TOKEN');
  return needs.sessions.ofAuth(auth, (by) => ofSession({ request, query, by }, path, needs));
}

async function ofSession(asked: Asked, path: string, needs: LrsNeeds): Promise<LrsAnswer> {
  const { method = '' } = asked.request;
  const again = path === 'statements' && (method === 'POST' || method === 'PUT');
  if (asked.by.session.state !== 'open' && !again) throw educationFailure('XAPI_TOKEN');
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) throw educationFailure('XAPI_NOT_FOUND');
  const run = route[method === 'HEAD' ? 'GET' : method];
  if (run === undefined) throw educationFailure('XAPI_FORBIDDEN', { detail: 'this method has no place there' });
  return run(asked, needs);
}
