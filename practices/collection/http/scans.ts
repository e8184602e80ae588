/** Routes of discovery: scans that were handed in, and what was decided about their differences. */
import Type from 'typebox';

import type { Discovery } from '../discovery/discovery.ts';
import { byOf, Id, tags, type RetentionHttpNeeds, type Server } from './retention-shapes.ts';
import { DecideBody, DriftOut, MAX_REPORT_BYTES, ScanBody, ScanOut, ScansOut } from './scan-shapes.ts';

const url = '/v1/collection/scans';

export function scanRoutes(
  server: Server,
  needs: Pick<RetentionHttpNeeds, 'allowed'> & Readonly<{ discovery: Discovery }>,
): void {
  const { discovery } = needs;

  server.route({
    method: 'POST',
    url,
    bodyLimit: MAX_REPORT_BYTES,
    schema: { operationId: 'reportScan', tags, summary: 'Keep what a scan found: names, counts and reasons; a value is refused', body: ScanBody, response: { 201: ScanOut } },
    handler: async (request, reply) => {
      const { report, scope = null, binding = null } = request.body;
      return reply.code(201).send((await discovery.report(await byOf(needs, request, 'scans.report'), { report, scope, binding })) as never);
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url,
    schema: { operationId: 'listScans', tags, summary: 'Scans, newest first; of the newest of each source how it differs from the catalogue', response: { 200: ScansOut } },
    handler: async (request) => {
      await needs.allowed(request, 'scans.read');
      return { scans: await discovery.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: `${url}/:id`,
    schema: { operationId: 'getScan', tags, summary: 'What was found where, how sure and why; and what is not as the catalogue says it', params: Id, response: { 200: ScanOut } },
    handler: async (request) => {
      await needs.allowed(request, 'scans.read');
      return (await discovery.get(request.params.id)) as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: `${url}/:id/drifts/:drift/decide`,
    config: { inspect: { text: ['body.reason'] } } as never,
    schema: {
      operationId: 'decideDrift', tags, summary: 'Ignore a difference until a day, call it resolved, or open it again; with the reason',
      params: Type.Object({ ...Id.properties, drift: Type.String({ pattern: '^drift_[0-9a-f]{32}$' }) }), body: DecideBody, response: { 200: DriftOut },
    },
    handler: async (request) => {
      const { id, drift } = request.params;
      return discovery.decide(await byOf(needs, request, 'scans.decide'), id, drift, request.body);
    },
  }); // prettier-ignore
}
