/** Routes on rules and playbooks. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { BEHAVIOURS } from '../behaviour/index.ts';
import { trafficFailure } from '../failures.ts';
import { askedBy, TAGS, type TrafficHttpNeeds } from './needs.ts';
import { CLOSED, FAULT, PLAYBOOK, reason, RULE, RULE_ID, TRIAL } from './shapes.ts';

const ID = Type.Object({ id: Type.String({ pattern: RULE_ID }) });
const TEXT = Type.String({ minLength: 1, maxLength: 65_536, description: 'Sigma, as YAML' });
/** Events that a rule is tried on. */
const TRIED = 20_000;

export function ruleRoutes(server: HttpServer, needs: TrafficHttpNeeds): void {
  // looked at when it is called: the document of the routes is made without a server
  const { traffic, audit } = needs;

  server.route({
    method: 'GET',
    url: '/v1/traffic/rules',
    schema: {
      operationId: 'listRules', tags: TAGS, summary: 'Sigma rules, shipped and own, with how often each spoke; and what speaks without one',
      response: { 200: Type.Object({ rules: Type.Array(RULE), faults: Type.Array(FAULT), behaviours: Type.Array(Type.String(), { description: 'such as behaviour.brute-force: a playbook may name one' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return {
        rules: (await traffic.rules.list()) as never,
        faults: traffic.rules.faults() as never,
        behaviours: [...BEHAVIOURS],
      };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/rules/:id',
    schema: { operationId: 'getRule', tags: TAGS, summary: 'One rule, with its text as it is run', params: ID, response: { 200: RULE } },
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      const found = (await traffic.rules.list()).find(({ id }) => id === request.params.id);
      if (found === undefined) throw trafficFailure('NOT_FOUND');
      return found as never;
    },
  }); // prettier-ignore

  server.route({
    method: 'POST',
    url: '/v1/traffic/rules',
    schema: {
      operationId: 'putRule', tags: TAGS, summary: 'Add a Sigma rule of your own, or replace one of the same id',
      body: Type.Object({ text: TEXT }, CLOSED), response: { 201: Type.Object({ id: Type.String(), faults: Type.Array(FAULT) }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'rules.manage');
      return reply.code(201).send((await traffic.rules.put(by, request.body.text)) as never);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/traffic/rules/test',
    schema: {
      operationId: 'testRule', tags: TAGS, summary: 'What a rule would have said of the events of the last hours; nothing is kept',
      body: Type.Object({ text: TEXT, hours: Type.Integer({ minimum: 1, maximum: 720 }) }, CLOSED), response: { 200: TRIAL },
    }, // prettier-ignore
    handler: async (request) => {
      const by = await askedBy(needs, request, 'rules.manage');
      const { text, hours } = request.body;
      const to = new Date();
      const from = new Date(to.getTime() - hours * 3_600_000);
      // what a rule says of events tells of them
      await audit.append({ action: 'traffic.events.read', actor: by.actor, outcome: 'done', requestId: request.id, detail: { from: from.toISOString(), to: to.toISOString() } }); // prettier-ignore
      const { events } = await traffic.search({ from, to }, TRIED);
      return traffic.rules.tryOut(text, events.toReversed()) as never;
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/traffic/rules/:id/state',
    schema: {
      operationId: 'setRuleState', tags: TAGS, summary: 'Switch a rule off or on again, also one that its budget suspended', params: ID,
      body: Type.Object({ state: Type.Enum(['on', 'off']), reason }, CLOSED), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'rules.manage');
      await traffic.rules.setState(by, request.params.id, request.body.state, request.body.reason);
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/traffic/rules/:id',
    schema: { operationId: 'removeRule', tags: TAGS, summary: 'Remove a rule of your own; a shipped one is switched off', params: ID, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'rules.manage');
      await traffic.rules.remove(by, request.params.id);
      return reply.code(204).send(null);
    },
  }); // prettier-ignore

  server.route({
    method: 'GET',
    url: '/v1/traffic/playbooks',
    schema: {
      operationId: 'listPlaybooks', tags: TAGS, summary: 'What is done by itself when an alert comes',
      response: { 200: Type.Object({ version: Type.String({ description: 'another one whenever somebody saves' }), playbooks: Type.Array(Type.Object({ id: Type.String({ description: 'pbk_…' }), ...PLAYBOOK })) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return traffic.playbooks.list();
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/traffic/playbooks',
    schema: {
      operationId: 'putPlaybooks', tags: TAGS, summary: 'All playbooks, as one; begin with mode shadow',
      body: Type.Object({ version: Type.Optional(Type.String({ maxLength: 40, description: 'that they were changed from; refused when another one holds by now' })), playbooks: Type.Array(Type.Object({ id: Type.Optional(Type.String({ pattern: '^pbk_[0-9a-z]{26}$' })), ...PLAYBOOK }, CLOSED), { maxItems: 50 }) }, CLOSED),
      response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const by = await askedBy(needs, request, 'measures.take');
      await traffic.playbooks.replace(by, request.body.playbooks, request.body.version);
      return reply.code(204).send(null);
    },
  });
}
