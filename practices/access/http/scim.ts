/** SCIM 2.0, for identity providers: users and groups, and what there is to know of this side. Source: RFC 7643, RFC 7644 */
import Type, { type TSchema } from 'typebox';

import type { HttpServer } from '#platform/http';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Kind } from '../scim/attributes.ts';
import { MAX_RESULTS, resourceTypes, schemas, serviceProviderConfig } from '../scim/discovery.ts';
import type { Doing, LogChange } from '../scim/provision.ts';
import { shown, type Resource } from '../scim/resource.ts';
import { allowedActor, eventActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';
import { rolesEvents } from './groups.ts';
import { listAnswer, SCIM_TYPE, scimProblem } from './scim-answer.ts';

const tags = ['access'];
const ID = Type.Object({ id: Type.String({ maxLength: 200 }) });
const NAMES = Type.String({ maxLength: 1000, pattern: '^[A-Za-z0-9:._,$ -]*$' });
const NUMBER = Type.String({ pattern: '^-?[0-9]{1,9}$' });
const FORM = Type.Object({ attributes: Type.Optional(NAMES), excludedAttributes: Type.Optional(NAMES) });
const LISTED = Type.Object({
  filter: Type.Optional(Type.String({ maxLength: 8000 })),
  startIndex: Type.Optional(NUMBER),
  count: Type.Optional(NUMBER),
  sortBy: Type.Optional(NAMES),
  sortOrder: Type.Optional(NAMES),
  attributes: Type.Optional(NAMES),
  excludedAttributes: Type.Optional(NAMES),
});
// what a message says is read by scim/, as leniently as the standard wants it
const MESSAGE = Type.Object(
  { schemas: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 20 }) },
  { additionalProperties: true },
);
const ANSWER = Type.Object({}, { additionalProperties: true });
const BODY_BYTES = 2 ** 20;
const DEFAULT_COUNT = 100;
type Asked = object & { id: string; headers: Readonly<Record<string, string | string[] | undefined>> };
type Form = Readonly<{ attributes?: string; excludedAttributes?: string }>;

export function scimRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { audit } = needs;
  const known = { problem: scimProblem };
  const config = known as never;
  /** A program in the one role for this: no person, however many rights, acts as a provider. */
  const provider = async (request: Asked): Promise<Actor> => {
    const actor = await allowedActor(needs, request, 'people.provision');
    if (actor.session !== undefined)
      throw accessFailure('DENIED', { detail: 'an identity provider does this, by a key' });
    return actor;
  };
  /** What a provider changes; done or refused, it is in the log, by ids and names of attributes. */
  const changing = async <T>(request: Asked, what: string, work: (doing: Doing) => Promise<T>): Promise<T> => {
    const actor = await provider(request);
    const log: LogChange = async (tx, { verb, detail, roles }) => {
      const about = { actor: eventActor(actor), outcome: 'done' as const, requestId: request.id };
      await audit.appendIn(tx, { ...about, action: `access.provision.${verb}`, detail });
      await rolesEvents(audit, tx, about, roles);
    };
    const ifMatch = request.headers['if-match'];
    const doing = { by: actor, log, ...(typeof ifMatch === 'string' ? { ifMatch } : {}) };
    const refused = { action: `access.provision.${what}`, actor, request, detail: {} };
    return refusalsLogged(needs, refused, () => work(doing));
  };
  const common = (operationId: string, summary: string, success: number, params?: TSchema, query?: TSchema) => ({
    operationId, tags, summary, produces: [SCIM_TYPE],
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    response: { [success]: success === 204 ? Type.Null() : ANSWER },
  }); // prettier-ignore
  const page = (form: { startIndex?: string; count?: string }) => ({
    // RFC 7644 §3.4.2.4: less than one is one, less than none is none
    startIndex: Math.max(1, Number(form.startIndex ?? 1)),
    count: Math.min(MAX_RESULTS, Math.max(0, Number(form.count ?? DEFAULT_COUNT))),
  });
  const asShown = (resource: Resource, { attributes, excludedAttributes }: Form): never =>
    shown(resource, attributes, excludedAttributes) as never;
  const headersOf = ({ meta }: Resource) => ({ etag: meta.version, location: meta.location });

  for (const kind of ['User', 'Group'] as const satisfies readonly Kind[]) {
    const resources = () => needs.identity.provision[kind];
    const name = kind.toLowerCase();
    const all = `/scim/v2/${kind}s`;
    const one = `${all}/:id`;

    server.route({
      method: 'GET', url: all, config: { ...known, inspect: { data: ['query.filter'] } } as never,
      schema: { ...common(`scimList${kind}s`, `The ${name}s of an identity provider`, 200), querystring: LISTED },
      handler: async (request, reply) => {
        await provider(request);
        const { filter, sortBy, sortOrder, ...form } = request.query;
        if (sortBy !== undefined || sortOrder !== undefined)
          throw accessFailure('SCIM_VALUE', { detail: 'sorting is not supported' });
        const asked = { ...page(form), filter };
        const { total, resources: found } = await resources().list(asked);
        const seen = found.map((each) => asShown(each, form));
        return reply.type(SCIM_TYPE).send(listAnswer(total, asked.startIndex, seen));
      },
    }); // prettier-ignore

    server.route({
      method: 'GET', url: one, config,
      schema: { ...common(`scimGet${kind}`, `One ${name}`, 200), params: ID, querystring: FORM },
      handler: async (request, reply) => {
        await provider(request);
        const found = await resources().get(request.params.id);
        return reply.headers(headersOf(found)).type(SCIM_TYPE).send(asShown(found, request.query));
      },
    }); // prettier-ignore

    server.route({
      method: 'POST', url: all, config, bodyLimit: BODY_BYTES,
      schema: { ...common(`scimCreate${kind}`, `A new ${name}`, 201), consumes: [SCIM_TYPE, 'application/json'], body: MESSAGE, querystring: FORM },
      handler: async (request, reply) => {
        const made = await changing(request, `${name}.create`, (doing) => resources().create(doing, request.body));
        return reply.code(201).headers(headersOf(made)).type(SCIM_TYPE).send(asShown(made, request.query));
      },
    }); // prettier-ignore

    server.route({
      method: 'PUT', url: one, config, bodyLimit: BODY_BYTES,
      schema: { ...common(`scimReplace${kind}`, `The whole ${name} anew`, 200), consumes: [SCIM_TYPE, 'application/json'], body: MESSAGE, params: ID, querystring: FORM },
      handler: async (request, reply) => {
        const { id } = request.params;
        const put = await changing(request, `${name}.update`, (doing) => resources().replace(doing, id, request.body));
        return reply.headers(headersOf(put)).type(SCIM_TYPE).send(asShown(put, request.query));
      },
    }); // prettier-ignore

    server.route({
      method: 'PATCH', url: one, config, bodyLimit: BODY_BYTES,
      schema: { ...common(`scimPatch${kind}`, `Changes of one ${name}, all or none`, 200), consumes: [SCIM_TYPE, 'application/json'], body: MESSAGE, params: ID, querystring: FORM },
      handler: async (request, reply) => {
        const { id } = request.params;
        const now = await changing(request, `${name}.update`, (doing) => resources().patch(doing, id, request.body));
        return reply.headers(headersOf(now)).type(SCIM_TYPE).send(asShown(now, request.query));
      },
    }); // prettier-ignore

    server.route({
      method: 'DELETE', url: one, config,
      schema: { ...common(`scimDelete${kind}`, kind === 'User' ? 'Gone for the provider: the person is disabled, their history stays' : 'The group is gone, and what it gave', 204), params: ID },
      handler: async (request, reply) => {
        await changing(request, `${name}.delete`, (doing) => resources().remove(doing, request.params.id));
        return reply.code(204).send(null);
      },
    }); // prettier-ignore
  }

  const origin = (): string | null => needs.site.origin;
  server.route({
    method: 'GET', url: '/scim/v2/ServiceProviderConfig', config,
    schema: common('scimConfig', 'What this service provider can do', 200),
    handler: async (request, reply) => {
      await provider(request);
      return reply.type(SCIM_TYPE).send(serviceProviderConfig(origin()));
    },
  }); // prettier-ignore
  for (const [path, name, what, listed] of [
    ['ResourceTypes', 'scimResourceType', 'Kinds of resources', resourceTypes],
    ['Schemas', 'scimSchema', 'What is kept of each kind', schemas],
  ] as const) {
    server.route({
      method: 'GET', url: `/scim/v2/${path}`, config,
      schema: common(`${name}s`, what, 200),
      handler: async (request, reply) => {
        await provider(request);
        const found = listed(origin());
        return reply.type(SCIM_TYPE).send(listAnswer(found.length, 1, found));
      },
    }); // prettier-ignore
    server.route({
      method: 'GET', url: `/scim/v2/${path}/:id`, config,
      schema: { ...common(name, `${what}: one of them`, 200), params: ID },
      handler: async (request, reply) => {
        await provider(request);
        const found = listed(origin()).find(({ id }) => id.toLowerCase() === request.params.id.toLowerCase());
        if (found === undefined) throw accessFailure('SCIM_NOT_FOUND');
        return reply.type(SCIM_TYPE).send(found);
      },
    }); // prettier-ignore
  }
}
