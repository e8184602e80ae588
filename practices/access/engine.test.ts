import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ACTIONS, FIELD_ACTIONS, type Action } from './actions.ts';
import { actorEntities, entityIn, openCedar } from './cedar.ts';
import { DATA_CLASSES } from './classes.ts';
import { decideWith } from './decide.ts';
import { openEngine, type Engine } from './engine.ts';
import { assuranceOf } from './identity/assurance.ts';
import { levelOf, levelsOf } from './proof-ages.ts';
import { reviewDocument } from './review-document.ts';
import { CHOSEN_FACTS, FACT_VALUES, factsKey, NOTHING, UNKNOWN, YES_NO_FACTS, type Facts } from './facts.ts';
import { rolesOf, type PolicyDocument } from './policy-document.ts';
import { starterDocument } from './starter.ts';

const withPolicies = (policies: Record<string, string>, roles: PolicyDocument['roles'] = {}): PolicyDocument => {
  const starter = starterDocument();
  return { ...starter, roles: { ...starter.roles, ...roles }, policies: { ...starter.policies, ...policies } };
};

const anyFacts: fc.Arbitrary<Facts> = fc.record({
  purpose: fc.constantFrom(NOTHING, 'service', 'service.support', 'marketing.newsletter', 'legal.request'),
  collection: fc.constantFrom(NOTHING, 'customer', 'orders'),
  ...Object.fromEntries(CHOSEN_FACTS.map((fact) => [fact, fc.constantFrom(...FACT_VALUES[fact])])),
  ...Object.fromEntries(YES_NO_FACTS.map((fact) => [fact, fc.boolean()])),
}) as unknown as fc.Arbitrary<Facts>;

/** Policies that look at many facts, one of them at the context as a whole. */
const MANY = withPolicies(
  {
    'fresh-only': `@stepUp("900") forbid (principal, action == Action::"reveal", resource in DataClass::"special")
      when { resource == DataClass::"special" && context.mfa != Mfa::"fresh" };`,
    'no-minors': 'forbid (principal, action, resource) when { context.minor && context.volume == Volume::"extreme" };',
    'orders-only':
      'permit (principal in Role::"lead", action == Action::"records.delete", resource) when { context.collection == Collection::"orders" || context.assigned };',
    whole:
      'permit (principal in Role::"engineer", action == Action::"records.read", resource) when { ({ all: context }).all.phishingResistant && context.zone == Zone::"office" };',
  },
  { lead: { says: 'leads', owner: 'support', clearUpTo: 'internal', includes: ['support'] } },
);

test('what no policy could permit is permitted under no facts, and its refusal offers nothing', () => {
  const engine = openEngine(MANY);
  const roles = Object.keys(MANY.roles);
  const seen = { possible: 0, impossible: 0 };

  fc.assert(
    fc.property(fc.constantFrom(...roles), fc.constantFrom<Action>(...ACTIONS), anyFacts, (role, action, facts) => {
      const isPossible = engine.canPermit(role, action);
      seen[isPossible ? 'possible' : 'impossible'] += 1;
      if (isPossible) return;
      const { allow, policies, obligations } = engine.verdict(role, action, facts);
      assert.ok(!allow && !engine.ask(role, action, facts).allow);
      if (policies.includes('default-deny')) assert.deepEqual(obligations, []);
    }),
    { numRuns: 400 },
  );
  assert.ok(seen.possible > 20 && seen.impossible > 20, JSON.stringify(seen));
});

test('what is remembered is what would be decided: two sets of facts that differ anywhere are two questions', () => {
  const remembering = openEngine(MANY, { most: 50 });
  const question = fc.tuple(
    fc.constantFrom('support', 'lead', 'dpo', 'engineer', 'nobody'),
    fc.constantFrom<Action>(...ACTIONS),
    anyFacts,
  );

  fc.assert(
    fc.property(fc.array(question, { maxLength: 20 }), (questions) => {
      for (const [role, action, facts] of questions) {
        const known = remembering.verdict(role, action, facts);
        assert.equal(known.allow, remembering.ask(role, action, facts).allow);
        for (const dataClass of DATA_CLASSES) {
          const reveal =
            known.allow && remembering.ask(role, action, facts, { how: 'reveal', dataClass, declared: true }).allow;
          if (known.field(dataClass, true).state === 'clear') assert.ok(reveal);
        }
      }
      assert.ok(remembering.counts().entries <= 50);
    }),
    { numRuns: 60 },
  );
  const names = Object.keys(UNKNOWN) as (keyof Facts)[];
  fc.assert(
    fc.property(anyFacts, anyFacts, fc.constantFrom(...names), (facts, other, name) => {
      assert.equal(factsKey(facts) === factsKey({ ...facts, [name]: other[name] }), facts[name] === other[name]);
    }),
    { numRuns: 500 },
  );
});

test('a question without other facts is answered as one with all of them unknown', () => {
  const engine = openEngine(MANY, { most: 20 });
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(MANY.roles)),
      fc.constantFrom<Action>(...ACTIONS),
      anyFacts,
      (role, action, facts) => {
        const { purpose, collection, kind, restricted } = facts;
        const known = { purpose, collection, kind, restricted };
        const { allow, because, policies } = engine.plainVerdict(role, action, known);
        const { allow: twin, ...rest } = engine.verdict(role, action, { ...UNKNOWN, ...known });
        assert.deepEqual([allow, because, policies], [twin, rest.because, rest.policies]);
      },
    ),
    { numRuns: 300 },
  );
});

test('leaving out policies that cannot meet a question, and facts nobody looks at, changes no answer', () => {
  const engine = openEngine(MANY);
  const whole = openCedar(MANY.policies);
  const value = (type: string, id: string) => ({ __entity: { type, id } });
  fc.assert(
    fc.property(
      fc.constantFrom('engineer', 'lead', 'support', 'dpo'),
      fc.constantFrom<Action>('records.read', 'records.delete', 'policies.read'),
      anyFacts,
      fc.constantFrom(null, ...FIELD_ACTIONS),
      fc.constantFrom(...DATA_CLASSES),
      fc.boolean(),
      (role, action, facts, how, dataClass, declared) => {
        const field = how === null ? undefined : { how, dataClass, declared };
        const parts = facts.purpose.split('.');
        const twin = whole.ask({
        action: how ?? action,
        resource: how === null ? { type: 'System', id: 'strongroom' } : { type: 'DataClass', id: dataClass },
        context: {
          purpose: value('Purpose', facts.purpose), collection: value('Collection', facts.collection), declared, operation: value('Operation', action),
          ...Object.fromEntries(CHOSEN_FACTS.map((fact) => [fact, value(`${fact[0]?.toUpperCase()}${fact.slice(1)}`, facts[fact])])),
          ...Object.fromEntries(YES_NO_FACTS.map((fact) => [fact, facts[fact]])),
        },
        entities: [
          ...actorEntities(rolesOf(MANY, role)),
          entityIn('Purpose', facts.purpose, parts.slice(0, -1).map((_, n) => parts.slice(0, n + 1).join('.'))),
          entityIn('DataClass', dataClass, DATA_CLASSES.slice(DATA_CLASSES.indexOf(dataClass) + 1)),
        ],
      }); // prettier-ignore

        assert.deepEqual(engine.ask(role, action, facts, field), twin);
      },
    ),
    { numRuns: 400 },
  );
});

test('a forbid that cannot be evaluated denies what it might have forbidden, and raises an alarm', () => {
  const alarms: unknown[] = [];
  const broken = withPolicies({
    overflow: 'forbid (principal, action == Action::"records.read", resource) when { 9223372036854775807 + 1 == 0 };',
  });
  const engine = openEngine(broken, { onAlarm: (alarm) => alarms.push(alarm) });

  const read = engine.verdict('dpo', 'records.read', { ...UNKNOWN, purpose: 'legal.request' });

  assert.equal(read.allow, false);
  assert.deepEqual(read.policies, ['error:overflow']);
  assert.deepEqual(alarms, [{ policies: ['overflow'], action: 'records.read', role: 'dpo' }]);
  assert.equal(engine.verdict('dpo', 'records.search', { ...UNKNOWN, purpose: 'legal.request' }).allow, true);
});

test('obligations come from the policies that decided', () => {
  const engine = openEngine(
    withPolicies({
      'support-mask':
        '@mask("hide") @notify("dpo") permit (principal in Role::"support", action == Action::"mask", resource in DataClass::"sensitive") when { context.purpose in Purpose::"service" };',
      'export-fresh':
        '@stepUp("900") forbid (principal, action == Action::"records.export", resource) when { context.mfa != Mfa::"fresh" };',
      'export-zone':
        '@requestable("jit") forbid (principal, action == Action::"records.export", resource) when { context.zone == Zone::"internet" && context.grant == Grant::"none" };',
      'search-jit':
        '@requestable("jit") permit (principal in Role::"engineer", action == Action::"records.search", resource) when { context.grant == Grant::"jit" };',
      'no-delete':
        '@says("never") forbid (principal, action == Action::"records.delete", resource) when { context.volume == Volume::"extreme" };',
    }),
  );
  const support = { ...UNKNOWN, purpose: 'service.support' };
  const dpo = { ...UNKNOWN, purpose: 'legal.request' };

  assert.deepEqual(engine.verdict('support', 'records.read', support).field('personal', true), {
    state: 'masked', policies: ['support-mask'], obligations: [{ kind: 'mask', as: 'hide' }, { kind: 'notify', role: 'dpo' }, { kind: 'requestable', grant: 'jit' }],
  }); // prettier-ignore
  const both = engine.verdict('dpo', 'records.export', dpo);
  assert.deepEqual(both.policies, ['export-fresh', 'export-zone']);
  assert.deepEqual(both.obligations, [
    { kind: 'stepUp', maxAgeSeconds: 900 },
    { kind: 'requestable', grant: 'jit' },
  ]);
  assert.deepEqual(engine.verdict('dpo', 'records.export', { ...dpo, mfa: 'fresh', grant: 'jit' }).obligations, []);
  assert.deepEqual(engine.verdict('engineer', 'records.search', support).obligations, [
    { kind: 'requestable', grant: 'jit' },
  ]);
  assert.deepEqual(engine.verdict('dpo', 'records.delete', { ...dpo, volume: 'extreme' }).obligations, []);
  assert.equal(engine.verdict('dpo', 'records.delete', { ...dpo, volume: 'extreme' }).because, 'never');
});

test('a closed engine allows nothing', () => {
  const engine = openEngine(starterDocument());
  const facts = { ...UNKNOWN, purpose: 'legal.request' };
  assert.equal(engine.verdict('dpo', 'records.read', facts).allow, true);

  engine.close();

  assert.equal(engine.verdict('intake', 'records.write', UNKNOWN).allow, false);
  assert.equal(engine.verdict('dpo', 'records.read', facts).allow, false);
});

const forbid = (age: number | null, action: string, mfa = 'context.mfa'): string =>
  `${age === null ? '' : `@stepUp("${age}") `}forbid (principal, action == Action::"${action}", resource) when { ${mfa} != Mfa::"fresh" };`;
const askAged = (engine: Engine, action: Action, mfaAgeSeconds: number | null) =>
  decideWith(engine, 'pol_test', {
    action,
    purpose: 'legal.request',
    actor: {
      kind: 'staff', id: 'per_x', name: 'x', role: 'dpo', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null,
      session: {
        turn: 0, id: 'ses_x', roles: ['dpo'], aal: 2, amr: ['pwd', 'otp'], authAgeSeconds: 0, mfaAgeSeconds,
        assurance: assuranceOf(mfaAgeSeconds, false),
      },
    },
  }); // prettier-ignore

test('to each policy a proof is fresh for as long as its own @stepUp says, to the second, and the challenge names that age', () => {
  // one document, one engine and one memory for all ages and policies
  const engine = openEngine(
    withPolicies({
      strict: forbid(300, 'records.export'),
      loose: forbid(3600, 'records.search'),
      plain: forbid(null, 'audit.read'),
    }),
  );
  assert.deepEqual(engine.proofAges, [300, 900, 3600]);
  for (const [action, border] of [['records.export', 300], ['records.search', 3600]] as const)
    for (const [age, allowed] of [[0, true], [border, true], [border + 1, false], [299, true], [3601, false], [border, true], [-1, false], [null, false]] as const) {
      const decision = askAged(engine, action, age);
      assert.deepEqual([decision.allow, decision.stepUpSeconds], [allowed, allowed ? null : border], `${action} ${age}`);
    } // prettier-ignore
  const log = (age: number) => engine.verdict('dpo', 'audit.read', { ...UNKNOWN, mfa: levelOf(age, engine.proofAges) }).allow; // prettier-ignore
  assert.deepEqual([900, 901, 301].map(log), [true, false, true]);
  assert.ok(engine.counts().entries < 30, 'ages are remembered by the policies that tell them apart');

  // both of one action: the challenge names the youngest of those that deny, and what leads past them
  const both = openEngine(withPolicies({ a: forbid(300, 'records.export'), b: forbid(3600, 'records.export') }));
  assert.deepEqual(
    [200, 600, 4000].map((age) => [askAged(both, 'records.export', age).allow, askAged(both, 'records.export', age).stepUpSeconds]),
    [[true, null], [false, 300], [false, 300]],
  ); // prettier-ignore
});

test('what the policies say of an age between two is what one Cedar says, told what each of them sees', () => {
  const texts = (mfa: (age: number | null) => string) => ({
    a: forbid(300, 'records.export', mfa(300)),
    b: forbid(3600, 'records.export', mfa(3600)),
    c: forbid(3600, 'reveal', mfa(3600)),
    d: forbid(null, 'mask', mfa(null)),
    e: `permit (principal in Role::"dpo", action == Action::"records.write", resource) when { ${mfa(null)} == Mfa::"fresh" };`,
    f: forbid(60, 'records.write', mfa(60)),
  });
  const engine = openEngine(withPolicies(texts(() => 'context.mfa')));
  assert.deepEqual(levelsOf(engine.proofAges), ['none', 'stale', 'over:60', 'over:300', 'over:900', 'fresh']);
  for (const age of [61, 300, 301, 900, 901, 3600]) {
    // the slow twin: the age is written into the policies
    const twin = openEngine(withPolicies(texts((limit) => `Mfa::"${age <= (limit ?? 900) ? 'fresh' : 'stale'}"`)));
    const level = levelOf(age, engine.proofAges);
    for (const action of ['records.export', 'records.write', 'records.read', 'records.search'] as const)
      for (const purpose of ['legal.request', NOTHING]) {
        const [found, expected] = [[engine, level] as const, [twin, 'none'] as const].map(([each, mfa]) => {
          const { allow, policies, because, field } = each.verdict('dpo', action, { ...UNKNOWN, mfa, purpose });
          return [allow, policies.toSorted(), because, ...DATA_CLASSES.map((at) => [field(at, true).state, field(at, true).policies])]; // prettier-ignore
        });
        assert.deepEqual(found, expected, `${age} ${action} ${purpose}`);
      }
  }
});

test('every age that policies tell apart is in the matrix, and in what two documents are compared by', async () => {
  const names = { purposes: ['legal'], collections: [] };
  const [active, draft] = [openEngine(starterDocument()), withPolicies({ a: forbid(300, 'records.export'), b: forbid(3600, 'records.export') })]; // prettier-ignore
  const { diff, ok } = await reviewDocument(draft, active, names);
  assert.equal(ok, true);
  const shut = diff?.cells.filter((each) => each.role === 'dpo' && each.action === 'records.export' && each.dataClass === null); // prettier-ignore
  assert.deepEqual(
    [...new Set(shut?.map(({ facts }) => String(facts.mfa)))].toSorted(),
    ['none', 'over:300', 'over:900', 'stale'].toSorted(),
  );
});
