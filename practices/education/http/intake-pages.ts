/** Pages for who gives no name: open to all, without script, cookie or session. Nothing of who asks is handed on but a bin. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';

import { addressOf, isOwnSite, PAGE_HEADERS, type HttpServer } from '#platform/http';
import { neighbourhood } from '#platform/networks';

import { deadPage, formPage, numberPage, pageFor, refusedPage, seenPage, thanksPage, unsentPage, type Form, type Page } from '../intake/pages.ts'; // prettier-ignore
import { plainWords, readSaid } from '../intake/said.ts';
import { languageFor } from '../intake/words/languages.ts';
import { intakeFailure } from '../intake/intake-failures.ts';
import { isFailure } from '#platform/failure';
import type { EducationHttpNeeds } from './needs.ts';

const BODY_BYTES = 96 * 1024;
const QUERY = { type: 'object', properties: { lang: { type: 'string', maxLength: 8 } } } as const;
// as an origin is said of a form that such a page sends, also by browsers that say nothing else
const HEADERS = { ...PAGE_HEADERS, 'referrer-policy': 'same-origin', vary: 'Accept-Language' } as const;
const config = { public: true, nameless: true } as never;

type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
const send = (reply: FastifyReply, text: string, status = 200): FastifyReply =>
  reply.code(status).headers(HEADERS).send(text);
const slowly = (reply: FastifyReply): FastifyReply => reply.header('retry-after', '900');
const formOf = (request: FastifyRequest): Form => (request.body as Form | undefined) ?? {};
/** Whoever has one address of IPv6 has all of its network. */
const sourceOf = (request: FastifyRequest): string => neighbourhood(addressOf(request));
const newOnce = (): string => randomBytes(16).toString('base64url');

export function intakePages(server: HttpServer, needs: EducationHttpNeeds): void {
  const reporters = () => needs.intake.reporters;
  const pageOf = (request: FastifyRequest, here: string): Page => {
    const asked = (request.query as { lang?: string } | undefined)?.lang;
    return pageFor(languageFor(request.headers['accept-language'], asked), here, {
      call: needs.intake.call,
      company: needs.intake.company(),
    });
  };
  const linkIn = (request: FastifyRequest): string => (request.params as { link: string }).link;
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES }, (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    scope.setErrorHandler((thrown, request, reply) => {
      if (isFailure(thrown, 'EDUCATION_NAMELESS_CROSS_SITE')) return send(reply, refusedPage(pageOf(request, 'number'), 'wrongPage'), 403); // prettier-ignore
      if ((thrown as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE') return send(reply, refusedPage(pageOf(request, 'number'), 'tooLarge'), 413); // prettier-ignore
      // any other fault is answered as everywhere
      throw thrown;
    });
    const get = (url: string, handler: Handle) => scope.route({ method: 'GET', url, config, schema: { hide: true, querystring: QUERY }, handler }); // prettier-ignore
    const post = (url: string, handler: Handle) =>
      scope.route({
        method: 'POST', url, config, schema: { hide: true, querystring: QUERY, body: {} },
        preHandler: async (request) => {
          if (!isOwnSite(needs.site, request)) throw intakeFailure('NAMELESS_CROSS_SITE');
        },
        handler,
      }); // prettier-ignore

    get('/tell/number', async (request, reply) => send(reply, numberPage(pageOf(request, 'number'))));
    // reloaded, or in another language, there is nothing to send
    get('/tell/answer', async (request, reply) => send(reply, numberPage(pageOf(request, 'number'))));
    post('/tell/number', async (request, reply) => {
      const { receipt = '' } = formOf(request);
      const page = pageOf(request, 'number');
      const looked = await reporters().look(receipt, sourceOf(request));
      if (looked.was === 'seen') return send(reply, seenPage(page, looked.seen, { receipt, once: newOnce() }));
      if (looked.was === 'slow') return send(slowly(reply), numberPage(page, 'slowLook'), 429);
      return send(reply, numberPage(page, looked.was), 404);
    });
    post('/tell/answer', async (request, reply) => {
      const { receipt = '', once = '', text = '' } = formOf(request);
      const page = pageOf(request, 'number');
      const from = sourceOf(request);
      const says = await reporters().answer(receipt, once, text, from);
      const unsent = (why: 'slowLook' | 'slip' | 'unknown') => unsentPage(page, { receipt, once, text: plainWords(text) }, why);
      if (says === 'slow') return send(slowly(reply), unsent('slowLook'), 429);
      if (says === 'slip' || says === 'unknown') return send(reply, unsent(says), 404);
      const looked = await reporters().look(receipt, from);
      const isTaken = says === 'taken' || says === 'again';
      if (looked.was !== 'seen' && isTaken) return send(reply, numberPage(page));
      if (looked.was === 'slow') return send(slowly(reply), unsent('slowLook'), 429);
      if (looked.was !== 'seen') return send(reply, unsent(looked.was), 404);
      return send(reply, seenPage(page, looked.seen, { receipt, once: newOnce(), told: { says, text: plainWords(text) } }), isTaken ? 200 : 422);
    }); // prettier-ignore

    get('/tell/:link', async (request, reply) => {
      const page = pageOf(request, linkIn(request));
      const token = await reporters().form(linkIn(request));
      return token === null
        ? send(reply, deadPage({ ...page, here: 'number' }), 404)
        : send(reply, formPage(page, token));
    });
    post('/tell/:link', async (request, reply) => {
      const link = linkIn(request);
      const page = pageOf(request, link);
      const form = formOf(request);
      const fresh = () => reporters().form(link);
      const dead = () => send(reply, deadPage({ ...page, here: 'number' }, form), 404);
      const said = readSaid(form);
      if (typeof said === 'string') {
        const token = await fresh();
        return token === null ? dead() : send(reply, formPage(page, token, form, said === 'kind' ? 'pickOne' : 'tooLong'), 422); // prettier-ignore
      }
      const sent = await reporters().send(link, form.form ?? '', said, sourceOf(request));
      switch (sent.was) {
        case 'received':
        case 'again':
          return send(reply, thanksPage(page, { ...sent, again: sent.was === 'again' }), sent.was === 'again' ? 200 : 201); // prettier-ignore
        case 'stale': {
          const token = await fresh();
          return token === null ? dead() : send(reply, formPage(page, token, form, 'stale'), 409);
        }
        case 'slow':
          return send(slowly(reply), formPage(page, form.form ?? '', form, 'slow'), 429);
        case 'full':
          return send(slowly(reply), formPage(page, form.form ?? '', form, 'full'), 503);
        case 'dead':
        default:
          return dead();
      }
    });
    done();
  });
  server.route({
    method: 'GET',
    url: '/tell/assets/page.css',
    config,
    schema: { hide: true } as never,
    handler: async (_request, reply) => reply.headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600', 'cross-origin-resource-policy': 'same-origin' }).send(needs.pageCss),
  }); // prettier-ignore
}
