/** Routes on scanners that run here. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { askedBy, CLOSED, TAGS, type AssuranceHttpNeeds } from './needs.ts';
import { SCANNER } from './shapes.ts';

export function scanRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  const { assurance } = needs;

  server.route({
    method: 'GET',
    url: '/v1/assurance/scanners',
    schema: { operationId: 'listScanners', tags: TAGS, summary: 'Scanners that look at this very system where they are installed, and what came of each', response: { 200: Type.Object({ scanners: Type.Array(SCANNER) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { scanners: await assurance.scans.list() };
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/scans',
    schema: {
      operationId: 'beginScans', tags: TAGS, summary: 'Let scanners look at this system, one after the other; none named: all that can',
      body: Type.Object({ scanners: Type.Array(Type.String({ pattern: '^[a-z]{2,20}$' }), { maxItems: 20 }) }, CLOSED),
      response: { 202: Type.Object({ scanners: Type.Array(Type.String()) }) },
    },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'assurance.run');
      return reply.code(202).send({ scanners: [...(await assurance.scans.begin(by, request.body.scanners))] });
    },
  }); // prettier-ignore

  server.route({
    method: 'DELETE',
    url: '/v1/assurance/scans',
    schema: { operationId: 'stopScans', tags: TAGS, summary: 'End the scan that goes on, at whichever server; it says nothing', response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      await assurance.scans.stop(await askedBy(needs, request, 'assurance.run'));
      return reply.code(204).send(null);
    },
  }); // prettier-ignore
}
