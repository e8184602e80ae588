/** Routes on what a provider's groups mean here, and whom a provider manages. */
import Type from 'typebox';

import type { Audit, AuditEvent } from '#platform/audit';
import type { Statements } from '#platform/db';
import type { HttpServer } from '#platform/http';
import { parsePublicId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import type { ChangedRoles } from '../scim/group-roles.ts';
import { allowedActor, eventActor, refusalsLogged, type AccessHttpNeeds } from './guard.ts';

const tags = ['access'];
const ID = Type.Object({ id: Type.String({ maxLength: 40 }) });
const ROLES = Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20 });
const GROUP = Type.Object({
  id: Type.String(),
  displayName: Type.String(),
  members: Type.Integer(),
  withheld: Type.Integer(),
  roles: Type.Array(Type.Object({ role: Type.String(), by: Type.String(), at: Type.String() })),
});
type About = Pick<AuditEvent, 'actor' | 'outcome' | 'requestId'>;

/** In one entry: the head of the log is locked until the change commits, and a group may have thousands. */
const PEOPLE_IN_ENTRY = 200;

/** Whose roles changed with their groups, as if somebody had given or taken them; who has the same now stands together. */
export async function rolesEvents(
  audit: Pick<Audit, 'appendIn'>,
  tx: Statements,
  about: About,
  changed: readonly ChangedRoles[],
): Promise<void> {
  const alike = Map.groupBy(changed, ({ roles, withheld }) => `${roles.join()} ${withheld.join()}`);
  for (const all of alike.values()) {
    const [{ roles, withheld }] = all as [ChangedRoles];
    for (let n = 0; n < all.length; n += PEOPLE_IN_ENTRY) {
      const people = all.slice(n, n + PEOPLE_IN_ENTRY).map(({ person }) => person);
      await audit.appendIn(tx, {
        ...about,
        action: 'access.person.roles',
        detail: { people, roles, from: 'groups', ...(withheld.length === 0 ? {} : { withheld }) },
      });
    }
  }
}

export function groupRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { access, audit } = needs;
  const groups = () => needs.identity.groups;
  type Log = (tx: Statements, changed: readonly ChangedRoles[]) => Promise<unknown>;
  const managed = async <T>(
    request: object & { id: string },
    verb: string,
    detail: Readonly<Record<string, string | readonly string[]>>,
    work: (by: Actor, log: Log) => Promise<T>,
  ): Promise<T> => {
    const actor = await allowedActor(needs, request, 'people.manage');
    const action = `access.${verb}`;
    const about: About = { actor: eventActor(actor), outcome: 'done', requestId: request.id };
    const log: Log = async (tx, changed) => {
      await audit.appendIn(tx, { ...about, action, detail });
      await rolesEvents(audit, tx, about, changed);
    };
    // what is refused may be anything: of it the log holds ids and roles that are some
    const known = access.roles(actor);
    const refused = Object.fromEntries(
      Object.entries(detail).flatMap(([name, value]): [string, string | readonly string[]][] => {
        if (Array.isArray(value)) return [[name, value.filter((role) => known.includes(role as string))]];
        return parsePublicId(name === 'group' ? 'grp' : 'per', value as string) === null ? [] : [[name, value]];
      }),
    );
    return refusalsLogged(needs, { action, actor, request, detail: refused }, () => work(actor, log));
  };

  server.route({
    method: 'GET',
    url: '/v1/access/groups',
    schema: {
      operationId: 'listGroups', tags, summary: 'Groups of the identity provider, and which roles they mean',
      response: { 200: Type.Object({ groups: Type.Array(GROUP) }) },
    }, // prettier-ignore
    handler: async (request) => {
      await allowedActor(needs, request, 'people.manage');
      return { groups: (await groups().list()) as never };
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/access/groups/:id/roles',
    schema: {
      operationId: 'mapGroup', tags, summary: 'Which roles members of a group have; with none it means nothing any more', params: ID,
      body: Type.Object({ roles: ROLES }, { additionalProperties: false }), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { roles } = request.body;
      const { id } = request.params;
      const verb = roles.length === 0 ? 'group.unmap' : 'group.map';
      await managed(request, verb, { group: id, roles }, (by, log) => groups().map(by, id, roles, log));
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/access/people/:id/provisioning',
    schema: {
      operationId: 'linkPerson', tags, summary: 'Let the identity provider manage somebody who is here already', params: ID,
      response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { id } = request.params;
      await managed(request, 'person.link-provider', { person: id }, (by, log) => groups().link(by, id, log));
      return reply.code(204).send(null);
    },
  });

  server.route({
    method: 'DELETE',
    url: '/v1/access/people/:id/provisioning',
    schema: {
      operationId: 'unlinkPerson', tags, summary: 'The identity provider manages this person no more; roles of groups end', params: ID,
      response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const { id } = request.params;
      await managed(request, 'person.unlink-provider', { person: id }, (by, log) => groups().unlink(by, id, log));
      return reply.code(204).send(null);
    },
  });
}
