/** Routes on the comparison of all records with the log. */
import type { HttpServer } from '#platform/http';

import { requireAction } from '../core.ts';
import { vaultFailure } from '../failures.ts';
import { workView } from '../works.ts';
import { callerOf, type VaultHttpNeeds } from './caller.ts';
import { Work } from './shapes.ts';

const url = '/v1/vault/verification';

export function verificationRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;

  server.route({
    method: 'POST',
    url,
    schema: {
      operationId: 'startVerification',
      tags: ['vault'],
      summary: 'Compare every record with the audit log, while serving; one that runs is given back',
      response: { 202: Work },
    },
    handler: async (request, reply) => {
      const row = await vault.beginWork(callerOf(needs, request), 'verify');
      needs.onWork();
      return reply.code(202).send(workView(row) as never);
    },
  });

  server.route({
    method: 'GET',
    url,
    schema: {
      operationId: 'getVerification',
      tags: ['vault'],
      summary: 'The newest verification: progress, then what was found, by kind and with the first 100 records',
      response: { 200: Work },
    },
    handler: async (request) => {
      await requireAction(vault.core, callerOf(needs, request), { action: 'system.inspect' });
      const row = await vault.newestWork('verify');
      if (row === null)
        throw vaultFailure('NOT_FOUND', { detail: 'nothing was verified yet', hint: `POST ${url} starts it` });
      return workView(row) as never;
    },
  });
}
