/** Routes on consent: what was said is recorded, shown, and proven. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parseSubjectId, uuidv7 } from '#platform/ids';

import { holderText, type Holder } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { byOf, holderOf, keyPurposesRefused, mayBringYes, type PrivacyHttpNeeds } from './needs.ts';

const tags = ['privacy'];
const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const SHORT = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const HOLDER = Type.String({ minLength: 4, maxLength: 64, description: 'sub_… or anon_…' });
const EVENT = {
  id: Type.String(),
  purpose: Type.String(),
  said: Type.String({ description: 'given, refused, withdrawn, expired, objected, gpc_on, gpc_off' }),
  at: Type.String(),
  expiresAt: NULLABLE,
  hash: Type.String({ description: 'SHA-256 of the event and the one before it; stands in the audit entry' }),
};
const STATE = Type.Object({
  purpose: Type.String(),
  title: Type.String(),
  description: NULLABLE,
  choice: Type.Enum(['consent', 'objection', 'group']),
  state: Type.Enum(['given', 'withdrawn', 'notAsked']),
  fields: Type.Array(Type.String(), {
    description: 'where it is about these fields alone, and the purpose goes on without them',
  }),
  used: Type.Boolean({ description: 'whether the data serves this purpose now' }),
  since: NULLABLE,
  expiresAt: NULLABLE,
  sharedForAds: Type.Boolean(),
});

export function consentRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const { allowed, audit } = needs;
  const consents = () => needs.privacy.consents;

  server.route({
    method: 'POST',
    url: '/v1/privacy/consents',
    schema: {
      operationId: 'recordConsents', tags, summary: 'Record what a subject said to purposes; it holds at the very next read of any server',
      body: Type.Object({
        holder: Type.Object({ subject: Type.Optional(HOLDER), anonymous: Type.Optional(HOLDER) }, { additionalProperties: false, description: 'one of them; neither: a new anonymous id' }),
        said: Type.Optional(Type.Array(Type.Object({
          purpose: Type.String({ minLength: 1, maxLength: 200 }),
          said: Type.Enum(['given', 'refused', 'withdrawn', 'objected']),
          expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
        }, { additionalProperties: false }), { maxItems: 50 })),
        gpc: Type.Optional(Type.Enum(['on', 'off'], { description: 'a Global Privacy Control signal: for each purpose that shares data for advertising' })),
        text: SHORT(20_000, 'the exact text that was shown; needed for a yes'),
        language: SHORT(35, 'BCP 47, such as en or pt-BR'),
        variant: SHORT(200, 'which form of the user interface'),
        method: Type.Enum(['web', 'app', 'phone', 'paper', 'in-person', 'email', 'import']),
        notice: SHORT(64, 'hash of the notice that was linked'),
        jurisdiction: SHORT(16, 'ISO 3166, such as DE or US-CA'),
        evidence: SHORT(500, 'where it can be looked up, such as the number of a call'),
      }, { additionalProperties: false }),
      response: { 201: Type.Object({
        holder: Type.String(),
        events: Type.Array(Type.Object({ ...EVENT, receipt: Type.String({ description: 'JWS for the person, verifiable with GET /v1/privacy/keys' }) })),
        auditIndex: Type.Union([Type.Integer(), Type.Null()]),
      }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowed(request, 'consents.record');
      const { holder: named, said = [], gpc, text = null, language = null, variant = null, method, notice = null, jurisdiction = null, evidence = null } = request.body; // prettier-ignore
      if (said.length === 0 && gpc === undefined)
        throw privacyFailure('RECORD_INVALID', { detail: 'nothing was said' });
      const holder = heldBy(named);
      const isTheirs = mayBringYes(actor);
      if (said.some((each) => each.said === 'given' && !isTheirs(each.purpose)))
        throw await keyPurposesRefused(needs, byOf(actor, request.id), holder);
      const { events, auditIndex } = await consents().record(byOf(actor, request.id), holder, {
        said: said.map(({ expiresAt, ...each }) => ({ ...each, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) })),
        ...(gpc === undefined ? {} : { gpc }),
        shown: { text, language, variant, method, notice, jurisdiction, evidence },
      }); // prettier-ignore
      return reply.code(201).send({
        holder: holderText(holder),
        events: [...events],
        auditIndex: auditIndex === null ? null : Number(auditIndex),
      });
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/privacy/consents/:holder',
    schema: {
      operationId: 'readConsents', tags, summary: 'What holds for each purpose, and everything that was ever said, with receipts, 1,000 at a time',
      params: Type.Object({ holder: HOLDER }),
      querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: '`next` of the page before' })) }),
      response: { 200: Type.Object({
        holder: Type.String(),
        purposes: Type.Array(STATE),
        events: Type.Array(Type.Object({ ...EVENT, receipt: NULLABLE, record: Type.Unknown({ description: 'null when its subject was erased' }) })),
        next: Type.Union([Type.Integer(), Type.Null()], { description: 'null: there are no more' }),
        chain: Type.Enum(['whole', 'broken']),
      }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'consents.read');
      const holder = holderOf(request.params.holder);
      await audit.append({
        action: 'privacy.consents.read',
        actor: byOf(actor, request.id).actor,
        requestId: request.id,
        ...(holder.kind === 'subject' ? { subjects: [holder.id] } : {}),
        outcome: 'done',
      });
      const { events, next, chain } = await consents().history(holder, Number(request.query.after ?? 0));
      return {
        holder: holderText(holder),
        purposes: (await consents().states(holder)).map((each) => ({ ...each, fields: [...each.fields] })),
        events: [...events] as never,
        next,
        chain,
      };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/privacy/keys',
    config: { public: true } as never,
    schema: {
      operationId: 'privacyKeys', tags, summary: 'The keys that receipts are verified with (RFC 7517)', security: [],
      response: { 200: Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.String())) }) },
    }, // prettier-ignore
    handler: async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').send({
        keys: consents()
          .keys()
          .map((key) => ({ ...key })),
      }),
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/unsubscribe-links',
    schema: {
      operationId: 'makeUnsubscribeLink', tags, summary: 'A link for one message to one subject, and its headers for one click (RFC 8058)',
      body: Type.Object({ subject: HOLDER, purpose: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false }),
      response: { 200: Type.Object({ url: Type.String(), headers: Type.Object({ 'List-Unsubscribe': Type.String(), 'List-Unsubscribe-Post': Type.String() }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'consents.record');
      const subjectId = parseSubjectId(request.body.subject);
      if (subjectId === null) throw privacyFailure('HOLDER_INVALID');
      return needs.privacy.unsubscribeLink({ subjectId, purpose: request.body.purpose });
    },
  });
}

/** @throws PRIVACY_HOLDER_INVALID */
function heldBy({ subject, anonymous }: Readonly<{ subject?: string; anonymous?: string }>): Holder {
  if (subject !== undefined && anonymous !== undefined) throw privacyFailure('HOLDER_INVALID');
  if (subject === undefined && anonymous === undefined) return { kind: 'anonymous', id: uuidv7() };
  const holder = holderOf((subject ?? anonymous) as string);
  if (holder.kind !== (subject === undefined ? 'anonymous' : 'subject')) throw privacyFailure('HOLDER_INVALID');
  return holder;
}
