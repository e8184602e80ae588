/** Routes on requests: ask, look, approve, deny, cancel, activate. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { Action } from '../actions.ts';
import type { Actor } from '../decide.ts';
import type { By } from '../grants/grant-event.ts';
import type { GrantView } from '../grants/grant-view.ts';
import { ASKED, ELIGIBILITY, GRANT, GRANT_ID, GRANT_STATES, GRANT_WITH_HISTORY, NOTE } from './grant-shapes.ts';
import { allowedActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const tags = ['access'];
type Asked = object & { id: string };

/** Who has to do with grants at all: who may ask, approve, break glass or look; also who would have to show a factor again. @throws ACCESS_DENIED */
export async function concerned(needs: AccessHttpNeeds, request: Asked): Promise<Actor> {
  const actor = needs.actorOf(request);
  const may = (['grants.read', 'grants.approve', 'grants.breakGlass'] as const).some((action) => {
    const { allow, stepUpSeconds } = needs.access.decide({ actor, action });
    // to look at what one did an hour ago takes no passkey of this moment
    return allow || stepUpSeconds !== null;
  });
  return may ? actor : await allowedActor(needs, request, 'grants.request');
}

/** A step of a grant: decided, done, and where it is refused for a reason of its own, in the log too. */
export async function stepOf(
  needs: AccessHttpNeeds,
  request: Asked,
  what: Readonly<{ action: Action; verb: string; grant?: string }>,
  work: (by: By) => Promise<GrantView>,
): Promise<GrantView> {
  const actor = await allowedActor(needs, request, what.action);
  // an id that somebody made up is not repeated in the log
  const known = /^grt_[0-9a-z]{26}$/.test(what.grant ?? '');
  const detail = known ? { grant: what.grant as string } : {};
  return refusalsLogged(needs, { action: `access.grant.${what.verb}`, actor, request, detail }, () =>
    work({ actor, requestId: request.id }),
  );
}

export function requestRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const grants = () => needs.access.grants;

  server.route({
    method: 'GET',
    url: '/v1/access/eligibility',
    schema: {
      operationId: 'grantEligibility', tags, summary: 'What my role may ask for, and who approves it', response: { 200: ELIGIBILITY },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await concerned(needs, request);
      return { role: actor.role, ...grants().eligibility(actor) } as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/requests',
    config: { inspect: { text: ['body.reason', 'body.case'] } } as never,
    schema: {
      operationId: 'requestGrant', tags, summary: 'Ask for time-limited permission; `extends` names a grant of your own that it goes on from',
      body: Type.Object({ ...ASKED, extends: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false }),
      response: { 201: GRANT },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { minutes, ...ask } = request.body;
      const seconds = minutes === undefined ? undefined : minutes * 60;
      const made = await stepOf(needs, request, { action: 'grants.request', verb: 'request' }, (by) =>
        grants().request(by, { ...ask, seconds }),
      );
      return reply.code(201).send(made as never);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/requests',
    schema: {
      operationId: 'listRequests', tags, summary: 'Requests that you made or may decide on, newest first; of a state, or those that wait',
      querystring: Type.Object({ state: Type.Optional(Type.Enum([...GRANT_STATES, 'any'])) }),
      response: { 200: Type.Object({ requests: Type.Array(GRANT) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await concerned(needs, request);
      const { state = 'pending' } = request.query;
      const states = state === 'any' ? null : [state];
      return { requests: (await grants().list(actor, { states })) as never };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/requests/:id',
    schema: {
      operationId: 'getRequest',
      tags,
      summary: 'One request or grant with its history',
      params: GRANT_ID,
      response: { 200: GRANT_WITH_HISTORY },
    },
    handler: async (request) => {
      const { history, ...grant } = await grants().get(await concerned(needs, request), request.params.id);
      return { ...grant, history: history.map((each) => ({ ...each, at: each.at.toISOString() })) } as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/requests/:id/approve',
    schema: {
      operationId: 'approveRequest', tags, summary: 'Approve what another asked for, by the hash of the scope that was looked at', params: GRANT_ID,
      body: Type.Object({ scopeHash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, { additionalProperties: false }), response: { 200: GRANT },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      return (await stepOf(needs, request, { action: 'grants.approve', verb: 'approve', grant: id }, (by) =>
        grants().approve(by, id, request.body.scopeHash),
      )) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/requests/:id/deny',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'denyRequest', tags, summary: 'Deny what another asked for', params: GRANT_ID, body: NOTE, response: { 200: GRANT },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      return (await stepOf(needs, request, { action: 'grants.approve', verb: 'deny', grant: id }, (by) =>
        grants().deny(by, id, request.body.note ?? ''),
      )) as never;
    },
  });

  for (const [verb, summary] of [
    ['cancel', 'Take a request of your own back'],
    ['activate', 'Begin to use an approved request of your own: the clock starts'],
  ] as const)
    server.route({
      method: 'POST',
      url: `/v1/access/requests/:id/${verb}`,
      schema: { operationId: `${verb}Request`, tags, summary, params: GRANT_ID, response: { 200: GRANT } },
      handler: async (request) => {
        const { id } = request.params;
        return (await stepOf(needs, request, { action: 'grants.request', verb, grant: id }, (by) =>
          grants()[verb](by, id),
        )) as never;
      },
    });
}
