/** Routes on phishing exercises: planning, stopping, what came of them. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { EducationHttpNeeds } from './needs.ts';
import { byOf } from './needs.ts';
import { EXERCISE, exerciseOut, TEMPLATE, templateOut } from './phishing-shapes.ts';

const tags = ['education'];
const NAME = Type.String({ minLength: 1, maxLength: 60 });
const TIME = Type.String({ format: 'date-time', maxLength: 40 });
const path = '/v1/education/phishing';

export function phishingRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const phishing = () => needs.phishing;

  server.route({
    method: 'GET',
    url: `${path}/templates`,
    schema: {
      operationId: 'listPhishTemplates', tags, summary: 'Mails of exercises, with how hard they are and what gives them away',
      querystring: Type.Object({ retired: Type.Optional(Type.Enum(['yes'], { description: 'also those that are in no new exercise any more' })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ on: Type.Boolean({ description: 'whether exercises are set up here' }), templates: Type.Array(TEMPLATE) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const all = await phishing().templates.list(request.query.retired === 'yes' ? 'all' : 'usable');
      return { on: phishing().isOn, templates: all.map(templateOut) };
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/exercises`,
    schema: {
      operationId: 'listExercises', tags, summary: 'Exercises and their counts, the newest first; and how many people are in a tier, never who',
      response: { 200: Type.Object({ exercises: Type.Array(EXERCISE), tiers: Type.Union([Type.Object({ 1: Type.Integer(), 2: Type.Integer() }), Type.Null()], { description: 'null: fewer than ten people got exercises of which anything is kept' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const [exercises, tiers] = await Promise.all([phishing().list(), phishing().tiers()]);
      return { exercises: exercises.map(exerciseOut), tiers };
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/exercises/:id`,
    schema: {
      operationId: 'getExercise', tags, summary: 'One exercise and its counts',
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      response: { 200: EXERCISE },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      return exerciseOut(await phishing().get(request.params.id));
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/exercises`,
    schema: {
      operationId: 'planExercise', tags, summary: 'Plan an exercise for people who work here: each gets one mail at a random minute of their work, at most one in 30 days',
      body: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 100 }),
        template: NAME,
        mode: Type.Optional(Type.Enum(['people', 'groups'])),
        from: TIME,
        until: TIME,
        roles: Type.Optional(Type.Array(NAME, { maxItems: 50 })),
        people: Type.Optional(Type.Array(Type.Object({ id: Type.String({ maxLength: 100, description: 'per_…; an address is refused' }), zone: Type.Optional(NAME) }, { additionalProperties: false }), { maxItems: 5000 })),
      }, { additionalProperties: false }),
      response: {
        201: Type.Object({
          id: Type.String(),
          recipients: Type.Integer(),
          leftOut: Type.Integer({ description: 'how many of those asked for get none; why is not told' }),
        }),
      },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { mode = 'groups', roles = [], people = [], from, until, name, template } = request.body;
      const wanted = { name, template, mode, roles, people, from: new Date(from), until: new Date(until) };
      return reply.code(201).send(await phishing().plan(byOf(actor, request.id), wanted));
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/exercises/:id/stop`,
    schema: {
      operationId: 'stopExercise', tags, summary: 'Stop an exercise: nothing of it leaves from now on, and what waits for the mail server is taken back',
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      response: { 200: Type.Object({ takenBack: Type.Integer() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'training.manage');
      return phishing().stop(byOf(actor, request.id), request.params.id);
    },
  });
}
