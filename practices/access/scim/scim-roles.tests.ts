/** Roles that a group gives, and every way in which they end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, type Uuid } from '#platform/ids';

import { code } from '../testing.ts';
import { SCHEMA } from './attributes.ts';
import type { Doing } from './provision.ts';
import type { Running } from './scim.test.ts';

export function groupsGiveRoles(of: () => Running): void {
  test('a role that a group gives ends with the membership, at the next read of another server', async () => {
    const { provisioned, comesIn, person, groups, doing, ops, gone, changes } = of();
    const { id, group, token } = await provisioned();
    assert.equal((await comesIn(token)).role, 'support');
    assert.deepEqual((await person(id))?.groupRoles, ['support']);

    await groups().patch(doing(), group, ops({ op: 'remove', path: `members[value eq "${id}"]` }));

    await assert.rejects(comesIn(token), gone);
    assert.deepEqual((await person(id))?.roles, []);
    assert.deepEqual(changes.at(-1), {
      verb: 'group.update',
      detail: { group, attributes: ['members'], added: [], removed: [id] },
      roles: [{ person: id, roles: [], withheld: [] }],
    });
    // back in the group, the old session stays over
    await groups().patch(doing(), group, ops({ op: 'add', path: 'members', value: [{ value: id }] }));
    assert.deepEqual((await person(id))?.roles, ['support']);
    await assert.rejects(comesIn(token), gone);
  });

  test('each of the other ways to end it ends it too: not active, removed, the group gone, the mapping gone', async () => {
    const { users, doing, ops, groups, servers, nothing, provisioned, comesIn, gone, person } = of();
    const ends: Readonly<Record<string, (who: { id: string; group: string }) => Promise<unknown>>> = {
      active: ({ id }) => users().patch(doing(), id, ops({ op: 'Replace', path: 'active', value: 'False' })),
      put: ({ id }) => users().get(id).then((now) => users().replace(doing(), id, { ...now, active: false })),
      removed: ({ id }) => users().remove(doing(), id),
      'group gone': ({ group }) => groups().remove(doing(), group),
      'mapping gone': ({ group }) => servers.identity.groups.map(servers.ada, group, [], nothing),
      'members replaced': ({ group }) => groups().patch(doing(), group, ops({ op: 'replace', path: 'members', value: [] })),
      'members named': ({ id, group }) => groups().patch(doing(), group, ops({ op: 'Remove', path: 'members', value: [{ value: id }] })),
      unlinked: ({ id }) => servers.identity.groups.unlink(servers.ada, id, nothing),
      disabled: ({ id }) => servers.identity.people.disable(servers.ada, id, 'revoke', nothing),
    }; // prettier-ignore
    for (const [what, end] of Object.entries(ends)) {
      const who = await provisioned();
      await comesIn(who.token);

      await end(who);

      await assert.rejects(comesIn(who.token), gone, what);
      if (what !== 'disabled') assert.deepEqual((await person(who.id))?.roles, [], what);
    }
  });

  test('a group of thousands fits the log', async () => {
    const { servers, provider, groups, ops } = of();
    const { db, audit } = servers;
    const rows = await db<{ id: string }[]>`
      with made as (
        insert into access.people (person_id, email, name, roles, state, created_by)
        select gen_random_uuid(), 'many' || n || '@example.com', 'M', '{}', 'active', 'test' from generate_series(1, 2500) n returning person_id, email
      )
      insert into access.provisioned (person_id, user_name, active, created_by) select person_id, email, true, 'test' from made returning person_id as id`;
    const members = rows.map(({ id }) => ({ value: publicId('per', id as Uuid) }));
    const logging: Doing = {
      by: provider,
      log: (tx, { verb, detail }) =>
        audit.appendIn(tx, { action: `access.provision.${verb}`, actor: { kind: 'service', id: 'x' }, outcome: 'done', detail }),
    }; // prettier-ignore
    const from = await audit.size();

    const made = await groups().create(logging, { schemas: [SCHEMA.Group], displayName: 'all', members });
    await groups().patch(logging, made.id, ops({ op: 'remove', path: 'members' }));

    const details = (await servers.logged((await audit.size()) - from)).map(
      ({ detail }) => detail as Record<string, string[]>,
    );
    assert.equal(details.length, 10);
    for (const name of ['added', 'removed'])
      assert.deepEqual(new Set(details.flatMap((each) => each[name])), new Set(members.map(({ value }) => value)));
  });

  test('an unmapped group gives nothing, and a name gives no mapping', async () => {
    const { provisioned, groups, doing, person } = of();
    const { id, group } = await provisioned();
    const { displayName } = await groups().get(group);
    await groups().remove(doing(), group);
    const again = await groups().create(doing(), { schemas: [SCHEMA.Group], displayName, members: [{ value: id }] });

    assert.deepEqual((await person(id))?.roles, []);
    assert.notEqual(again.id, group);
    await assert.rejects(
      groups().create(doing(), { schemas: [SCHEMA.Group], displayName: String(displayName).toUpperCase() }),
      code('ACCESS_SCIM_UNIQUENESS'),
    );
  });
}
