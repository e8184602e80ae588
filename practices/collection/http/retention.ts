/** Routes of retention: events, settings, plans and runs, the account of what went, the proof. */
import Type from 'typebox';

import {
  byOf,
  ErasureOut,
  EventsBody,
  EventsOut,
  Id,
  ProofOut,
  RunOut,
  SettingsIn,
  SettingsView,
  StatusOut,
  strict,
  tags,
  type RetentionHttpNeeds,
  type Server,
} from './retention-shapes.ts';

const RUN = { params: Id, response: { 200: RunOut } };

export function retentionRoutes(server: Server, needs: RetentionHttpNeeds): void {
  const { retention } = needs;

  server.route({
    method: 'POST',
    url: '/v1/collection/events',
    schema: { operationId: 'recordEvents', tags, summary: 'What happened to subjects: periods begin at it; the same event twice is one', body: EventsBody, response: { 200: EventsOut } },
    handler: async (request) => {
      const by = await byOf(needs, request, 'events.record');
      const outcomes = await retention.events.record(by, request.body.events);
      return {
        results: outcomes.map((each, index) => {
          if (each.status !== 'rejected') return { index, ...each };
          const { code, message, hint, extra } = each.failure;
          const field = typeof extra.field === 'string' ? { field: extra.field } : {};
          return { index, status: each.status, problem: { code, detail: message, hint, ...field } };
        }),
      };
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/retention',
    schema: { operationId: 'retentionStatus', tags, summary: 'Settings, the newest run, what is due by month, what waits for an event', response: { 200: StatusOut } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      const plan = await retention.engine.newestPlan();
      const [run] = await retention.engine.list(1);
      return {
        ...(await retention.settings.view()), run: run ?? null, plannedAt: plan?.planned_at?.toISOString() ?? null,
        upcoming: plan?.plan.upcoming ?? {}, awaiting: plan?.plan.awaiting ?? {}, proof: await retention.prove.newest(),
      } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/settings',
    schema: { operationId: 'proposeRetentionSettings', tags, summary: 'Propose settings; somebody else approves them', body: SettingsIn, response: { 200: SettingsView } },
    handler: async (request) => retention.settings.propose(await byOf(needs, request, 'retention.plan'), request.body),
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/settings/approve',
    schema: { operationId: 'approveRetentionSettings', tags, summary: 'Approve the settings that were proposed, by their hash', body: Type.Object({ hash: Type.String({ minLength: 64, maxLength: 64 }) }, strict), response: { 200: SettingsView } },
    handler: async (request) => retention.settings.approve(await byOf(needs, request, 'retention.approve'), request.body.hash),
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/retention/runs',
    schema: { operationId: 'listRetentionRuns', tags, summary: 'Plans and runs, newest first', response: { 200: Type.Object({ runs: Type.Array(RunOut) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return { runs: await retention.engine.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/runs',
    schema: { operationId: 'planRetention', tags, summary: 'Plan: a dry run with counts and samples; nothing is done before it is approved', response: { 201: RunOut } },
    handler: async (request, reply) => {
      const run = await retention.engine.plan(await byOf(needs, request, 'retention.plan'));
      needs.onWork();
      return reply.code(201).send(run as never);
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/retention/runs/:id',
    schema: { operationId: 'getRetentionRun', tags, summary: 'One plan, and what was done of it', ...RUN },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return (await retention.engine.get(request.params.id)) as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/runs/:id/approve',
    schema: { operationId: 'approveRetention', tags, summary: 'Approve exactly this plan; above a number of subjects two people do', body: Type.Object({ planHash: Type.String({ minLength: 64, maxLength: 64 }) }, strict), ...RUN },
    handler: async (request) => {
      const by = await byOf(needs, request, 'retention.approve');
      const run = await retention.engine.approve(by, request.params.id, request.body.planHash);
      needs.onWork();
      return run as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/runs/:id/cancel',
    schema: { operationId: 'cancelRetention', tags, summary: 'Do nothing more of it', ...RUN },
    handler: async (request) => (await retention.engine.cancel(await byOf(needs, request, 'retention.plan'), request.params.id)) as never,
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/retention/runs/:id/certificate',
    schema: { operationId: 'retentionCertificate', tags, summary: 'The signed certificate of a run, to be verified offline', params: Id, response: { 200: Type.Object({ certificate: Type.String() }) } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return { certificate: await retention.engine.certificate(request.params.id) };
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/collection/retention/proofs',
    schema: { operationId: 'proveRetention', tags, summary: 'Look whether anything is left that should have gone', response: { 200: ProofOut } },
    handler: async (request) => (await retention.prove.run(await byOf(needs, request, 'retention.read'))) as never,
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/collection/retention/erasures',
    schema: { operationId: 'listErasures', tags, summary: 'The account of what went, by HMAC, in the order of the log: a restore is replayed from it', querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}[.][0-9]{1,6}$' })), limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })) }, strict), response: { 200: Type.Object({ erasures: Type.Array(ErasureOut) }) } },
    handler: async (request) => {
      await needs.allowed(request, 'retention.read');
      return { erasures: await retention.erasedSince(request.query.after ?? '', Math.min(Math.max(Number(request.query.limit ?? 100), 1), 1000)) } as never;
    },
  }); // prettier-ignore
}
