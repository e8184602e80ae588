// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDecide } from './decide.ts';

/** A request of which the customer said something between the look at it and its lock. */
function saidMeanwhile(before: Buffer | null, then: Buffer | null): Promise<{ code: string } | string> {
  const row = { kind: 'erasure', state: 'waiting', corrections: null, first_eyes: 'per_1', subject_id: 'one' };
  const looks = [{ ...row, talk: before }, { ...row, talk: then }];
  const desk = { found: () => looks.shift() ?? row, requireMove: () => 'fulfilled', move: () => undefined, shown: () => undefined };
  const db = { begin: (_options: string, work: (tx: unknown) => unknown) => work({}) };
  const decide = createDecide({ db, desk, clock: () => new Date(), arePeople: () => Promise.resolve(true), prove: { require: () => undefined } } as never);
  let erased = 'not erased';
  const erase = () => {
    erased = 'erased';
    return Promise.resolve(() => undefined);
  };
  const by = { actor: { kind: 'person', id: 'per_2' }, person: 'per_2' } as never;
  return decide(by, 'dsr_1', { decision: 'fulfil', answer: 'x' }, { erase } as never).then(
    () => erased,
    (thrown: { code: string }) => `${thrown.code}, ${erased}`,
  );
} // prettier-ignore

test('nothing is erased over words that came while it was being decided', async () => {
  const [one, other] = [Buffer.from('a'), Buffer.from('b')];

  assert.equal(await saidMeanwhile(one, other), 'PRIVACY_REQUEST_STATE, not erased');
  assert.equal(await saidMeanwhile(null, one), 'PRIVACY_REQUEST_STATE, not erased');
  assert.equal(await saidMeanwhile(one, Buffer.from('a')), 'erased');
});
