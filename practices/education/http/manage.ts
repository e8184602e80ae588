/** Routes of the training team: who stands how, and what is done about it. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { byOf, type EducationHttpNeeds } from './needs.ts';
import { DUTY, DUTY_KIND, dutyOut, PERSON_ID, tags, TEXT_ID } from './shapes.ts';

const INSTANT = Type.String({ format: 'date-time', maxLength: 40 });
const BECAUSE = Type.String({ minLength: 1, maxLength: 500 });
const TEXT = { kind: DUTY_KIND, id: TEXT_ID };
const NOTHING = { 204: Type.Null() };
const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });
const MADE = { 201: Type.Object({ id: Type.String() }) };

export function manageRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const manage = () => needs.education.manage;
  server.route({
    method: 'GET',
    url: '/v1/education/coverage',
    schema: {
      operationId: 'trainingCoverage', tags, summary: 'Who works here, and how each stands with what is asked, by id; `next` is `after` of the next page',
      querystring: Type.Object({ after: Type.Optional(PERSON_ID), limit: Type.String({ pattern: '^([1-9][0-9]{0,2}|1000)$', default: '1000' }) }),
      response: { 200: Type.Object({
        people: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), roles: Type.Array(Type.String()), away: Type.Boolean({ description: 'leave is noted: they see no customer until they are back' }), duties: Type.Array(DUTY) })),
        untaught: Type.Array(Type.String(), { description: 'roles of these people that ask for nothing' }),
        next: Type.Union([Type.String(), Type.Null()], { description: 'null: these were all' }),
      }) },
    },
    handler: async (request) => {
      const actor = await needs.allowed(request, 'training.read');
      const { after = '', limit } = request.query;
      const [{ covered, next }, library] = [await needs.education.coverage({ after, limit: Number(limit) }), await needs.education.gate.library()];
      const untaught = new Set(covered.flatMap(({ person }) => person.roles).filter((role) => needs.askedOf({ ...actor, role }) === 'nothing'));
      return {
        people: covered.map(({ person, duties, away }) => ({ id: person.id, name: person.name, roles: [...person.roles], away, duties: duties.map((each) => dutyOut(each, library)) })),
        untaught: [...untaught].toSorted(), next,
      };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/assignments',
    schema: {
      operationId: 'assignTraining', tags, summary: 'Assign a course or policy to people: 30 days for it, then grace',
      body: Type.Object({ people: Type.Array(PERSON_ID, { minItems: 1, maxItems: 500 }), ...TEXT }, { additionalProperties: false }),
      response: { 200: Type.Object({ assigned: Type.Integer({ description: 'those who did not have it yet' }) }) },
    },
    handler: async (request) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { people, kind, id } = request.body;
      return { assigned: await manage().assign(byOf(actor, request.id), people, { kind, id }) };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/revocations',
    config: { inspect: { text: ['body.because'] } } as never,
    schema: {
      operationId: 'revokeTraining', tags, summary: 'Take back what somebody passed or signed: it has to be done anew before customers open again',
      body: Type.Object({ person: PERSON_ID, ...TEXT, because: BECAUSE }, { additionalProperties: false }), response: NOTHING,
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { person, kind, id, because } = request.body;
      await manage().revoke(byOf(actor, request.id), person, { kind, id }, because);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/absences',
    schema: {
      operationId: 'noteAbsence', tags, summary: 'Note that somebody is away: their clocks stand still',
      body: Type.Object({ person: PERSON_ID, from: INSTANT, until: Type.Union([INSTANT, Type.Null()]) }, { additionalProperties: false }), response: MADE,
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { person, from, until } = request.body;
      const id = await manage().absent(byOf(actor, request.id), person, new Date(from), until === null ? null : new Date(until));
      return reply.code(201).send({ id });
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/absences',
    schema: {
      operationId: 'listAbsences', tags, summary: 'Who is away, or was within 90 days, newest first; at most 500',
      response: { 200: Type.Object({ absences: Type.Array(Type.Object({ id: Type.String(), person: Type.String(), from: Type.String(), until: Type.Union([Type.String(), Type.Null()]) })) }) },
    },
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const all = await manage().absences();
      return { absences: all.map(({ id, person, from, until }) => ({ id, person, from: from.toISOString(), until: until?.toISOString() ?? null })) };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/absences/:id/end',
    schema: { operationId: 'endAbsence', tags, summary: 'Say when an absence without an end is over', params: ID, body: Type.Object({ until: INSTANT }, { additionalProperties: false }), response: NOTHING },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      await manage().back(byOf(actor, request.id), request.params.id, new Date(request.body.until));
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/exemptions',
    schema: {
      operationId: 'listExemptions', tags, summary: 'Exemptions, newest first; at most 500',
      response: { 200: Type.Object({ exemptions: Type.Array(Type.Object({
        id: Type.String(), person: Type.String(), kind: DUTY_KIND, text: Type.String(), until: Type.String(), because: Type.String(),
        askedBy: Type.String(), askedAt: Type.String(), approvedBy: Type.Union([Type.String(), Type.Null()]), endedAt: Type.Union([Type.String(), Type.Null()]),
      })) }) },
    },
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const all = await manage().exemptions();
      return { exemptions: all.map((each) => ({ ...each, until: each.until.toISOString(), askedAt: each.askedAt.toISOString(), endedAt: each.endedAt?.toISOString() ?? null })) };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/exemptions',
    config: { inspect: { text: ['body.because'] } } as never,
    schema: {
      operationId: 'askExemption', tags, summary: 'Ask for an exemption with an end: it holds once another person has approved it',
      body: Type.Object({ person: PERSON_ID, ...TEXT, until: INSTANT, because: BECAUSE }, { additionalProperties: false }), response: MADE,
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { person, kind, id, until, because } = request.body;
      const made = await manage().askExemption(byOf(actor, request.id), person, { kind, id }, { until: new Date(until), because });
      return reply.code(201).send({ id: made });
    },
  });

  for (const [what, operationId, action, summary] of [
    ['approve', 'approveExemption', 'training.approve', 'Approve an exemption that another person asked for'],
    ['end', 'endExemption', 'training.manage', 'End an exemption now'],
  ] as const)
    server.route({
      method: 'POST',
      url: `/v1/education/exemptions/:id/${what}`,
      schema: { operationId, tags, summary, params: ID, response: NOTHING },
      handler: async (request, reply) => {
        const actor = await needs.allowed(request, action);
        const by = byOf(actor, request.id);
        const { id } = request.params;
        await (what === 'approve' ? manage().approveExemption(by, id) : manage().endExemption(by, id));
        return reply.code(204).send(null);
      },
    });
} // prettier-ignore
