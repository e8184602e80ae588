import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';
import { parseCatalog } from '#practices/collection';

import { openAccess, type Access } from './access.ts';
import type { MadeKey } from './key-actor.ts';
import type { Actor } from './decide.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { PolicyVersion } from './policy-versions.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let first: Access;
let second: Access;
let admin: Actor;
let adminKey: string;

const ROOT = new URL('../../', import.meta.url);
const loggedFirst: PolicyVersion[] = [];
const nothing = () => Promise.resolve();

before(async () => {
  fresh = await freshDatabase();
  db = fresh.db;
  await migrate(db, [{ schema: 'access', folder: new URL('practices/access/sql/', ROOT) }]);
  const catalog = parseCatalog(await readFile(new URL('examples/catalog.yaml', ROOT), 'utf8'));
  const needs = {
    db,
    clock: () => new Date(),
    catalog: () => catalog,
    audit: { appendIn: nothing as never },
    onAlarm: () => assert.fail('an alarm'),
    logFirst: async (_tx: unknown, version: PolicyVersion) => await Promise.resolve(void loggedFirst.push(version)),
  };
  // two servers that start on an empty database at once: each with its own memory
  [first, second] = await Promise.all([openAccess(needs), openAccess(needs)]);
  await first.firstAdministrator(async (key) => void (adminKey = key));
  admin = await first.authenticate(adminKey);
});
after(() => fresh.close());

const keyFor = (role: string): Promise<MadeKey> => first.createKey(admin, { name: role, role }, nothing);
const actorFor = async (role: string, server = first): Promise<Actor> => server.authenticate((await keyFor(role)).key);
const code = (expected: string) => (thrown: { code?: string }) => thrown.code === expected;

async function activeDocument(change: (policies: Record<string, string>) => void): Promise<PolicyDocument> {
  const { document } = await first.policies.get('active');
  const policies = { ...document.policies };
  change(policies);
  return { ...document, policies };
}
const propose = async (by: Actor, change: (policies: Record<string, string>) => void) =>
  (await first.policies.propose(by, await activeDocument(change), 'a test', nothing)).version;

/** Through all states, by two. */
async function activate(change: (policies: Record<string, string>) => void): Promise<void> {
  const version = await propose(admin, change);
  await first.policies.approve(await actorFor('dpo'), version.id, version.hash, nothing);
  await first.policies.activate(admin, version.id, nothing);
}

test('servers that start at once begin with one and the same document', async () => {
  const versions = await second.policies.list();

  assert.deepEqual(
    versions.map(({ state, proposedBy }) => [state, proposedBy]),
    [['active', 'system']],
  );
  assert.deepEqual(loggedFirst, versions);
});

test('activated policies hold at the very next read on another server, which nobody told', async () => {
  const { key } = await keyFor('support');
  const may = async (server: Access): Promise<boolean> =>
    server.decide({ actor: await server.authenticate(key), action: 'records.search', purpose: 'service.support' })
      .allow;
  assert.deepEqual([await may(first), await may(second)], [true, true]);

  await activate(
    (policies) =>
      (policies['no-search'] = 'forbid (principal in Role::"support", action == Action::"records.search", resource);'),
  );

  assert.deepEqual([await may(second), await may(first)], [false, false]);
  await activate((policies) => delete policies['no-search']);
  assert.deepEqual([await may(second), await may(first)], [true, true]);
});

test('a revoked key is refused at the very next request on another server', async () => {
  const made = await keyFor('support');
  await second.authenticate(made.key);

  await first.revokeKey(made.id, nothing);

  await assert.rejects(second.authenticate(made.key), code('ACCESS_UNAUTHENTICATED'));
});

test('nobody approves what they proposed; the database refuses it too', async () => {
  const security = await actorFor('security');
  const version = await propose(security, (policies) => delete policies['engineer-actions']);

  await assert.rejects(
    first.policies.approve(security, version.id, version.hash, nothing),
    code('ACCESS_SELF_APPROVAL'),
  );
  await assert.rejects(
    db`update access.policy_versions set approved_by = proposed_by, state = 'approved' where state = 'validated'`,
    /check constraint/,
  );
});

test('an approval is bound to the document: another hash, another version, a second time are refused', async () => {
  const dpo = await actorFor('dpo');
  const seen = await propose(admin, (policies) => delete policies['engineer-actions']);
  const other = await propose(admin, (policies) => delete policies['security-actions']);

  await assert.rejects(first.policies.approve(dpo, other.id, seen.hash, nothing), code('ACCESS_POLICY_CHANGED'));
  await first.policies.approve(dpo, seen.id, seen.hash, nothing);
  await assert.rejects(first.policies.approve(dpo, seen.id, seen.hash, nothing), code('ACCESS_POLICY_STATE'));
  await assert.rejects(first.policies.activate(admin, other.id, nothing), code('ACCESS_POLICY_STATE'));
  await assert.rejects(
    first.policies.approve(dpo, 'pol_nonsense', seen.hash, nothing),
    code('ACCESS_POLICY_NOT_FOUND'),
  );
});

test('of two approvals and of two activations at once, one does it', async () => {
  const [one, two] = [await actorFor('dpo'), await actorFor('security', second)];
  const version = await propose(admin, (policies) => delete policies['custodian-actions']);
  const count = (results: readonly PromiseSettledResult<unknown>[]): number =>
    results.filter(({ status }) => status === 'fulfilled').length;
  const why = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
    results.flatMap((each) => (each.status === 'rejected' ? (each.reason as { code?: string }).code : []));
  let logged = 0;
  const log = async () => void (logged += 1);

  const approvals = await Promise.allSettled([
    first.policies.approve(one, version.id, version.hash, log),
    second.policies.approve(two, version.id, version.hash, log),
  ]);
  assert.equal(count(approvals), 1);
  assert.deepEqual(why(approvals), ['ACCESS_POLICY_STATE']);
  const activations = await Promise.allSettled([
    first.policies.activate(one, version.id, log),
    second.policies.activate(two, version.id, log),
  ]);

  assert.equal(count(activations), 1);
  assert.deepEqual(why(activations), ['ACCESS_POLICY_STATE']);
  assert.equal(logged, 2);
  const active = (await first.policies.list()).filter(({ state }) => state === 'active');
  assert.deepEqual(
    active.map(({ id }) => id),
    [version.id],
  );
});

test('approved differences are those that become active: what was approved before another change is stale', async () => {
  const old = await propose(
    admin,
    (policies) =>
      (policies.old = 'forbid (principal in Role::"analyst", action == Action::"records.export", resource);'),
  );
  await first.policies.approve(await actorFor('dpo'), old.id, old.hash, nothing);
  await activate(
    (policies) =>
      (policies.newer = 'forbid (principal in Role::"analyst", action == Action::"tokens.create", resource);'),
  );

  await assert.rejects(first.policies.activate(admin, old.id, nothing), code('ACCESS_POLICY_STALE'));
});

test('a document that locks everybody out stays a draft, which nobody can approve', async () => {
  const document = await activeDocument(
    (policies) => (policies.lock = 'forbid (principal, action == Action::"keys.manage", resource);'),
  );
  const { version, review } = await first.policies.propose(admin, document, 'lock', nothing);

  assert.equal(version.state, 'draft');
  assert.deepEqual(
    review.broken.map(({ rule }) => rule),
    ['no-lockout'],
  );
  await assert.rejects(
    first.policies.approve(await actorFor('dpo'), version.id, version.hash, nothing),
    code('ACCESS_POLICY_STATE'),
  );
});

test('a role that may manage keys and that nobody has is a lock-out too', async () => {
  const { document } = await first.policies.get('active');
  const policies: Record<string, string> = {
    ...document.policies,
    keeper:
      'permit (principal in Role::"keeper", action == Action::"keys.manage", resource) when { context.purpose == Purpose::"-" };',
  };
  policies['admin-actions'] = (policies['admin-actions'] as string).replace('Action::"keys.manage", ', '');
  const roles = { ...document.roles, keeper: { says: 'keeps keys', owner: 'security', clearUpTo: null, includes: [] } };
  const { version, review } = await first.policies.propose(admin, { ...document, roles, policies }, 'keeper', nothing);
  assert.equal(review.ok, true);
  await first.policies.approve(await actorFor('dpo'), version.id, version.hash, nothing);

  await assert.rejects(first.policies.activate(admin, version.id, nothing), code('ACCESS_POLICY_UNSAFE'));

  // a way on: first somebody gets the role (by a change that adds it), then the other one may go
  const added = await first.policies.propose(
    admin,
    { ...document, roles, policies: { ...policies, 'admin-actions': document.policies['admin-actions'] as string } },
    'add',
    nothing,
  );
  await first.policies.approve(await actorFor('dpo'), added.version.id, added.version.hash, nothing);
  await first.policies.activate(admin, added.version.id, nothing);
  await first.createKey(await first.authenticate(adminKey), { name: 'keeper', role: 'keeper' }, nothing);
});

test('history is kept: versions are neither changed nor deleted', async () => {
  await assert.rejects(db`delete from access.policy_versions`, /kept for ever/);
  await assert.rejects(
    db`update access.policy_versions set document = replace(document, 'support', 'supporT'), hash = sha256(convert_to(replace(document, 'support', 'supporT'), 'UTF8'))`,
    /does not change/,
  );
  await assert.rejects(db`update access.policy_versions set proposed_by = 'somebody'`, /does not change/);
});

test('a change whose log entry cannot be written does not happen', async () => {
  const version = await propose(admin, (policies) => delete policies['auditor-actions']);
  const gone = () => Promise.reject(new Error('the log is gone'));

  await assert.rejects(
    first.policies.approve(await actorFor('dpo'), version.id, version.hash, gone),
    /the log is gone/,
  );

  assert.equal((await first.policies.get(version.id)).state, 'validated');
});

test('an actor without policies, or with policies that are not here, is allowed nothing', async () => {
  const { key } = await keyFor('dpo');
  const dpo = await first.authenticate(key);
  const ask = { action: 'records.read', purpose: 'legal.request' } as const;

  assert.equal(first.decide({ ...ask, actor: dpo }).allow, true);
  assert.equal(first.decide({ ...ask, actor: { ...dpo, policyVersion: undefined } }).allow, false);
  assert.equal(first.decide({ ...ask, actor: { ...dpo, policyVersion: 'pol_other' } }).allow, false);
});

test('an actor that is looked up again is as it is now: by the newest policies, or refused once revoked', async () => {
  const made = await keyFor('support');
  const actor = await second.authenticate(made.key);
  await activate(
    (policies) =>
      (policies['no-find'] = 'forbid (principal in Role::"support", action == Action::"subjects.find", resource);'),
  );
  const ask = { action: 'subjects.find', purpose: 'service.support' } as const;

  assert.equal(second.decide({ ...ask, actor }).allow, true);
  assert.equal(second.decide({ ...ask, actor: await second.renew(actor) }).allow, false);

  await first.revokeKey(made.id, nothing);
  await assert.rejects(second.renew(actor), code('ACCESS_UNAUTHENTICATED'));
});
