/** What a provider does not change: who was here before, what is kept apart, and the last administrator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId } from '#platform/ids';

import { removeRole } from '../store/reviews.ts';
import { code } from '../testing.ts';
import type { Json } from './patch.ts';
import type { Running } from './scim.test.ts';

export function dutiesStay(of: () => Running): void {
  test('who was here before the provider is neither found nor changed by it, and no name takes their place', async () => {
    const { servers, users, doing, ops, user, groupOf, address } = of();
    const local = await servers.somebody();
    for (const { id, email } of [local, { id: servers.ada.id, email: 'ada@example.org' }]) {
      for (const attempt of [
        () => users().get(id),
        () => users().patch(doing(), id, ops({ op: 'replace', path: 'active', value: false })),
        () => users().replace(doing(), id, user(email)),
        () => users().remove(doing(), id),
      ]) await assert.rejects(attempt(), code('ACCESS_SCIM_NOT_FOUND')); // prettier-ignore
      await assert.rejects(users().create(doing(), user(email.toUpperCase())), code('ACCESS_SCIM_UNIQUENESS'));
      await assert.rejects(users().create(doing(), user('other@example.com', { emails: [{ value: email }] })), code('ACCESS_SCIM_UNIQUENESS')); // prettier-ignore
      await assert.rejects(groupOf([id]), code('ACCESS_SCIM_VALUE'));
      const mine = await users().create(doing(), user(address()));
      await assert.rejects(users().patch(doing(), mine.id, ops({ op: 'replace', path: 'userName', value: email }, { op: 'replace', path: 'emails', value: [] })), code('ACCESS_SCIM_UNIQUENESS')); // prettier-ignore
      assert.equal((await users().list({ filter: `userName eq "${email}"`, startIndex: 1, count: 1 })).total, 0);
    }
    assert.equal((await local.now()).role, 'support');
  });

  test('whom an administrator links keeps the roles and the address that were given here', async () => {
    const { servers, nothing, users, doing, ops, groupOf, person, groups } = of();
    const local = await servers.somebody(['support', 'billing']);
    await servers.identity.groups.link(servers.ada, local.id, nothing);
    await assert.rejects(servers.identity.groups.link(servers.ada, local.id, nothing), code('ACCESS_PROVISIONED'));
    await assert.rejects(
      servers.identity.groups.link(servers.ada, servers.ada.id, nothing),
      code('ACCESS_SELF_CHANGE'),
    );

    await assert.rejects(
      users().patch(
        doing(),
        local.id,
        ops({ op: 'replace', path: 'emails[type eq "work"].value', value: 'thief@example.com' }),
      ),
      code('ACCESS_SCIM_MUTABILITY'),
    );
    const group = await groupOf([local.id], ['marketing']);
    assert.deepEqual((await person(local.id))?.roles, ['support', 'billing', 'marketing']);
    // an administrator who writes down what they see makes nothing theirs that groups give
    await servers.identity.people.setRoles(servers.ada, local.id, ['support', 'marketing'], nothing);
    await groups().remove(doing(), group);
    assert.deepEqual((await person(local.id))?.roles, ['support']);
  });

  test('what an administrator disabled, the provider does not enable; nor the other way round', async () => {
    const { provisioned, servers, nothing, users, doing, ops, person } = of();
    const one = await provisioned();
    await servers.identity.people.disable(servers.ada, one.id, 'revoke', nothing);
    for (const value of [false, true])
      await users().patch(doing(), one.id, ops({ op: 'replace', path: 'active', value }));
    assert.deepEqual([(await person(one.id))?.state, (await users().get(one.id)).active], ['disabled', false]);
    await servers.identity.people.enable(servers.ada, one.id, nothing);
    assert.equal((await person(one.id))?.state, 'active');

    await users().patch(doing(), one.id, ops({ op: 'replace', path: 'active', value: false }));
    await assert.rejects(servers.identity.people.enable(servers.ada, one.id, nothing), code('ACCESS_PROVISIONED'));
    await users().patch(doing(), one.id, ops({ op: 'replace', path: 'active', value: true }));
    assert.deepEqual([(await person(one.id))?.state, (await person(one.id))?.roles], ['active', ['support']]);
  });

  test('duties that are kept apart are not brought together by groups', async () => {
    const { provisioned, groupOf, servers, nothing, groups, doing, ops, person, comesIn, gone } = of();
    const one = await provisioned('custodian');
    const reading = await groupOf([], ['support']);
    await assert.rejects(servers.identity.groups.map(servers.ada, one.group, ['custodian', 'support'], nothing), code('ACCESS_SEPARATED')); // prettier-ignore
    // membership is the provider's to say: what it would give is withheld, all of it
    await groups().patch(doing(), reading, ops({ op: 'add', path: 'members', value: [{ value: one.id }] }));

    const now = await person(one.id);
    assert.deepEqual([now?.roles, now?.withheldRoles], [[], ['custodian', 'support']]);
    await assert.rejects(comesIn(one.token), gone);
    assert.deepEqual((await servers.identity.groups.list()).find(({ id }) => id === reading)?.withheld, 1);
    const unmapped = await groupOf([one.id]);
    await assert.rejects(
      servers.identity.groups.map(servers.ada, unmapped, ['auditor'], nothing),
      code('ACCESS_SEPARATED'),
    );
    await groups().patch(doing(), reading, ops({ op: 'remove', path: `members[value eq "${one.id}"]` }));
    assert.deepEqual((await person(one.id))?.roles, ['custodian']);
  });

  test('whoever made the key of the provider gets nothing by it', async () => {
    const { provisioned, comesIn, servers, nothing, doing, groupOf, groups, ops, person } = of();
    const one = await provisioned('admin');
    const admin = await comesIn(one.token);
    const { key } = await servers.second.createKey(admin, { name: 'idp', role: 'provisioner' }, nothing);
    const own = { ...doing(), by: await servers.first.authenticate(key) };
    const group = await groupOf([], ['dpo']);

    await groups().patch(own, group, ops({ op: 'add', path: 'members', value: [{ value: one.id }] }));

    assert.deepEqual([(await person(one.id))?.roles, (await person(one.id))?.withheldRoles], [['admin'], ['dpo']]);
    assert.equal((await comesIn(one.token)).role, 'admin');
    // an end is an end, whoever says so
    await groups().remove(own, one.group);
    assert.deepEqual((await person(one.id))?.roles, []);
  });

  test('nobody maps a group that they are in, and no group means a role that is none', async () => {
    const { provisioned, comesIn, groupOf, servers, nothing, groups, doing } = of();
    const one = await provisioned('admin');
    const admin = await comesIn(one.token);
    const other = await groupOf([one.id]);
    await assert.rejects(servers.identity.groups.map(admin, other, ['dpo'], nothing), code('ACCESS_SELF_CHANGE'));
    await assert.rejects(
      servers.identity.groups.map(servers.ada, other, ['ghost'], nothing),
      code('ACCESS_ROLE_UNKNOWN'),
    );
    await assert.rejects(
      servers.identity.groups.map(servers.ada, 'grp_x', ['dpo'], nothing),
      code('ACCESS_GROUP_NOT_FOUND'),
    );
    await groups().remove(doing(), one.group);
  });

  test('the last administrator is not taken away by a provider, whichever way', async () => {
    const { servers, provisioned, users, doing, ops, groups, nothing, comesIn } = of();
    const { db, identity } = servers;
    const { actor: key } = await servers.by('admin');
    const one = await provisioned('admin');
    const other = await provisioned('admin');
    // by hand: nobody but these two administers
    await db`update access.people set state = 'disabled' where person_id = (select person_id from access.people where email = 'ada@example.org')`;
    const inactive = (id: string) => users().patch(doing(), id, ops({ op: 'replace', path: 'active', value: 'false' }));

    // both at once, on two servers: one of them is refused
    const both = await Promise.allSettled([
      inactive(one.id),
      servers.other.provision.User.patch(doing(), other.id, ops({ op: 'replace', path: 'active', value: 'false' })),
    ]);

    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const left = both[0].status === 'rejected' ? one : other;
    for (const attempt of [
      () => inactive(left.id),
      () => users().remove(doing(), left.id),
      () => groups().remove(doing(), left.group),
      () => groups().patch(doing(), left.group, ops({ op: 'remove', path: 'members' })),
      () => identity.groups.map(key, left.group, ['support'], nothing),
    ]) await assert.rejects(attempt(), code('ACCESS_LAST_ADMINISTRATOR')); // prettier-ignore
    assert.equal((await comesIn(left.token)).role, 'admin');
    await db`update access.people set state = 'active' where email = 'ada@example.org'`;
    await inactive(left.id);
  });

  test('two who patch at once both have their way; who names an old version does not', async () => {
    const { users, doing, user, address, groupOf, groups, ops, servers } = of();
    const [a, b] = [await users().create(doing(), user(address())), await users().create(doing(), user(address()))];
    const group = await groupOf([]);
    const { meta } = await groups().get(group);
    const add = (id: string, ifMatch?: string) => [doing(ifMatch), group, ops({ op: 'add', path: 'members', value: [{ value: id }] })] as const; // prettier-ignore

    await Promise.all([groups().patch(...add(a.id)), servers.other.provision.Group.patch(...add(b.id))]);

    assert.deepEqual((await groups().get(group)).members, [a, b].map(({ id }) => ({ value: id, type: 'User', $ref: `/scim/v2/Users/${id}` }))); // prettier-ignore
    const named = await groups().patch(
      doing(),
      group,
      ops({ op: 'remove', path: 'members', value: [{ value: b.id }] }),
    );
    assert.deepEqual((named.members as Json[]).map(({ value }) => value), [a.id], 'the named one, and not all'); // prettier-ignore
    await assert.rejects(groups().patch(...add(a.id, meta.version)), code('ACCESS_SCIM_STALE'));
    await assert.rejects(
      users().remove(doing(a.meta.version), a.id),
      code('ACCESS_SCIM_STALE'),
      'now it is in a group',
    );
    const now = (await users().get(a.id)).meta.version;
    await users().patch(doing(`"x", ${now}`), a.id, ops({ op: 'replace', path: 'displayName', value: 'A' }));
  });

  test('a review takes a role that a group gives, and no membership brings it back', async () => {
    const { provisioned, servers, comesIn, gone, groups, doing, ops, person, nothing } = of();
    const one = await provisioned();
    await removeRole(servers.db, parsePublicId('per', one.id) as never, 'support');
    await assert.rejects(comesIn(one.token), gone);

    await groups().patch(doing(), one.group, ops({ op: 'replace', path: 'members', value: [] }));
    await groups().patch(doing(), one.group, ops({ op: 'add', path: 'members', value: [{ value: one.id }] }));
    assert.deepEqual([(await person(one.id))?.roles, (await person(one.id))?.state], [[], 'active']);

    await servers.identity.people.setRoles(servers.ada, one.id, ['support'], nothing);
    assert.deepEqual((await person(one.id))?.roles, ['support']);
  });
}
