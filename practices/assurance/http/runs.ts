/** Routes on tests and runs, and on who may run what. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import { publicId } from '#platform/ids';

import { askedBy, CLOSED, TAGS, type AssuranceHttpNeeds } from './needs.ts';
import { ARM, ARM_BODY, HASH, ID, POSTURE, RUN, SWITCH, TEST, WHOLE_RUN, words } from './shapes.ts';

export function runRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  const { assurance } = needs;

  server.route({
    method: 'GET',
    url: '/v1/assurance/tests',
    schema: { operationId: 'listControlTests', tags: TAGS, summary: 'Each control test, how it stands, since when and by which evidence', response: { 200: Type.Object({ tests: Type.Array(TEST) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { tests: await assurance.posture.tests() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/posture',
    schema: { operationId: 'getPosture', tags: TAGS, summary: 'What is proven of the eight practices; trend, kill rate, what is overdue', response: { 200: POSTURE } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      const [posture, pulled, arms, armed] = await Promise.all([assurance.posture.get(), assurance.arms.switch(), assurance.arms.list(), assurance.armedNow()]);
      return { ...posture, switch: pulled, armed: [...armed], arms: arms.filter(({ state }) => state !== 'over') } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/runs',
    schema: {
      operationId: 'beginRun', tags: TAGS, summary: 'Run tests; none named: all that may run now',
      body: Type.Object({ tests: Type.Array(Type.String({ pattern: '^[A-Z]{2,20}(?:-[0-9]{2,3})?$', description: 'AUTHZ, or AUTHZ-01' }), { maxItems: 200 }) }, CLOSED),
      response: { 202: Type.Object({ id: Type.String({ description: 'run_…' }) }) },
    },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'assurance.run');
      const id = await assurance.begin({ actor: by.actor as never, requestId: by.requestId }, request.body.tests);
      return reply.code(202).send({ id: publicId('run', id) });
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/runs',
    schema: { operationId: 'listRuns', tags: TAGS, summary: 'Runs, the newest first', response: { 200: Type.Object({ runs: Type.Array(RUN) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { runs: await assurance.runs() };
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/runs/:id',
    schema: { operationId: 'getRun', tags: TAGS, summary: 'One run: how far it is, and its results; they count when all of them are signed', params: ID, response: { 200: WHOLE_RUN } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return (await assurance.run(request.params.id)) as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/runs/:id/stop',
    schema: { operationId: 'stopRun', tags: TAGS, summary: 'End a run before its next test; what it said so far counts', params: ID, response: { 200: WHOLE_RUN } },
    handler: async (request) => (await assurance.stopRun(await askedBy(needs, request, 'assurance.run'), request.params.id)) as never,
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/evidence/:hash',
    schema: { operationId: 'getControlEvidence', tags: TAGS, summary: 'What a result rests on, as bytes with this SHA-256', params: HASH, produces: ['application/octet-stream'] },
    handler: async (request, reply) => {
      await askedBy(needs, request, 'assurance.read');
      return reply.type('application/octet-stream').send(await assurance.evidence(request.params.hash));
    },
  }); // prettier-ignore

  server.route({
    method: 'PUT',
    url: '/v1/assurance/switch',
    schema: { operationId: 'pullSwitch', tags: TAGS, summary: 'No test runs from now on; one that runs is stopped', body: Type.Object({ reason: words(1, 2000) }, CLOSED), response: { 200: SWITCH } },
    handler: async (request) => assurance.arms.pull(await askedBy(needs, request, 'assurance.arm'), true, request.body.reason),
  }); // prettier-ignore

  server.route({
    method: 'DELETE',
    url: '/v1/assurance/switch',
    schema: { operationId: 'releaseSwitch', tags: TAGS, summary: 'Tests may run again', response: { 200: SWITCH } },
    handler: async (request) => assurance.arms.pull(await askedBy(needs, request, 'assurance.arm'), false, ''),
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/assurance/arms',
    schema: { operationId: 'listArms', tags: TAGS, summary: 'Who let attacks run here, and until when; the newest first', response: { 200: Type.Object({ arms: Type.Array(ARM) }) } },
    handler: async (request) => {
      await askedBy(needs, request, 'assurance.read');
      return { arms: await assurance.arms.list() } as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/assurance/arms',
    schema: { operationId: 'proposeArm', tags: TAGS, summary: 'Propose that attacks, or chaos, may run here for some days; somebody else approves it', body: ARM_BODY, response: { 201: ARM } },
    handler: async (request, reply) => reply.code(201).send((await assurance.arms.propose(await askedBy(needs, request, 'assurance.arm'), request.body)) as never),
  }); // prettier-ignore

  const arm = (verb: 'approve' | 'end', operationId: string, summary: string): void => {
    server.route({
      method: 'POST',
      url: `/v1/assurance/arms/:id/${verb}`,
      schema: { operationId, tags: TAGS, summary, params: ID, response: { 200: ARM } },
      handler: async (request) => (await assurance.arms[verb](await askedBy(needs, request, 'assurance.arm'), request.params.id)) as never,
    });
  }; // prettier-ignore
  arm('approve', 'approveArm', 'Approve it; somebody else than who proposed it');
  arm('end', 'endArm', 'End it at once; one person is enough');
}
