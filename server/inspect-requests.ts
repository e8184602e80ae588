/**
 * Requests looked at for attacks on their way in: path, query and headers at the door, free text once the body fits its
 * schema. What looks like one is told (open-traffic.ts), and refused where that is set: when it is known who asks, so that
 * the log says it, and before anything is done.
 */
import type { Audit } from '#platform/audit';
import { addressOf, type HttpServer, type InspectedRoute, type RouteConfig } from '#platform/http';
import { neighbourhood } from '#platform/networks';
import type { Actor } from '#practices/access';
import { createAllowance, doorParts, textParts, trafficFailure, type Looked, type Traffic } from '#practices/traffic';
import type { FastifyRequest } from 'fastify';

export type RequestLooks = Readonly<{
  /** Of a request that has a route, or none. */
  atDoor: (request: FastifyRequest) => void;
  /** Of one whose address is none. */
  atNoDoor: (request: FastifyRequest) => void;
  inText: (request: FastifyRequest) => void;
  /** Null: it is clean, or was not looked at by the setting. */
  of: (request: object) => Looked | null;
}>;

export function createRequestLooks({ inspection }: Pick<Traffic, 'inspection'>): RequestLooks {
  const known = new WeakMap<object, Looked>();
  const look = (request: FastifyRequest, parts: Parameters<typeof inspection.look>[1]): void => {
    const looked = inspection.look(addressOf(request), parts);
    if (looked !== null) known.set(request, looked);
  };
  const outside = ({ raw, headers }: FastifyRequest) =>
    doorParts({ url: raw.url ?? '', headers, params: null, inspect: undefined });
  return {
    atDoor: (request) => {
      if (inspection.mode() === 'off') return;
      if (request.is404) return look(request, outside(request));
      const params = request.params as Readonly<Record<string, unknown>>;
      const { url = '' } = request.raw;
      look(request, doorParts({ url, headers: request.headers, params, inspect: inspectOf(request) }));
    },
    atNoDoor: (request) => {
      if (inspection.mode() !== 'off') look(request, outside(request));
    },
    inText: (request) => {
      const inspect = inspectOf(request);
      if (inspect?.text === undefined || inspection.mode() === 'off' || known.get(request)?.verdict === 'match') return;
      look(request, textParts(request.body, inspect));
    },
    of: (request) => known.get(request) ?? null,
  };
}

const inspectOf = ({ routeOptions }: FastifyRequest): InspectedRoute | undefined =>
  (routeOptions.config as RouteConfig).inspect;

/** Before it is asked who asks. */
export function lookAtRequests(http: HttpServer, looks: RequestLooks): void {
  http.addHook('onRequest', (request, _reply, done) => {
    try {
      looks.atDoor(request);
    } catch (thrown) {
      return done(thrown as Error);
    }
    done();
  });
}

/** Entries in the log that strangers can cause, in a minute; what is beyond is an event all the same. */
const DENIALS = { one: 20, all: 200, withinSeconds: 60 } as const;

/** After it is known who asks. @throws TRAFFIC_SUSPICIOUS_REQUEST, TRAFFIC_UNINSPECTED, TRAFFIC_INSPECTION_BUSY */
export function refuseAttacks(
  http: HttpServer,
  { looks, audit, actorOf }: Readonly<{ looks: RequestLooks; audit: Pick<Audit, 'append'>; actorOf: (request: object) => Actor | null }>,
): void {
  const denials = createAllowance(DENIALS);
  const refuse = async (request: FastifyRequest, { refused, found, verdict }: Looked): Promise<void> => {
    if (refused === null) return;
    const actor = actorOf(request);
    const from = neighbourhood(addressOf(request));
    if (actor !== null || denials.has(from)) {
      if (actor === null) denials.spend(from, 1);
      await audit.append({
        action: 'traffic.inspection.refuse',
        actor: actor === null ? { kind: 'service', id: 'unknown' } : { kind: actor.kind, id: actor.id, role: actor.role },
        outcome: 'denied',
        requestId: request.id,
        detail: { code: `TRAFFIC_${refused}`, verdict, found: found.map(({ rule, place }) => `${rule} in ${place}`) },
      });
    }
    throw trafficFailure(refused, refused === 'INSPECTION_BUSY' ? { extra: { retryAfterSeconds: 1 } } : {});
  };
  http.addHook('onRequest', (request, _reply, done) => {
    const looked = looks.of(request);
    if (looked === null) done();
    else refuse(request, looked).then(() => done(), done);
  });
  http.addHook('preHandler', async (request) => {
    // what was let through at the door is told of already
    const before = looks.of(request);
    if (before?.verdict === 'match') return;
    looks.inText(request);
    const looked = looks.of(request);
    if (looked !== null && looked !== before) await refuse(request, looked);
  });
} // prettier-ignore

/**
 * A field that a route has no more would not be looked at, and nobody would see it.
 * @throws Error naming the route
 */
export function refuseUnknownParts(http: HttpServer): void {
  http.addHook('onRoute', ({ url, schema, config }) => {
    const { text = [], data = [] } = (config as RouteConfig | undefined)?.inspect ?? {};
    const roots: Readonly<Record<string, unknown>> = {
      body: schema?.body,
      headers: schema?.headers,
      query: schema?.querystring,
      path: schema?.params,
    };
    for (const name of [...text, ...data]) {
      const [root = '', ...path] = name.split('.');
      let found = roots[root] as Readonly<{ properties?: Readonly<Record<string, unknown>> }> | undefined;
      for (const each of path) found = found?.properties?.[each] as typeof found;
      if (found === undefined) throw new Error(`${url}: inspect names ${name}, which the route's schema does not have`);
    }
  });
}
