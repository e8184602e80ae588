// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asCounted, firstEyes, peopleIn, requireOther, type Eyes } from './other-eyes.ts';

type Who = Readonly<{ id: string; person?: string }>;
/** @returns how many it takes, or why not. Key 1 is Ada's; whose key 2 was nobody knows. */
const decides = (
  by: Who,
  refused_by: string | null,
  { arePeople = true, state = 'appealed' } = {},
): Promise<string> => {
  const eyes: Eyes = { arePeople: () => Promise.resolve(arePeople), behindKey: (_, id) => Promise.resolve(id === 'key_1' ? 'per_ada' : null) }; // prettier-ignore
  const of = { actor: { kind: 'staff', id: by.id }, person: by.person } as never;
  return requireOther({} as never, of, { state, refused_by } as never, eyes).catch(
    (thrown: { code: string }) => thrown.code,
  );
};
const ada = { id: 'per_ada', person: 'per_ada' };
const bob = { id: 'per_bob', person: 'per_bob' };

test('who declined by a key, before people were compared, does not decide: not by that key, another of theirs, or as a person', async () => {
  for (const by of [{ id: 'key_1', person: 'per_ada' }, { id: 'key_1' }, ada, { id: 'key_9', person: 'per_ada' }])
    assert.equal(await decides(by, 'key_1'), 'PRIVACY_APPEAL_EYES', by.id);
  assert.equal(await decides(bob, 'key_1'), 'one');
  assert.deepEqual([await decides(ada, 'per_ada'), await decides(bob, 'per_ada')], ['PRIVACY_APPEAL_EYES', 'one']);
});

test('where nobody knows whose key it was, it may have been anybody’s: two of those who are people decide', async () => {
  assert.deepEqual([await decides(ada, 'key_2'), await decides(bob, 'key_2')], ['two', 'two']);
  assert.equal(await decides({ id: 'key_3' }, 'key_2'), 'PRIVACY_PERSON_NEEDED');
  assert.deepEqual([await decides({ id: 'key_3' }, 'key_2', { arePeople: false }), await decides({ id: 'key_2' }, 'key_2', { arePeople: false })], ['one', 'PRIVACY_APPEAL_EYES']);
  assert.equal(await decides(ada, null), 'two', 'nor where nobody is named');
  assert.equal(await decides(ada, 'per_ada', { state: 'review' }), 'one', 'of an appeal alone');
}); // prettier-ignore

test('one who vouched by a key and then as a person is one; a key of nobody does not count beside a person', async () => {
  const vouched = async (arePeople: boolean, ...by: string[]) => {
    const proofs = by.map((each) => ({ means: 'vouch', saw: 'passport', by: each, at: '' }) as const);
    const eyes = { arePeople: () => Promise.resolve(arePeople), behindKey: (_: unknown, id: string) => Promise.resolve(id === 'key_1' ? 'per_ada' : null) }; // prettier-ignore
    return (await peopleIn(proofs, undefined as never, eyes)).map((each) => each.by);
  };
  assert.deepEqual(await vouched(false, 'key_1', 'key_2'), ['key_1', 'key_2']);
  assert.deepEqual(await vouched(true, 'key_1', 'per_ada'), ['per_ada', 'per_ada']);
  assert.deepEqual(await vouched(true, 'key_2', 'per_ada'), ['per_ada']);
  assert.deepEqual(await vouched(true, 'key_1', 'per_bob'), ['per_ada', 'per_bob']);
});

test('who agreed first by a key is its owner by now; a key of nobody agreed for nobody, once there are people', async () => {
  const first = (first_eyes: string | null, arePeople: boolean) =>
    firstEyes({ first_eyes }, undefined as never, { arePeople: () => Promise.resolve(arePeople), behindKey: (_, id) => Promise.resolve(id === 'key_1' ? 'per_ada' : null) }); // prettier-ignore
  assert.deepEqual([await first('key_1', true), await first('key_1', false)], ['per_ada', 'per_ada']);
  assert.deepEqual([await first('key_2', true), await first('key_2', false)], [null, 'key_2']);
  assert.deepEqual([await first('per_bob', true), await first(null, true)], ['per_bob', null]);
});

test('what is open is shown as it counts; what was answered keeps what it was answered on', async () => {
  const eyes: Eyes = { arePeople: () => Promise.resolve(true), behindKey: (_, id) => Promise.resolve(id === 'key_1' || id === 'key_3' ? 'per_ada' : null) }; // prettier-ignore
  const proofs = ['key_1', 'key_3'].map((by) => ({ means: 'vouch', saw: 'passport', by, at: '' }) as const);
  const row = (closed_at: Date | null) => ({ proofs, first_eyes: 'key_2', closed_at }) as never;

  const [open, answered] = await asCounted(undefined as never, [row(null), row(new Date(0))], eyes);

  assert.deepEqual([open?.first_eyes, open?.proofs.map(({ by }) => by)], [null, ['per_ada', 'per_ada']]);
  assert.deepEqual([answered?.first_eyes, answered?.proofs], ['key_2', proofs]);
});
