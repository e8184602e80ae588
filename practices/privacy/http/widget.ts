/** The widget's script: under one address that stays, and under one that names its content. */
import { createHash } from 'node:crypto';

import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { privacyFailure } from '../failures.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const publicly = { config: { public: true } as never };

export function widgetRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  // where only the routes are looked at there are no needs
  const script = typeof needs.widgetScript === 'string' ? Buffer.from(needs.widgetScript) : null;
  const digest = createHash('sha384').update(script ?? '').digest('base64'); // prettier-ignore
  const hash = createHash('sha256').update(script ?? '').digest('hex').slice(0, 32); // prettier-ignore
  // SRI compares what another origin gives only where that origin lets it (SRI §3.4): it is the same for everybody
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  for (const [url, caching] of [
    ['/center/widget.js', 'public, max-age=300'],
    [`/center/widget/${hash}.js`, 'public, max-age=31536000, immutable'],
  ] as const)
    server.route({
      method: 'GET',
      url,
      ...publicly,
      schema: { hide: true } as never,
      handler: async (_request, reply) => {
        if (script === null) throw privacyFailure('WIDGET_MISSING');
        return reply.headers({ ...headers, 'cache-control': caching }).send(script);
      },
    });

  server.route({
    method: 'GET',
    url: '/v1/privacy/widget',
    ...publicly,
    schema: {
      operationId: 'consentWidget', tags: ['privacy'], summary: "The consent widget's address, its hash, and what to put into a page", security: [],
      response: { 200: Type.Object({ url: Type.String(), integrity: Type.String(), snippet: Type.String() }) },
    }, // prettier-ignore
    handler: async () => {
      if (script === null) throw privacyFailure('WIDGET_MISSING');
      const url = new URL('widget.js', needs.privacy.centerUrl()).href;
      const integrity = `sha384-${digest}`;
      const snippet = `<script type="module" src="${url}" integrity="${integrity}" crossorigin="anonymous"></script>\n<strongroom-consent></strongroom-consent>`;
      return await Promise.resolve({ url, integrity, snippet });
    },
  });
}
