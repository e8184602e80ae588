/**
 * The HTTP ground: Fastify with JSON Schema on every route, OpenAPI 3.1 from those schemas, problem documents, request
 * ids, and headers that keep answers out of caches and frames.
 */
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { randomPool } from '#platform/crypto';
import type { Log } from '#platform/log';
import { uuidv7 } from '#platform/ids';
import { isIn, plainAddress, type Network } from '#platform/networks';

import { compileLate, refuseCapitalHeaders } from './compile-late.ts';
import { refuseLeapSeconds } from './times.ts';
import { drainOnClose } from './drain.ts';
import { httpFailure } from './failures.ts';
import { jsonBody } from './json-body.ts';
import { refuseConnection, sendProblem, type RoomOfDatabase } from './problem.ts';
import { limitBodies } from './slow-bodies.ts';
import { refuseTheUnknown } from './strict-requests.ts';

export { httpFailure } from './failures.ts';
export type { InspectedRoute, RouteConfig } from './slow-bodies.ts';
export { asFailure, problemCodeOf, toProblem, type Problem } from './problem.ts';

export { fillWords, readsLanguage } from './language.ts';
export { isOwnSite, PAGE_HEADERS, type Site } from './own-site.ts';
export { createCertificateOf, type CertificateOf } from './client-certificate.ts';

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type HttpNeeds = {
  log: Log;
  version: string;
  /** Whose X-Forwarded-For is believed; none: an address is the one that the connection comes from. */
  trustedProxies?: readonly Network[];
  /** Told of requests whose address is none, before they are refused: no hook hears of them. */
  onUnroutable?: (request: FastifyRequest, reply: FastifyReply) => void;
  /** Asked before everything that changes something. */
  room?: RoomOfDatabase;
  /** Schemas become code at their first request; `at once` finds one that does not compile. */
  compile?: 'late' | 'at once';
  /** `clients`: a certificate is asked for, and whoever has none comes in all the same; `authorities` issued those that count. */
  tls?: { cert: string; key: string; clients?: { authorities: string | null } };
};

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Largest JSON body: a full batch of 1,000 records of 12 generous fields. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

export async function createHttp(needs: HttpNeeds): Promise<HttpServer> {
  const random = randomPool();
  const server = fastify({
    loggerInstance: needs.log,
    // one line per request would carry ids at the highest rate of the process; the traffic practice keeps that account
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => uuidv7(Date.now(), random.fill),
    bodyLimit: BODY_LIMIT_BYTES,
    ...trusting(needs.trustedProxies ?? []),
    // bodies have their own limits (slow-bodies.ts): one for all would cut off large files on slow lines
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // the longest is a link that ends a purpose: 314 for an id of 191 (practices/privacy/consent/unsubscribe.ts)
    routerOptions: { maxParamLength: 320, ignoreTrailingSlash: false, caseSensitive: true },
    // what fails before there is a route; the framework's own answers would repeat the path
    frameworkErrors: (thrown, request, reply) => {
      // made by the framework without what is trusted: its address would be the proxy's
      Object.defineProperty(request, 'ip', { value: seenFrom(request.raw, needs.trustedProxies ?? []) });
      needs.onUnroutable?.(request, reply);
      sendProblem(thrown, request, reply);
    },
    clientErrorHandler: refuseConnection,
    ...(needs.compile === 'at once' ? {} : { schemaController: compileLate }),
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false, useDefaults: true },
      onCreate: refuseLeapSeconds,
    },
    ...(needs.tls === undefined
      ? {}
      : {
          https: { ...tlsOptions(needs.tls), minVersion: 'TLSv1.3' as const, ecdhCurve: 'X25519MLKEM768:X25519:P-256' },
        }),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as HttpServer;

  server.addHook('onRoute', refuseCapitalHeaders);
  limitBodies(server);
  refuseTheUnknown(server);
  drainOnClose(server);
  // a body that is announced as JSON and empty is no body: clients send the header with DELETE too
  // RFC 7644 §3.1: SCIM has a type of its own for the same JSON
  server.addContentTypeParser(
    ['application/json', 'application/scim+json'],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      if (body.length === 0) return done(null, undefined);
      try {
        return done(null, jsonBody(body as Buffer));
      } catch (thrown) {
        return done(thrown as Error);
      }
    },
  );
  server.addHook('onRequest', async ({ method }) => {
    if (!READS.has(method) && needs.room?.isFull() === true) throw httpFailure('DISK_FULL');
  });
  server.setErrorHandler((thrown, request, reply) => sendProblem(thrown, request, reply, needs.room));
  server.setNotFoundHandler((request, reply) => sendProblem(httpFailure('NOT_FOUND'), request, reply));
  server.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });

  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Strongroom',
        version: needs.version,
        description: 'Customer data protection: eight practices on one copy of the data.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key: srk_…' } } },
      security: [{ key: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `schema${index}`,
    },
  });
  return server;
}

/**
 * `request.ip` is the right-most address of X-Forwarded-For that is no trusted proxy's, and only where the connection
 * itself comes from one: what stands further left was written by who asks. Source: fastify Reference/Server.md trustProxy
 */
const trusting = (proxies: readonly Network[]) =>
  proxies.length === 0 ? {} : { trustProxy: (address: string | undefined) => isIn(proxies, address ?? '') };

/** As `trusting` has it, of a request that has no route. */
function seenFrom({ socket, headers }: IncomingMessage, proxies: readonly Network[]): string {
  const told = [headers['x-forwarded-for'] ?? '']
    .flat()
    .join(',')
    .split(',')
    .flatMap((each) => each.trim() || []);
  let from = socket.remoteAddress ?? '';
  while (told.length > 0 && isIn(proxies, from)) from = told.pop() ?? '';
  return from;
}

/** From where a request comes; empty where that is no address, as with a proxy that says `unknown`. */
export const addressOf = ({ ip }: Readonly<{ ip: string | undefined }>): string => plainAddress(ip ?? '') ?? '';

// a key says whether it needs a certificate (practices/access): the handshake turns nobody away
const tlsOptions = ({ cert, key, clients }: NonNullable<HttpNeeds['tls']>) => ({
  cert,
  key,
  ...(clients === undefined
    ? {}
    : {
        requestCert: true,
        rejectUnauthorized: false,
        ...(clients.authorities === null ? {} : { ca: clients.authorities }),
      }),
});
