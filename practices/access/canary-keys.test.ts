/** A key of a runner reaches made-up persons alone, whatever its role may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uuidv7, type SubjectId } from '#platform/ids';

import { ACTIONS } from './actions.ts';
import { withinCanaries } from './canary-keys.ts';
import type { Actor, Decision } from './decide.ts';

const CANARY = uuidv7() as unknown as SubjectId;
const CUSTOMER = uuidv7() as unknown as SubjectId;
const YES = { allow: true, policies: [], policyVersion: 'pol_1' } as unknown as Decision;
const NO = { ...YES, allow: false, policies: ['a-policy'] } as Decision;
const actor = { kind: 'service', id: 'key_1', name: 'k', role: 'dpo', scope: {}, expiresAt: null } as unknown as Actor;
const runner: Actor = { ...actor, canariesOnly: true };
const isCanary = (subject: SubjectId): boolean => subject === CANARY;

test('whoever is no runner is left as the policies decided', () => {
  for (const action of ACTIONS)
    for (const subject of [undefined, CANARY, CUSTOMER])
      assert.equal(withinCanaries(YES, { actor, action, subject }, isCanary), YES);
});

test('a refusal of the policies stays theirs, so that a test of them is not answered by this', () => {
  for (const action of ACTIONS)
    assert.equal(withinCanaries(NO, { actor: runner, action, subject: CUSTOMER }, isCanary), NO);
});

test('a runner is refused on every customer, whatever is asked, and the log is told why', () => {
  const reading = ['records.read', 'records.search', 'records.export', 'tokens.open'] as const;
  for (const action of reading) {
    const refused = withinCanaries(YES, { actor: runner, action, subject: CUSTOMER }, isCanary);
    assert.deepEqual([refused.allow, refused.policies], [false, ['canaries-only']], action);
    assert.equal(withinCanaries(YES, { actor: runner, action, subject: CANARY }, isCanary).allow, true, action);
  }
});

test('a runner writes nothing, on nobody, and changes nothing of the system', () => {
  const changes = ACTIONS.filter((action) =>
    /\.(write|delete|create|erase|restrict|manage|rotate|provision|activate|approve|propose|decide|record|run|publish|arm|work|accept|report|submit|take|send|request|breakGlass|revoke|begin|plan)$/.test(action),
  );
  assert.ok(changes.length > 40);
  for (const action of changes)
    for (const subject of [undefined, CANARY, CUSTOMER])
      assert.equal(withinCanaries(YES, { actor: runner, action, subject }, isCanary).allow, false, action);
}); // prettier-ignore

test('only where a customer was asked about does the log have the name that an alarm follows', () => {
  const nameOf = (action: (typeof ACTIONS)[number], subject?: SubjectId) =>
    withinCanaries(YES, { actor: runner, action, ...(subject === undefined ? {} : { subject }) }, isCanary).policies;
  // with whom it is about, as the vault asks
  for (const action of ['subjects.erase', 'subjects.restrict', 'records.write', 'records.delete', 'tokens.create'] as const) {
    assert.deepEqual(nameOf(action, CUSTOMER), ['canaries-only'], action);
    assert.deepEqual(nameOf(action, CANARY), ['canaries-look-only'], action);
  }
  for (const action of ['keys.manage', 'people.manage'] as const)
    assert.deepEqual(nameOf(action), ['canaries-look-only'], action);
}); // prettier-ignore
