/**
 * One-click unsubscribe (RFC 8058): the address in a message's headers. A program POSTs to it and it is done; a person who
 * follows it sees a page with one button. GET changes nothing, since scanners of mail follow every link.
 */
import type { HttpServer } from '#platform/http';

import { privacyFailure } from '../failures.ts';
import type { PrivacyHttpNeeds } from './needs.ts';
import { htmlHeaders, page } from './page.ts';

const BODY_BYTES = 4096;
/** Form or multipart, as RFC 8058 §3.1 has it; what else stands in the body is passed over. */
const isOneClick = (body: string): boolean =>
  new URLSearchParams(body).get('List-Unsubscribe') === 'One-Click' ||
  (body.includes('name="List-Unsubscribe"') && /\r?\n\r?\nOne-Click\r?\n/.test(body));

export function unsubscribeRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const url = '/center/unsubscribe/:token';
  const config = { public: true } as never;
  const tokenOf = (request: object): string => (request as { params: { token: string } }).params.token;

  server.route({
    method: 'GET',
    url,
    config,
    schema: { hide: true } as never,
    handler: async (request, reply) => {
      const { title } = needs.privacy.readLink(tokenOf(request));
      const form = page('Unsubscribe', `<h1>Unsubscribe</h1><p>This ends: <strong>${escaped(title)}</strong>.</p><form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Stop it</button></form>`); // prettier-ignore
      return await reply.headers(htmlHeaders()).send(form);
    },
  });

  void server.register((forms, _options, done) => {
    forms.removeAllContentTypeParsers();
    forms.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES }, (_request, body, parsed) => parsed(null, { text: String(body) })); // prettier-ignore
    forms.route({
      method: 'POST',
      url,
      config,
      schema: { hide: true, body: {} } as never,
      handler: async (request, reply) => {
        if (!isOneClick((request.body as { text?: string } | undefined)?.text ?? '')) throw privacyFailure('ONE_CLICK');
        await needs.privacy.unsubscribe(tokenOf(request), { requestId: request.id });
        return await reply
          .headers(htmlHeaders())
          .send(page('Done', '<h1>Done</h1><p>It has stopped, from now on.</p>'));
      },
    });
    done();
  });
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
