// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DATA_CLASSES as CATALOGUE_CLASSES, type DataClass, type FieldSpec } from '#practices/collection';

import { ACTIONS, READING_ACTIONS, type Action } from './actions.ts';
import { checkDocument } from './check-document.ts';
import { DATA_CLASSES, upTo } from './classes.ts';
import { decideWith, type Actor, type Scope } from './decide.ts';
import { openEngine } from './engine.ts';
import { covers } from './facts.ts';
import { brokenRules } from './invariants.ts';
import { enumerate, EVERY_DAY } from './matrix.ts';
import { starterDocument } from './starter.ts';

/**
 * The twin: the table that decided before there were policies (gate-1), kept as what the shipped roles mean. Actions,
 * purposes, highest class in clear, highest masked.
 */
type Line = Readonly<{
  actions: readonly Action[];
  purposes: readonly string[];
  clear: DataClass | null;
  masked: DataClass | null;
}>;
const READ = ['records.read', 'records.search'] as const;
const line = (
  actions: readonly Action[],
  purposes: readonly string[] = [],
  clear: DataClass | null = null,
  masked = clear,
): Line => ({ actions, purposes, clear, masked });
const TABLE: Readonly<Record<string, Line>> = {
  application: line(
    [...READ, 'records.write', 'records.delete', 'tokens.create', 'tokens.open', 'intake.submit', 'subjects.find'],
    ['*'],
    'special',
  ),
  intake: line(['records.write', 'intake.submit'], ['*']),
  collector: line(['intake.submit'], ['*']),
  support: line([...READ, 'subjects.find'], ['service'], 'internal', 'sensitive'),
  billing: line([...READ, 'tokens.open', 'subjects.find'], ['service.billing'], 'personal', 'sensitive'),
  marketing: line([...READ, 'records.export', 'tokens.create'], ['marketing'], 'internal', 'personal'),
  analyst: line([...READ, 'records.export', 'tokens.create'], ['analytics'], 'internal', 'personal'),
  engineer: line(['system.inspect']),
  security: line(['system.inspect', 'audit.read']),
  dpo: line(
    [
      ...READ,
      'records.export',
      'records.delete',
      'subjects.erase',
      'subjects.restrict',
      'subjects.find',
      'audit.read',
      'system.inspect',
    ],
    ['*'],
    'special',
  ),
  auditor: line(['audit.read', 'system.inspect']),
  admin: line(['keys.manage', 'people.manage', 'system.inspect', 'audit.read', 'mail.read']),
  custodian: line(['keys.rotate', 'system.inspect']),
};
/** Came with the policies: the table knew nothing of them. */
const NEW_ACTIONS = new Set(
  ACTIONS.filter(
    (action) =>
      /^(policies|grants|reviews|catalog|consents|events|retention|holds|fields|exports|scans|notice|rights|backups|traffic|cases|rules|measures|honey|training|texts|reports|incidents|violations|assurance|findings)\./.test(
        action,
      ) || action === 'decisions.evaluate',
  ),
);

const PURPOSES = [
  'service',
  'service.support',
  'service.billing',
  'service.billing.dunning',
  'servicex',
  'marketing',
  'marketing.newsletter',
  'analytics',
  'analytics.product',
  'legal',
  'legal.request',
  'legality',
  '*',
  'nowhere',
];
const anyone = (role: string, scope: Partial<Scope> = {}): Actor => ({
  kind: 'service',
  id: 'key_test',
  name: role,
  role,
  expiresAt: null,
  scope: { purposes: [], classes: [], collections: [], ...scope },
});
const fieldOf = (dataClass: DataClass, purposes: readonly string[]): FieldSpec =>
  ({ name: 'f', class: dataClass, purposes: purposes.map((id) => ({ id })) }) as unknown as FieldSpec;

function tableAllows(role: string, action: Action, purpose: string | undefined, restricted: boolean): boolean {
  // corrections that a subject asked for, since
  if (role === 'dpo' && action === 'records.write') return purpose !== undefined && covers('legal', purpose);
  const found = Object.hasOwn(TABLE, role) ? TABLE[role] : undefined;
  if (found === undefined || !found.actions.includes(action)) return false;
  if (purpose === undefined) return true;
  return found.purposes.some((wide) => covers(wide, purpose)) && (!restricted || covers('legal', purpose));
}
function tableField(role: string, purpose: string | undefined, spec: FieldSpec): string {
  const declared = purpose !== undefined && spec.purposes.some(({ id }) => covers(id, purpose));
  if (!declared && (purpose === undefined || !covers('legal', purpose))) return 'denied';
  const { clear, masked } = TABLE[role] as Line;
  return upTo(clear, spec.class) ? 'clear' : upTo(masked, spec.class) ? 'masked' : 'denied';
}

test('the shipped policies decide as the table did, for every role, action, purpose and class', () => {
  const engine = openEngine(starterDocument());
  let [requests, fields] = [0, 0];
  for (const role of [...Object.keys(TABLE), 'nobody', '__proto__', 'toString']) {
    for (const action of ACTIONS.filter((each) => !NEW_ACTIONS.has(each))) {
      for (const purpose of [undefined, ...PURPOSES]) {
        for (const restricted of [false, true]) {
          const decision = decideWith(engine, 'v', { actor: anyone(role), action, purpose, restricted });
          const at = `${role} ${action} ${purpose} ${restricted}`;
          assert.equal(decision.allow, tableAllows(role, action, purpose, restricted), at);
          requests += 1;
          for (const dataClass of DATA_CLASSES) {
            for (const declared of [[], ['service'], ['service.support', 'marketing'], [purpose ?? 'legal']]) {
              const spec = fieldOf(dataClass, declared);
              const wanted =
                decision.allow && READING_ACTIONS.includes(action) ? tableField(role, purpose, spec) : 'denied';
              assert.equal(decision.field(spec), wanted, `${at} ${dataClass} ${declared.join()}`);
              fields += 1;
            }
          }
        }
      }
    }
  }
  assert.ok(requests > 6000 && fields > 100_000, `${requests} requests, ${fields} fields`);
});

test('a key never gets more than its scope, whatever the policies allow', () => {
  const engine = openEngine(starterDocument());
  const collection = { name: 'customer' } as never;
  const ask = { action: 'records.read', purpose: 'service.support', collection } as const;
  const decide = (scope: Partial<Scope>) => decideWith(engine, 'v', { ...ask, actor: anyone('application', scope) });

  assert.equal(decide({}).allow, true);
  assert.deepEqual(decide({ collections: ['orders'] }).policies, ['key-collections']);
  assert.deepEqual(decide({ purposes: ['service.billing'] }).policies, ['key-purposes']);
  const narrow = decide({ classes: ['internal'] });
  assert.equal(narrow.field(fieldOf('internal', ['service'])), 'clear');
  assert.equal(narrow.field(fieldOf('public', ['service'])), 'denied');
  assert.ok(narrow.policies.includes('key-classes'));
});

test('the shipped document is sound: no fault, no broken rule, and no policy that never decides', async () => {
  const document = starterDocument();
  const names = {
    purposes: ['service', 'service.billing', 'marketing', 'analytics', 'legal'],
    collections: ['customer'],
  };

  const { faults, notes } = checkDocument(document, { purposes: new Set(names.purposes), collections: new Set() });
  const matrix = await enumerate(openEngine(document), names);

  assert.deepEqual([faults, notes, brokenRules(document, matrix), matrix.idle], [[], [], [], []]);
});

test('the part that holds every day is what the whole says of it, and no more', async () => {
  const document = starterDocument();
  const names = { purposes: ['service', 'service.billing', 'legal'], collections: ['customer'] };
  const whole = await enumerate(openEngine(document), names);
  const usual = [...whole.cells.values()].filter(({ action, facts }) =>
    (READING_ACTIONS as readonly string[]).includes(action) && (facts.grant ?? 'none') === 'none' && facts.restricted !== true && facts.declared !== false); // prettier-ignore
  const shown = usual.filter(({ dataClass }) => dataClass !== null);

  const part = await enumerate(openEngine(document), names, undefined, EVERY_DAY);

  const fields = [...part.cells.values()].filter(({ dataClass }) => dataClass !== null);
  assert.deepEqual(fields, shown);
  assert.ok(shown.length > 500 && part.cells.size < whole.cells.size / 4, `${shown.length} of ${part.cells.size}`);
});

test('a policy may mask otherwise than the catalogue; it shows nothing of what the catalogue hides', () => {
  const document = starterDocument();
  const masking = (as: string) =>
    `@mask("${as}") permit (principal in Role::"support", action == Action::"mask", resource in DataClass::"personal") when { context.purpose in Purpose::"service" };`;
  const decided = (policies: Record<string, string>) =>
    decideWith(openEngine({ ...document, policies: { ...document.policies, ...policies } }), 'v', {
      actor: anyone('support'),
      action: 'records.read',
      purpose: 'service.support',
    });
  const email = { ...fieldOf('personal', ['service']), mask: 'email' } as const;

  assert.equal(decided({}).mask(email), 'email');
  assert.equal(decided({ 'support-mask': masking('text') }).mask(email), 'text');
  assert.equal(decided({ 'support-mask': masking('text') }).mask({ ...email, mask: 'hide' }), 'hide');
  assert.equal(decided({ one: masking('text'), two: masking('name') }).mask(email), 'hide');
});

test('classes are those of the catalogue, in its order', () => {
  assert.deepEqual(DATA_CLASSES, CATALOGUE_CLASSES);
});
