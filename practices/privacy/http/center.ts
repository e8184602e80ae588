/** The center: pages for customers, readable without script. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import { isFailure } from '#platform/failure';
import { httpFailure, type HttpServer } from '#platform/http';
import { readAddress } from '#platform/mail';

import { codePage, failedPage, signInPage, slowPage, stoppedPage, unsubscribePage } from '../center/customer-pages.ts';
import { frameFor, link, type Frame } from '../center/frame.ts';
import { fullPage, homePage } from '../center/notice-pages.ts';
import { hasGpc } from '../consent/gpc.ts';
import { privacyFailure } from '../failures.ts';
import { copyLinkRoutes } from './center-copy.ts';
import { proveRoutes } from './center-prove.ts';
import { customerRoutes } from './center-customer.ts';
import {
  attemptCookie,
  attemptOf,
  HEADERS,
  languageOf,
  QUERY,
  requireOwnSite,
  seeOther,
  sendPage,
  sessionCookie,
  sourceOf,
  textsFor,
  tokenOf,
} from './center-page.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const BODY_BYTES = 32 * 1024;
// links get parameters on their way, of whoever counts who follows them: no page reads any
const schema = { hide: true, querystring: { ...QUERY, additionalProperties: {} } };
const config = { public: true } as never;
export type Form = Readonly<Record<string, string>>;
export type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
export type CenterRoutes = Readonly<{
  get: (url: string, handle: Handle) => void;
  post: (url: string, handle: Handle) => void;
}>;

export function centerRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  // forms are read here and nowhere else; whatever else comes is text that no field is found in
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES }, (_request, body, parsed) => {
      parsed(null, { raw: String(body), form: Object.fromEntries(new URLSearchParams(String(body))) });
    });
    // what a program is told as a problem, a person is told in words; the status, and what the log says of it, are the same
    scope.addHook('onSend', async (request, reply, payload) => {
      if (!isRead(request) || !String(reply.getHeader('content-type')).startsWith('application/problem+json')) return payload;
      const frame = frameFor(languageOf(request), '', false);
      reply.headers(HEADERS).removeHeader('content-length');
      return failedPage(frame, reply.statusCode < 500 ? 'notHere' : 'notNow');
    }); // prettier-ignore
    // who is not signed in is shown where to, and a slow-down is said in words
    const guarded = (handle: Handle): Handle => async (request, reply) => {
      try {
        return await handle(request, reply);
      } catch (thrown) {
        const frame = frameFor(languageOf(request), 'sign-in', false);
        if (isFailure(thrown, 'PRIVACY_SIGNED_OUT')) return reply.redirect(link(frame, 'sign-in'), 303);
        if (isFailure(thrown, 'PRIVACY_SLOW_DOWN')) {
          const known = await frameOf(needs, request, '');
          return sendPage(reply.header('retry-after', '900'), known.signedIn ? slowPage(known) : signInPage(frame, frame.say('slow')), 429);
        }
        // what is theirs is there, when it is surer that it is theirs
        if (isFailure(thrown, 'PRIVACY_PROOF_NEEDED')) return seeOther(reply, frame, 'prove');
        throw thrown;
      }
    }; // prettier-ignore
    const routes: CenterRoutes = {
      get: (url, handle) => scope.route({ method: 'GET', url, config, schema, handler: guarded(handle) }),
      post: (url, handle) => scope.route({ method: 'POST', url, config, schema: { hide: true, querystring: QUERY, body: {} }, handler: guarded(handle) }),
    }; // prettier-ignore
    noticePages(routes, needs);
    signInPages(routes, needs);
    unsubscribePages(routes, needs);
    copyLinkRoutes(routes, needs);
    proveRoutes(routes, needs);
    customerRoutes(routes, needs);
    // here, so that it is said as the pages say it
    routes.get('/center/*', () => Promise.reject(httpFailure('NOT_FOUND')));
    done();
  });

  server.route({
    method: 'GET',
    url: '/center/assets/center.css',
    config,
    schema: { hide: true } as never,
    handler: async (_request, reply) => reply.headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600', 'cross-origin-resource-policy': 'same-origin' }).send(needs.centerCss),
  }); // prettier-ignore
}

/** By somebody in a browser, and not by a program. */
const isRead = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') === true;

async function frameOf(needs: PrivacyHttpNeeds, request: FastifyRequest, here: string): Promise<Frame> {
  const signedIn = (await needs.privacy.signIn.subjectOf(tokenOf(needs, request))) !== null;
  return frameFor(languageOf(request), here, signedIn);
}

function noticePages({ get }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const notices = () => needs.privacy.notices;
  get('/center', async (_request, reply) => reply.redirect('/center/', 303));
  get('/center/', async (request, reply) =>
    sendPage(reply, homePage(await frameOf(needs, request, ''), await notices().published(), hasGpc(request.raw.rawHeaders))),
  ); // prettier-ignore
  get('/center/notice', async (request, reply) => {
    const notice = await notices().published();
    if (notice === null) throw privacyFailure('NOTICE_NOT_FOUND');
    return sendPage(reply, fullPage(await frameOf(needs, request, 'notice'), notice, await notices().list()));
  });
  get('/center/notice/:hash', async (request, reply) => {
    const notice = await notices().get((request.params as { hash: string }).hash);
    if (notice === null) throw privacyFailure('NOTICE_NOT_FOUND');
    return sendPage(reply, fullPage(await frameOf(needs, request, 'notice'), notice, await notices().list()));
  });
}

function signInPages({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const formOf = (request: FastifyRequest): Form => (request.body as { form?: Form } | undefined)?.form ?? {};
  get('/center/sign-in', async (request, reply) =>
    sendPage(reply, signInPage(await frameOf(needs, request, 'sign-in'))),
  );
  post('/center/sign-in', async (request, reply) => {
    requireOwnSite(needs, request);
    const { email = '' } = formOf(request);
    const frame = frameFor(languageOf(request), 'sign-in', false);
    if (readAddress(email.trim()) === null) return sendPage(reply, signInPage(frame, frame.say('emailWrong')), 422);
    const attempt = await needs.privacy.signIn.ask(email, frame.language, sourceOf(request));
    needs.onWork();
    return seeOther(reply.header('set-cookie', attemptCookie(needs, attempt)), frame, 'code');
  }); // prettier-ignore
  get('/center/code', async (request, reply) => {
    const attempt = attemptOf(needs, request);
    const frame = frameFor(languageOf(request), 'sign-in', false);
    return attempt === undefined
      ? seeOther(reply, frame, 'sign-in')
      : sendPage(reply, codePage(frame, attempt.slice(0, 64)));
  });
  post('/center/code', async (request, reply) => {
    requireOwnSite(needs, request);
    const { attempt = '', code = '' } = formOf(request);
    const frame = frameFor(languageOf(request), 'sign-in', false);
    const token = await needs.privacy.signIn.enter(attempt.slice(0, 64), code.slice(0, 12), sourceOf(request));
    if (token === null) return sendPage(reply, codePage(frame, attempt.slice(0, 64), frame.say('codeWrong')), 401);
    return reply
      .header('set-cookie', [sessionCookie(needs, token), attemptCookie(needs, null)])
      .redirect(link(frame, 'preferences'), 303);
  });
  post('/center/sign-out', async (request, reply) => {
    requireOwnSite(needs, request);
    const token = tokenOf(needs, request);
    if (token !== undefined) await needs.privacy.signIn.end(token);
    const frame = frameFor(languageOf(request), '', false);
    return reply.header('set-cookie', sessionCookie(needs, null)).redirect(link(frame, ''), 303);
  });
}

/**
 * One-click unsubscribe (RFC 8058): the address in a message's headers. A program POSTs to it and it is done; a person who
 * follows it sees a page with one button. GET changes nothing, since scanners of mail follow every link.
 */
function unsubscribePages({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const linkOf = (request: FastifyRequest): string => (request.params as { token: string }).token;
  // form or multipart, as RFC 8058 §3.1 has it; what else stands in the body is passed over
  const isOneClick = ({ raw = '', form = {} }: { raw?: string; form?: Form }): boolean =>
    form['List-Unsubscribe'] === 'One-Click' ||
    (raw.includes('name="List-Unsubscribe"') && /\r?\n\r?\nOne-Click\r?\n/.test(raw));
  get('/center/unsubscribe/:token', async (request, reply) => {
    const { purpose, title } = needs.privacy.readLink(linkOf(request));
    const language = languageOf(request);
    const texts = await textsFor(needs, language);
    return sendPage(
      reply,
      unsubscribePage(
        frameFor(language, `unsubscribe/${linkOf(request)}`, false),
        texts[`purpose.${purpose}`] ?? title,
      ),
    );
  });
  post('/center/unsubscribe/:token', async (request, reply) => {
    if (!isOneClick((request.body as object | undefined) ?? {})) throw privacyFailure('ONE_CLICK');
    await needs.privacy.unsubscribe(linkOf(request), { requestId: request.id });
    return sendPage(reply, stoppedPage(frameFor(languageOf(request), '', false)));
  });
}
