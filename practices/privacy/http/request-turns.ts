/** Routes on the turns of a request: taken back, asked back, replied to, appealed; by staff, for who wrote or called. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { WAYS } from '../requests/desk.ts';
import { ASKERS } from '../requests/proof.ts';
import type { Words } from '../requests/talk.ts';
import { QUESTIONS } from '../requests/turns.ts';
import { byOf, type PrivacyHttpNeeds } from './needs.ts';
import { ID, REQUEST } from './request-shapes.ts';

const tags = ['privacy'];
const WORDS = Type.String({ minLength: 1, maxLength: 4000 });
/** Said to somebody of the staff, who notes who said it and how. */
const SAID = Type.Object({
  words: WORDS,
  how: Type.Enum([...WAYS], { description: 'by which way they said it to you: the customer reads that' }),
  asker: Type.Optional(Type.Enum([...ASKERS], { description: 'who said it: the subject, an agent of theirs, or somebody who says that they are the subject from an address or number that is not held (unheld); subject when left out. The harder one to show holds from then on' })),
}, { additionalProperties: false }); // prettier-ignore
const wordsOf = ({ words, how, asker = 'subject' }: Type.Static<typeof SAID>): Words => ({
  words,
  noted: { how, asker },
});
const response = { 200: Type.Object(REQUEST) };

export function requestTurnRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const requests = () => needs.privacy.requests;
  const byWho = async (request: object & { id: string }) =>
    byOf(await needs.allowed(request, 'rights.decide'), request.id);

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/withdraw',
    schema: {
      operationId: 'withdrawPrivacyRequest', tags, summary: 'Note that a customer has taken a request back: nothing more is done of it, and they are told by mail. What was carried out stays so. An appeal that is taken back leaves the answer that it was against, and another person than who declined notes it. Nobody takes back what somebody nearer to the subject asked for',
      params: ID,
      body: Type.Object({ ...SAID.properties, words: Type.Optional(WORDS) }, { additionalProperties: false }),
      response,
    }, // prettier-ignore
    handler: async (request) => {
      const { words, how, asker = 'subject' } = request.body;
      const said = { ...(words === undefined ? {} : { words }), noted: { how, asker } };
      return requests().withdraw(await byWho(request), request.params.id, null, said);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/clarify',
    schema: {
      operationId: 'clarifyPrivacyRequest', tags, summary: 'Ask the customer something about a request: they read and answer it in the center. The clock stands still only with `stop`, where the law has it, and from when the mail has left',
      params: ID,
      body: Type.Object({
        question: Type.Enum([...QUESTIONS], { description: 'scope: which of much data is meant; identity: whether it is them; detail: anything else' }),
        words: WORDS,
        stop: Type.Optional(Type.Boolean({ description: 'the clock stands still until they answer; false when left out' })),
        how: Type.Optional(Type.Enum(['mail', 'otherwise'], { description: 'otherwise: they were told by letter or telephone; mail when left out' })),
      }, { additionalProperties: false }),
      response,
    }, // prettier-ignore
    handler: async (request) => requests().clarify(await byWho(request), request.params.id, request.body),
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/reply',
    schema: {
      operationId: 'replyPrivacyRequest', tags, summary: 'Go on with a request that waits for its customer: with what they said by letter or telephone, or without. The days that its clock stood still come to the deadline',
      params: ID,
      body: Type.Union([SAID, Type.Object({}, { additionalProperties: false })]),
      response,
    }, // prettier-ignore
    handler: async (request) =>
      requests().reply(
        await byWho(request),
        request.params.id,
        null,
        'words' in request.body ? wordsOf(request.body) : null,
      ),
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/appeal',
    schema: {
      operationId: 'appealPrivacyRequest', tags, summary: 'Note that a customer appeals an answer, once, where the law has it (`appealBy`): another person than who declined decides, within the clock of the appeal',
      params: ID,
      body: SAID,
      response,
    }, // prettier-ignore
    handler: async (request) => requests().appeal(await byWho(request), request.params.id, null, wordsOf(request.body)),
  });
}
