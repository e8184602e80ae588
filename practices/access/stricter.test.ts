/** For whom more is asked for a time: clear only by a passkey used a moment ago, masked otherwise, and never shut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newSubjectId } from '#platform/ids';
import type { FieldSpec } from '#practices/collection';

import { decideWith, type Actor, type SessionProof } from './decide.ts';
import { openEngine } from './engine.ts';
import { assuranceOf } from './identity/assurance.ts';
import { starterDocument } from './starter.ts';

const engine = openEngine(starterDocument());
const session = (mfaAgeSeconds: number | null, passkey: boolean): SessionProof => ({
  id: 's', turn: 0, roles: ['dpo'], aal: 2, amr: [], authAgeSeconds: 0, mfaAgeSeconds, assurance: assuranceOf(mfaAgeSeconds, passkey),
}); // prettier-ignore
const person = (proof: SessionProof | undefined, stricter: Actor['stricter']): Actor => ({
  kind: 'staff', id: 'per_1', person: 'per_1', name: 'Ada', role: 'dpo', scope: { purposes: [], classes: [], collections: [] },
  expiresAt: null, policyVersion: 'v', session: proof, stricter, training: { effect: 'open', lacks: [] },
}); // prettier-ignore
const spec = (dataClass: string): FieldSpec =>
  ({ name: 'f', class: dataClass, mask: 'text', purposes: [{ id: 'service' }] }) as unknown as FieldSpec;
const ask = (actor: Actor) => decideWith(engine, 'v', { actor, action: 'records.read', purpose: 'service.support' });

test('personal data leaves masked without a fresh passkey, with the reason; what is internal stays as it was', () => {
  const strict = { maxAgeSeconds: 300 };
  const plain = ask(person(session(10, false), undefined));
  assert.equal(plain.field(spec('personal')), 'clear');
  for (const [age, passkey, state] of [
    [10, true, 'clear'], [300, true, 'clear'], [301, true, 'masked'], [10, false, 'masked'], [-5, true, 'masked'], [null, true, 'masked'],
  ] as const) {
    const decision = ask(person(session(age, passkey), strict));
    assert.equal(decision.allow, true, 'it never shuts');
    assert.equal(decision.field(spec('personal')), state, `${age} ${passkey}`);
    assert.ok(!decision.policies.some((each) => /tier|step/.test(each)), 'the log does not say who fell for one');
    const asks = decision.obligations.some((each) => each.kind === 'stepUp' && each.maxAgeSeconds === 300);
    assert.equal(asks, state === 'masked');
    assert.equal(decision.field(spec('internal')), plain.field(spec('internal')));
    assert.equal(decision.field(spec('special')), state);
  }
  assert.equal(ask(person(undefined, strict)).field(spec('personal')), 'clear', 'a key shows no factor');
}); // prettier-ignore

test('a grant is not spent for what leaves masked all the same', () => {
  const subject = newSubjectId();
  const grants = [{ id: 'grt_1', kind: 'jit', role: 'support', purpose: 'service.support', classes: ['sensitive'], subjects: new Set([subject]) }] as unknown as NonNullable<Actor['grants']>;
  const used = (stricter: Actor['stricter'], passkey: boolean) => {
    const actor = { ...person(session(10, passkey), stricter), role: 'support', grants };
    const decision = decideWith(engine, 'v', { actor, action: 'records.read', purpose: 'service.support', subject });
    return [decision.allow, decision.field(spec('sensitive')), decision.allow && decision.grantIds];
  };
  assert.deepEqual(used(undefined, false), [true, 'clear', ['grt_1']]);
  assert.deepEqual(used({ maxAgeSeconds: 300 }, true), [true, 'clear', ['grt_1']]);
  assert.deepEqual(used({ maxAgeSeconds: 300 }, false), [true, 'masked', []]);
}); // prettier-ignore

test('who fell again waits with exports for somebody else’s yes, for each purpose; nothing else waits, and a policy is not named', () => {
  const asks = (exportsApproved: readonly string[] | undefined, purpose: string, action: 'records.export' | 'records.read' = 'records.export') =>
    decideWith(engine, 'v', { actor: person(session(10, true), { maxAgeSeconds: 300, exportsApproved }), action, purpose });

  assert.equal(asks(undefined, 'service.support').allow, true);
  const waits = asks([], 'service.support');
  assert.deepEqual([waits.allow, waits.policies, waits.stepUpSeconds], [false, [], null]);
  assert.match(waits.because, /until somebody else has said yes/);
  assert.equal(asks(['service'], 'service.support').allow, true);
  assert.equal(asks(['service.support'], 'legal.request').allow, false);
  assert.equal(asks(['service.support'], 'service').allow, false, 'what is wider was not asked for');
  assert.equal(asks([], 'service.support', 'records.read').allow, true);
}); // prettier-ignore
