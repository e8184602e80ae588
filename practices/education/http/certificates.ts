/** Routes of certificates: one's own, those of others for the training team, and the check for who was given one. */
import type { FastifyReply } from 'fastify';
import Type from 'typebox';

import { isFailure } from '#platform/failure';
import type { HttpServer } from '#platform/http';

import { COPY_REASONS, type Certificate } from '../certificates/certificates.ts';
import { CHECK_PAGE_POLICY, checkPage, type Checked } from '../certificates/check-page.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { PERSON_ID, tags } from './shapes.ts';

const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });
const ZONE = Type.Optional(
  Type.String({
    maxLength: 60,
    pattern: '^[A-Za-z0-9_+/-]+$',
    description: 'of the IANA database, for the days on it; that of business hours where it is left out',
  }),
);
const CHECKED = {
  id: Type.String(),
  kind: Type.Enum(['course', 'policy']),
  title: Type.String(),
  hash: Type.String({ description: 'of the version that was passed or signed' }),
  at: Type.String(),
  until: Type.Union([Type.String(), Type.Null()], { description: 'null: until a version has to be done anew' }),
  state: Type.Enum(['valid', 'revoked', 'expired']),
  evidence: Type.Enum(['graded', 'client'], {
    description: 'client: a course made elsewhere, which said so by itself',
  }),
  entry: Type.Union([Type.Integer(), Type.Null()], { description: 'index in the log' }),
};
const LIST = { 200: Type.Object({ certificates: Type.Array(Type.Object({ ...CHECKED, text: Type.String() })) }) };
const out = <T extends Checked>({ at, until, ...rest }: T) => ({
  ...rest,
  at: at.toISOString(),
  until: until?.toISOString() ?? null,
});
const listOut = (all: readonly Certificate[]) => ({ certificates: all.map(out) });
const sendPdf = (reply: FastifyReply, id: string, pdf: Buffer): FastifyReply =>
  reply
    .type('application/pdf')
    .headers({ 'content-disposition': `attachment; filename="${id}.pdf"`, 'cache-control': 'no-store' })
    .send(pdf);
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CHECK_PAGE_POLICY,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

export function certificateRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const certificates = () => needs.education.certificates;
  server.route({
    method: 'GET',
    url: '/v1/education/certificates',
    schema: { operationId: 'myCertificates', tags, summary: 'What I have passed and signed, newest first, and whether it still holds', response: LIST },
    handler: async (request) => listOut(await certificates().list(needs.learner(request).person)),
  });

  server.route({
    method: 'GET',
    url: '/v1/education/certificates/:id',
    schema: {
      operationId: 'certificatePdf', tags, summary: 'One of mine as PDF, with the proof of its log entry in it', params: ID,
      querystring: Type.Object({ zone: ZONE }),
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      return sendPdf(reply, id, await certificates().own(needs.learner(request).person, id, request.query.zone));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/people/:id/certificates',
    schema: { operationId: 'listCertificates', tags, summary: 'What somebody has passed and signed', params: Type.Object({ id: PERSON_ID }), response: LIST },
    handler: async (request) => {
      await needs.allowed(request, 'training.read');
      return listOut(await certificates().list(request.params.id));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/certificates/:id/copy',
    schema: {
      operationId: 'copyCertificate', tags, summary: 'Anybody’s as PDF, for a reason: who took it, of whom and why is in the log', params: ID,
      body: Type.Object({ because: Type.Enum([...COPY_REASONS]), zone: ZONE }, { additionalProperties: false }),
    },
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'training.manage');
      const { id } = request.params;
      return sendPdf(reply, id, await certificates().copy(byOf(actor, request.id), id, request.body));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/certificates/check',
    config: { public: true } as never,
    schema: {
      operationId: 'checkCertificate', tags, security: [], summary: 'Whether a certificate holds, for whoever has its number and the name on it; a wrong name is answered as a wrong number is',
      body: Type.Object({ id: Type.String({ maxLength: 40 }), name: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
      response: { 200: Type.Object(CHECKED) },
    },
    handler: async (request) => out(await certificates().check(request.body.id, request.body.name)),
  });
  checkPages(server, needs);
} // prettier-ignore

/** For people: the same without script. */
function checkPages(server: HttpServer, needs: EducationHttpNeeds): void {
  const config = { public: true } as never;
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 4096 }, (_request, body, parsed) =>
      parsed(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.route({
      method: 'GET', url: '/certificates', config, schema: { hide: true },
      handler: async (_request, reply) => reply.headers(PAGE_HEADERS).send(checkPage(undefined)),
    });
    scope.route({
      method: 'POST', url: '/certificates', config, schema: { hide: true, body: {} },
      handler: async (request, reply) => {
        const { id = '', name = '' } = (request.body ?? {}) as { id?: string; name?: string };
        const found = await needs.education.certificates.check(id.trim(), name).catch((thrown: unknown) => {
          if (isFailure(thrown, 'EDUCATION_CERTIFICATE_NOT_FOUND')) return null;
          throw thrown;
        });
        return reply.code(found === null ? 404 : 200).headers(PAGE_HEADERS).send(checkPage(found, { id: id.trim(), name }));
      },
    });
    done();
  });
} // prettier-ignore
