// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkDocument } from './check-document.ts';
import { gapsOf } from './policy-gaps.ts';
import { starterDocument } from './starter.ts';

const KNOWN = { purposes: new Set<string>(['service', 'service.billing', 'legal', 'marketing', 'analytics']), collections: new Set<string>() }; // prettier-ignore

test('the starter permits every action that the program can be asked for to somebody', () => {
  assert.deepEqual(gapsOf(starterDocument()).missing, []);
});

test('policies from before an upgrade get what nobody has, and nothing that was taken away from somebody', () => {
  const starter = starterDocument();
  const without = Object.fromEntries(
    Object.entries(starter.policies).filter(([id]) => !id.endsWith('-assurance') && id !== 'customer-sign-in-actions'),
  );
  // this organisation wants no auditor to read policies
  const { 'auditor-actions': _, ...policies } = without;
  const { center: __, ...roles } = starter.roles;
  const old = { ...starter, roles, schema: starter.schema.replace('"assurance.read", ', ''), policies };

  const { missing, completed, isSchemaOld } = gapsOf(old);

  assert.ok(isSchemaOld);
  assert.deepEqual(missing.filter((each) => each.startsWith('assurance.') || each === 'rights.assert').toSorted(), [
    'assurance.arm', 'assurance.read', 'assurance.run', 'rights.assert',
  ]); // prettier-ignore
  assert.ok(missing.includes('findings.work'));
  assert.deepEqual(gapsOf(completed).missing, []);
  assert.equal(completed.schema, starter.schema);
  assert.ok(!('auditor-actions' in completed.policies), 'what is permitted to somebody else stays as it was');
  for (const [id, text] of Object.entries(policies)) assert.equal(completed.policies[id], text);
  assert.deepEqual(
    checkDocument(completed, KNOWN).faults.filter(
      ({ at }) => at === null || at.includes('assurance') || at.includes('added'),
    ),
    [],
  );
});

test('of a policy that is there under the same name only the missing actions come, under another name', () => {
  const starter = starterDocument();
  const policies = { ...starter.policies };
  for (const id of Object.keys(policies))
    policies[id] = (policies[id] as string)
      .replaceAll('Action::"findings.accept"', 'Action::"findings.work"')
      .replace('[Action::"findings.work", Action::"findings.work"]', '[Action::"findings.work"]');

  const { missing, completed } = gapsOf({ ...starter, policies });

  assert.deepEqual(missing, ['findings.accept']);
  assert.match(
    completed.policies['security-assurance-added'] ?? '',
    /action in \[Action::"findings\.accept"\], resource/,
  );
  assert.equal(completed.policies['security-assurance'], policies['security-assurance']);
});
