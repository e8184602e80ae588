/**
 * Nothing is taken that a route does not know: a query parameter or a body that it would leave out without a word is a
 * mistake of the sender, and better said than ignored.
 */
import type { FastifyInstance } from 'fastify';

import { httpFailure } from './failures.ts';
import type { RouteConfig } from './slow-bodies.ts';

const NO_QUERY = { type: 'object', properties: {}, additionalProperties: false };

/** INVARIANT: before the first route; each gets it when it is added. */
export function refuseTheUnknown(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const { querystring = NO_QUERY, ...schema } = route.schema ?? {};
    // a route that says what others are like has to take them: a provider sends a browser back with what it pleases
    const others = (querystring as { additionalProperties?: unknown }).additionalProperties;
    const additionalProperties = typeof others === 'object' ? others : false;
    route.schema = { ...schema, querystring: { ...(querystring as object), additionalProperties } };
  });
  server.addHook('preValidation', async (request) => {
    const { schema, config } = request.routeOptions;
    if (request.is404 || schema?.body !== undefined || (config as RouteConfig).streams === true) return;
    // clients send {} where they have nothing to say
    if (request.body === undefined || JSON.stringify(request.body) === '{}') return;
    throw httpFailure('INVALID', { detail: 'this route takes no body' });
  });
}
