/** Routes on reporting suspicious mail, on what was reported, and on one's own history. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { OF_EXERCISE, ofExercise } from './exercises.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { HISTORY, historyOut, REPORT, reportOut } from './phishing-shapes.ts';

const tags = ['education'];
const path = '/v1/education/phishing';

export function reportRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const phishing = () => needs.phishing;

  server.route({
    method: 'POST',
    url: `${path}/reports`,
    schema: {
      operationId: 'reportMail', tags, summary: 'Report a suspicious mail: as it arrived (.eml), or what is known of it. Anybody who is signed in may, and keys with reports.send; an exercise is thanked for at once, anything else is for the security team',
      body: Type.Union([
        Type.Object({ mail: Type.String({ minLength: 1, maxLength: 786_432, description: 'the whole mail with its headers' }), channel: Type.Optional(Type.Enum(['button', 'add-in'])) }, { additionalProperties: false }),
        Type.Object({ text: Type.String({ minLength: 1, maxLength: 20_000, description: 'its link, or words' }), channel: Type.Optional(Type.Enum(['button', 'add-in'])), exercise: Type.Optional(OF_EXERCISE) }, { additionalProperties: false }),
      ]),
      response: { 200: Type.Object({ was: Type.Enum(['exercise', 'reported']), says: Type.String(), minutes: Type.Optional(Type.Integer({ description: 'of an exercise: since its delivery' })), report: Type.Optional(Type.String({ description: 'rep_…' })) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const asks = needs.actorOf(request);
      const actor = asks.session === undefined ? await needs.allowed(request, 'reports.send') : asks;
      const { channel = 'button', ...given } = request.body;
      if ('exercise' in given && given.exercise !== undefined) {
        const { says } = await ofExercise(needs, request, 'message', given.exercise);
        return { was: 'exercise' as const, says };
      }
      const what = 'mail' in given ? { mail: Buffer.from(given.mail, 'utf8') } : { text: given.text };
      const by = byOf(actor, request.id);
      // who made an add-in's key did not find what others report by it
      return phishing().reports.report(asks.session === undefined ? { ...by, person: undefined } : by, {
        channel,
        ...what,
      });
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/reports`,
    schema: {
      operationId: 'listReports', tags, summary: 'Mails that people reported and that were no exercise, those that are one together, the open ones first; that they were read is in the log',
      querystring: Type.Object({
        before: Type.Optional(Type.String({ pattern: '^[01]\\.[0-9]{1,14}\\.rep_[0-9a-z]{26}$', description: '`next` of the page before' })),
        limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ reports: Type.Array(REPORT), next: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'reports.judge');
      const { before = null, limit } = request.query;
      const { reports, next } = await phishing().reports.list(byOf(actor, request.id), {
        before,
        limit: Number(limit),
      });
      return { reports: reports.map(reportOut), next };
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/reports/:id/verdict`,
    schema: {
      operationId: 'judgeReport', tags, summary: 'Say what a reported mail was, for all who reported it',
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      body: Type.Object({ verdict: Type.Enum(['phish', 'harmless']) }, { additionalProperties: false }),
      response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'reports.judge');
      await phishing().reports.decide(byOf(actor, request.id), request.params.id, request.body.verdict);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/mine`,
    schema: {
      operationId: 'ownExercises', tags, summary: 'What one did with exercises oneself, and what follows; nobody else is shown it',
      response: { 200: HISTORY },
    }, // prettier-ignore
    handler: async (request) => historyOut(await phishing().historyOf(needs.learner(request).person)),
  });
}
