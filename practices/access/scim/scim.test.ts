/** An identity provider at work: on two servers that share the database. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Actor } from '../decide.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers } from '../testing.ts';
import { SCHEMA } from './attributes.ts';
import { matches, parseFilter } from './filter.ts';
import { PATCH_OP, type Json } from './patch.ts';
import type { Change, Doing } from './provision.ts';
import { groupsGiveRoles } from './scim-roles.tests.ts';
import { dutiesStay } from './scim-duties.tests.ts';

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

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  servers,
  provider,
  changes,
  nothing,
  doing,
  users,
  groups,
  user,
  ops,
  address,
  groupOf,
  provisioned,
  comesIn,
  gone,
  person,
});
export type Running = ReturnType<typeof running>;

groupsGiveRoles(running);
dutiesStay(running);
