/** Routes of exports for analysis: profiles, runs, counts with noise. */
import { Readable } from 'node:stream';

import Type from 'typebox';

import type { Actor } from '#practices/access';

import type { Asking, Exports } from '../export/index.ts';
import type { Profile } from '../export/profile.ts';
import { Answer, Budgets, CountBody, Hash, ProfileBody, ProfileOut, RunView } from './export-shapes.ts';
import { byOf, Id, strict, tags, type RetentionHttpNeeds, type Server } from './retention-shapes.ts';

export type ExportHttpNeeds = Omit<RetentionHttpNeeds, 'retention' | 'onWork'> &
  Readonly<{
    exports: Exports;
    /** Looks the actor up again. @throws when it is revoked */
    renew: (actor: Actor) => Promise<Actor>;
    /** Seals a stream to an X-Wing public key, base64url. */
    sealTo: (recipient: string, lines: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  }>;

const ONE = { params: Id, response: { 200: ProfileOut } };

export function exportRoutes(server: Server, needs: ExportHttpNeeds): void {
  const { exports } = needs;
  /** Whether anything leaves for them is asked of the vault, with the purpose; here, whether they may ask. */
  const asking = async (request: object & { id: string }, reply: { raw: { destroyed: boolean } }): Promise<Asking> => {
    const actor = await needs.allowed(request, 'exports.run');
    return { actor, requestId: request.id, renew: () => needs.renew(actor), stopped: () => reply.raw.destroyed };
  };

  server.route({
    method: 'GET',
    url: '/v1/collection/exports/profiles',
    schema: { operationId: 'listExportProfiles', tags, summary: 'What may leave for analysis, how and for whom; those that hold or wait first', response: { 200: Type.Object({ profiles: Type.Array(ProfileOut) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'exports.read');
      return { profiles: await exports.profiles.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/exports/profiles',
    schema: { operationId: 'proposeExportProfile', tags, summary: 'Propose a profile; somebody else approves it', body: ProfileBody, response: { 201: ProfileOut } },
    handler: async (request, reply) =>
      reply.code(201).send((await exports.profiles.propose(await byOf(needs, request, 'exports.propose'), withDefaults(request.body))) as never),
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/exports/profiles/:id/approve',
    schema: { operationId: 'approveExportProfile', tags, summary: 'Approve exactly this profile, by its hash; the one of its name until now is retired', body: Type.Object({ hash: Hash }, strict), ...ONE },
    handler: async (request) =>
      (await exports.profiles.approve(await byOf(needs, request, 'exports.approve'), request.params.id, request.body.hash)) as never,
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/exports/profiles/:id/retire',
    schema: { operationId: 'retireExportProfile', tags, summary: 'Nothing leaves by it any more', ...ONE },
    handler: async (request) => (await exports.profiles.retire(await byOf(needs, request, 'exports.propose'), request.params.id)) as never,
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/exports/profiles/:id/run',
    schema: {
      operationId: 'runExport', tags, summary: 'Records by this profile as JSON lines, or sealed to a recipient; measured before they leave', params: Id,
      headers: Type.Object({ 'strongroom-recipient': Type.Optional(Type.String({ maxLength: 2000, description: 'X-Wing public key, base64url' })) }),
      produces: ['application/x-ndjson', 'application/octet-stream'],
    },
    handler: async (request, reply) => {
      const run = await exports.run(await asking(request, reply), request.params.id);
      const end = (): void => void run.close().catch((err: unknown) => request.log.error({ err }, 'the end of an export could not be noted'));
      // who left while the last of it was made ready does not leave again
      if (reply.raw.closed) end();
      else reply.raw.once('close', end);
      void reply.header('strongroom-export', run.id);
      const recipient = request.headers['strongroom-recipient'];
      if (recipient === undefined) return reply.type('application/x-ndjson').send(Readable.from(run.lines, { objectMode: false }));
      return reply.type('application/octet-stream').send(Readable.from(needs.sealTo(recipient, run.lines), { objectMode: false }));
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/exports/runs',
    schema: { operationId: 'listExportRuns', tags, summary: 'What left: how many, how coarse, k and l as measured; newest first', response: { 200: Type.Object({ runs: Type.Array(RunView) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'exports.read');
      return { runs: await exports.runs() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/exports/profiles/:id/counts',
    schema: { operationId: 'countPeople', tags, summary: 'How many people by group, with noise, paid from the recipient’s budget; the same question gets the same answer', params: Id, body: CountBody, response: { 200: Type.Object({ ...Answer.properties, repeated: Type.Boolean() }) } },
    handler: async (request, reply) => (await exports.count(await asking(request, reply), request.params.id, request.body)) as never,
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/exports/counts',
    schema: { operationId: 'listCounts', tags, summary: 'Answers as they were given, newest first, and what is left of each budget', response: { 200: Type.Object({ answers: Type.Array(Answer), budgets: Budgets }) } },
    handler: async (request) => {
      await needs.allowed(request, 'exports.read');
      return { answers: await exports.answers(), budgets: await exports.budgets() } as never;
    },
  }); // prettier-ignore
}

type Body = Readonly<Record<string, unknown> & { kind: string }>;
const withDefaults = (body: unknown): Profile => {
  const given = body as Body;
  return (given.kind === 'records' ? { k: 1, l: 1, maxSuppressedPercent: 0, ...given } : given) as Profile;
};
