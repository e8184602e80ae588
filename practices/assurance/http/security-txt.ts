/** Where weaknesses are reported to, for whoever found one. Source: RFC 9116. */
import type { HttpServer } from '#platform/http';

import { assuranceFailure } from '../failures.ts';
import { securityText } from '../security-text.ts';
import { TAGS, type AssuranceHttpNeeds } from './needs.ts';

export function securityTxtRoute(server: HttpServer, { security, clock }: Pick<AssuranceHttpNeeds, 'security' | 'clock'>): void {
  server.route({
    method: 'GET',
    url: '/.well-known/security.txt',
    config: { public: true } as never,
    schema: { operationId: 'securityTxt', tags: TAGS, summary: 'Where to report a weakness of this system (RFC 9116); there is none where nobody set one', security: [], produces: ['text/plain'] },
    handler: async (_request, reply) => {
      const text = securityText(security, clock());
      if (text === null) throw assuranceFailure('NO_CONTACT');
      return reply.type('text/plain; charset=utf-8').header('cache-control', 'public, max-age=3600').send(text);
    },
  });
} // prettier-ignore
