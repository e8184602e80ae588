/** Routes of who signs: a policy with what changed in it, the signature, its receipt. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import { diffTexts } from '../sign/diff.ts';
import type { Signed } from '../sign/acknowledgements.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { SECTIONS, sectionsOut, tags, TEXT_ID } from './shapes.ts';

const SIGNED = {
  id: Type.String(),
  policy: Type.String(),
  seq: Type.Integer(),
  hash: Type.String(),
  locale: Type.String(),
  entry: Type.Integer({ description: 'index in the log' }),
  signedAt: Type.String(),
};
const signedOut = ({ signedAt, ...rest }: Signed) => ({ ...rest, signedAt: signedAt.toISOString() });

export function signRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const acks = () => needs.education.acknowledgements;
  server.route({
    method: 'GET',
    url: '/v1/education/policies/:id',
    schema: {
      operationId: 'readEducationPolicy', tags, summary: 'A policy as it holds, what changed since I signed it, and what is asked before signing', params: Type.Object({ id: TEXT_ID }),
      response: { 200: Type.Object({
        id: Type.String(), title: Type.String(), owner: Type.String(), seq: Type.Integer(), hash: Type.String(), locale: Type.String(), material: Type.Boolean(),
        sections: SECTIONS,
        checks: Type.Array(Type.Object({ asks: Type.String(), answers: Type.Array(Type.String()) })),
        signed: Type.Union([Type.Object(SIGNED), Type.Null()], { description: 'my newest signature of it' }),
        changes: Type.Array(Type.Object({ how: Type.Enum(['same', 'added', 'removed']), text: Type.String() }), { description: 'against the version I signed, or the one before; empty for a first one' }),
      }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      const library = await needs.education.gate.library();
      const version = library.newest('policy', request.params.id);
      if (version === null) throw educationFailure('TEXT_NOT_FOUND');
      const { id, title, owner, hash, locale, sections, checks } = version.text();
      const signed = (await acks().list(who.person)).find(({ policy }) => policy === id) ?? null;
      const all = library.versions('policy', id);
      const before = all.findLast((each) => each.hash === signed?.hash && each.hash !== hash) ?? (signed?.hash === hash ? undefined : all.at(-2));
      return {
        id, title, owner, hash, locale, seq: version.seq, material: version.material, sections: sectionsOut(sections),
        // which answer is right stays here
        checks: checks.map(({ asks, answers }) => ({ asks, answers: answers.map(({ says }) => says) })),
        signed: signed === null ? null : signedOut(signed),
        changes: before === undefined ? [] : diffTexts(before.text().sections, sections).map((each) => ({ ...each })),
      };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/policies/:id/signature',
    schema: {
      operationId: 'signPolicy', tags, summary: 'Sign the very text that was read, having just shown both factors; the entry in the log is the receipt', params: Type.Object({ id: TEXT_ID }),
      body: Type.Object({
        hash: Type.String({ minLength: 43, maxLength: 43, description: 'of the text that was read' }),
        locale: Type.String({ maxLength: 20 }),
        answers: Type.Array(Type.Integer({ minimum: 0, maximum: 20 }), { maxItems: 10, description: 'to the questions before signing, places from 0' }),
      }, { additionalProperties: false }),
      response: { 201: Type.Object(SIGNED) },
    },
    handler: async (request, reply) => {
      const who = needs.learner(request);
      needs.requireFresh(who);
      const made = await acks().sign(byOf(who, request.id), { person: who.person, session: who.session.id }, { policy: request.params.id, ...request.body });
      return reply.code(201).send(signedOut(made));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/policies/:id/receipt',
    schema: {
      operationId: 'signatureReceipt', tags, summary: 'My newest signature of a policy with the proof that it is in the log (C2SP tlog-proof), which verifies offline', params: Type.Object({ id: TEXT_ID }),
      response: { 200: Type.Object({ ...SIGNED, proof: Type.String() }) },
    },
    handler: async (request) => {
      const { signedAt, ...rest } = await acks().receipt(needs.learner(request).person, request.params.id);
      return { ...rest, signedAt: signedAt.toISOString() };
    },
  });
} // prettier-ignore
