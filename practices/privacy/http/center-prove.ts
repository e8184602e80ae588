/** Pages by which a customer shows better who they are: a code at a second address, or the company's own sign-in. */
import type { FastifyRequest } from 'fastify';

import { isFailure } from '#platform/failure';

import { appPage, provePage, type Code } from '../center/prove-page.ts';
import { frameFor } from '../center/frame.ts';
import type { SignedIn } from '../customer/sign-in.ts';
import { privacyFailure } from '../failures.ts';
import { isEnough, reached } from '../requests/proof.ts';
import type { CenterRoutes, Form } from './center.ts';
import {
  customerOf,
  languageOf,
  requireOwnSite,
  seeOther,
  sendPage,
  sessionCookie,
  tokenOf,
  type Customer,
} from './center-page.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const ABOUT = { kind: 'access', asker: 'subject', special: false, corrects: [] } as const;

export function proveRoutes({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const { privacy } = needs;
  const formOf = (request: FastifyRequest): Form => (request.body as { form?: Form } | undefined)?.form ?? {};
  const sessionOf = async (request: FastifyRequest): Promise<SignedIn> => {
    const session = await privacy.signIn.sessionOf(tokenOf(needs, request));
    if (session === null) throw privacyFailure('SIGNED_OUT');
    return session;
  };
  const page = async (request: FastifyRequest, { frame }: Customer, code: Code, says: string | null = null, isWrong = false): Promise<string> => {
    const { proofs } = await sessionOf(request);
    return provePage(frame, { code, enough: isEnough(reached(proofs, ABOUT), 'high'), says, isWrong });
  }; // prettier-ignore
  // nothing is opened to show these
  get('/center/prove', async (request, reply) =>
    sendPage(reply, await page(request, await customerOf(needs, request, 'prove'), 'unsent')),
  );
  get('/center/prove/code', async (request, reply) =>
    sendPage(reply, await page(request, await customerOf(needs, request, 'prove/code'), 'sent')),
  );
  post('/center/prove/send', async (request, reply) => {
    requireOwnSite(needs, request);
    const customer = await customerOf(needs, request, 'prove/code');
    const { language } = customer.frame;
    const to = await privacy.secondProof.sendCode(await privacy.myData.reader(request.id), await sessionOf(request), language);
    if (to === null) return sendPage(reply, await page(request, customer, 'nowhere'), 409);
    needs.onWork();
    return sendPage(reply, await page(request, customer, 'sent', customer.frame.say('proveSent', { address: to })));
  }); // prettier-ignore
  post('/center/prove/code', async (request, reply) => {
    requireOwnSite(needs, request);
    const customer = await customerOf(needs, request, 'prove/code');
    const { code = '' } = formOf(request);
    const by = await privacy.myData.reader(request.id);
    const fits = await privacy.secondProof.tryCode(by, await sessionOf(request), code.slice(0, 12), customer.frame.language);
    if (!fits) return sendPage(reply, await page(request, customer, 'sent', customer.frame.say('codeWrong'), true), 401);
    needs.onWork();
    return seeOther(reply, customer.frame, 'prove');
  }); // prettier-ignore

  const tokenIn = (request: FastifyRequest): string => (request.params as { token: string }).token;
  get('/center/app/:token', async (request, reply) => {
    privacy.secondProof.check(tokenIn(request));
    return sendPage(reply, appPage(frameFor(languageOf(request), `app/${tokenIn(request)}`, false)));
  });
  post('/center/app/:token', async (request, reply) => {
    requireOwnSite(needs, request);
    const frame = frameFor(languageOf(request), `app/${tokenIn(request)}`, false);
    const now = await privacy.signIn.sessionOf(tokenOf(needs, request));
    try {
      const token = await privacy.secondProof.enter(tokenIn(request), now, frame.language);
      needs.onWork();
      if (token !== null) void reply.header('set-cookie', sessionCookie(needs, token));
    } catch (thrown) {
      if (!isFailure(thrown, 'PRIVACY_LINK_INVALID')) throw thrown;
      return sendPage(reply, appPage(frame, frame.say('appWrong')), 401);
    }
    return seeOther(reply, frame, now === null ? 'preferences' : 'prove');
  });
}
