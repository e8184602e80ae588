/** What protects a request from being taken back: it only rises, whoever asks, in whatever order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { ASKERS, type Proof } from './proof.ts';
import { guards, requireAsSure, type Shown } from './shared.ts';

const now = new Date('2026-11-27T10:00:00Z');
const at = '2026-11-27T09:00:00.000Z';
const mail: Proof = { means: 'mail-code', at };
const second: Proof = { means: 'second-code', at };
const app: Proof = { means: 'app', factors: 1, resettableByMail: 0, at };
const passkey: Proof = { means: 'app', factors: 2, resettableByMail: 0, at };
const mandate: Proof = { means: 'vouch', saw: 'mandate', by: 'per_a', at };

type Guarded = Parameters<typeof guards>[0];
const askedBy = (corrects: readonly string[], ...all: readonly Shown[]): Guarded =>
  all.reduce<Guarded>((row, each) => ({ ...row, ...guards(row, each, now) }), {
    kind: 'correction',
    corrects,
    nearest: all[0]?.asker ?? 'agent',
    surest: [],
  });
const mayTakeBack = (row: Guarded, by: Shown, when = now): boolean => {
  try {
    requireAsSure(row, by, 'withdraw', when);
    return true;
  } catch (thrown) {
    assert.ok(isFailure(thrown, 'PRIVACY_PROOF_NEEDED'));
    return false;
  }
}; // prettier-ignore
const subject = (...proofs: readonly Proof[]): Shown => ({ asker: 'subject', proofs });

test('who names the address, for which the mailboxes count for nothing, makes nothing less of them', () => {
  const row = askedBy(['text'], subject(mail, second));
  const moved = { ...row, ...guards({ ...row, corrects: ['email'] }, subject(mail), now), corrects: ['email'] };
  assert.deepEqual([mayTakeBack(moved, subject(mail)), mayTakeBack(moved, subject(mail, second))], [false, true]);
  // and two mailboxes are no sign-in that does not fall with them
  assert.equal(mayTakeBack(askedBy(['email'], subject(app), subject(mail, second)), subject(mail, second)), false);
});

test('of all orders in which anybody asks, none lets anybody take it back who could not before', () => {
  const shown = [[], [mail], [app], [mail, second], [mail, app], [passkey], [mandate]];
  const each = ASKERS.flatMap((asker) => shown.map((proofs): Shown => ({ asker, proofs })));
  for (const corrects of [[], ['text'], ['email'], ['phone']])
    for (const first of each)
      for (const then of each) {
        const [before, after] = [askedBy(corrects, first), askedBy(corrects, first, then)];
        assert.ok(after.surest.length <= 3, 'bounded');
        for (const by of each) if (!mayTakeBack(before, by)) assert.equal(mayTakeBack(after, by), false, JSON.stringify([first, then, by]));
      }
}); // prettier-ignore

test('after thirty days it counts for nobody', () => {
  const row = askedBy([], subject(passkey));
  const later = new Date('2026-12-28T10:00:00Z');
  assert.deepEqual(
    [mayTakeBack(row, subject(mail)), mayTakeBack(row, subject({ ...mail, at: '2026-12-28T09:00:00.000Z' }), later)],
    [false, true],
  );
});
