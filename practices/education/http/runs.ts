/** Routes of a run of a course made elsewhere: begun by its learner, told of by SCORM, and part by part where it is of cmi5. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { REASONS } from '../cmi5/waive.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { tags, TEXT_ID } from './shapes.ts';

const RUN = Type.Object({ id: Type.String({ maxLength: 40 }) });
const PLACE = Type.String({
  pattern: '^(0|[1-9][0-9]{0,3})$',
  description: 'its place among the parts of the course, from 0',
});
const STATE = Type.Enum(['open', 'passed', 'failed']);
const PART = Type.Object({
  part: Type.Integer(),
  title: Type.String(),
  block: Type.Union([Type.String(), Type.Null()], { description: 'title of the block that it is in' }),
  state: Type.Enum(['open', 'failed', 'satisfied']),
});

export function runRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  server.route({
    method: 'POST',
    url: '/v1/education/courses/:id/runs',
    schema: {
      operationId: 'beginCourseRun', tags, summary: 'Begin a course made elsewhere, or go on with it: an address for a frame of this page, on an origin of its own', params: Type.Object({ id: TEXT_ID }),
      response: { 201: Type.Object({
        id: Type.String(), schema: Type.Enum(['1.2', '2004', 'cmi5']),
        url: Type.Union([Type.String({ description: 'opens to who has it, for twelve hours at most' }), Type.Null()], { description: 'null: it is begun part by part (cmi5)' }),
        endsAt: Type.String(), saved: Type.Union([Type.String(), Type.Null()], { description: 'where it is to go on, in its own words' }),
        parts: Type.Array(PART, { description: 'of cmi5' }),
      }) },
    },
    handler: async (request, reply) => {
      const who = needs.learner(request);
      const begun = await needs.education.runs.begin(byOf(who, request.id), who.person, request.params.id, needs.consoleOrigin(request));
      return reply.code(201).send({ ...begun, endsAt: begun.endsAt.toISOString(), parts: [...begun.parts] });
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/runs/:id/result',
    schema: {
      operationId: 'tellCourseRun', tags, summary: 'What a course of SCORM says of itself; passed or failed ends the run, and counts once', params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      body: Type.Object({
        status: Type.Enum(['passed', 'completed', 'failed', 'incomplete']),
        score: Type.Union([Type.Number({ minimum: -1000, maximum: 1000 }), Type.Null()], { description: 'of 100' }),
        saved: Type.Union([Type.String({ maxLength: 131_072 }), Type.Null()]),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ course: Type.String(), state: Type.Enum(['open', 'passed', 'failed']) }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      return { ...(await needs.education.runs.tell(byOf(who, request.id), who.person, request.params.id, request.body)) };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/runs/:id',
    schema: {
      operationId: 'readCourseRun', tags, summary: 'How an own run of a course of cmi5 stands, part by part', params: RUN,
      response: { 200: Type.Object({
        id: Type.String(), course: Type.String(), state: STATE, parts: Type.Array(PART),
        session: Type.Union([Type.Enum(['open', 'over']), Type.Null()], { description: 'of the part that was begun last; null: none was' }),
      }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      const seen = await needs.education.parts.look(who.person, request.params.id);
      return { ...seen, parts: [...seen.parts] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/runs/:id/parts/:part/sessions',
    schema: {
      operationId: 'beginCoursePart', tags, summary: 'Begin a part of a course of cmi5: an address for a frame of this page; a part that was left open is abandoned',
      params: Type.Object({ id: Type.String({ maxLength: 40 }), part: PLACE }),
      response: { 201: Type.Object({ id: Type.String(), url: Type.String({ description: 'opens to who has it, for twelve hours at most' }), endsAt: Type.String() }) },
    },
    handler: async (request, reply) => {
      const who = needs.learner(request);
      const { id, part } = request.params;
      const begun = await needs.education.parts.begin(byOf(who, request.id), who.person, id, Number(part), needs.consoleOrigin(request));
      return reply.code(201).send({ ...begun, endsAt: begun.endsAt.toISOString() });
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/runs/:id/statements',
    schema: {
      operationId: 'listRunStatements', tags, summary: 'What was stated in an own run of a course of cmi5, as xAPI has it; oldest first', params: RUN,
      querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: '`next` of the page before' })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ statements: Type.Array(Type.Unknown({ description: 'a statement of xAPI 1.0.3' })), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      const { after } = request.query;
      const { statements, next } = await needs.education.parts.stated(who.person, request.params.id, after === undefined ? null : Number(after));
      return { statements: [...statements], next: next === null ? null : String(next) };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/courses/:id/parts/:part/waive',
    schema: {
      operationId: 'waiveCoursePart', tags, summary: 'Say that somebody else need not take a part of a course of cmi5, and why', params: Type.Object({ id: TEXT_ID, part: PLACE }),
      body: Type.Object({ person: Type.String({ maxLength: 40 }), reason: Type.Enum([...REASONS]) }, { additionalProperties: false }), response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.approve');
      const { id, part } = request.params;
      await needs.education.waive(byOf(actor, request.id), { ...request.body, course: id, part: Number(part) });
      return reply.code(204).send(null);
    },
  });
} // prettier-ignore
