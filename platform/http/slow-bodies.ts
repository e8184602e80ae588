/**
 * How long a request's body may take. Ordinary routes: so long in all. Routes whose config says `streams`: as long as
 * bytes move, since a large file over a slow line takes what it takes; who falls silent is cut off.
 */
import { Socket } from 'node:net';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Failure } from '#platform/failure';

/**
 * What of a request may be looked at for attacks, beyond path, query and headers, which always are. Parts are named as
 * `body.reason`, `headers.strongroom-name`, `query.filter`, `query`.
 *
 * A body is never looked at unless it says so here: a customer's value is data, whatever it looks like.
 */
export type InspectedRoute = Readonly<{
  /** Free text of people who work here. */
  text?: readonly string[];
  /** Never looked at: a customer's value, a language that has a parser of its own, what another program sends. */
  data?: readonly string[];
}>;

/** What a route says of itself, beside its schema. */
export type RouteConfig = Readonly<{
  public?: boolean;
  streams?: boolean;
  /** From where it comes, and by which browser, is not written down anywhere: people here give no name. */
  nameless?: boolean;
  inspect?: InspectedRoute;
  /** Where a protocol has a shape of its own for errors. */
  problem?: (failure: Failure) => Readonly<{ type: string; body: object }>;
}>;

const BODY_MS = 120_000;
const SILENCE_MS = 60_000;

export function limitBodies(server: FastifyInstance, { bodyMs = BODY_MS, silenceMs = SILENCE_MS } = {}): void {
  server.addHook('onRequest', async (request, reply) => {
    if ((request.routeOptions.config as RouteConfig).streams === true) {
      // ends by itself: Node sets the socket's own limit anew when the answer is finished
      request.raw.setTimeout(silenceMs);
      return;
    }
    if (!hasBody(request)) return;
    const timer = setTimeout(() => {
      // one that was put in without a connection (Fastify's `inject`) has none to close, and is never complete
      if (!request.raw.complete && request.raw.socket instanceof Socket) request.raw.socket.destroy();
    }, bodyMs).unref();
    // a body that nobody read, of a refused request, ends without an event: what is left of it keeps its limit
    reply.raw.once('close', () => {
      if (request.raw.complete) clearTimeout(timer);
    });
  });
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
