/** What somebody who did not learn may: whatever policies say, never more than their role, and mostly less. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CollectionSpec, FieldSpec } from '#practices/collection';
import { newSubjectId } from '#platform/ids';

import { ACTIONS, DATA_ACTIONS, type Action } from './actions.ts';
import { decideWith, type Actor, type Decision } from './decide.ts';
import { openEngine } from './engine.ts';
import { documentText, type PolicyDocument, type Role } from './policy-document.ts';
import { starterDocument } from './starter.ts';
import type { Training } from './training.ts';

const PURPOSE = 'service.support';
const subject = newSubjectId();
const person = (role: string, training?: Training, more: Partial<Actor> = {}): Actor => ({
  kind: 'staff', id: 'per_1', person: 'per_1', name: 'Ada', role, expiresAt: null, training,
  scope: { purposes: [], classes: [], collections: [] }, ...more,
}); // prettier-ignore
const LACKS = [{ kind: 'course', id: 'phishing', state: 'lapsed', url: '/v1/education/courses/phishing' }] as const;
const OPEN: Training = { effect: 'open', lacks: [] };
const GRACE: Training = { effect: 'masked', lacks: LACKS };
const LAPSED: Training = { effect: 'denied', lacks: LACKS };
const field = (dataClass: FieldSpec['class']): FieldSpec =>
  ({
    name: 'f',
    class: dataClass,
    mask: 'text',
    purposes: [{ id: PURPOSE, requiresConsent: false }],
  }) as unknown as FieldSpec;
const customer = { name: 'customer' } as unknown as CollectionSpec;
const starter = openEngine(starterDocument());
const ask = (actor: Actor, action: Action = 'records.read', engine = starter): Decision =>
  decideWith(engine, 'v', { actor, action, purpose: PURPOSE, collection: customer, subject });
const grant = (kind: 'jit' | 'breakGlass', role: string): NonNullable<Actor['grants']> => [
  { id: 'grt_1', kind, role, purpose: PURPOSE, classes: ['personal', 'sensitive'], subjects: new Set([subject]) },
];

test('lapsed is nothing of any customer, and the denial names the very lesson', () => {
  for (const action of DATA_ACTIONS) {
    const { allow, lacks, because, field: of } = ask(person('support', LAPSED), action);
    assert.equal(allow, false, action);
    assert.equal(of(field('public')), 'denied');
    if (!ask(person('support', OPEN), action).allow) continue;
    assert.deepEqual(lacks, LACKS, action);
    assert.match(because, /pass the course phishing/);
  }
  assert.equal(decideWith(starter, 'v', { actor: person('support', LAPSED), action: 'grants.request' }).allow, false);
});

test('what is no customer stays open to who has lapsed: a first administrator is not locked out', () => {
  const beyond = new Set<Action>([...DATA_ACTIONS, 'grants.request', 'exports.run', 'rights.read', 'rights.decide', 'rights.assert', 'consents.read', 'consents.record']); // prettier-ignore
  for (const role of ['admin', 'security', 'engineer', 'dpo', 'support', 'auditor', 'custodian'])
    for (const action of ACTIONS.filter((each) => !beyond.has(each))) {
      const session = { id: 'ses_1', turn: 0, roles: [role], aal: 3, amr: [], authAgeSeconds: 0, mfaAgeSeconds: 0, assurance: { mfa: 'fresh', phishingResistant: true } }; // prettier-ignore
      const as = (training: Training): boolean =>
        decideWith(starter, 'v', { actor: person(role, training, { session: session as never }), action }).allow;
      assert.equal(as(LAPSED), as(OPEN), `${role} ${action}`);
    }
});

test('in the days of grace all leaves masked: no export, no token opened, no new grant, none that is held used', () => {
  const open = ask(person('billing', OPEN, {}), 'records.read');
  assert.equal(open.allow, false, 'billing works for another purpose');
  const read = (training: Training, more: Partial<Actor> = {}) => ask(person('support', training, more));
  assert.equal(read(OPEN).field(field('internal')), 'clear');
  const grace = read(GRACE);
  assert.deepEqual([grace.field(field('internal')), grace.field(field('special'))], ['masked', 'denied']);
  assert.deepEqual([grace.policies.includes('training-masked'), grace.lacks], [true, LACKS]);
  const jit = { grants: grant('jit', 'support') };
  assert.equal(read(OPEN, jit).field(field('personal')), 'clear');
  assert.equal(read(GRACE, jit).field(field('personal')), 'masked');
  assert.equal(read(GRACE).requestable(field('personal')), null);
  for (const action of ['records.export', 'tokens.open'] as const) {
    const dpo = (training: Training) =>
      decideWith(starter, 'v', { actor: person(action === 'tokens.open' ? 'billing' : 'dpo', training), action, purpose: 'service.billing' }); // prettier-ignore
    assert.deepEqual([dpo(OPEN).allow, dpo(GRACE).allow], [true, false], action);
  }
  assert.equal(decideWith(starter, 'v', { actor: person('support', GRACE), action: 'grants.request' }).allow, false);
});

test('broken glass works for who has lapsed, for its customer alone, and is seen in the log', () => {
  const glass = person('on-call', LAPSED, { grants: grant('breakGlass', 'on-call') });
  const read = ask(glass);
  assert.deepEqual(
    [read.allow, read.field(field('personal')), read.field(field('internal'))],
    [true, 'clear', 'denied'],
  );
  assert.deepEqual([read.grantIds, read.policies.includes('training-denied')], [['grt_1'], true]);
  assert.equal(decideWith(starter, 'v', { actor: glass, action: 'records.read', purpose: PURPOSE, subject: newSubjectId() }).allow, false); // prettier-ignore
  assert.equal(ask(glass, 'records.search').allow, false);
  assert.equal(ask(person('on-call', LAPSED, { grants: grant('jit', 'on-call') })).allow, false);
  assert.equal(
    ask(person('on-call', GRACE, { grants: grant('breakGlass', 'on-call') })).field(field('personal')),
    'clear',
  );
});

test('of whom nobody said how they stand, it is taken that they lack it; in a role for programs a person sees nothing', () => {
  assert.deepEqual([ask(person('support')).allow, ask(person('application', OPEN)).allow], [false, false]);
  const key: Actor = { ...person('support'), kind: 'service', id: 'key_1' };
  assert.equal(ask(key).allow, true, 'nobody asks a key, also one that a person made');
  assert.equal(ask({ ...key, role: 'application' }).allow, true);
});

test('a document from before this asks for nothing, has the hash it had, and decides as it did', () => {
  const { roles, ...rest } = starterDocument();
  const without = ({ says, owner, clearUpTo, includes, grants }: Role): Role => ({ says, owner, clearUpTo, includes, ...(grants === undefined ? {} : { grants }) }); // prettier-ignore
  const old: PolicyDocument = { ...rest, roles: Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, without(role)])) }; // prettier-ignore
  assert.doesNotMatch(documentText(old), /"requires"|"programs"/);
  const engine = openEngine(old);
  assert.equal(ask(person('support'), 'records.read', engine).allow, true);
  assert.equal(
    ask(person('support', LAPSED), 'records.read', engine).allow,
    false,
    'what was given to one person counts',
  );
  engine.close();
});

test('a role asks for what those that it includes ask for', () => {
  assert.deepEqual(starter.askedOf('on-call'), starter.askedOf('support'));
  assert.deepEqual([starter.askedOf('admin'), starter.askedOf('center')], ['nothing', 'programs']);
});

test('a policy sees how somebody stands; a key is never behind', () => {
  const document = starterDocument();
  const late =
    '@says("late") forbid (principal, action == Action::"keys.manage", resource) unless { context.training == Training::"current" };';
  const engine = openEngine({ ...document, policies: { ...document.policies, late } });
  const manages = (actor: Actor): boolean => decideWith(engine, 'v', { actor, action: 'keys.manage' }).allow;
  assert.deepEqual(
    [OPEN, GRACE, LAPSED].map((each) => manages(person('admin', each))),
    [true, false, false],
  );
  assert.equal(manages({ ...person('admin'), kind: 'service', id: 'key_1' }), true);
  engine.close();
});

test('an exercise opens its own customers to who may see none, by the role’s own rights and for nobody else', () => {
  const [other, exercise] = [newSubjectId(), new Set([subject])];
  const about = (actor: Actor, action: Action, of?: typeof subject): Decision =>
    decideWith(starter, 'v', { actor, action, purpose: PURPOSE, collection: customer, subject: of });
  for (const training of [LAPSED, GRACE]) {
    const [plain, learner] = [person('support', training), person('support', { ...training, exercise })];
    for (const action of ACTIONS) {
      const [without, as, open] = [about(plain, action, other), about(learner, action, other), about(person('support', OPEN), action, subject)];
      assert.deepEqual([as.allow, as.policies, as.lacks], [without.allow, without.policies, without.lacks], `${action} on somebody else`);
      assert.ok(!about(learner, action, subject).allow || open.allow, `${action}: never more than the role`);
      const asked = about(learner, action);
      assert.ok(!asked.allow || asked.within === exercise || about(plain, action).allow, `${action}: asked about nobody it is bounded`);
    }
    const read = about(learner, 'records.read', subject);
    assert.deepEqual([read.allow, read.field(field('personal')), read.policies.includes('exercise')], [true, about(person('support', OPEN), 'records.read', subject).field(field('personal')), true]);
    for (const action of ['records.write', 'records.export', 'records.delete', 'subjects.erase', 'exports.run'] as const)
      assert.equal(about(learner, action, subject).allow, about(plain, action, subject).allow, action);
  }
  const trained = person('support', { ...OPEN, exercise });
  assert.deepEqual([about(trained, 'records.search').within, about(trained, 'records.read', other).allow], [null, true], 'who has learned is bounded by none');
  assert.equal(about(person('application', { ...LAPSED, exercise }), 'records.read', subject).allow, false, 'a role for programs stays one');
}); // prettier-ignore
