/** Who decides about a violation, how hard, and what follows in the same transaction; each rule as somebody would get around it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byPerson, educationWorlds, later, START, type EducationWorld } from '../testing-gate.ts';
import { acted, castIn, look, opened, refused, said, toOpen, votes, type Cast } from '../testing-violations.ts';
import { differencesAreSettled } from './decide-differ.tests.ts';

const { world } = educationWorlds();
const actions = (w: EducationWorld): string[] =>
  w.entries
    .map(({ action }) => action)
    .filter((each) => (each.includes('violation') || each.includes('revoke')) && !each.endsWith('.read'));
const cast = async (role: string): Promise<Cast> => castIn(await world(role));

test('two decide, neither the opener nor the person nor each other, each after reading what was said; none sees the choice of the other', async () => {
  const c = await cast('two');
  const { w, ada, opener, rex, sue, tom } = c;
  const id = await opened(c, { apart: [tom] });
  await assert.rejects(votes(w, rex, id, 'none'), refused('VIOLATION_STATE'), 'before the person was heard');
  await look(w, rex, id);
  await said(c, id, 'A customer called, and I forgot to say for what.');
  const vote = (who: string, server = w.one) =>
    server.violations.vote(byPerson(who), id, { choice: 'coaching', because: 'x' });
  await assert.rejects(vote(rex), refused('VIOLATION_UNREAD'), 'what was said since was not read');
  for (const who of [ada, opener, tom]) await assert.rejects(vote(who), refused('NOT_YOURS'), who);
  await assert.rejects(
    w.one.violations.vote({ actor: { kind: 'service', id: 'key_9' }, requestId: 'x' }, id, {
      choice: 'none',
      because: 'x',
    }),
    refused('NOT_YOURS'),
  );

  assert.equal((await look(w, rex, id)).statement?.text, 'A customer called, and I forgot to say for what.');
  await vote(rex);
  await assert.rejects(votes(w, rex, id, 'none'), refused('NOT_YOURS'), 'twice');
  const another = { actor: { kind: 'service', id: `key_${rex}` } as const, person: rex, requestId: 'x' };
  await assert.rejects(
    w.other.violations.vote(another, id, { choice: 'coaching', because: 'x' }),
    refused('NOT_YOURS'),
    'with a key of their own',
  );
  const [seen, own] = [await look(w, sue, id), await look(w, rex, id)];
  assert.deepEqual([seen.decidedBy, seen.votes, seen.own, own.own, own.votes], [1, [], null, 'coaching', []]);
  assert.deepEqual((await look(w, ada, id, 'person')).votes, []);
  assert.ok(
    !JSON.stringify(w.entries.filter(({ action }) => action === 'education.violation.vote')).includes('coaching'),
    'nor in the log',
  );
  await assert.rejects(said(c, id, 'more'), refused('VIOLATION_STATE'), 'a statement after the first decision');

  await vote(sue, w.other);
  const end = await look(w, ada, id, 'person');
  assert.deepEqual(
    [end.state, end.outcome, end.votes.map(({ by, choice }) => [by, choice])],
    [
      'decided',
      'coaching',
      [
        [rex, 'coaching'],
        [sue, 'coaching'],
      ],
    ],
  );
  await assert.rejects(vote(tom), refused('NOT_YOURS'));
  await assert.rejects(votes(w, c.uma, id, 'none'), refused('VIOLATION_STATE'), 'it is decided');
  assert.deepEqual(w.steps, [`told ${ada}`, `begun ${ada}`, `to-decide ${ada}`, `decided ${ada}`]);
});

test('who says nothing is not waited for longer than ten working days; leave stops the days', async () => {
  const c = await cast('silent');
  const { w, ada, rex, sue } = c;
  const id = await opened(c);
  await w.one.manage.absent(byPerson(rex), ada, later(START, 1), later(START, 4));
  w.set(later(START, 14.7));
  await w.one.violations.sweep();
  await assert.rejects(
    votes(w, rex, id, 'none'),
    refused('VIOLATION_STATE'),
    'the 17th: on four days of leave nothing runs',
  );
  w.set(later(START, 18.7));
  await w.one.violations.sweep();
  await w.other.violations.sweep();
  assert.equal(w.steps.filter((each) => each === `to-decide ${ada}`).length, 1);
  await votes(w, rex, id, 'none');
  await assert.rejects(said(c, id, 'late'), refused('VIOLATION_STATE'));
  await votes(w, sue, id, 'none');
  const view = await look(w, ada, id, 'person');
  assert.deepEqual(
    [view.state, view.outcome, view.statement, view.follows],
    ['closed', 'none', null, ['Nothing follows, and it counts for nothing.']],
  );
});

test('nothing is harder than the ladder has for it: by carelessness one rung each time that was confirmed before it happened', async () => {
  const c = await cast('ladder');
  const { w, ada, rex, sue, opener } = c;
  const first = await opened(c);
  await said(c, first);
  for (const hard of ['course-again', 'access-removal', 'hr-referral'] as const)
    await assert.rejects(votes(w, rex, first, hard), refused('LADDER'), hard);
  const source = await acted(w, ada);
  await assert.rejects(
    w.one.violations.open(byPerson(opener), toOpen(ada, source, { rung: 'hr-referral' })),
    refused('LADDER'),
  );
  await assert.rejects(
    w.one.violations.open(byPerson(opener), toOpen(ada, source, { intent: true })),
    refused('VIOLATION_INVALID'),
    'which course',
  );
  const deep = await w.one.violations.open(byPerson(opener), toOpen(ada, source, { intent: true, course: 'phishing' }));
  assert.deepEqual((await look(w, rex, deep)).rungs.at(-1), 'hr-referral', 'on purpose: any that the policy has');

  await votes(w, rex, first, 'coaching');
  // what happened before the first was decided is no repetition
  w.set(later(START, 0.01));
  await votes(w, sue, first, 'coaching');
  assert.equal((await look(w, rex, await opened(c))).rungs.length, 1, 'the same moment');
  w.set(later(START, 1));
  const second = await opened(c, { course: 'phishing' });
  assert.deepEqual((await look(w, rex, second)).rungs, ['coaching', 'course-again']);
  await said(c, second);
  await assert.rejects(votes(w, rex, second, 'access-removal'), refused('LADDER'));
  // the first one falls: what stood on it falls with it
  await w.one.violations.appeal(byPerson(ada), first, 'It was not me.');
  assert.deepEqual((await look(w, rex, second)).choices, ['none', 'coaching']);
  await assert.rejects(votes(w, rex, second, 'course-again'), refused('LADDER'));

  w.set(later(START, 800));
  assert.equal((await look(w, rex, await opened(c))).earlier, 0, 'two years later it counts no more');
});

test('a course that has to be passed anew shuts its roles at the next read; an appeal that is granted opens them again', async () => {
  const c = await cast('again');
  const { w, ada, rex, sue, uma, tom } = c;
  await w.pass(ada, START);
  assert.equal(await w.effect(ada), 'open');
  const id = await opened(c, { intent: true, rung: 'course-again', course: 'phishing' });
  await said(c, id);
  await votes(w, rex, id, 'course-again');
  assert.equal(await w.effect(ada), 'open', 'by one nothing follows');
  await votes(w, sue, id, 'course-again');
  assert.deepEqual([await w.effect(ada), await w.effect(ada, w.other)], ['denied', 'denied']);

  await assert.rejects(
    w.one.violations.appeal(byPerson(rex), id, 'x'),
    refused('VIOLATION_NOT_FOUND'),
    'another appeals',
  );
  await w.one.violations.appeal(byPerson(ada), id, 'It was an order.');
  assert.equal(await w.effect(ada), 'denied', 'it is not put off');
  const answer = (who: string, grant = true) => w.one.violations.answer(byPerson(who), id, { grant, because: 'x' });
  for (const who of [rex, sue, c.opener, ada]) {
    await look(w, who, id);
    await assert.rejects(answer(who), refused('NOT_YOURS'), who);
  }
  await assert.rejects(answer(uma), refused('VIOLATION_UNREAD'));
  await look(w, uma, id);
  await look(w, tom, id);
  await answer(uma);
  await assert.rejects(answer(tom, false), refused('VIOLATION_STATE'), 'once');
  assert.deepEqual([await w.effect(ada), await w.effect(ada, w.other)], ['open', 'open']);
  assert.deepEqual(actions(w).slice(-5), [
    'education.violation.decide',
    'education.violation.vote',
    'education.violation.appeal',
    'education.revoke.lift',
    'education.violation.answer',
  ]);
});

test('access ends in the transaction of the decision: killed in between, neither is there; two who decide at one moment decide it once', async () => {
  const c = await cast('ends');
  const { w, ada, rex, sue, tom } = c;
  const id = await opened(c, { intent: true, rung: 'access-removal', course: 'phishing' });
  await said(c, id);
  await votes(w, rex, id, 'access-removal');
  w.dies.on = true;
  await assert.rejects(votes(w, sue, id, 'access-removal'), /killed/);
  const after = await look(w, sue, id);
  assert.deepEqual([after.state, after.decidedBy, after.own, w.ended], ['review', 1, null, []]);
  w.dies.on = false;
  await look(w, tom, id);
  const at = [w.one, w.other].map((server, n) =>
    server.violations.vote(byPerson([sue, tom][n] as string), id, { choice: 'access-removal', because: 'x' }),
  );
  const done = await Promise.allSettled(at);
  assert.deepEqual(done.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.deepEqual([w.ended, (await look(w, ada, id, 'person')).votes.length], [[ada], 2]);
  await w.one.violations.appeal(byPerson(ada), id, 'x');
  await look(w, c.uma, id);
  await w.one.violations.answer(byPerson(c.uma), id, { grant: true, because: 'x' });
  assert.deepEqual(w.ended, [], 'given back');
});

const running = () => ({ cast });
export type Running = ReturnType<typeof running>;
differencesAreSettled(running);
