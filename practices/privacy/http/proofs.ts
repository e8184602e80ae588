/** Routes on who asks: the rules, what the company's own sign-in says, and who of the staff vouches. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parseSubjectId } from '#platform/ids';

import { privacyFailure } from '../failures.ts';
import { CHANNELS, LEVELS, MEANS, REACHED_BY, RESETTABLE, RULES, SAW, SHOWS } from '../requests/proof.ts';
import { KINDS } from '../store/requests.ts';
import { byOf, type PrivacyHttpNeeds } from './needs.ts';
import { ID, REQUEST } from './request-shapes.ts';

const tags = ['privacy'];
const LEVEL = Type.Enum([...LEVELS]);

export function proofRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/privacy/proof-rules',
    config: { public: true } as never,
    schema: {
      operationId: 'privacyProofRules', tags, summary: 'How sure it has to be who asks, by what they ask for: never more than the row says. An agent, and who writes from nowhere that is held, need `high` for all but what needs nothing', security: [],
      response: { 200: Type.Object({
        rules: Type.Array(Type.Object({ kind: Type.Enum([...KINDS]), needs: LEVEL, needsSpecial: Type.Enum([...LEVELS], { description: 'where fields of the class `special` are held of the subject' }), why: Type.String() })),
        reachedBy: Type.Array(Type.String(), { description: 'types of fields whose correction needs `high`' }),
        shows: Type.Array(Type.Object({ means: Type.Enum([...MEANS]), when: Type.String(), channels: Type.Array(Type.Enum([...CHANNELS])) }), { description: 'what would have to fall for somebody else to have shown it: one channel is `reasonable`, two different ones are `high`, and what falls with the same one counts once' }),
      }) },
    }, // prettier-ignore
    handler: async () =>
      await Promise.resolve({
        rules: RULES.map((each) => ({ ...each })),
        reachedBy: [...REACHED_BY],
        shows: SHOWS.map(({ means, when, channels }) => ({ means, when, channels: [...channels] })),
      }),
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/assertions',
    schema: {
      operationId: 'assertCustomer', tags, summary: 'Say that a customer is signed in to your own application: the answer is a link that lets them into the center, or makes it surer who they are there. Once, within five minutes; for your customer’s own browser and nobody else',
      body: Type.Object({
        subject: Type.String({ minLength: 4, maxLength: 64 }),
        factors: Type.Integer({ minimum: 1, maximum: 2, description: 'how many things your sign-in asked for: 2 where a second one was needed' }),
        resettableByMail: Type.Optional(Type.Integer({ minimum: 0, maximum: 2, description: 'how many of these a mail sets anew: a password that was forgotten, a code that comes by mail. Whoever has the mailbox has these too, so that together with it they are one proof. 1 when left out' })),
        signedInAt: Type.String({ format: 'date-time', description: 'when they showed it last; at most fifteen minutes ago' }),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ url: Type.String(), expiresAt: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.assert');
      const { subject, factors, resettableByMail = RESETTABLE, signedInAt } = request.body;
      const subjectId = parseSubjectId(subject);
      if (subjectId === null) throw privacyFailure('HOLDER_INVALID');
      // in the center the role `center` reads, whatever the key is kept from
      if (Object.values(actor.scope).some((only) => only.length > 0)) {
        await needs.audit.append({
          action: 'privacy.assert', actor: byOf(actor, request.id).actor, subjects: [subjectId], outcome: 'denied',
          detail: { code: 'PRIVACY_KEY_NARROWED' }, requestId: request.id,
        }); // prettier-ignore
        throw privacyFailure('KEY_NARROWED');
      }
      const said = {
        subjectId,
        factors: factors as 1 | 2,
        resettableByMail: resettableByMail as 0 | 1 | 2,
        signedInAt: new Date(signedInAt),
      };
      const { token, expiresAt } = await needs.privacy.secondProof.assert(actor.id, said);
      // who said so of whom is in the log before anybody can come in by it
      await needs.audit.append({
        action: 'privacy.assert', actor: byOf(actor, request.id).actor, subjects: [subjectId], outcome: 'done',
        detail: { factors: String(said.factors), resettableByMail: String(said.resettableByMail) }, requestId: request.id,
      }); // prettier-ignore
      return { url: `${needs.privacy.centerUrl()}app/${token}`, expiresAt: expiresAt.toISOString() };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/vouch',
    schema: {
      operationId: 'vouchForCustomer', tags, summary: 'Note that you have seen who asks. One person makes it `reasonable`, a second one `high`. Which kind of document it was is kept; the document and its number are not: do not store them anywhere else either',
      params: ID,
      body: Type.Object({ saw: Type.Enum([...SAW], { description: 'mandate, or call-back (the subject confirmed it to you), of who asks for somebody else; the others of the subject' }) }, { additionalProperties: false }),
      response: { 200: Type.Object(REQUEST) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.decide');
      return needs.privacy.requests.prove.vouch(byOf(actor, request.id), request.params.id, request.body.saw);
    },
  });
}
