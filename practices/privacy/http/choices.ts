/** Routes for pages of the company's own sites: what can be decided, and deciding it. */
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

import { addressOf, type HttpServer } from '#platform/http';
import { neighbourhood } from '#platform/networks';

import { hasGpc } from '../consent/gpc.ts';
import { languageFor } from '../notice/languages.ts';
import { holderOf, type PrivacyHttpNeeds } from './needs.ts';
import { answerOrigin } from './origins.ts';

const tags = ['privacy'];
const publicly = { config: { public: true } as never };
const TOKEN = Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'token of choices' }));
const LANG = Type.Optional(Type.String({ minLength: 2, maxLength: 8 }));
/** In an address, too: `12.34`. */
const VENDORS = Type.Optional(
  Type.String({
    pattern: '^[1-9][0-9]{0,4}(\\.[1-9][0-9]{0,4}){0,999}$',
    description: 'vendors of the TCF that the page has shown, such as 12.34',
  }),
);
const numbersIn = (text: string | undefined): readonly number[] => [...new Set(text?.split('.').map(Number))];
const OFFERED = Type.Object({
  controller: Type.String(),
  notice: Type.Union([Type.String(), Type.Null()]),
  center: Type.String({ description: 'address of the privacy center' }),
  language: Type.String(),
  gpc: Type.Boolean({ description: 'whether Sec-GPC: 1 arrived' }),
  words: Type.Record(Type.String(), Type.String()),
  purposes: Type.Array(Type.Object({
    purpose: Type.String(), title: Type.String(), rule: Type.String(), choice: Type.Enum(['consent', 'objection']),
    used: Type.Boolean(), sharedForAds: Type.Boolean(), answered: Type.Boolean(),
  })),
  tcf: Type.Union([Type.Object({
    tcString: Type.Union([Type.String(), Type.Null()], { description: 'null before something was said, and where no CMP is set' }),
    vendors: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), privacy: Type.Union([Type.String(), Type.Null()]) }), { description: 'who has to be named where the choice is made' }),
    cmp: Type.Union([Type.Object({ id: Type.Integer(), version: Type.Integer() }), Type.Null()], { description: 'of a registered CMP; null: no string is written' }),
  }), Type.Null()], { description: "null where the IAB's TCF is off" }),
}); // prettier-ignore

export function choiceRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const choices = () => needs.privacy.choices;
  const asking = (request: FastifyRequest, lang: string | undefined, vendors: readonly number[]) => ({
    vendors,
    language: languageFor(request.headers['accept-language'], lang),
    holder: choices().holderOf(request.headers['strongroom-choices'] as string | undefined),
    token: request.headers['strongroom-choices'] as string | undefined,
    gpc: hasGpc(request.raw.rawHeaders),
    by: { requestId: request.id },
  });
  const offered = async (asked: ReturnType<typeof asking>) => {
    const { words, purposes, tcf, ...rest } = await choices().offer(asked);
    const named = tcf === null ? null : { ...tcf, vendors: [...tcf.vendors] };
    return { ...rest, center: needs.privacy.centerUrl(), words: { ...words }, purposes: [...purposes], tcf: named };
  };

  server.route({
    method: 'OPTIONS',
    url: '/v1/privacy/choices',
    ...publicly,
    // asked before a request with a query, under the same address
    schema: { hide: true, querystring: Type.Object({ lang: LANG, vendors: VENDORS }) } as never,
    handler: async (request, reply) => {
      answerOrigin(needs, request, reply);
      return reply.code(204).send();
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/privacy/choices',
    ...publicly,
    schema: {
      operationId: 'offerChoices', tags, summary: 'What visitors of a site can decide, in words; with a token, what holds for its holder', security: [],
      querystring: Type.Object({ lang: LANG, vendors: VENDORS }),
      headers: Type.Object({ 'strongroom-choices': TOKEN }),
      response: { 200: OFFERED },
    }, // prettier-ignore
    handler: async (request, reply) => {
      answerOrigin(needs, request, reply);
      return offered(asking(request, request.query.lang, numbersIn(request.query.vendors)));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/choices',
    ...publicly,
    schema: {
      operationId: 'setChoices', tags, summary: 'Decide, from a page of a site that is known here; without a token, for somebody anonymous, who gets one', security: [],
      headers: Type.Object({ 'strongroom-choices': TOKEN }),
      body: Type.Object({
        answers: Type.Array(Type.Object({ purpose: Type.String({ minLength: 1, maxLength: 200 }), answer: Type.Enum(['yes', 'no']) }, { additionalProperties: false }), { minItems: 1, maxItems: 50 }),
        lang: LANG,
        variant: Type.Optional(Type.String({ maxLength: 100, description: 'which form of the user interface' })),
        vendors: VENDORS,
      }, { additionalProperties: false }),
      response: { 200: Type.Object({
        ...OFFERED.properties,
        holder: Type.String(), token: Type.String(),
        receipts: Type.Array(Type.String(), { description: 'JWS for the person, verifiable with GET /v1/privacy/keys' }),
      }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      answerOrigin(needs, request, reply);
      const { answers, lang, variant = 'headless', vendors } = request.body;
      const asked = asking(request, lang, numbersIn(vendors));
      const shown = { from: neighbourhood(addressOf(request)), variant: `site/${variant}` };
      const { holder, name, token, events } = await choices().set(asked, answers, shown);
      return { ...(await offered({ ...asked, holder })), holder: name, token, receipts: events.map((each) => each.receipt) };
    }, // prettier-ignore
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/choice-tokens',
    schema: {
      operationId: 'makeChoiceToken', tags, summary: 'A token for a page of one holder, to ask for and record their choices and nothing else',
      body: Type.Object({ holder: Type.String({ minLength: 4, maxLength: 64, description: 'sub_… or anon_…' }), minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })) }, { additionalProperties: false }),
      response: { 200: Type.Object({ token: Type.String(), expiresAt: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      await needs.allowed(request, 'consents.record');
      const { token, expiresAt } = choices().tokenFor(holderOf(request.body.holder), request.body.minutes ?? 60);
      return { token, expiresAt: expiresAt.toISOString() };
    },
  });
}
