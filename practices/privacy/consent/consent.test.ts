// kind: program
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { newSubjectId, uuidv7 } from '#platform/ids';

import { CHAIN_START, eventHash, walkChain, type ChainEnd } from './chain.ts';
import { hasGpc } from './gpc.ts';
import { openReceipt, receiptKey, signReceipt } from './receipt.ts';
import { isLate, isRepeated, notesOf, SAID, type Said, type SaidBefore } from './said.ts';
import { openUnsubscribe, unsubscribeToken } from './unsubscribe.ts';

test('a signal is some Sec-GPC header whose value is exactly 1, and nothing else', () => {
  assert.equal(hasGpc(['Host', 'a', 'Sec-GPC', '1']), true);
  assert.equal(hasGpc(['sec-gpc', '0', 'SEC-GPC', '1']), true, 'one of several');
  for (const value of ['0', '', ' 1', '1 ', '01', '1, 1', 'true', '"1"', '1;q=1', '11'])
    assert.equal(hasGpc(['sec-gpc', value]), false, JSON.stringify(value));
  assert.equal(hasGpc(['x-sec-gpc', '1', 'host', 'sec-gpc', '1', '1']), false, 'a value is no name');
  assert.equal(hasGpc([]), false);
});

test('the fold is the last word on each purpose, whatever was said before', () => {
  const event = fc.record({
    what: fc.constantFrom(...SAID, 'expired' as const),
    purpose: fc.constantFrom('a', 'a.b', 'c'),
    expiresAt: fc.constantFrom(null, new Date(50)),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (said) => {
      const events: SaidBefore[] = said.map((each, at) => ({ ...each, at: new Date(at) }));

      const notes = notesOf(events);

      for (const purpose of ['a', 'a.b', 'c']) {
        // the slow twin looks back for the last event that counts
        const last = events.findLast(
          ({ purpose: to, what }) => to === purpose && what !== 'gpc_off' && what !== 'expired',
        );
        const wanted = last === undefined ? undefined : last.what === 'given' ? 'given' : 'withdrawn';
        assert.equal(notes[purpose]?.[0], wanted);
        // a yes that is over is noted with its end
        if (wanted === 'given') assert.equal(notes[purpose]?.[2], last?.expiresAt?.getTime() ?? null);
      }
    }),
  );
});

test('what was said elsewhere comes too late after a later word; a yes also after a no to all that is wider, and a no does not', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, n));
  const word = (what: Said, purpose: string, n: number) => ({ what, purpose, at: day(n), expiresAt: null });
  const late = (before: ReturnType<typeof word>, said: Said) => isLate([before], 'ads.mail', said, day(5));

  for (const what of ['given', 'refused', 'withdrawn', 'objected', 'gpc_on', 'expired'] as const)
    for (const said of ['given', 'withdrawn'] as const) {
      assert.equal(late(word(what, 'ads.mail', 5), said), true, `${said} at the moment of ${what}`);
      assert.equal(late(word(what, 'ads.mail', 4), said), false, `${said} after ${what}`);
    }
  assert.equal(late(word('gpc_off', 'ads.mail', 9), 'given'), false, 'a signal that ends is no word');
  for (const what of ['refused', 'withdrawn', 'objected', 'gpc_on'] as const) {
    assert.deepEqual([late(word(what, 'ads', 9), 'given'), late(word(what, 'ads', 9), 'withdrawn')], [true, false], what);
    assert.equal(late(word(what, 'ads', 4), 'given'), false);
    assert.equal(late(word(what, 'ad', 9), 'given'), false, 'another purpose');
  }
  assert.equal(late(word('given', 'ads', 9), 'given'), false, 'a yes is for the very purpose');
}); // prettier-ignore

test('a signal that goes on says nothing new, so a yes that was said with it on holds; one that comes anew is a no', () => {
  const after = (...said: Said[]): SaidBefore[] => said.map((what, at) => ({ what, purpose: 'ads', at: new Date(at), expiresAt: null }));

  assert.equal(isRepeated([], 'ads', 'gpc_on'), false);
  assert.equal(isRepeated(after('withdrawn'), 'ads', 'gpc_on'), false, 'it is written down once');
  assert.equal(isRepeated(after('gpc_on', 'given'), 'ads', 'gpc_on'), true);
  assert.equal(isRepeated(after('gpc_on', 'given', 'gpc_off'), 'ads', 'gpc_on'), false);
  assert.equal(isRepeated(after('given'), 'ads', 'gpc_on'), false, 'it ends an earlier yes');
  assert.equal(isRepeated(after('gpc_on'), 'mail', 'gpc_on'), false);
  assert.deepEqual([isRepeated(after('given', 'objected'), 'ads', 'withdrawn'), isRepeated(after('given'), 'ads', 'withdrawn')], [true, false]);
}); // prettier-ignore

test('a no to all of it says something new where something below was agreed to since, and as long as that holds', () => {
  const after = (...said: readonly (readonly [Said, string])[]): SaidBefore[] => said.map(([what, purpose], at) => ({ what, purpose, at: new Date(at), expiresAt: null }));
  const [no, yes] = [['refused', 'ads'], ['given', 'ads.mail']] as const;

  assert.equal(isRepeated(after(yes, no), 'ads', 'withdrawn'), true);
  assert.equal(isRepeated(after(no, yes), 'ads', 'withdrawn'), false);
  assert.equal(isRepeated(after(no, yes, no), 'ads', 'withdrawn'), true);
  for (const what of ['withdrawn', 'objected', 'gpc_on', 'expired'] as const) assert.equal(isRepeated(after(no, yes, [what, 'ads.mail']), 'ads', 'withdrawn'), true, what);
  assert.equal(isRepeated(after(no, yes, ['gpc_off', 'ads.mail']), 'ads', 'withdrawn'), false);
  assert.equal(isRepeated(after(no, ['given', 'adsmail']), 'ads', 'withdrawn'), true, 'another purpose');
}); // prettier-ignore

test('a receipt verifies with the published keys and nothing else; a changed letter is refused', () => {
  const key = receiptKey(generateKeyPairSync('ed25519').privateKey);
  const jws = signReceipt(key, { b: 1, a: 'é' });

  assert.deepEqual(openReceipt(jws, [key.jwk]), { a: 'é', b: 1 });
  assert.equal(openReceipt(jws, [receiptKey(generateKeyPairSync('ed25519').privateKey).jwk]), null);
  const [head, body, signature] = jws.split('.') as [string, string, string];
  const other = Buffer.from('{"a":"é","b":2}').toString('base64url');
  const none = Buffer.from(`{"alg":"none","kid":"${key.kid}","typ":"consent-receipt+jws"}`).toString('base64url');
  for (const forged of [
    `${head}.${other}.${signature}`,
    `${none}.${body}.`,
    `${none}.${body}.${signature}`,
    `${jws}.x`,
    `${head}.${body}`,
    '',
    '..',
  ])
    // prettier-ignore
    assert.equal(openReceipt(forged, [key.jwk]), null, forged);
});

test('an unsubscribe link opens whole, under its key, and no other way', () => {
  const key = createSecretKey(randomBytes(32));
  const about = { subjectId: newSubjectId(), purpose: 'marketing.newsletter' };
  const token = unsubscribeToken(key, about);

  assert.deepEqual(openUnsubscribe(key, token), about);
  assert.equal(openUnsubscribe(createSecretKey(randomBytes(32)), token), null);
  for (let at = 0; at < token.length; at += 1) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    assert.equal(openUnsubscribe(key, changed), null, changed);
  }
  for (const bad of ['', 'x', token.slice(0, -4), `${token}AAAA`, `${token}=`, 'A'.repeat(60)])
    assert.equal(openUnsubscribe(key, bad), null);
});

test('a chain shows where it was changed, cut off or put in another order', () => {
  const holder = uuidv7();
  let prev: Buffer = CHAIN_START;
  const events = [1, 2, 3].map((seq) => {
    const event = { holder, seq, eventId: uuidv7(), what: 'given' as const, purpose: 'a', at: new Date(seq), expiresAt: null, record: randomBytes(9), prev }; // prettier-ignore
    prev = eventHash(event);
    return { ...event, hash: prev };
  });
  const [one, two, three] = events as [(typeof events)[0], (typeof events)[0], (typeof events)[0]];

  const broken = (found: typeof events, end: ChainEnd = { seq: 3, hash: three.hash }) => {
    const walk = walkChain(end);
    for (const event of found) walk.take(event);
    return walk.brokenAt();
  };

  assert.equal(broken(events), null);
  assert.equal(broken(events, { seq: 2, hash: two.hash }), null, 'one came meanwhile');
  assert.equal(broken([], null), null);
  assert.equal(broken([one, three]), 2);
  assert.equal(broken([two, one, three]), 1);
  assert.equal(broken([one, { ...two, what: 'withdrawn' as never }, three]), 2);
  assert.equal(broken([one, { ...two, record: Buffer.from('x') }, three]), 2);
  assert.equal(broken([one, two]), 3, 'cut off at its end');
  assert.deepEqual([broken([]), broken(events, null)], [1, 4]);
});
