/** The page that the link of a mail leads to: a copy, once, for who has the code too. */
import { Readable } from 'node:stream';

import type { FastifyRequest } from 'fastify';

import { copyLinkPage } from '../center/customer-pages.ts';
import { frameFor } from '../center/frame.ts';
import type { By } from '../consent/consents.ts';
import { zipCopy } from '../customer/copy.ts';
import { createMissing } from '../customer/missing.ts';
import { requestIdText } from '../requests/desk.ts';
import type { CenterRoutes, Form } from './center.ts';
import { rest } from './center-customer.ts';
import { languageOf, requireOwnSite, sendPage, sourceOf } from './center-page.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

export function copyLinkRoutes({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const { privacy } = needs;
  const tokenIn = (request: FastifyRequest): string => (request.params as { token: string }).token;
  get('/center/copy/:token', async (request, reply) => {
    privacy.copyLinks.check(tokenIn(request));
    return sendPage(reply, copyLinkPage(frameFor(languageOf(request), `copy/${tokenIn(request)}`, false)));
  });
  post('/center/copy/:token', async (request, reply) => {
    requireOwnSite(needs, request);
    const frame = frameFor(languageOf(request), `copy/${tokenIn(request)}`, false);
    const { code = '' } = (request.body as { form?: Form } | undefined)?.form ?? {};
    const refused = (): unknown => sendPage(reply, copyLinkPage(frame, frame.say('copyLinkWrong')), 401);
    const link = await privacy.copyLinks.enter(tokenIn(request), code.slice(0, 12), sourceOf(request));
    if (link === null) return refused();
    const { subject_id: subjectId } = link;
    await privacy.requests.requireLinked(requestIdText(link.request_id));
    const by: By = { actor: { kind: 'subject', id: subjectId }, requestId: request.id };
    const missing = createMissing();
    const copy = zipCopy(privacy, { by: await privacy.myData.reader(request.id), subjectId }, new Date(), missing);
    // what is wrong at its beginning leaves the link as it was
    const begun = await copy.next();
    if (!(await privacy.copyLinks.burn(link))) {
      await copy.return(undefined);
      return refused();
    }
    await privacy.requests.copying(by, requestIdText(link.request_id));
    const told = async (): Promise<void> => {
      if (missing.count > 0) await privacy.requests.incomplete(by, subjectId, missing);
    };
    return reply
      .headers({ 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="my-data.zip"', 'cache-control': 'no-store' })
      .send(Readable.from(rest(begun, copy, told), { objectMode: false })); // prettier-ignore
  });
}
