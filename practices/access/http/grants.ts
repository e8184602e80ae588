/** Routes on grants: those that were ever active, and their end. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { GRANT, GRANT_ID, NOTE } from './grant-shapes.ts';
import { refusalsLogged, type AccessHttpNeeds } from './guard.ts';
import { concerned } from './requests.ts';

const tags = ['access'];
const ENDED = ['expired', 'used-up', 'revoked'] as const;

export function grantRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const grants = () => needs.access.grants;

  server.route({
    method: 'GET',
    url: '/v1/access/grants',
    schema: {
      operationId: 'listGrants', tags, summary: 'Grants that are active now; with `ended` those that were',
      querystring: Type.Object({ which: Type.Optional(Type.Enum(['active', 'ended'])) }),
      response: { 200: Type.Object({ grants: Type.Array(GRANT) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await concerned(needs, request);
      const states = request.query.which === 'ended' ? ENDED : (['activated'] as const);
      const found = await grants().list(actor, { states });
      return { grants: found.filter(({ activatedAt }) => activatedAt !== null) as never };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/grants/:id/revoke',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'revokeGrant', tags, summary: 'End a grant, your own or as whose role includes it; at the very next read, on every server',
      params: GRANT_ID, body: NOTE, response: { 200: GRANT },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      const actor = await concerned(needs, request);
      const detail = /^grt_[0-9a-z]{26}$/.test(id) ? { grant: id } : {};
      return (await refusalsLogged(needs, { action: 'access.grant.revoke', actor, request, detail }, () =>
        grants().revoke({ actor, requestId: request.id }, id, request.body.note ?? ''),
      )) as never;
    },
  });
}
