/** Access that a decision ended: what ends with it, what brings it back, and the last administrator. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { transact } from '#platform/db';

import type { Actor } from '../decide.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers } from '../testing.ts';

let servers: PeopleServers;
let system: Actor;
before(async () => {
  servers = await peopleServers();
  system = (await servers.first.systemActor('violations', 'admin')) as Actor;
});
after(() => servers.close());

const viewOf = async (id: string) => (await servers.identity.people.list()).find((each) => each.id === id);
const end = (id: string) => transact(servers.db, (tx) => servers.identity.endedAccess.end(tx, system, id));
const signedIn = async (email: string): Promise<Actor> => {
  const begun = await servers.identity.signIn.byPassword(email, { password: PASSWORD }, placeFor(), {
    begun: () => Promise.resolve(),
    refused: () => Promise.resolve(),
  });
  return servers.other.sessions.authenticate(begun.token);
};

test('roles and sessions end at the next read of any server; the person comes in, in no role; given back, it is as it was', async () => {
  const ada = await servers.somebody(['support', 'billing']);
  const { id } = ada;
  assert.equal((await ada.now()).role, 'support');
  const ended = await end(id);
  const { since, ...roles } = ended;
  assert.deepEqual(roles, { own: ['support', 'billing'], group: [], resting: [] });
  assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000);
  await assert.rejects(ada.now(), code('ACCESS_UNAUTHENTICATED'));
  const bare = await signedIn(ada.email);
  await servers.first.rolesThat('records.read');
  assert.equal(bare.role, '-');
  for (const action of ['records.read', 'grants.request', 'people.manage'] as const)
    assert.equal(servers.first.decide({ actor: bare, action }).allow, false, action);
  await assert.rejects(servers.other.sessions.actAs(bare, 'support', () => Promise.resolve()), code('ACCESS_ROLE_UNKNOWN')); // prettier-ignore
  assert.equal((await viewOf(id))?.state, 'active');

  const lost = { ...ended, own: [...ended.own, 'no-such-role'] };
  const given = await transact(servers.db, (tx) => servers.identity.endedAccess.giveBack(tx, system, id, lost));
  assert.deepEqual(
    [given, (await viewOf(id))?.roles],
    [
      ['support', 'billing'],
      ['support', 'billing'],
    ],
  );
  assert.equal((await signedIn(ada.email)).role, 'support');
});

test('who is made up for tests of the system is nobody who administers: neither a person nor a key', async () => {
  const { first, identity, ada, by } = servers;
  const nothing = () => Promise.resolve();
  const wanted = { email: 'c@canary.invalid', name: 'Canary', roles: ['admin'], canariesOnly: true };
  const { token } = await identity.people.invite(ada, wanted, nothing);
  await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
  await first.createCanaryKey({ role: 'engineer', minutes: 60 }, nothing);

  await assert.rejects(end(ada.id), code('ACCESS_LAST_ADMINISTRATOR'));
  // a document that leaves keys to a role in which there is a made-up one alone
  const { document } = await first.policies.get('active');
  const policies = {
    ...document.policies,
    'keys-engineer': 'permit (principal in Role::"engineer", action == Action::"keys.manage", resource) when { context.purpose == Purpose::"-" };',
    'keys-not-admin': 'forbid (principal in Role::"admin", action == Action::"keys.manage", resource);',
  };
  const { version, review } = await first.policies.propose(ada, { ...document, policies }, 'a test', nothing);
  assert.deepEqual([review.faults, review.broken], [[], []]);
  await first.policies.approve({ ...(await by('dpo')).actor, person: 'per_dpo' }, version.id, version.hash, nothing);
  await assert.rejects(first.policies.activate(ada, version.id, nothing), code('ACCESS_POLICY_UNSAFE'));
}); // prettier-ignore

test('the last administrator stays, and nothing of the decision is there', async () => {
  const root = await servers.somebody(['admin']);
  const { id } = root;
  await servers.db`update access.people set roles = array_remove(roles, 'admin') where email <> ${root.email}`;
  await assert.rejects(end(id), code('ACCESS_LAST_ADMINISTRATOR'));
  assert.deepEqual((await viewOf(id))?.roles, ['admin']);
  assert.equal((await root.now()).role, 'admin');
});
