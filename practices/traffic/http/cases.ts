/** Routes on cases: what was found, who works on it, what was done. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { SEVERITIES } from '../alert.ts';
import type { CaseState } from '../store/cases.ts';
import { askedBy, TAGS, type TrafficHttpNeeds } from './needs.ts';
import {
  ACTION,
  CASE,
  CLOSED,
  EVENT,
  LINE,
  LONGEST_SECONDS,
  NAME,
  reason,
  RULE_ID,
  SUPPRESSION,
  WHOLE_CASE,
} from './shapes.ts';

const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'case_…' }) });
const STATES = ['open', 'working', 'closed'] as const;

export function caseRoutes(server: HttpServer, needs: TrafficHttpNeeds): void {
  const { traffic, audit } = needs;

  server.route({
    method: 'GET',
    url: '/v1/traffic/cases',
    config: { inspect: { data: ['query.about'] } } as never,
    schema: {
      operationId: 'listCases', tags: TAGS, summary: 'Cases, the one that moved last first',
      querystring: Type.Object({ state: Type.Optional(Type.Enum([...STATES, 'all'], { description: 'left out: those that are not closed' })), about: Type.Optional(Type.String({ maxLength: 500, pattern: NAME })), least: Type.Optional(Type.Enum([...SEVERITIES], { description: 'those as grave, or graver' })), before: Type.Optional(Type.String({ maxLength: 60, description: '`next` of the page before' })), limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }, CLOSED),
      response: { 200: Type.Object({ cases: Type.Array(CASE), next: Type.Union([Type.String({ description: 'where the next page begins' }), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      const { state, about, least, before, limit } = request.query;
      const states: readonly CaseState[] =
        state === 'all' ? STATES : state === undefined ? ['open', 'working'] : [state];
      return (await traffic.cases.list({ states, most: Number(limit), ...(about === undefined ? {} : { about }), ...(least === undefined ? {} : { least }), ...(before === undefined ? {} : { before }) })) as never; // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/cases/:id',
    schema: {
      operationId: 'getCase', tags: TAGS, summary: 'One case: alerts with reasons, steps, customers, what can be done', params: ID,
      response: { 200: WHOLE_CASE },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return (await traffic.cases.get(request.params.id)) as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/cases/:id/evidence',
    config: { inspect: { data: ['query.alert'] } } as never,
    schema: {
      operationId: 'getEvidence', tags: TAGS, summary: 'The events that show one alert, in OCSF', params: ID,
      querystring: Type.Object({ alert: Type.String({ maxLength: 300, pattern: LINE }) }, CLOSED),
      response: { 200: Type.Object({ events: Type.Array(EVENT) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const by = await askedBy(needs, request, 'traffic.read');
      const events = await traffic.cases.evidence(request.params.id, request.query.alert);
      await audit.append({ action: 'traffic.events.read', actor: by.actor, outcome: 'done', requestId: request.id, detail: { case: request.params.id } }); // prettier-ignore
      return { events };
    },
  });

  const work = <Body extends Type.TSchema>(verb: string, operationId: string, summary: string, body: Body, does: (by: Awaited<ReturnType<typeof askedBy>>, id: string, body: Type.Static<Body>) => Promise<unknown>, action: 'cases.work' | 'measures.take' = 'cases.work'): void => {
    server.route({
      method: 'POST',
      url: `/v1/traffic/cases/:id/${verb}`,
      schema: { operationId, tags: TAGS, summary, params: ID, body, response: { 200: WHOLE_CASE } },
      handler: async (request) => {
        const by = await askedBy(needs, request, action);
        return (await does(by, request.params.id, request.body as Type.Static<Body>)) as never;
      },
    });
  }; // prettier-ignore

  work('take', 'takeCase', 'Work on a case', Type.Object({ takeOver: Type.Optional(Type.Boolean()) }, CLOSED), (by, id, { takeOver = false }) => traffic.cases.take(by, id, takeOver)); // prettier-ignore
  work('notes', 'noteCase', 'Note something in a case', Type.Object({ text: reason }, CLOSED), (by, id, { text }) => traffic.cases.note(by, id, text)); // prettier-ignore
  work(
    'close', 'closeCase', 'Close a case with a verdict',
    Type.Object({ verdict: Type.Enum(['true-positive', 'benign', 'false-positive']), note: reason }, CLOSED),
    (by, id, { verdict, note }) => traffic.cases.close(by, id, verdict, note),
  ); // prettier-ignore
  work(
    'act', 'actOnCase', 'Do something to whom the case is about; the narrowest that helps',
    Type.Object({ action: ACTION, seconds: Type.Integer({ minimum: 60, maximum: LONGEST_SECONDS, description: 'of what ends by itself' }), reason }, CLOSED),
    (by, id, { action, seconds, reason: why }) => traffic.cases.act(by, id, action, seconds, why),
    'measures.take',
  ); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/traffic/suppressions',
    schema: {
      operationId: 'listSuppressions', tags: TAGS, summary: 'What nobody wants to hear of for a while, and how often it came all the same',
      response: { 200: Type.Object({ suppressions: Type.Array(SUPPRESSION) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return { suppressions: await traffic.cases.suppressions() };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/traffic/suppressions',
    schema: {
      operationId: 'suppress', tags: TAGS, summary: 'Do not hear of a rule, about somebody or everybody, until a day, for a reason',
      body: Type.Object({ rule: Type.String({ pattern: RULE_ID }), about: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: LINE })), days: Type.Integer({ minimum: 1, maximum: 90 }), reason }, CLOSED),
      response: { 201: SUPPRESSION },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'cases.work');
      const { rule, about, days, reason: why } = request.body;
      // of everybody: the rule is as good as off
      if (about === undefined) await askedBy(needs, request, 'rules.manage');
      return reply.code(201).send(await traffic.cases.suppress(by, { rule, about: about ?? null, days, reason: why }));
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/traffic/suppressions/:id',
    schema: { operationId: 'endSuppression', tags: TAGS, summary: 'Hear of it again', params: Type.Object({ id: Type.String({ maxLength: 40 }) }), response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'cases.work');
      await traffic.cases.unsuppress(by, request.params.id);
      return reply.code(204).send(null);
    },
  }); // prettier-ignore
}
