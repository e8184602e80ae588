/** Routes on versions of the catalogue: read, lint, compare, propose, approve, activate. */
import Type from 'typebox';

import type { AuditEvent } from '#platform/audit';
import type { HttpServer } from '#platform/http';
import type { Actor } from '#practices/access';

import type { CatalogVersion, CatalogVersions, LogVersion } from '../catalog-versions.ts';
import { eventActor, refusalsLogged, type Caller } from './caller.ts';
import { Diff, Document, Linted, Version, VersionId, VersionWithDocument } from './shapes.ts';

const tags = ['collection'];
const strict = { additionalProperties: false } as const;

export function versionRoutes(server: HttpServer, needs: Caller & { versions: CatalogVersions }): void {
  const { audit, allowed, versions } = needs;
  const log =
    (actor: Actor, verb: string, requestId: string): LogVersion =>
    (tx, version, more) =>
      audit.appendIn(tx, versionEvent(verb, eventActor(actor), version, { requestId, more }));

  server.route({
    method: 'GET',
    url: '/v1/collection/versions',
    schema: {
      operationId: 'listCatalogs', tags, summary: 'Versions of the catalogue, newest first',
      response: { 200: Type.Object({ versions: Type.Array(Version) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return { versions: await versions.list() };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/collection/versions/:id',
    schema: {
      operationId: 'getCatalog', tags, summary: 'One version with its document; `active` for the one that holds', params: VersionId,
      response: { 200: VersionWithDocument },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return await versions.get(request.params.id);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/collection/versions/:id/diff',
    schema: {
      operationId: 'diffCatalog', tags, summary: 'What a version changes, against the one it was proposed on', params: VersionId,
      response: { 200: Diff },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return ((await versions.diff(request.params.id)) ?? { compatible: true, changes: [] }) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/collection/lint',
    schema: {
      operationId: 'lintCatalog', tags, summary: 'What is wrong with a catalogue, and what it would change; nothing is kept',
      body: Type.Object({ document: Document }, strict), response: { 200: Linted },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.propose');
      const { ok, catalog, problems, warnings, diff } = await versions.lint(request.body.document);
      return { ok, hash: catalog?.version ?? null, problems: [...problems], warnings: [...warnings], diff } as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/collection/versions',
    config: { inspect: { text: ['body.note'] } } as never,
    schema: {
      operationId: 'proposeCatalog', tags, summary: 'Propose a catalogue; it is kept when nothing is wrong with it',
      body: Type.Object(
        {
          document: Document,
          note: Type.String({ minLength: 1, maxLength: 500 }),
          basedOn: Type.Optional(Type.String({ maxLength: 40, description: 'the version it was made from: refused when another one holds by now' })),
        },
        strict,
      ),
      response: { 201: Type.Object({ version: Version, diff: Diff }) },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await allowed(request, 'catalog.propose');
      const { document, note, basedOn = null } = request.body;
      const made = await versions.propose(actor, { document, note, basedOn }, log(actor, 'propose', request.id));
      return reply.code(201).send(made as never);
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/collection/versions/:id/approve',
    schema: {
      operationId: 'approveCatalog', tags, summary: 'Approve what another person proposed, by the hash of what was looked at', params: VersionId,
      body: Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict), response: { 200: Version },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'catalog.approve');
      const { id } = request.params;
      const { hash } = request.body;
      const what = { action: 'collection.catalog.approve', actor, request, detail: { hash } };
      return await refusalsLogged(needs, what, () =>
        versions.approve(actor, id, hash, log(actor, 'approve', request.id)),
      );
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/collection/versions/:id/activate',
    schema: {
      operationId: 'activateCatalog', tags, summary: 'Let an approved version hold, from the next request on, on every server', params: VersionId,
      response: { 200: Type.Object({ version: Version, indexWork: Type.Union([Type.String(), Type.Null()], { description: 'the work that makes the search index anew' }) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'catalog.activate');
      const what = { action: 'collection.catalog.activate', actor, request, detail: {} };
      return await refusalsLogged(needs, what, () =>
        versions.activate(actor, request.params.id, log(actor, 'activate', request.id)),
      );
    },
  });
}

/** The entry of a change; the hash is that of the meaning. */
export function versionEvent(
  verb: string,
  actor: AuditEvent['actor'],
  { id, hash, state, basedOn }: CatalogVersion,
  { requestId, more = {} }: Readonly<{ requestId?: string; more?: Readonly<Record<string, string>> }> = {},
): AuditEvent {
  return {
    action: `collection.catalog.${verb}`,
    actor,
    outcome: 'done',
    requestId,
    detail: { version: id, hash, state, ...(basedOn === null ? {} : { basedOn }), ...more },
  };
}
