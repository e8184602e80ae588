// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KINDS } from '../store/requests.ts';
import { shownForBoth } from './shared.ts';
import {
  ASKERS,
  isEnough,
  LEVELS,
  MEANS,
  missing,
  needed,
  reached,
  RULES,
  SAW,
  SHOWS,
  withProof,
  type About,
  type Proof,
} from './proof.ts';

// prettier-ignore
const at = '2026-11-27T00:00:00.000Z';
const about = (more: Partial<About> = {}): About => ({
  kind: 'access',
  asker: 'subject',
  special: false,
  corrects: [],
  ...more,
});
const [mail, second, app, twoFactors, password, twoByMail, passkeys]: readonly Proof[] = [
  { means: 'mail-code', at },
  { means: 'second-code', at },
  { means: 'app', factors: 1, resettableByMail: 0, at },
  { means: 'app', factors: 2, at },
  { means: 'app', factors: 1, at },
  { means: 'app', factors: 2, resettableByMail: 2, at },
  { means: 'app', factors: 2, resettableByMail: 0, at },
];
const vouch = (by: string, saw: NonNullable<Proof['saw']> = 'passport'): Proof => ({ means: 'vouch', saw, by, at });
const of = (proofs: readonly (Proof | undefined)[], more: Partial<About> = {}) =>
  reached(proofs as readonly Proof[], about(more));

/** Said once more, by hand: kind, of the subject; with special data; by others. */
const TWIN = `
objection none none none
review none none none
doubt none none none
access reasonable high high
copy reasonable high high
restriction reasonable reasonable high
correction reasonable reasonable high
erasure reasonable high high`;

test('every kind has one row, with its reason, and needs what the twin of the table says, of whoever asks', () => {
  const rows = TWIN.trim()
    .split('\n')
    .map((each) => each.split(' '));
  assert.deepEqual(rows.map(([kind]) => String(kind)).toSorted(), [...KINDS].toSorted());
  assert.deepEqual(RULES.map(({ kind }) => kind).toSorted(), [...KINDS].toSorted());
  for (const { why } of RULES) assert.match(why, /§|art\.|nothing/);
  for (const [kind, own, special, others] of rows) {
    const level = (more: Partial<About>) => needed(about({ kind: kind as About['kind'], ...more }));
    assert.deepEqual([level({}), level({ special: true })], [own, special], kind);
    for (const asker of ['agent', 'unheld'] as const) assert.equal(level({ asker }), others, `${kind} ${asker}`);
  }
  assert.deepEqual(
    ['email', 'phone', 'text'].map((type) => needed(about({ kind: 'correction', corrects: ['text', type] }))),
    ['high', 'high', 'reasonable'],
  );
});

test('nobody has to show more for less: no row asks more of the subject than of others, nor more where less would leave', () => {
  for (const kind of KINDS)
    for (const special of [false, true])
      for (const asker of ASKERS) {
        assert.ok(isEnough(needed(about({ kind, special: true, asker })), needed(about({ kind, special, asker }))));
        assert.ok(isEnough(needed(about({ kind, special, asker })), needed(about({ kind, special }))));
      }
});

test('one means is reasonable; two that have nothing to do with each other, two people, or two factors are high', () => {
  assert.deepEqual(
    [of([]), of([mail]), of([second]), of([app]), of([vouch('a')])],
    ['none', 'reasonable', 'reasonable', 'reasonable', 'reasonable'],
  );
  assert.deepEqual(
    [of([mail, second]), of([mail, app]), of([twoFactors]), of([mail, vouch('a')]), of([vouch('a'), vouch('b')])],
    Array(5).fill('high'),
  );
  assert.deepEqual(
    [of([mail, mail]), of([app, app]), of([vouch('a'), vouch('a', 'identity-card')])],
    ['reasonable', 'reasonable', 'reasonable'],
    'twice is once',
  );
  assert.equal(withProof([vouch('a')], [vouch('a', 'call-back'), vouch('b')]).length, 2);
});

test('two that fall together are one: the mailbox, and a sign-in that a mail sets anew', () => {
  assert.deepEqual(
    [of([password]), of([mail, password]), of([twoByMail]), of([mail, twoByMail, password])],
    Array(4).fill('reasonable'),
  );
  assert.deepEqual(
    [of([mail, app]), of([password, second]), of([password, vouch('a')]), of([mail, twoFactors]), of([passkeys])],
    Array(5).fill('high'),
  );
  assert.equal(of([{ means: 'app', at }]), of([password]), 'what nothing is said of is a password');
  assert.ok(missing([mail as Proof, password as Proof], about({ special: true })).includes('app'), 'by another factor');
  // each way is in the data that is published
  const said = SHOWS.map(({ means, channels }) => `${means} ${channels.join(' ')}`);
  assert.deepEqual(said.toSorted(), [
    'app app',
    'app app second-factor',
    'app mailbox',
    'app mailbox',
    'app mailbox second-factor',
    'mail-code mailbox',
    'second-code other-mailbox',
    'vouch person',
  ]);
});

test('an agent is shown by a mandate or by the subject who was called back; who is no agent is not', () => {
  const agent = { asker: 'agent' } as const;
  assert.deepEqual(
    [of([mail, twoFactors, vouch('a'), vouch('b')], agent)],
    ['none'],
    'an identity card of the agent shows nothing',
  );
  assert.deepEqual(
    [of([vouch('a', 'mandate')], agent), of([vouch('a', 'mandate'), vouch('b', 'call-back')], agent)],
    ['reasonable', 'high'],
  );
  assert.equal(of([vouch('a', 'mandate'), vouch('b', 'mandate')]), 'none');
  assert.deepEqual(
    [missing([], about(agent)), missing([mail as Proof], about({ special: true }))],
    [['vouch'], ['second-code', 'app', 'vouch']],
  );
});

test('what is to be corrected shows nothing about who asks for that', () => {
  const address = { kind: 'correction', corrects: ['email'] } as const;
  assert.equal(of([mail, second], address), 'none', 'whoever has the mailboxes must not move them');
  assert.deepEqual(
    [of([mail, app], address), of([mail, passkeys], address), of([vouch('a'), vouch('b')], address)],
    ['reasonable', 'high', 'high'],
  );
  // a sign-in that the mailbox opens shows nothing more than the mailbox
  assert.deepEqual(
    [of([password], address), of([twoByMail], address), of([mail, twoFactors], address)],
    ['none', 'none', 'reasonable'],
  );
  assert.equal(of([mail, vouch('a', 'call-back')], { kind: 'correction', corrects: ['phone'] }), 'reasonable');
});

test('what is added to a request is shown by the less of both; nobody rides on what another has shown', () => {
  const both = (
    before: readonly Proof[],
    after: readonly Proof[],
    askers: readonly [About['asker'], About['asker']] = ['subject', 'subject'],
  ) =>
    shownForBoth({ kind: 'correction', asker: askers[0], proofs: before }, { asker: askers[1], proofs: after }, [
      'text',
    ]);
  assert.deepEqual(both([twoFactors as Proof], []), { asker: 'subject', proofs: [] });
  assert.deepEqual(both([], [twoFactors as Proof]), { asker: 'subject', proofs: [] });
  assert.equal(both([mail as Proof], [twoFactors as Proof], ['unheld', 'subject']).asker, 'unheld');
  assert.equal(both([mail as Proof], [], ['subject', 'agent']).asker, 'agent');
});

test('of all sets of what can be shown, more never reaches less', () => {
  const all: Proof[] = [
    ...MEANS.filter((means) => means !== 'vouch').map((means) => ({ means, at })),
    ...([twoFactors, app, twoByMail, passkeys] as Proof[]),
    ...SAW.flatMap((saw) => [vouch('a', saw), vouch('b', saw)]),
  ];
  for (let n = 0; n < 2_000; n += 1) {
    const some = all.filter((_, index) => ((n * 2_654_435_761) >> index) & 1);
    for (const asker of ASKERS)
      for (const corrects of [[], ['email'], ['phone']]) {
        const here = { kind: 'correction', asker, special: false, corrects } as const;
        for (const less of some)
          assert.ok(
            LEVELS.indexOf(reached(some, here)) >=
              LEVELS.indexOf(
                reached(
                  some.filter((each) => each !== less),
                  here,
                ),
              ),
          );
      }
  }
});
