/** Two who differ and who settles it; decisions that overlap; what nobody can settle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byPerson, later, START } from '../testing-gate.ts';
import { look, opened, refused, said, votes } from '../testing-violations.ts';
import type { Running } from './decide.test.ts';

export function differencesAreSettled(of: () => Running): void {
  const { cast } = of();

  test('two who differ: a third settles it between the two and sees both; nobody in time, and the milder holds', async () => {
    const c = await cast('third');
    const { w, ada, rex, sue, tom } = c;
    const ids = [
      await opened(c, { intent: true, course: 'phishing' }),
      await opened(c, { intent: true, course: 'phishing' }),
    ] as [string, string];
    for (const id of ids) {
      await said(c, id);
      await votes(w, rex, id, 'hr-referral');
      await votes(w, sue, id, 'course-again');
    }
    assert.equal(await w.effect(ada), 'denied', 'of itself: nothing was learned yet');
    const [id, late] = ids;
    const seen = await look(w, tom, id);
    assert.deepEqual(
      [seen.state, seen.votes.map(({ choice }) => choice), seen.choices],
      ['settling', ['hr-referral', 'course-again'], ['course-again', 'access-removal', 'hr-referral']],
    );
    assert.deepEqual((await look(w, ada, id, 'person')).votes, [], 'the person sees them when it is over');
    for (const choice of ['none', 'coaching'] as const)
      await assert.rejects(votes(w, tom, id, choice), refused('LADDER'), choice);
    for (const who of [rex, sue]) await assert.rejects(votes(w, who, id, 'course-again'), refused('NOT_YOURS'));
    await votes(w, tom, id, 'access-removal');
    assert.equal((await look(w, ada, id, 'person')).outcome, 'access-removal');

    w.set(later(START, 13));
    await w.one.violations.sweep();
    assert.equal((await look(w, ada, late, 'person')).outcome, null);
    w.set(later(START, 15));
    await Promise.all([w.one.violations.sweep(), w.other.violations.sweep()]);
    assert.equal((await look(w, ada, late, 'person')).outcome, 'course-again');
    assert.equal(
      w.entries.filter(({ action, detail }) => action === 'education.violation.decide' && detail?.violation === late)
        .length,
      1,
    );
  });

  test('who settles a difference has something to choose, also where all that lies between fell meanwhile', async () => {
    const c = await cast('between');
    const { w, ada, rex, sue, tom } = c;
    const more = { rung: 'coaching', course: 'phishing' } as const;
    const before: string[] = [];
    for (const day of [0, 1, 2]) {
      w.set(later(START, day));
      const id = await opened(c, day === 0 ? {} : more);
      await said(c, id);
      for (const who of [rex, sue]) await votes(w, who, id, 'coaching');
      before.push(id);
    }
    w.set(later(START, 3));
    const id = await opened(c, { course: 'phishing' });
    await said(c, id);
    await votes(w, rex, id, 'access-removal');
    await votes(w, sue, id, 'course-again');
    for (const each of before) await w.one.violations.appeal(byPerson(ada), each, 'x');

    assert.deepEqual((await look(w, tom, id)).choices, ['coaching']);
    await votes(w, tom, id, 'coaching');

    assert.equal((await look(w, ada, id, 'person')).outcome, 'coaching');
  });

  test('of two decisions by which access ended, one that falls gives nothing back while the other stands; what it took comes back with that one', async () => {
    const c = await cast('both');
    const { w, ada, rex, sue, uma } = c;
    const more = { intent: true, rung: 'access-removal', course: 'phishing' } as const;
    const [first, second] = [await opened(c, more), await opened(c, more)] as [string, string];
    for (const id of [first, second]) {
      await said(c, id);
      for (const who of [rex, sue]) await votes(w, who, id, 'access-removal');
    }
    const fall = async (id: string): Promise<void> => {
      await w.one.violations.appeal(byPerson(ada), id, 'x');
      await look(w, uma, id);
      await w.one.violations.answer(byPerson(uma), id, { grant: true, because: 'x' });
    };
    assert.deepEqual(w.ended, [ada, ada]);
    await fall(first);
    assert.deepEqual(w.ended, [ada, ada], 'the other one stands');
    await fall(second);
    assert.deepEqual(w.ended, [ada], 'given back, once');
    assert.deepEqual(
      w.steps.filter((each) => each.startsWith('given')),
      ['given both'],
      'what the first one took',
    );
  });

  test('one that nobody can settle keeps no other one open, and nothing that is to be forgotten', async () => {
    const c = await cast('stuck');
    const { w, ada, rex, sue } = c;
    const [stuck, other, old] = [await opened(c, { intent: true, course: 'phishing' }), await opened(c, { intent: true, course: 'phishing' }), await opened(c)] as [string, string, string];
    for (const id of [stuck, other, old]) await said(c, id);
    for (const who of [rex, sue]) await votes(w, who, old, 'none');
    w.set(later(START, 80));
    for (const [id, mild] of [[stuck, 'access-removal'], [other, 'coaching']] as const) {
      await votes(w, rex, id, 'hr-referral');
      await votes(w, sue, id, mild);
    }
    w.set(later(START, 100));
    w.dies.on = true;
    await assert.rejects(w.one.violations.sweep(), /killed/);
    w.dies.on = false;
    assert.equal((await look(w, ada, other, 'person')).outcome, 'coaching');
    assert.ok((await w.one.violations.mine(ada)).every(({ id }) => id !== old), 'forgotten');
  }); // prettier-ignore
}
