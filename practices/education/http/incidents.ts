/** Routes on incidents: reported by anybody who works here, worked on by those who may. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import { OF_EXERCISE, ofExercise } from './exercises.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import {
  CHANGE,
  changeIn,
  CLOSED,
  ID,
  INCIDENT,
  INCIDENT_LINE,
  KIND,
  REGISTER_ROW,
  TIME,
  WORDS,
} from './incident-shapes.ts';

const tags = ['education'];
const path = '/v1/education/incidents';

export function incidentRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  server.route({
    method: 'POST',
    url: path,
    schema: {
      operationId: 'reportIncident', tags, summary: 'Report that something happened: what, and of which kind where that is known. Anybody who is signed in may, and keys with incidents.report',
      body: Type.Object({ what: WORDS, kind: Type.Optional(KIND), happenedAt: Type.Optional(TIME), exercise: Type.Optional(OF_EXERCISE) }, CLOSED),
      response: { 201: Type.Object({ id: Type.String(), receipt: Type.String({ description: 'what to ask by' }), says: Type.String() }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const asks = needs.actorOf(request);
      const actor = asks.session === undefined ? await needs.allowed(request, 'incidents.report') : asks;
      const { what, kind = 'other', happenedAt, exercise } = request.body;
      if (exercise !== undefined) return reply.code(201).send(await ofExercise(needs, request, 'incident', exercise));
      const made = await needs.incidents.report(byOf(actor, request.id), { what, kind, happenedAt: happenedAt === undefined ? undefined : new Date(happenedAt) }); // prettier-ignore
      return reply.code(201).send({ ...made, says: `Thank you. The number is ${made.receipt}; nothing is held against who reports.` }); // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: path,
    schema: {
      operationId: 'listIncidents', tags, summary: 'Incidents with their clocks, the one that moved last first',
      querystring: Type.Object({ before: Type.Optional(Type.String({ maxLength: 80, description: '`next` of the page before' })), limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }, CLOSED),
      response: { 200: Type.Object({ incidents: Type.Array(INCIDENT_LINE), next: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'incidents.read');
      const { before = null, limit } = request.query;
      return (await needs.incidents.list({ before, limit: Number(limit) })) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/register`,
    schema: {
      operationId: 'readIncidentRegister', tags, summary: 'All incidents with their facts, effects, measures and decisions, as an authority checks them (GDPR art. 33(5)), page by page as they were reported, the newest first',
      querystring: Type.Object({ before: Type.Optional(Type.String({ maxLength: 40, description: '`next` of the page before' })), limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '200' }) }, CLOSED),
      response: { 200: Type.Object({ law: Type.String(), incidents: Type.Array(REGISTER_ROW), next: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.read');
      const { before = null, limit } = request.query;
      return { law: 'Regulation (EU) 2016/679 art. 33(5)', ...((await needs.incidents.register(byOf(actor, request.id), { before, limit: Number(limit) })) as never as object) } as never; // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/:id`,
    schema: {
      operationId: 'getIncident', tags, summary: 'One incident: timeline, clocks, tasks, decisions; that it was read is in the log', params: ID,
      response: { 200: INCIDENT },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.read');
      return (await needs.incidents.get(byOf(actor, request.id), request.params.id)) as never;
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/timeline`,
    schema: {
      operationId: 'changeIncident', tags, summary: 'Write something down about an incident: a note, a fact with its time, a phase, a task that is done, a decision', params: ID, body: CHANGE,
      response: { 200: INCIDENT },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'incidents.manage');
      // it is answered with the whole incident
      await needs.allowed(request, 'incidents.read');
      const change = changeIn(request.body);
      if (change === null) throw educationFailure('INCIDENT_INVALID', { detail: 'a notification, and nothing else, says of which clock it was' }); // prettier-ignore
      return (await needs.incidents.change(byOf(actor, request.id), request.params.id, request.body.version, change)) as never; // prettier-ignore
    },
  });
}
