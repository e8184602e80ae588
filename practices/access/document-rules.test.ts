// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openEngine } from './engine.ts';
import { brokenRules } from './invariants.ts';
import { enumerate } from './matrix.ts';
import type { PolicyDocument, Role } from './policy-document.ts';
import { reviewDocument, type DocumentReview } from './review-document.ts';
import { starterDocument } from './starter.ts';
import { changesAreShown } from './document-rules-changes.tests.ts';

const NAMES = {
  purposes: ['service', 'service.billing', 'marketing', 'analytics', 'legal'],
  collections: ['customer'],
};

const changed = (policies: Record<string, string | null>, more: Partial<PolicyDocument> = {}): PolicyDocument => {
  const starter = starterDocument();
  const merged = Object.entries({ ...starter.policies, ...policies }).filter(([, text]) => text !== null);
  return { ...starter, ...more, policies: Object.fromEntries(merged) as Record<string, string> };
};
/** The same roles, of which one asks for a course: so that nothing but what is looked for is broken. */
const taught = (role: string): Partial<PolicyDocument> => {
  const { roles } = starterDocument();
  return {
    roles: { ...roles, [role]: { ...(roles[role] as Role), requires: { courses: ['phishing'], policies: [] } } },
  };
};
const shipped = openEngine(starterDocument());
const requiring = (requires: NonNullable<Role['requires']>, programs?: true): PolicyDocument => {
  const { roles } = starterDocument();
  const support = { ...(roles.support as Role), requires, ...(programs === undefined ? {} : { programs }) };
  return changed({}, { roles: { ...roles, support } });
};
const TEXTS = {
  courses: new Set([
    'phishing',
    'handling-personal-data',
    'purpose-and-minimum',
    'sharing-and-export',
    'privacy-rights',
  ]),
  policies: new Set(['customer-data']),
  drills: new Set(['stolen-laptop']),
};
const review = (document: PolicyDocument): Promise<DocumentReview> =>
  reviewDocument(document, shipped, NAMES, {}, TEXTS);

test('a document with a fault is refused, and says where and why', async () => {
  const cases: [RegExp, PolicyDocument][] = [
    [/not one Cedar policy/, changed({ torn: 'permit (principal, action, resource' })],
    [
      /not one Cedar policy/,
      changed({ two: 'permit (principal, action, resource); forbid (principal, action, resource);' }),
    ],
    [/not one Cedar policy/, changed({ slot: 'permit (principal == ?principal, action, resource);' })],
    [
      /not declared|not a valid eid|does not exist/,
      changed({ typo: 'forbid (principal, action, resource) when { context.mfa == Mfa::"frsh" };' }),
    ],
    [/attribute/, changed({ typo: 'forbid (principal, action, resource) when { context.mfaa == Mfa::"fresh" };' })],
    [/recsords\.read/, changed({ typo: 'permit (principal, action == Action::"recsords.read", resource);' })],
    [
      /no role suport/,
      changed({ typo: 'permit (principal in Role::"suport", action == Action::"records.read", resource);' }),
    ],
    [
      /no class persnal/,
      changed({
        typo: 'permit (principal in Role::"dpo", action == Action::"mask", resource in DataClass::"persnal");',
      }),
    ],
    [
      /single actors/,
      changed({ one: 'permit (principal == Actor::"key_1", action == Action::"records.read", resource);' }),
    ],
    [
      /@maks means nothing/,
      changed({ note: '@maks("hide") permit (principal in Role::"dpo", action == Action::"mask", resource);' }),
    ],
    [
      /@mask stands on/,
      changed({ note: '@mask("loud") permit (principal in Role::"dpo", action == Action::"mask", resource);' }),
    ],
    [
      /@stepUp/,
      changed({
        note: '@stepUp("soon") forbid (principal, action == Action::"reveal", resource) when { context.minor };',
      }),
    ],
    [
      /@notify names/,
      changed({ note: '@notify("boss") permit (principal in Role::"dpo", action == Action::"mask", resource);' }),
    ],
    [
      /no id of a policy/,
      changed({ 'Not An Id': 'permit (principal in Role::"dpo", action == Action::"mask", resource);' }),
    ],
    [
      /includes ghosts/,
      changed(
        {},
        { roles: { ...starterDocument().roles, lead: { says: '', owner: '', clearUpTo: null, includes: ['ghosts'] } } },
      ),
    ],
    [/schema is not the one/, changed({}, { schema: 'entity Actor;' })],
    [/for programs, and asks people/, requiring({ courses: ['phishing'], policies: [] }, true)],
    [/it requires nothing/, requiring({ courses: [], policies: [] })],
    [/no course phising/, requiring({ courses: ['phising'], policies: [] })],
    [/no policy constructor/, requiring({ courses: [], policies: ['constructor'] })],
    [/no drill tabletop/, requiring({ courses: ['phishing'], policies: [], drills: ['tabletop'] })],
  ];
  for (const [says, document] of cases) {
    const { ok, faults, diff } = await review(document);
    assert.equal(ok, false);
    assert.equal(diff, null);
    assert.match(faults.map((fault) => `${fault.says} ${fault.hint}`).join('\n'), says);
  }
});

test('what nobody supplies, and what the catalogue does not have, is noted', async () => {
  const { ok, notes } = await review(
    changed({
      soon: 'forbid (principal, action == Action::"reveal", resource in DataClass::"special") when { context.minor && context.purpose in Purpose::"research" };',
    }),
  );

  assert.equal(ok, true);
  assert.deepEqual(
    notes.filter(({ at }) => at === 'soon').map(({ at, says }) => [at, says]),
    [
      ['soon', 'the catalogue has no purpose research'],
      ['soon', 'nothing supplies minor yet'],
    ],
  );
});

/** Each rule with a document that breaks it, and nothing else. */
const BREACHES: [string, PolicyDocument][] = [
  [
    'ceiling',
    changed({
      more: 'permit (principal in Role::"billing", action == Action::"reveal", resource in DataClass::"special") when { context.purpose in Purpose::"service.billing" };',
    }),
  ],
  [
    'administrators-see-no-customer',
    changed(
      {
        peek: 'permit (principal in Role::"admin", action == Action::"records.read", resource) when { context.purpose in Purpose::"legal" };',
      },
      taught('admin'),
    ),
  ],
  [
    'custodians-see-no-customer',
    changed(
      { peek: 'permit (principal in Role::"custodian", action == Action::"records.search", resource);' },
      taught('custodian'),
    ),
  ],
  ['purpose-limitation', changed({ 'purpose-limitation': null })],
  [
    'purpose-limitation',
    changed({
      'purpose-limitation':
        'forbid (principal, action in [Action::"reveal", Action::"mask"], resource) unless { context.declared || context.purpose in Purpose::"legal" || context.purpose in Purpose::"marketing" };',
    }),
  ],
  ['restriction', changed({ restriction: null })],
  [
    'restriction',
    changed({
      restriction:
        'forbid (principal, action, resource) when { context.restricted && context.purpose in Purpose::"marketing" };',
    }),
  ],
  [
    'policies-evaluate',
    changed({
      overflow:
        'forbid (principal in Role::"intake", action == Action::"intake.submit", resource) when { 9223372036854775807 + 1 == 0 };',
    }),
  ],
  [
    'provisioners-do-nothing-else',
    changed({ more: 'permit (principal in Role::"provisioner", action == Action::"system.inspect", resource);' }),
  ],
  [
    'provisioners-do-nothing-else',
    changed({ more: 'permit (principal in Role::"admin", action == Action::"people.provision", resource);' }),
  ],
  [
    'training',
    changed({ more: 'permit (principal in Role::"engineer", action == Action::"subjects.find", resource);' }),
  ],
  ['no-lockout', changed({ lock: 'forbid (principal, action == Action::"keys.manage", resource);' })],
  ['no-lockout', changed({ lock: 'forbid (principal, action == Action::"policies.approve", resource);' })],
  // all may lapse at once, and then this would lock everybody out; and a key shows no second factor
  [
    'no-lockout',
    changed({
      lock: 'forbid (principal, action == Action::"policies.propose", resource) unless { context.training == Training::"current" };',
    }),
  ],
  [
    'no-lockout',
    changed({
      lock: 'forbid (principal, action == Action::"people.manage", resource) unless { context.phishingResistant && context.kind == Kind::"service" };',
    }),
  ],
];

test('what a person can show locks nobody out', async () => {
  const lock =
    'forbid (principal, action == Action::"policies.propose", resource) unless { context.mfa == Mfa::"fresh" && context.kind == Kind::"staff" };';
  assert.deepEqual((await review(changed({ lock }))).broken, []);
});

test('each rule that always holds is broken by a document, and found', async () => {
  for (const [rule, document] of BREACHES) {
    const { ok, broken, faults } = await review(document);
    assert.deepEqual(faults, []);
    assert.equal(ok, false, rule);
    assert.deepEqual([...new Set(broken.map((each) => each.rule))], [rule]);
  }
});

test('where no policy looks at a fact, a rule about it is broken for every value', async () => {
  const document = changed({ restriction: null });
  const matrix = await enumerate(openEngine(document), NAMES);

  assert.ok([...matrix.cells.values()].every(({ facts }) => facts.restricted === undefined));
  assert.deepEqual(
    brokenRules(document, matrix).map(({ rule }) => rule),
    ['restriction'],
  );
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ changed, review });
export type Running = ReturnType<typeof running>;

changesAreShown(running);
