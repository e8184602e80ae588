/** Routes on requests of customers: the queue that people work through, with its deadlines. */
import Type from 'typebox';

import type { Tx } from '#platform/db';
import type { HttpServer } from '#platform/http';
import { parseSubjectId, type SubjectId } from '#platform/ids';

import { zipCopy } from '../customer/copy.ts';
import { createMissing } from '../customer/missing.ts';
import { sealedByPassphrase } from '../customer/passphrase.ts';
import { privacyFailure } from '../failures.ts';
import { LANGUAGES } from '../notice/languages.ts';
import { CLOCKS } from '../requests/clocks.ts';
import { ASKERS } from '../requests/proof.ts';
import { WAYS } from '../requests/desk.ts';
import { CURSOR } from '../requests/queue.ts';
import { KINDS } from '../store/requests.ts';
import { byOf, type PrivacyHttpNeeds } from './needs.ts';
import { BESIDE, CORRECTIONS, ID, LINK, REQUEST, STEP } from './request-shapes.ts';

const tags = ['privacy'];

export function requestRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const requests = () => needs.privacy.requests;

  server.route({
    method: 'GET',
    url: '/v1/privacy/requests',
    schema: {
      operationId: 'listPrivacyRequests', tags, summary: 'Requests of customers, without their words, the next deadline first, and after them those whose answer is in a mail that has not left (`mail`); with `closed` those that were answered, the newest first',
      querystring: Type.Object({
        which: Type.Optional(Type.Enum(['open', 'closed'])),
        cursor: Type.Optional(Type.String({ pattern: CURSOR, description: '`next` of the page before' })),
        limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|[1-4][0-9]{2}|500)$', description: '1 to 500; 100 when left out' })),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ requests: Type.Array(Type.Object(REQUEST)), next: Type.Union([Type.String(), Type.Null()], { description: 'null: there are no more' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.read');
      const { which = 'open', cursor, limit = '100' } = request.query;
      const { requests: page, next } = await requests().queue({
        which,
        cursor,
        limit: Number(limit),
        ...needs.shownTo(actor),
      });
      return { requests: [...page], next };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/privacy/requests/:id',
    schema: {
      operationId: 'getPrivacyRequest', tags, summary: 'One request in its words, with every step and its entry in the log; of a correction what is held beside what is asked for, masked first. That it was read is in the log too, and so is each record that is opened for it',
      params: ID,
      querystring: Type.Object({ show: Type.Optional(Type.Enum(['masked', 'clear'], { description: 'clear: as much of old and new as your role may see' })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ ...REQUEST, steps: Type.Array(STEP), beside: Type.Union([Type.Array(BESIDE), Type.Null()]), seen: Type.Union([Type.String(), Type.Null()], { description: 'what was read here: a decision on a correction names it, so that nothing is decided that was not seen' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.decide');
      const caller = () => ({ actor, purpose: needs.privacy.legalPurpose(), requestId: request.id });
      const reads = { caller, shown: request.query.show ?? 'masked' } as const;
      const { steps, beside, ...found } = await requests().get(byOf(actor, request.id), request.params.id, reads);
      return { ...found, steps: [...steps], beside: beside === null ? null : [...beside] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests',
    schema: {
      operationId: 'takePrivacyRequest', tags, summary: 'Take in a request that came by letter or telephone; asking twice is asking once',
      body: Type.Object({
        subject: Type.String({ minLength: 4, maxLength: 64 }),
        kind: Type.Enum(KINDS.filter((kind) => kind !== 'doubt')),
        words: Type.Optional(Type.String({ maxLength: 4000 })),
        corrections: Type.Optional(CORRECTIONS),
        language: Type.Optional(Type.Enum([...LANGUAGES], { description: 'of mails about it; en when left out' })),
        asker: Type.Optional(Type.Enum([...ASKERS], { description: 'who writes: the subject, an agent of theirs, or somebody who says that they are the subject from an address that is not held (unheld); subject when left out' })),
        how: Type.Enum([...WAYS], { description: 'by which way it came to you: the customer reads that' }),
        regime: Type.Optional(Type.String({ maxLength: 32, description: 'a clock of GET /v1/privacy/clocks; eu-gdpr when left out' })),
      }, { additionalProperties: false }),
      response: { 201: Type.Object(REQUEST) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'rights.decide');
      const {
        subject,
        kind,
        words = null,
        regime,
        language = 'en',
        asker = 'subject',
        how,
        corrections: asked,
      } = request.body;
      const subjectId = parseSubjectId(subject);
      if (subjectId === null || !(await needs.privacy.isLiving(subjectId))) throw privacyFailure('SUBJECT_NOT_FOUND');
      if (asked !== undefined && kind !== 'correction')
        throw privacyFailure('CORRECTION_INVALID', { detail: 'fields are named of a correction' });
      // by letter as in the center: what is shown to its subject can be corrected, and nothing else
      const reader = asked === undefined ? null : await needs.privacy.myData.reader(request.id);
      const corrections =
        reader === null ? [] : await needs.privacy.corrections.check(reader, subjectId, asked ?? [], 'letter');
      const made = await requests().ask(byOf(actor, request.id), { subjectId, kind, words, corrections, language, asker, how, ...(regime === undefined ? {} : { regime }) }); // prettier-ignore
      return reply.code(201).send(made);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/decide',
    schema: {
      operationId: 'decidePrivacyRequest', tags, summary: 'Answer a request, or extend its clock once; an erasure needs a second person. Erasure, objection and restriction are carried out with it',
      params: ID,
      body: Type.Object({
        decision: Type.Enum(['fulfil', 'partly', 'refuse', 'extend']),
        answer: Type.String({ minLength: 1, maxLength: 4000, description: 'what the customer reads' }),
        because: Type.Optional(Type.Enum(['accuracy', 'unlawful', 'claim', 'objection'], { description: 'why processing is restricted (GDPR art. 18(1)); needed to fulfil a restriction, which then holds at the next read' })),
        fields: Type.Optional(Type.Array(Type.String({ minLength: 4, maxLength: 130 }), { minItems: 1, maxItems: 50, description: 'of a correction that is done in part: those that are corrected, as rec_…/field' })),
        seen: Type.Optional(Type.String({ maxLength: 64, description: 'of a correction: as GET had it' })),
        send: Type.Optional(Type.Enum(['link', 'nothing'], { description: 'with a copy or access that is fulfilled: a mail with a link that works once (the answer holds the code that it asks for; tell it another way), or nothing, where the copy went another way; link when left out' })),
        language: Type.Optional(Type.Enum([...LANGUAGES], { description: 'of that mail; the one that they asked in when left out' })),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ ...REQUEST, link: Type.Optional(LINK) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.decide');
      const caller = () => ({ actor, purpose: needs.privacy.legalPurpose(), requestId: request.id });
      const erase = async (tx: Tx, subjectId: SubjectId) =>
        (await needs.privacy.eraseIn(tx, caller(), subjectId)).committed;
      return requests().decide(byOf(actor, request.id), request.params.id, request.body, {
        caller,
        erase,
      });
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/link',
    schema: {
      operationId: 'sendCopyLink', tags, summary: 'The mail with the link to a copy once more, when the one before was used or lost: that one is dead then. The answer holds the code that it asks for',
      params: ID,
      body: Type.Object({ language: Type.Optional(Type.Enum([...LANGUAGES])) }, { additionalProperties: false }),
      response: { 200: LINK },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'rights.decide');
      return requests().sendLink(byOf(actor, request.id), request.params.id, request.body.language);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/requests/:id/copy',
    schema: {
      operationId: 'copyPrivacyRequest', tags, produces: ['application/octet-stream'],
      summary: 'The copy that a request asks for, as a ZIP in an age file that only the passphrase opens; send the one by mail and the other another way. Everything in it is a read of who asks',
      params: ID,
      body: Type.Object({ passphrase: Type.String({ minLength: 20, maxLength: 200 }) }, { additionalProperties: false }),
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'rights.decide');
      const subjectId = await requests().copying(byOf(actor, request.id), request.params.id);
      const by = {
        actor,
        purpose: needs.privacy.legalPurpose(),
        requestId: request.id,
        renew: () => needs.renew(actor),
      };
      const missing = createMissing();
      const copy = async function* () {
        yield* zipCopy(needs.privacy, { by, subjectId }, new Date(), missing);
        if (missing.count > 0) await requests().incomplete(byOf(actor, request.id), subjectId, missing);
      };
      const sealed = await sealedByPassphrase(copy(), request.body.passphrase);
      return reply
        .headers({ 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="copy.zip.age"', 'cache-control': 'no-store' })
        .send(sealed); // prettier-ignore
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/privacy/clocks',
    config: { public: true } as never,
    schema: {
      operationId: 'privacyClocks', tags, summary: 'How long there is for an answer, by law, each with its source', security: [],
      response: { 200: Type.Object({ clocks: Type.Array(Type.Object({ regime: Type.String(), respond: Type.Unknown(), extend: Type.Unknown(), rollsOver: Type.Boolean(), source: Type.String(), confidence: Type.String(), pauses: Type.Record(Type.String(), Type.String(), { description: 'questions that the clock stands still for, and by which law' }), appeal: Type.Union([Type.Object({ respond: Type.Unknown(), extend: Type.Unknown(), source: Type.String(), confidence: Type.String() }), Type.Null()]), complainTo: Type.Union([Type.String(), Type.Null()]) })) }) },
    }, // prettier-ignore
    handler: async () =>
      await Promise.resolve({ clocks: CLOCKS.map((each) => ({ ...each, pauses: { ...each.pauses } })) }),
  });
}
