/** Routes on versions of policies: read, review, propose, approve, activate, and what a version would have decided. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { PolicyVersion } from '../policy-versions.ts';
import { pastQuestion, type PastQuestion } from '../what-if.ts';
import { allowedActor, eventActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';
import { DOCUMENT, MATRIX, REPLAYED, REVIEW, VERSION, VERSION_WITH_DOCUMENT } from './shapes.ts';

const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });
/** Entries of the log looked at in one replay. */
const MOST_ENTRIES = 20_000;
const PAGE = 1000;

export function policyRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit } = needs;
  const versions = () => needs.access.policies;
  const tags = ['access'];

  server.route({
    method: 'GET',
    url: '/v1/access/policies',
    schema: {
      operationId: 'listPolicies',
      tags,
      summary: 'Versions of the policies, newest first',
      response: { 200: Type.Object({ versions: Type.Array(VERSION) }) },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'policies.read');
      return { versions: await versions().list() };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/policies/:id',
    schema: {
      operationId: 'getPolicies',
      tags,
      summary: 'One version with its document; `active` for the one that holds',
      params: ID,
      response: { 200: VERSION_WITH_DOCUMENT },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'policies.read');
      return (await versions().get(request.params.id)) as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/policies/:id/review',
    schema: {
      operationId: 'reviewPolicies',
      tags,
      summary: 'What a version would change, against the one that holds',
      params: ID,
      response: { 200: REVIEW },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'policies.read');
      return (await versions().review((await versions().get(request.params.id)).document)) as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/access/policies/:id/matrix',
    schema: {
      operationId: 'policyMatrix',
      tags,
      summary: 'Every decision of a version: role, purpose, action, class, and facts that some policy looks at',
      params: ID,
      response: { 200: MATRIX },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'policies.read');
      const { cells, idle, failing } = await versions().matrix(request.params.id);
      return { cells: [...cells.values()], idle, failing } as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/policies/test',
    schema: {
      operationId: 'testPolicies',
      tags,
      summary: 'What would be said of a document; nothing is kept',
      body: Type.Object({ document: DOCUMENT }, { additionalProperties: false }),
      response: { 200: REVIEW },
    },
    handler: async (request) => {
      await allowedActor(needs, request, 'policies.propose');
      return (await versions().review(request.body.document)) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/policies',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'proposePolicies', tags, summary: 'Propose a document: kept as validated, or as a draft when it breaks a rule',
      body: Type.Object({ document: DOCUMENT, note: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false }),
      response: { 201: Type.Object({ version: VERSION, review: REVIEW }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowedActor(needs, request, 'policies.propose');
      const { document, note } = request.body;
      const made = await versions().propose(actor, document, note, (tx, version) =>
        audit.appendIn(tx, event(actor, 'propose', version, request.id)),
      );
      return reply.code(201).send(made as never);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/policies/:id/approve',
    schema: {
      operationId: 'approvePolicies', tags, summary: 'Approve what another person proposed, by the hash of what was looked at', params: ID,
      body: Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, { additionalProperties: false }), response: { 200: VERSION },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'policies.approve');
      const { id } = request.params;
      const { hash } = request.body;
      return await refusalsLogged(needs, { action: 'access.policy.approve', actor, request, detail: { hash } }, () =>
        versions().approve(actor, id, hash, (tx, version) =>
          audit.appendIn(tx, event(actor, 'approve', version, request.id)),
        ),
      );
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/policies/:id/activate',
    schema: {
      operationId: 'activatePolicies',
      tags,
      summary: 'Let an approved version hold, from the next request on, on every server',
      params: ID,
      response: { 200: VERSION },
    },
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'policies.activate');
      const { id } = request.params;
      const active = await refusalsLogged(needs, { action: 'access.policy.activate', actor, request, detail: {} }, () =>
        versions().activate(actor, id, (tx, version) =>
          audit.appendIn(tx, event(actor, 'activate', version, request.id)),
        ),
      );
      // who has a role now had it before the role asked for anything: seen before anybody else is given it
      await needs.onPolicies();
      return active;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/access/policies/:id/replay',
    schema: {
      operationId: 'replayPolicies', tags, summary: 'Past decisions of the audit log under this version: who would lose or gain what', params: ID,
      body: Type.Object({ entries: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ENTRIES })) }, { additionalProperties: false }),
      response: { 200: REPLAYED },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowedActor(needs, request, 'policies.read');
      const to = await audit.size();
      const from = Math.max(0, to - (request.body.entries ?? MOST_ENTRIES));
      const questions: PastQuestion[] = [];
      for (let at = from; at < to; at += PAGE)
        for (const { bytes } of await audit.read(at, Math.min(at + PAGE, to))) questions.push(...readQuestion(bytes));
      // before the entry: a version that is not there was not replayed
      const replayed = await versions().replay(request.params.id, questions);
      await audit.append({
        action: 'access.policy.replay',
        actor: eventActor(actor),
        outcome: 'done',
        detail: { from, to },
        requestId: request.id,
      });
      return { from, to, ...replayed } as never;
    },
  });
}

/** An entry that is no JSON was tampered with: `audit verify` says so, a replay passes it by. */
function readQuestion(bytes: Buffer): PastQuestion[] {
  try {
    const question = pastQuestion(JSON.parse(bytes.toString('utf8')));
    return question === null ? [] : [question];
  } catch {
    return [];
  }
}

function event(
  actor: Parameters<typeof eventActor>[0],
  verb: string,
  { id, hash, state }: PolicyVersion,
  requestId: string,
) {
  return {
    action: `access.policy.${verb}`,
    actor: eventActor(actor),
    outcome: 'done' as const,
    requestId,
    detail: { version: id, hash, state },
  };
}
