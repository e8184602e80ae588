/** Routes on whom an incident concerns, and on drafts of what they are told. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { NOTICE_LANGUAGES } from '../incidents/notices.ts';
import { AUTHORITY, CLOSED, CONCERNED, CRITERIA, ID, PAGE, SCOPE, SCOPE_ID } from './incident-shapes.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';

const tags = ['education'];
const path = '/v1/education/incidents/:id';
const NULLABLE = Type.Union([Type.String(), Type.Null()]);

export function incidentScopeRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const pageOf = ({ after, limit }: { after?: string; limit: string }) => ({
    after: after ?? null,
    limit: Number(limit),
  });

  server.route({
    method: 'POST',
    url: `${path}/scopes`,
    schema: {
      operationId: 'askScope', tags, summary: 'Ask the audit log whose data left by these actors, under these grants or by these requests, in a time; kept as it was found', params: ID,
      body: CRITERIA, response: { 201: SCOPE },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      const { actors = [], grants = [], requests = [], from, to } = request.body;
      const asked = { actors, grants, requests, from: new Date(from), to: new Date(to) };
      return reply.code(201).send((await needs.incidents.scopes.ask(byOf(actor, request.id), request.params.id, asked)) as never); // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/scopes`,
    schema: {
      operationId: 'listScopes', tags, summary: 'What was asked of the log about an incident, the newest first', params: ID,
      response: { 200: Type.Object({ scopes: Type.Array(SCOPE) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'incidents.read');
      return { scopes: (await needs.incidents.scopes.list(request.params.id)) as never };
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/scopes/:scope/subjects`,
    schema: {
      operationId: 'scopeSubjects', tags, summary: 'Whom a scope found: what of theirs left, how often, and by which entries', params: SCOPE_ID,
      querystring: Type.Object(PAGE, CLOSED), response: { 200: Type.Object({ subjects: Type.Array(CONCERNED), next: NULLABLE }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.read');
      const { id, scope } = request.params;
      return (await needs.incidents.scopes.subjects(byOf(actor, request.id), id, scope, pageOf(request.query))) as never; // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/scopes/:scope/proofs/:entry`,
    schema: {
      operationId: 'scopeProof', tags, summary: 'The log’s own proof of an entry that a scope found, as C2SP tlog-proof with the entry in it',
      params: Type.Object({ ...SCOPE_ID.properties, entry: Type.String({ pattern: '^[0-9]{1,15}$' }) }),
      response: { 200: Type.Object({ proof: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'incidents.read');
      const { id, scope, entry } = request.params;
      return { proof: await needs.incidents.scopes.proof(id, scope, Number(entry)) };
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/notices/authority`,
    schema: {
      operationId: 'draftAuthorityNotice', tags, summary: 'Draft of a notification to the authority, from the newest scope (GDPR art. 33(3)); a person reads and sends it', params: ID,
      response: { 200: AUTHORITY },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      return (await needs.incidents.authority(byOf(actor, request.id), request.params.id)) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/scopes/:scope/notices`,
    schema: {
      operationId: 'draftSubjectNotices', tags, summary: 'Drafts of what the people concerned are told (GDPR art. 34(2)), page by page', params: SCOPE_ID,
      querystring: Type.Object({ ...PAGE, language: Type.Enum([...NOTICE_LANGUAGES], { default: 'en' }) }, CLOSED),
      response: { 200: Type.Object({ drafts: Type.Array(Type.Object({ subject: Type.String(), text: Type.String() })), next: NULLABLE, controller: Type.Object({ name: NULLABLE, contact: NULLABLE }, { description: 'who tells; null: nobody has said yet, and the letters name nobody' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      const { id, scope } = request.params;
      const { language, ...page } = request.query;
      return (await needs.incidents.drafts(byOf(actor, request.id), id, scope, { language, ...pageOf(page) })) as never; // prettier-ignore
    },
  });
}
