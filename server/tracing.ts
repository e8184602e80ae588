/** Where spans begin and end in this system, and what they say: nothing that somebody else wrote. */
import type { HttpServer } from '#platform/http';
import { watchDb, type Traces } from '#platform/traces';

import type { Telemetry } from './open-telemetry.ts';

type Traced = Pick<Telemetry, 'watchDb' | 'watchAudit' | 'watchAccess' | 'watchCore' | 'watchHttp' | 'close'>;

export function tracing(traces: Traces): Traced {
  return {
    watchDb: (db) => watchDb(db, traces),
    watchAudit: (audit) => ({
      ...audit,
      append: (event) => traces.span('log', { 'strongroom.action': event.action }, () => audit.append(event)),
    }),
    watchAccess: (access) => ({
      ...access,
      decide: (ask) => {
        const decision = access.decide(ask);
        traces.moment('decide', { 'strongroom.action': ask.action, 'strongroom.decision': decision.allow ? 'allowed' : 'denied' }); // prettier-ignore
        return decision;
      },
    }),
    watchCore: (core) => ({
      ...core,
      keys: {
        ...core.keys,
        open: (subject, ring) => traces.span('open', {}, async () => core.keys.open(subject, ring)),
      },
    }),
    watchHttp: (http) => watchHttp(http, traces),
    close: traces.close,
  };
}

function watchHttp(http: HttpServer, traces: Traces): void {
  http.addHook('onRequest', (request, reply, next) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const attributes = { 'http.request.method': request.method, 'http.route': route, 'strongroom.request': request.id };
    const span = traces.request(`${request.method} ${route}`, attributes);
    // also where the client went before its answer
    reply.raw.once('close', () => span.end(reply.statusCode));
    span.within(() => next());
  });
}
