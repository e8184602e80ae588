/** Whose access ended a moment before gives nobody anything: by no answer to a request, no group, and nothing that a provider says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parsePublicId } from '#platform/ids';

import type { Actor } from './decide.ts';
import { createExportRequests } from './grants/export-requests.ts';
import { createRoleRequests } from './grants/role-requests.ts';
import { SCHEMA } from './scim/attributes.ts';
import { PATCH_OP } from './scim/patch.ts';
import { code, meanwhile, peopleServers, type PeopleServers } from './testing.ts';

let servers: PeopleServers;
before(async () => void (servers = await peopleServers()));
after(() => servers.close());

const gone = code('ACCESS_UNAUTHENTICATED');
const nothing = () => Promise.resolve();
const asBy = (actor: Actor) => ({ actor, requestId: 'test' });
/** What one in this role does while they are disabled. */
async function disabledMeanwhile(role: string, does: (actor: Actor) => Promise<unknown>): Promise<Promise<unknown>> {
  const who = await servers.somebody([role]);
  const { db, identity, ada } = servers;
  const [, theirs] = await meanwhile(
    db,
    (log) => identity.people.disable(ada, who.id, 'revoke', log),
    () => does(who.actor),
  );
  return assert.rejects(theirs, gone, role);
}

test('who is disabled answers no request for a role or an export', async () => {
  const { db, audit, first } = servers;
  const { policies, decide, notTogether } = first;
  const roles = createRoleRequests({ db, audit, policies, decide, notTogether });
  const exports_ = createExportRequests({
    db,
    audit,
    catalog: () => ({ purposes: new Map([['service.support', {} as never]]) }),
  });
  const asks = await servers.somebody(['support']);
  await db`update access.people set eligible_roles = array['billing'] where person_id = ${parsePublicId('per', asks.id)}`;
  const document = (await policies.get('active')).document;
  const owner = document.roles.billing?.owner as string;
  const role = await roles.ask(asBy(asks.actor), { role: 'billing', minutes: 30, reason: 'a shift' });
  const leaving = await exports_.ask(asBy(asks.actor), { purpose: 'service.support', reason: 'a list' });

  await disabledMeanwhile(owner, (actor) => roles.decide(asBy(actor), role.id, 'approve'));
  await disabledMeanwhile('dpo', (actor) => exports_.decide(asBy(actor), leaving.id, 'approve'));

  assert.deepEqual((await roles.list(asks.actor)).requests.map(({ state }) => state), ['pending']); // prettier-ignore
  assert.deepEqual((await exports_.list(asks.actor, false)).map(({ state }) => state), ['pending']); // prettier-ignore
});

test('who is disabled gives no role to a group, and hands nobody to a provider or away from one', async () => {
  const { identity, by } = servers;
  const { groups, provision } = identity;
  const doing = { by: (await by('provisioner')).actor, log: nothing };
  const group = await provision.Group.create(doing, { schemas: [SCHEMA.Group], displayName: 'late', members: [] });
  const own = await servers.somebody();
  const theirs = await provision.User.create(doing, { schemas: [SCHEMA.User], userName: 'late@example.com' });

  await disabledMeanwhile('admin', (actor) => groups.map(actor, group.id, ['billing'], nothing));
  await disabledMeanwhile('admin', (actor) => groups.link(actor, own.id, nothing));
  await disabledMeanwhile('admin', (actor) => groups.unlink(actor, theirs.id, nothing));

  assert.deepEqual((await groups.list()).map(({ roles }) => roles), [[]]); // prettier-ignore
  await assert.rejects(provision.User.get(own.id), code('ACCESS_SCIM_NOT_FOUND'));
  assert.equal((await provision.User.get(theirs.id)).id, theirs.id);
});

test('a provider whose key is revoked makes and changes nobody', async () => {
  const { db, first, identity } = servers;
  const made = await servers.keyOf('provisioner');
  const doing = { by: await first.authenticate(made.key), log: nothing };
  const { User } = identity.provision;
  const user = (userName: string) => ({ schemas: [SCHEMA.User], userName });
  const { id } = await User.create(doing, user('there@example.com'));
  await db`update access.keys set revoked_at = now() where key_id = ${parsePublicId('key', made.id)}`;
  const off = { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'active', value: false }] };

  await assert.rejects(User.create(doing, user('never@example.com')), gone);
  await assert.rejects(User.patch(doing, id, off), gone);
  await assert.rejects(User.replace(doing, id, user('other@example.com')), gone);
  await assert.rejects(User.remove(doing, id), gone);

  assert.deepEqual([(await User.get(id)).userName, (await User.get(id)).active], ['there@example.com', true]);
});
