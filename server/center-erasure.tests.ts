/** An erasure that a customer asks for takes two people, and a legal hold is before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Tx } from '#platform/db';
import { parseSubjectId, publicId, uuidv7, type SubjectId } from '#platform/ids';

import type { Running } from './center.test.ts';

const NO_CALLER = (): never => assert.fail('nothing else is done');

export function erasureTakesTwo(of: () => Running): void {
  test('an erasure takes two people, and leaves nothing to sign in to', async () => {
    const { store, proven, signIn, ask, system, ALL, keys, codeFor } = of();
    const { subjectId } = await store('lin@example.org');
    const cookie = await proven(await signIn('lin@example.org'), subjectId);
    await ask('/center/requests', { form: { kind: 'erasure', words: '' }, cookie });
    const request = (await system.privacy.requests.queue(ALL)).requests.find((each) => each.subject === subjectId);
    const id = request?.id as string;
    const [one, two] = [publicId('per', uuidv7()), publicId('per', uuidv7())];
    const by = (name: string) => ({ actor: { kind: 'staff', id: name, role: 'dpo' } as const });
    let erased = 0;
    const erase = async (tx: Tx): Promise<() => void> => {
      const actor = await system.access.authenticate(keys.get('dpo'));
      erased += 1;
      return (await system.vault.eraseIn(tx, { actor, purpose: 'legal.request', requestId: 'test' }, parseSubjectId(subjectId) as SubjectId)).committed;
    };
    const { requests } = system.privacy;

    assert.deepEqual([(await requests.decide(by(one), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase })).state, erased], ['review', 0]);
    await assert.rejects(requests.decide(by(one), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_SECOND_EYES' });
    await assert.rejects(requests.decide({ ...by('key_9'), person: one }, id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_SECOND_EYES' }, 'by a key of the same person');
    // who declines while it goes finds it done
    let declining: Promise<unknown> = Promise.resolve();
    const raced = async (tx: Tx): Promise<() => void> => {
      declining = requests.decide(by(one), id, { decision: 'refuse', answer: 'no' }, { caller: NO_CALLER, erase }).then(() => 'declined', (thrown: { code: string }) => thrown.code);
      await Promise.race([declining, new Promise((resolve) => setTimeout(resolve, 100))]);
      return erase(tx);
    };
    assert.deepEqual([(await requests.decide(by(two), id, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase: raced })).state, erased], ['fulfilled', 1]);
    assert.equal(await declining, 'PRIVACY_REQUEST_STATE');
    await assert.rejects(requests.decide(by(two), id, { decision: 'refuse', answer: '' }, { caller: NO_CALLER, erase }), { code: 'PRIVACY_REQUEST_STATE' });
    assert.deepEqual((await requests.get(by(one), id)).steps.map(({ step }) => step), ['received', 'first eyes', 'erased']);
    assert.match((await ask('/center/data', { cookie })).text, /Nothing/);
    const before = await codeFor('lin@example.org');
    await ask('/center/sign-in', { form: { email: 'lin@example.org' } });
    assert.equal(await codeFor('lin@example.org'), before, 'who was forgotten gets no code any more');
  }); // prettier-ignore

  test('an erasure under a legal hold says so and changes nothing; when the hold is lifted, the same second person can go on', async () => {
    const { store, proven, signIn, ask, system, ALL, keys, as } = of();
    const { id, subjectId } = await store('held@example.org');
    const cookie = await proven(await signIn('held@example.org'), subjectId);
    await ask('/center/requests', { form: { kind: 'erasure', words: 'please' }, cookie });
    const request = (await system.privacy.requests.queue(ALL)).requests.find((each) => each.subject === subjectId)?.id as string;
    const by = (name: string) => ({ actor: { kind: 'staff', id: name, role: 'dpo' } as const, requestId: 'test' });
    const [one, two] = [publicId('per', uuidv7()), publicId('per', uuidv7())];
    const { holds } = system.retention;
    const hold = await holds.request(by(one) as never, { matter: 'M-7', subject: subjectId, reason: 'a lawsuit', authority: 'the court', reviewBy: '2099-01-31' });
    await holds.approve(by(two) as never, hold.id);
    const erase = async (tx: Tx): Promise<() => void> => {
      const actor = await system.access.authenticate(keys.get('dpo'));
      return (await system.vault.eraseIn(tx, { actor, purpose: 'legal.request', requestId: 'test' }, parseSubjectId(subjectId) as SubjectId)).committed;
    };
    const decide = (who: string) => system.privacy.requests.decide(by(who), request, { decision: 'fulfil', answer: '' }, { caller: NO_CALLER, erase });

    assert.equal((await decide(one)).state, 'review');
    await assert.rejects(decide(two), { code: 'VAULT_HELD' });
    const { state, steps } = await system.privacy.requests.get(by(one), request);
    assert.deepEqual([state, steps.map(({ step }) => step)], ['review', ['received', 'first eyes']], 'as it was, and still a task');
    assert.equal((await as('support', 'service.support').records.get(id)).id, id);
    assert.match((await ask('/center/requests', { cookie })).text, /please/);

    await holds.lift(by(one) as never, hold.id, 'it is over');
    await holds.approve(by(two) as never, hold.id);
    assert.equal((await decide(two)).state, 'fulfilled');
  }); // prettier-ignore
}
