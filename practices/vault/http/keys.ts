/** Routes on the vault's own keys: inventory, rotation. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { parsePublicId } from '#platform/ids';

import { toCbom } from '../algorithms.ts';
import { requireAction } from '../core.ts';
import { vaultFailure } from '../failures.ts';
import { workView } from '../works.ts';
import { callerOf, type VaultHttpNeeds } from './caller.ts';
import { AnyValue, Id, Work } from './shapes.ts';

export function keyRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  const { vault } = needs;

  server.route({
    method: 'GET',
    url: '/v1/vault/algorithms',
    schema: {
      operationId: 'algorithms', tags: ['vault'], summary: 'Inventory of algorithms and keys with deadlines; format=cbom for CycloneDX',
      querystring: Type.Object({ format: Type.Optional(Type.Enum(['json', 'cbom'])) }, { additionalProperties: false }),
      response: { 200: Type.Record(Type.String(), AnyValue) },
    }, // prettier-ignore
    handler: async (request) => {
      await requireAction(vault.core, callerOf(needs, request), { action: 'system.inspect' });
      const found = await vault.inventory(needs.epochDays);
      const wantsCbom = request.query.format === 'cbom' || request.headers.accept === 'application/vnd.cyclonedx+json';
      return wantsCbom ? toCbom(found, needs.version, vault.core.clock()) : found;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/vault/rotations',
    schema: {
      operationId: 'startRotation', tags: ['vault'], summary: 'Rotate while serving: the epoch, all keys, the root, or the search index',
      body: Type.Object({ what: Type.Enum(['epoch', 'keys', 'root', 'index']) }, { additionalProperties: false }), response: { 202: Work },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const row = await vault.beginWork(callerOf(needs, request), request.body.what);
      needs.onWork();
      return reply.code(202).send(workView(row) as never);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/rotations',
    schema: {
      operationId: 'listRotations',
      tags: ['vault'],
      summary: 'The last works and their progress',
      response: { 200: Type.Object({ works: Type.Array(Work) }) },
    },
    handler: async (request) => {
      await requireAction(vault.core, callerOf(needs, request), { action: 'system.inspect' });
      return { works: (await vault.works()).map(workView) } as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/vault/rotations/:id',
    schema: {
      operationId: 'getRotation',
      tags: ['vault'],
      summary: 'One work and its progress',
      params: Type.Object({ id: Id }),
      response: { 200: Work },
    },
    handler: async (request) => {
      await requireAction(vault.core, callerOf(needs, request), { action: 'system.inspect' });
      const id = parsePublicId('work', request.params.id);
      const row = id === null ? null : await vault.work(id);
      if (row === null) throw vaultFailure('NOT_FOUND', { detail: 'there is no such work' });
      return workView(row) as never;
    },
  });
}
