/** Routes of drills: begun for oneself or with others, played through, read afterwards. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { By } from '../by.ts';
import { ABOUT, DRILL, DRILL_LINE } from './drill-shapes.ts';
import { ownerOf } from './exercises.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { PERSON_ID, tags, TEXT_ID } from './shapes.ts';

const CLOSED = { additionalProperties: false } as const;
const ID = Type.Object({ id: Type.String({ pattern: '^drl_[0-9a-z]{1,40}$' }) });
const TIME = Type.String({ format: 'date-time', maxLength: 40 });
const path = '/v1/education/drills';
type Asked = object & { id: string };

export function drillRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const drills = () => needs.education.drills;
  /** Who asks, where they were asked to take part; null: somebody of the training team. */
  const reader = async (request: Asked, id: string): Promise<string | null> => {
    const { person } = needs.actorOf(request);
    if (person !== undefined && (await drills().isAsked(person, id))) return person;
    await needs.allowed(request, 'training.read');
    return null;
  };
  const player = (request: Asked): Readonly<{ by: By; person: string }> => {
    const who = ownerOf(needs, request);
    return { by: byOf(who, request.id), person: who.person };
  };
  const after = async (request: Asked, id: string) => (await drills().look(await reader(request, id), id)) as never;

  server.route({
    method: 'GET',
    url: path,
    schema: {
      operationId: 'listIncidentDrills', tags, summary: 'All drills with their scores, the one that begins last first. None of them is an incident',
      querystring: Type.Object({ before: Type.Optional(Type.String({ maxLength: 80, description: '`next` of the page before' })), limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }, CLOSED),
      response: { 200: Type.Object({ drills: Type.Array(DRILL_LINE), next: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      const { before = null, limit } = request.query;
      return (await drills().list(null, { before, limit: Number(limit) })) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/mine`,
    schema: {
      operationId: 'myIncidentDrills', tags, summary: 'Drills that I was asked to take part in, and those that I can begin for myself',
      response: { 200: Type.Object({ drills: Type.Array(DRILL_LINE), texts: Type.Array(ABOUT) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { person } = player(request);
      const [{ drills: mine }, texts] = [await drills().list(person, { before: null, limit: 100 }), await drills().texts()]; // prettier-ignore
      return { drills: mine, texts } as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/about`,
    schema: {
      operationId: 'listDrillTexts', tags, summary: 'Drills that there are to begin: what each is about, and how long it takes; not what comes in it',
      response: { 200: Type.Object({ texts: Type.Array(ABOUT) }) },
    }, // prettier-ignore
    handler: async (request) => {
      needs.actorOf(request);
      return { texts: await drills().texts() } as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/about/:id`,
    schema: {
      operationId: 'aboutDrill', tags, summary: 'What a drill is about, and how long it takes; not what comes in it', params: Type.Object({ id: TEXT_ID }),
      response: { 200: ABOUT },
    }, // prettier-ignore
    handler: async (request) => {
      needs.actorOf(request);
      const { audience, ...about } = await drills().about(request.params.id);
      return { ...about, audience: [...audience] };
    },
  });

  server.route({
    method: 'POST',
    url: path,
    schema: {
      operationId: 'beginIncidentDrill', tags, summary: 'Begin a drill: for oneself, or (training.manage) with people and roles, who are told by mail. A drill never reaches a customer, an authority or the register of incidents',
      body: Type.Object({
        text: TEXT_ID,
        people: Type.Optional(Type.Array(PERSON_ID, { maxItems: 200 })),
        roles: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]{0,49}$' }), { maxItems: 20 })),
        beginsAt: Type.Optional(TIME),
      }, CLOSED),
      response: { 201: DRILL },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { text, people = [], roles = [], beginsAt } = request.body;
      const withOthers = people.length + roles.length > 0;
      const actor = withOthers ? await needs.allowed(request, 'training.manage') : ownerOf(needs, request);
      const wanted = { text, roles, people: withOthers ? people : [actor.person ?? ''], beginsAt: beginsAt === undefined ? null : new Date(beginsAt) }; // prettier-ignore
      const id = await drills().begin(byOf(actor, request.id), wanted);
      // who may begin one may see that it was
      return reply.code(201).send((await drills().look(withOthers ? null : (actor.person ?? ''), id)) as never);
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/:id`,
    schema: {
      operationId: 'getIncidentDrill', tags, summary: 'A drill as far as it has come: for who was asked to take part, and the training team. What is right is told when it is over',
      params: ID, response: { 200: DRILL },
    }, // prettier-ignore
    handler: (request) => after(request, request.params.id),
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/join`,
    schema: { operationId: 'joinDrill', tags, summary: 'Say that I am in: it counts for who is in before half of it is over', params: ID, response: { 200: DRILL } }, // prettier-ignore
    handler: async (request) => {
      const { by, person } = player(request);
      await drills().join(by, person, request.params.id);
      return after(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/decisions`,
    schema: {
      operationId: 'decideInDrill', tags, summary: 'Decide something that has come, for all who are in: the first decision counts', params: ID,
      body: Type.Object({ inject: TEXT_ID, option: Type.Integer({ minimum: 0, maximum: 10, description: 'place among the options' }) }, CLOSED), response: { 200: DRILL },
    }, // prettier-ignore
    handler: async (request) => {
      const { by, person } = player(request);
      await drills().decide(by, person, request.params.id, request.body.inject, request.body.option);
      return after(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/scopes`,
    schema: {
      operationId: 'askDrillScope', tags, summary: 'Ask the log of the drill whom it concerned, as one asks the real one; the last answer is the one that is scored', params: ID,
      body: Type.Object({ actors: Type.Array(Type.String({ pattern: '^(key|per|wkl)_[0-9a-z]{26}$' }), { minItems: 1, maxItems: 20 }), from: TIME, to: TIME }, CLOSED),
      response: { 200: DRILL },
    }, // prettier-ignore
    handler: async (request) => {
      const { by, person } = player(request);
      const { actors, from, to } = request.body;
      await drills().scope(by, person, request.params.id, { actors, grants: [], requests: [], from: new Date(from), to: new Date(to) }); // prettier-ignore
      return after(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/next`,
    schema: { operationId: 'nextInDrill', tags, summary: 'What comes next comes now, once all that has come is decided; with nothing left it is over and scored', params: ID, response: { 200: DRILL } }, // prettier-ignore
    handler: async (request) => {
      const { by, person } = player(request);
      await drills().next(by, person, request.params.id);
      return after(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/stop`,
    schema: { operationId: 'stopDrill', tags, summary: 'Stop a drill: it counts for nobody. Who began it for themselves may, and the training team', params: ID, response: { 200: DRILL } }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      const { person } = needs.actorOf(request);
      const isLed = person !== undefined && (await drills().isAsked(person, id)) && (await drills().look(person, id)).ledBy === person; // prettier-ignore
      const actor = isLed ? needs.actorOf(request) : await needs.allowed(request, 'training.manage');
      await drills().stop(byOf(actor, request.id), isLed ? person : null, id);
      return (await drills().look(isLed ? person : null, id)) as never;
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/notes`,
    config: { inspect: { text: ['body.text'] } } as never,
    schema: {
      operationId: 'noteInDrill', tags, summary: 'Note something: what was odd, and afterwards what is to be changed', params: ID,
      body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 2000 }) }, CLOSED), response: { 200: DRILL },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      const { person } = needs.actorOf(request);
      const isIn = person !== undefined && (await drills().isAsked(person, id));
      const actor = isIn ? needs.actorOf(request) : await needs.allowed(request, 'training.manage');
      await drills().note(byOf(actor, request.id), isIn ? person : null, id, request.body.text);
      return (await drills().look(isIn ? person : null, id)) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/:id/report`,
    schema: {
      operationId: 'drillReport', tags, summary: 'The after-action report as Markdown, each part marked as a drill', params: ID,
      response: { 200: Type.Object({ mark: Type.Literal('DRILL'), name: Type.String({ description: 'for the file' }), text: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { id } = request.params;
      return {
        mark: 'DRILL' as const,
        name: `DRILL-${id}.md`,
        text: await drills().report(await reader(request, id), id),
      };
    },
  });
}
