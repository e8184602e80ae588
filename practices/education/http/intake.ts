/** Routes of the team on reports without a name: the link that they come by, and what becomes of each. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { ReportLink } from '../intake/desk.ts';
import { MOST } from '../intake/said.ts';
import { REPORT_KINDS } from '../store/intake.ts';
import { CLOSED, KIND, TIME } from './incident-shapes.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';

const tags = ['education'];
const path = '/v1/education/incidents';
const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'irp_…' }) });
const orNull = <T extends Type.TSchema>(shape: T) => Type.Union([shape, Type.Null()]);
const LINK = Type.Object({
  url: Type.String({ description: 'whole address of the page: for the intranet, posters, QR codes' }),
  madeAt: Type.String(), madeBy: Type.String(),
}); // prettier-ignore
const LINE = {
  id: Type.String(), kind: Type.Enum([...REPORT_KINDS]), state: Type.Enum(['received', 'looking', 'closed']),
  turn: Type.Enum(['team', 'reporter', 'nobody'], { description: 'who has to say something now' }),
  incident: orNull(Type.String({ description: 'that it became: it is closed with it' })), receivedAt: Type.String(), movedAt: Type.String(),
}; // prettier-ignore
const REPORT = Type.Object({
  ...LINE,
  said: orNull(Type.Object({
    when: Type.String(), words: Type.String(), reach: Type.String({ description: 'how to reach them, where they said so; it does not go into an incident' }),
  }, { description: 'null: the key of its words is gone' })),
  talk: Type.Array(Type.Object({ seq: Type.Integer(), saidBy: Type.Enum(['reporter', 'team']), at: Type.String(), by: orNull(Type.String()), text: orNull(Type.String()) })),
}); // prettier-ignore
const WORDS = Type.String({ minLength: 1, maxLength: MOST.reply, pattern: '\\S' });
const SEEN = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: 1000,
    description: 'how many entries of `talk` you have read: when there are more by now, nothing is done',
  }),
);
const STEP = Type.Union([
  Type.Object({ step: Type.Literal('look'), seen: SEEN }, CLOSED),
  Type.Object({ step: Type.Literal('ask'), text: WORDS, seen: SEEN }, CLOSED),
  Type.Object({ step: Type.Literal('close'), text: WORDS, seen: SEEN }, CLOSED),
  Type.Object({ step: Type.Literal('incident'), kind: Type.Optional(KIND), happenedAt: Type.Optional(TIME), text: Type.Optional(WORDS), seen: SEEN }, CLOSED),
]); // prettier-ignore

export function intakeRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const desk = () => needs.intake.desk;
  const linkOut = (request: object, { path: at, ...link }: ReportLink) => ({ ...link, url: `${needs.consoleOrigin(request)}${at}` }); // prettier-ignore

  server.route({
    method: 'GET',
    url: `${path}/report-link`,
    schema: {
      operationId: 'getReportLink', tags, summary: 'The link by which anybody reports without a name, or null; for whoever works here',
      response: { 200: Type.Object({ link: orNull(LINK) }) },
    }, // prettier-ignore
    handler: async (request) => {
      // it is for everybody; whoever asks here works here
      needs.actorOf(request);
      const link = await desk().link();
      return { link: link === null ? null : linkOut(request, link) };
    },
  });
  server.route({
    method: 'POST',
    url: `${path}/report-link`,
    schema: {
      operationId: 'replaceReportLink', tags, summary: 'Make the link by which anybody reports without a name; the one before is dead at once',
      response: { 201: Type.Object({ link: LINK }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      return reply.code(201).send({ link: linkOut(request, await desk().replaceLink(byOf(actor, request.id))) });
    },
  });
  server.route({
    method: 'DELETE',
    url: `${path}/report-link`,
    schema: { operationId: 'endReportLink', tags, summary: 'Take the link back: nothing is taken without a name any more', response: { 204: Type.Null() } }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      await desk().endLink(byOf(actor, request.id));
      return reply.code(204).send(null);
    },
  });
  server.route({
    method: 'GET',
    url: `${path}/reports`,
    schema: {
      operationId: 'listNamelessReports', tags, summary: 'Reports without a name, the newest first, without their words',
      querystring: Type.Object({
        which: Type.Enum(['open', 'all'], { default: 'open' }),
        before: Type.Optional(Type.String({ pattern: '^irp_[0-9a-z]{26}$', description: '`next` of the page before' })),
        limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }),
      }, CLOSED),
      response: { 200: Type.Object({ reports: Type.Array(Type.Object(LINE)), waiting: Type.Integer({ description: 'on which the team has to say something' }), next: orNull(Type.String()) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'incidents.read');
      const { which, before = null, limit } = request.query;
      return (await desk().list({ which, before, limit: Number(limit) })) as never;
    },
  });
  server.route({
    method: 'GET',
    url: `${path}/reports/:id`,
    schema: {
      operationId: 'getNamelessReport', tags, summary: 'One report without a name, with its words; that it was read is in the log', params: ID,
      response: { 200: REPORT },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.read');
      return (await desk().get(byOf(actor, request.id), request.params.id)) as never;
    },
  });
  server.route({
    method: 'POST',
    url: `${path}/reports/:id/steps`,
    schema: {
      operationId: 'stepNamelessReport', tags, summary: 'Take a report without a name on, ask its reporter back, make an incident of it, or close it with words to them', params: ID, body: STEP,
      response: { 200: REPORT },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      // it is answered with its words
      await needs.allowed(request, 'incidents.read');
      const { body } = request;
      const step = body.step === 'incident' ? { ...body, happenedAt: body.happenedAt === undefined ? undefined : new Date(body.happenedAt) } : body; // prettier-ignore
      return (await desk().step(byOf(actor, request.id), request.params.id, step)) as never;
    },
  });
}
