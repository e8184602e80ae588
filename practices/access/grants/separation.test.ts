import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parsePublicId, type Uuid } from '#platform/ids';

import { openEngine } from '../engine.ts';
import { starterDocument } from '../starter.ts';
import { code, peopleServers, type PeopleServers } from '../testing.ts';
import { notTogether } from './separation.ts';

const nothing = () => Promise.resolve();
const apart = code('ACCESS_SEPARATED');
let servers: PeopleServers;
before(async () => void (servers = await peopleServers()));
after(() => servers.close());

test('who keeps keys does not read customers, and who checks does not administer, under whatever name', () => {
  const starter = starterDocument();
  const engine = openEngine({
    ...starter,
    roles: {
      ...starter.roles,
      keeper: { says: 'keeps', owner: 'security', clearUpTo: null, includes: ['custodian'] },
      inspector: { says: 'checks', owner: 'security', clearUpTo: null, includes: ['auditor'] },
    },
  });

  assert.match(notTogether(engine, ['custodian', 'support']) ?? '', /does not read customers: custodian and support/);
  assert.match(notTogether(engine, ['dpo', 'keeper']) ?? '', /keeper and dpo/);
  assert.match(notTogether(engine, ['admin', 'inspector']) ?? '', /does not administer/);
  for (const roles of [['support', 'billing'], ['custodian', 'engineer'], ['security', 'dpo'], ['admin'], []])
    assert.equal(notTogether(engine, roles), null, roles.join());
});

test('nobody makes keys of duties that are kept apart, on any server, by a key of a key, nor once the first has ended', async () => {
  const { first, second, identity, somebody } = servers;
  const { actor, now } = await somebody(['admin']);
  const make = (role: string, by = actor, server = first) => server.createKey(by, { name: role, role }, nothing);
  const reader = await make('application');
  await make('support');
  await second.loadPolicies(parsePublicId('pol', actor.policyVersion as string) as Uuid);
  await assert.rejects(make('custodian'), apart);
  await assert.rejects(make('custodian', actor, second), apart);
  // a key counts as who made it, and so does the key that it makes
  const { key } = await make('admin');
  await assert.rejects(make('custodian', await first.authenticate(key)), apart);
  // one's own roles count too
  await assert.rejects(make('auditor'), apart);
  const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'a'.repeat(43) }] };
  const trust = (role: string) =>
    identity.workloads.trust(
      actor,
      { name: 'w', issuer: 'https://ci.example', subject: role, audience: 'x', jwks, role },
      nothing,
    );
  await assert.rejects(trust('custodian'), apart);
  await trust('application');
  // history: for as long as a key can live
  const { keys } = { keys: await first.listKeys() };
  assert.ok(keys.some(({ id }) => id === reader.id));
  for (const table of ['keys', 'workloads'])
    await servers.db`update ${servers.db(`access.${table}`)} set revoked_at = now() - interval '89 days' where person_id is not null and role in ('application', 'support')`;
  await assert.rejects(make('custodian', await now()), apart);
  for (const table of ['keys', 'workloads'])
    await servers.db`update ${servers.db(`access.${table}`)} set revoked_at = now() - interval '91 days' where person_id is not null and role in ('application', 'support')`;
  const custodian = await make('custodian', await now());
  await assert.rejects(make('application', await now()), apart);
  await assert.rejects(trust('application'), apart);
  // whoever rotates a key has it
  const other = (await somebody(['admin'])).actor;
  await make('dpo', other);
  await assert.rejects(first.rotateKey(other, custodian.id, 1, nothing), apart);
  assert.equal((await first.rotateKey(actor, custodian.id, 1, nothing)).role, 'custodian');
});

test('two keys of duties that are kept apart, made at once: one is, and the other finds it', async () => {
  const { first, second, somebody } = servers;
  const { actor } = await somebody(['admin']);
  await second.loadPolicies(parsePublicId('pol', actor.policyVersion as string) as Uuid);
  let other: Promise<unknown> = Promise.resolve();
  await first.createKey(actor, { name: 'x', role: 'custodian' }, async () => {
    // while the first one is not yet there for anybody else to see
    other = second.createKey(actor, { name: 'x', role: 'billing' }, nothing);
    other.catch(() => undefined);
    for (let n = 0; n < 30; n += 1) await servers.db`select 1`;
  });
  await assert.rejects(other, apart);
});

test('who made a key of one duty is not given the other, neither by an administrator nor alone', async () => {
  const { first, identity, ada, somebody } = servers;
  const who = await somebody(['admin']);
  await first.createKey(who.actor, { name: 'x', role: 'custodian' }, nothing);
  await assert.rejects(identity.people.setRoles(ada, who.id, ['support'], nothing), apart);
  await identity.people.setRoles(ada, who.id, ['engineer'], nothing);
});

test('once there are people, keys that nobody stands behind count as one of them', async () => {
  const { first, by } = servers;
  const { actor } = await by('admin');
  assert.equal(actor.person, undefined);
  await first.createKey(actor, { name: 'x', role: 'billing' }, nothing);
  await assert.rejects(first.createKey(actor, { name: 'x', role: 'custodian' }, nothing), apart);
});

test('nobody is given a role of the system itself: by no key, workload, person or group', async () => {
  const { first, identity, ada, somebody, by } = servers;
  const { id: person } = await somebody(['support']);
  const provider = { by: (await by('provisioner')).actor, log: nothing };
  const group = await identity.provision.Group.create(provider, { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'customers', members: [] });
  const workload = { name: 'w', issuer: 'https://ci.example', subject: 'center', audience: 'x', jwksUrl: 'https://ci.example/keys', role: 'center' };
  const unknown = code('ACCESS_ROLE_UNKNOWN');

  assert.equal((await first.systemActor('center', 'center'))?.role, 'center');
  await assert.rejects(first.createKey(ada, { name: 'c', role: 'center' }, nothing), unknown);
  await assert.rejects(identity.workloads.trust(ada, workload, nothing), unknown);
  await assert.rejects(identity.people.setRoles(ada, person, ['support', 'center'], nothing), unknown);
  await assert.rejects(identity.people.invite(ada, { email: 'c@example.com', name: 'C', roles: ['center'] }, nothing), unknown);
  await assert.rejects(identity.groups.map(ada, group.id, ['center'], nothing), unknown);
}); // prettier-ignore
