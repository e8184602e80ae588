/** An identity provider at work: on two servers that share the database. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { removeRole } from '../store/reviews.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers } from '../testing.ts';
import { SCHEMA } from './attributes.ts';
import { matches, parseFilter } from './filter.ts';
import { PATCH_OP, type Json } from './patch.ts';
import type { Change, Doing } from './provision.ts';

let servers: PeopleServers;
let provider: Actor;
let changes: Change[] = [];
before(async () => {
  servers = await peopleServers();
  provider = (await servers.by('provisioner')).actor;
  changes = [];
});
after(() => servers.close());

const nothing = () => Promise.resolve();
const doing = (ifMatch?: string): Doing => ({
  by: provider,
  log: (_tx, change) => Promise.resolve(void changes.push(change)),
  ...(ifMatch === undefined ? {} : { ifMatch }),
});
const users = () => servers.identity.provision.User;
const groups = () => servers.identity.provision.Group;
const user = (userName: string, more: Json = {}): Json => ({ schemas: [SCHEMA.User], userName, ...more });
const ops = (...operations: Json[]): Json => ({ schemas: [PATCH_OP], Operations: operations });
let count = 0;
const address = (): string => `u${(count += 1)}@example.com`;
/** A group of these members that means these roles. */
async function groupOf(members: readonly string[], roles: readonly string[] = []): Promise<string> {
  const made = await groups().create(doing(), {
    schemas: [SCHEMA.Group],
    displayName: `group ${(count += 1)}`,
    members: members.map((value) => ({ value })),
  });
  if (roles.length > 0) await servers.identity.groups.map(servers.ada, made.id, roles, nothing);
  return made.id;
}
/** Somebody the provider made, in a group that means this role; they came in by a link. */
async function provisioned(role = 'support'): Promise<{ id: string; group: string; token: string }> {
  const { id } = await users().create(doing(), user(address()));
  const group = await groupOf([id], [role]);
  const { token: link } = await servers.identity.people.reinvite(servers.ada, id, 'all', nothing);
  const { token } = await servers.identity.people.accept({ token: link, password: PASSWORD }, placeFor(), nothing);
  return { id, group, token };
}
const comesIn = (token: string) => servers.other.sessions.authenticate(token);
const gone = code('ACCESS_UNAUTHENTICATED');
const person = async (id: string) => (await servers.identity.people.list()).find((each) => each.id === id);

test('a user is made, found, replaced, patched and removed; what the schema does not keep is dropped', async () => {
  const userName = address();
  const made = await users().create(
    doing(),
    user(userName, {
      externalId: 'X1', active: true, name: { givenName: 'Barbara', familyName: 'Jensen', middleName: 'Jane' }, displayName: 'Babs', title: 'Tour Guide',
      password: 'secret', emails: [{ value: 'home@example.com', type: 'home' }, { value: userName.toUpperCase(), type: 'work', primary: true }],
    }),
  ); // prettier-ignore

  assert.deepEqual(made.emails, [{ value: userName, type: 'work', primary: true }]);
  assert.deepEqual([made.name, made.title, made.password], [{ givenName: 'Barbara', familyName: 'Jensen' }, undefined, undefined]); // prettier-ignore
  const replaced = await users().replace(doing(), made.id, user(userName, { displayName: 'B' }));
  assert.deepEqual([replaced.name, replaced.displayName, replaced.externalId, replaced.active], [undefined, 'B', undefined, true]); // prettier-ignore
  await users().remove(doing(), made.id);
  await assert.rejects(users().get(made.id), code('ACCESS_SCIM_NOT_FOUND'));
  assert.equal((await person(made.id))?.state, 'disabled', 'the person stays, disabled');
  // back again: the same person, who proves anew who they are
  assert.equal((await users().create(doing(), user(userName))).id, made.id);
  assert.equal((await person(made.id))?.state, 'invited');
  assert.ok(
    !JSON.stringify(changes).includes('Barbara') && !JSON.stringify(changes).includes(userName),
    'no values in the log',
  );
  assert.deepEqual(changes.at(-3)?.detail.attributes, [
    'externalId',
    'name.givenName',
    'name.familyName',
    'displayName',
  ]);
});

test('operations of Entra and Okta do what they mean', async () => {
  const { id } = await users().create(doing(), user(address(), { displayName: 'D', externalId: 'e' }));
  const patch = (...operations: Json[]) => users().patch(doing(), id, ops(...operations));

  assert.equal((await patch({ op: 'Replace', path: 'active', value: 'False' })).active, false);
  assert.equal((await patch({ op: 'replace', value: { id, active: true, 'name.givenName': 'Ann' } })).active, true);
  assert.deepEqual((await users().get(id)).name, { givenName: 'Ann' });
  const work = await patch({ op: 'Add', path: 'emails[type eq "work"].value', value: 'new@example.com' });
  assert.deepEqual(work.emails, [{ value: 'new@example.com', type: 'work', primary: true }]);
  // an address of its own stays, one that came of the user name goes with it
  const renamed = async (one: string) => (await users().patch(doing(), one, ops({ op: 'replace', path: 'userName', value: address() }))).emails; // prettier-ignore
  assert.deepEqual(await renamed(id), work.emails);
  const plain = await users().create(doing(), user(address()));
  assert.deepEqual(await renamed(plain.id), [{ value: `u${count}@example.com`, type: 'work', primary: true }]);
  const extension = { 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'x' } };
  const kept = await patch(
    { op: 'add', value: extension },
    { op: 'add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'x' },
    { op: 'replace', path: 'title', value: 'x' },
    { op: 'REMOVE', path: 'EXTERNALID' },
    { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:displayName', value: 'E' },
  );
  assert.deepEqual([kept.externalId, kept.displayName, kept.department], [undefined, 'E', undefined]);
  for (const [expected, operation] of [
    ['MUTABILITY', { op: 'replace', path: 'id', value: 'x' }], ['MUTABILITY', { op: 'remove', path: 'userName' }], ['MUTABILITY', { op: 'remove', path: 'active' }],
    ['MUTABILITY', { op: 'add', path: 'groups', value: [] }], ['PATH', { op: 'replace', path: 'shoeSize', value: 1 }], ['PATH', { op: 'add', path: 'userName[a eq 1]', value: 1 }],
    ['TARGET', { op: 'remove' }], ['TARGET', { op: 'replace', path: 'emails[type eq "home"].value', value: 'a@b.c' }], ['SYNTAX', { op: 'move', path: 'active' }],
    ['VALUE', { op: 'replace', path: 'active', value: 'maybe' }], ['VALUE', { op: 'replace', path: 'userName', value: 7 }], ['VALUE', { op: 'replace', value: 'x' }],
    ['VALUE', { op: 'replace', path: 'displayName', value: 'x'.repeat(101) }], ['PATH', { op: 'replace', path: `emails[${'('.repeat(100_000)}`, value: 'x' }],
  ] as const) await assert.rejects(patch(operation), code(`ACCESS_SCIM_${expected}`), JSON.stringify(operation).slice(0, 80)); // prettier-ignore
  assert.deepEqual(await users().get(id), kept, 'refused, and nothing of it done');
  await assert.rejects(
    users().patch(doing(), id, ops(...Array.from({ length: 201 }, () => ({ op: 'remove', path: 'title' })))),
    code('ACCESS_SCIM_SYNTAX'),
  );
});

test('a filter finds in the database what it says, and not what `not` says', async () => {
  const marks = ['AB_x', 'ab%Y', 'b\\"c', 'A'];
  for (const mark of marks)
    await users().create(doing(), user(address(), { displayName: `flt ${mark}`, ...(mark === 'A' ? {} : { externalId: mark }), active: mark !== 'A' })); // prettier-ignore
  const all = (await users().list({ filter: 'displayName sw "FLT "', startIndex: 1, count: 200 })).resources;
  assert.equal(all.length, marks.length);

  for (const filter of [
    'displayName co "b_x"',
    'displayName co "%"',
    'displayName ew "\\\\\\"C"',
    'externalId eq "AB_x"',
    'externalId eq "ab_x"',
    'externalId pr',
    'externalId ne "AB_x"',
    'not (externalId co "b")',
    'active eq true',
    'active eq "False"',
    'active ne true',
    `id eq "${all[0]?.id}"`,
    `not (id eq "${all[0]?.id}")`,
    'id eq "x"',
    'userName co "@example" and (active eq false or externalId sw "ab")',
    'emails[type eq "work" and value co "@EXAMPLE.com"]',
    'emails[type eq "home"].value co "@"',
    `emails.value eq "${emailOf(all[1] as Json)}"`,
  ]) {
    const found = await users().list({ filter: `displayName sw "flt " and (${filter})`, startIndex: 1, count: 200 });
    // the slow way: over what went out, by the matcher of PATCH; externalId alone is compared as it is written
    const flat = (each: Json): Json => {
      return { ...each, 'emails.type': 'work', 'emails.value': emailOf(each), externalId: exact(each.externalId) };
    };
    const slow = all.filter((each) =>
      matches(
        parseFilter(
          filter.replace(/(externalId \w\w ")([^"]*)/, (_all, head: string, text: string) => head + exact(text)),
        ),
        flat(each),
      ),
    );
    assert.deepEqual(found.resources.map(({ id }) => id), slow.map(({ id }) => id), filter); // prettier-ignore
  }
  for (const filter of [
    'password eq "x"',
    'meta.created gt "2"',
    'userName gt "a"',
    'active eq 1',
    'userName eq 1',
    'id co "x"',
    'constructor eq "x"',
  ])
    await assert.rejects(users().list({ filter, startIndex: 1, count: 1 }), code('ACCESS_SCIM_FILTER'), filter);
  const page = await users().list({ filter: 'displayName sw "flt "', startIndex: 2, count: 2 });
  assert.deepEqual([page.total, page.resources.map(({ id }) => id)], [4, all.slice(1, 3).map(({ id }) => id)]);
  assert.deepEqual(
    await users()
      .list({ filter: undefined, startIndex: 1, count: 0 })
      .then(({ resources }) => resources),
    [],
  );
});
const emailOf = ({ emails }: Json): string | undefined => (emails as { value: string }[])[0]?.value;
/** Each letter as its number: compared without case, another case is another text. */
const exact = (text: unknown): string | undefined =>
  typeof text === 'string' ? Array.from(text, (each) => `<${each.codePointAt(0)}>`).join('') : undefined;

test('a role that a group gives ends with the membership, at the next read of another server', async () => {
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

test('who was here before the provider is neither found nor changed by it, and no name takes their place', async () => {
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
  const local = await servers.somebody(['support', 'billing']);
  await servers.identity.groups.link(servers.ada, local.id, nothing);
  await assert.rejects(servers.identity.groups.link(servers.ada, local.id, nothing), code('ACCESS_PROVISIONED'));
  await assert.rejects(servers.identity.groups.link(servers.ada, servers.ada.id, nothing), code('ACCESS_SELF_CHANGE'));

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
  const { db, identity, ada } = servers;
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
    () => identity.groups.map(ada, left.group, ['support'], nothing),
  ]) await assert.rejects(attempt(), code('ACCESS_LAST_ADMINISTRATOR')); // prettier-ignore
  assert.equal((await comesIn(left.token)).role, 'admin');
  await db`update access.people set state = 'active' where email = 'ada@example.org'`;
  await inactive(left.id);
});

test('two who patch at once both have their way; who names an old version does not', async () => {
  const [a, b] = [await users().create(doing(), user(address())), await users().create(doing(), user(address()))];
  const group = await groupOf([]);
  const { meta } = await groups().get(group);
  const add = (id: string, ifMatch?: string) => [doing(ifMatch), group, ops({ op: 'add', path: 'members', value: [{ value: id }] })] as const; // prettier-ignore

  await Promise.all([groups().patch(...add(a.id)), servers.other.provision.Group.patch(...add(b.id))]);

  assert.deepEqual((await groups().get(group)).members, [a, b].map(({ id }) => ({ value: id, type: 'User', $ref: `/scim/v2/Users/${id}` }))); // prettier-ignore
  const named = await groups().patch(doing(), group, ops({ op: 'remove', path: 'members', value: [{ value: b.id }] }));
  assert.deepEqual((named.members as Json[]).map(({ value }) => value), [a.id], 'the named one, and not all'); // prettier-ignore
  await assert.rejects(groups().patch(...add(a.id, meta.version)), code('ACCESS_SCIM_STALE'));
  await assert.rejects(users().remove(doing(a.meta.version), a.id), code('ACCESS_SCIM_STALE'), 'now it is in a group');
  const now = (await users().get(a.id)).meta.version;
  await users().patch(doing(`"x", ${now}`), a.id, ops({ op: 'replace', path: 'displayName', value: 'A' }));
});

test('a review takes a role that a group gives, and no membership brings it back', async () => {
  const one = await provisioned();
  await removeRole(servers.db, parsePublicId('per', one.id) as never, 'support');
  await assert.rejects(comesIn(one.token), gone);

  await groups().patch(doing(), one.group, ops({ op: 'replace', path: 'members', value: [] }));
  await groups().patch(doing(), one.group, ops({ op: 'add', path: 'members', value: [{ value: one.id }] }));
  assert.deepEqual([(await person(one.id))?.roles, (await person(one.id))?.state], [[], 'active']);

  await servers.identity.people.setRoles(servers.ada, one.id, ['support'], nothing);
  assert.deepEqual((await person(one.id))?.roles, ['support']);
});
