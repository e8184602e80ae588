/** Violations: what they stand on, who is shown one, and when it is known no more; each rule as somebody would get around it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId, publicId } from '#platform/ids';

import { byPerson, DAY_MS, educationWorlds, later, START } from '../testing-gate.ts';
import { acted, castIn, look, opened, refused, said, toOpen, votes, type Cast } from '../testing-violations.ts';
import type { MayDo } from './violations.ts';

const { world } = educationWorlds();
const ALL: MayDo = { review: true, read: true, open: true };
const cast = async (role: string): Promise<Cast> => castIn(await world(role));

test('a violation stands on an entry of the log in which the person acted: a forged one, another’s, practice or nothing is refused', async () => {
  const c = await cast('source');
  const { w, ada, opener, rex } = c;
  const by = byPerson(opener);
  const real = await acted(w, ada);
  const others = await acted(w, rex);
  const learnt = await acted(w, ada, { action: 'education.course.fail' });
  const clicked = await acted(w, ada, { action: 'education.phishing.click' });
  const ofSystem = await acted(w, 'education', { actor: { kind: 'system', id: 'education' } });
  for (const [why, source] of Object.entries({
    'another hash': { ...real, hash: others.hash },
    'no hash': { ...real, hash: 'A'.repeat(43) },
    'no such entry': { ...real, entry: 9999 },
    'somebody else': others,
    learnt,
    clicked,
    ofSystem,
  }))
    await assert.rejects(w.one.violations.open(by, toOpen(ada, source)), refused('SOURCE_REFUSED'), why);
  await assert.rejects(
    w.one.violations.open(byPerson(ada), toOpen(ada, real)),
    refused('NOT_YOURS'),
    'against oneself',
  );
  await assert.rejects(
    w.one.violations.open({ actor: { kind: 'service', id: 'key_1' }, requestId: 'x' }, toOpen(ada, real)),
    refused('NOT_YOURS'),
    'a key of nobody, or the system',
  );

  const id = await w.one.violations.open(by, toOpen(ada, real));
  await assert.rejects(
    w.one.violations.open(byPerson(rex), toOpen(ada, real)),
    refused('VIOLATION_STATE'),
    'twice for one thing',
  );
  assert.deepEqual(w.steps, [`told ${ada}`, `begun ${ada}`]);
  const byKey = await acted(w, `key_${ada}`, { actor: { kind: 'service', id: `key_${ada}` } });
  await w.one.violations.open(by, toOpen(ada, byKey));
  const view = await look(w, ada, id, 'person');
  assert.match(
    view.entry.says ?? '',
    /^2026-03-02 09:00 UTC: customers were read, for the purpose service\.support, in the role support$/,
  );
  assert.equal(view.opened.text, 'It was looked up without a purpose.');
  const written = JSON.stringify(w.entries.filter(({ action }) => action.startsWith('education.violation')));
  assert.ok(
    !written.includes('looked up') && !written.includes(`"person"`),
    'the log has no words, and not whom it is about',
  );
  await said(c, id);
  await votes(w, rex, id, 'none');
  await votes(w, c.sue, id, 'none');
  const all = JSON.stringify(w.entries.filter(({ action }) => action.startsWith('education.violation')));
  assert.ok(
    !all.includes(ada) && !all.includes(real.hash) && !all.includes('"none"'),
    'nor by its entry, nor what was decided',
  );
});

test('who opens one first takes nobody’s time to report it; who makes an incident of another’s report reported nothing', async () => {
  const c = await cast('first');
  const { w, ada, rex, sue } = c;
  const id = await opened(c);
  await said(c, id);
  await reports(w, 2, ada, new Date(START.getTime() + 5 * 3_600_000), { report: 'irp_1' });
  assert.deepEqual((await look(w, rex, id)).choices, ['none', 'coaching']);
  await reports(w, 3, ada, new Date(START.getTime() + 6 * 3_600_000));
  assert.deepEqual((await look(w, rex, id)).choices, ['none']);
  await assert.rejects(votes(w, rex, id, 'coaching'), refused('LADDER'));
  await votes(w, rex, id, 'none');
  await votes(w, sue, id, 'none');
});

test('a finding or case that is named beside one is there', async () => {
  const c = await cast('beside');

  for (const gone of ['fnd_gone', 'case_gone'])
    await assert.rejects(opened(c, { about: ['fnd_there', gone] }), refused('VIOLATION_INVALID'), gone);
  assert.deepEqual((await look(c.w, c.ada, await opened(c, { about: ['fnd_there'] }), 'person')).about, ['fnd_there']);
});

test('nothing is opened where too few are left to decide; a page of a list ends at what one may see', async () => {
  const c = await cast('few');
  const { w, rex, sue, tom } = c;
  await assert.rejects(opened(c, { apart: [rex, sue] }), refused('VIOLATION_INVALID'));
  const [first, , third] = [await opened(c), await opened(c, { apart: [tom] }), await opened(c)];
  const may = { review: true, read: false, open: false };
  const ids: string[] = [];
  for (let after: string | null = null, more = true; more;) {
    const page: Awaited<ReturnType<typeof w.one.violations.list>> = await w.one.violations.list(tom, may, {
      after,
      limit: 1,
    });
    ids.push(...page.violations.map((each) => each.id), page.next ?? '');
    [after, more] = [page.next, page.next !== null];
  }
  for (const each of ids.filter((id) => id !== ''))
    assert.ok((await w.one.violations.partOf(tom, each, may)) !== null, 'a place in what one may not see');
  assert.ok(ids.includes(first) && ids.includes(third));
  await said(c, third);
  assert.ok(w.untold.includes(c.opener), 'who may not decide is told of nothing to be decided');
});

const reports = (w: Cast['w'], n: number, who: string, at: Date, detail: Readonly<Record<string, string>> = {}) => {
  const id = `0198b2a4-0000-7000-8000-00000000000${n}`;
  return w.db`with i as (insert into education.incidents (incident_id, receipt, kind, severity, phase, clocks, version, reported_at, last_at)
      values (${id}, ${id}, 'other', 'low', 'triage', '{}', 1, ${at}, ${at}))
    insert into education.incident_events (incident_id, seq, kind, happened_at, known_at, by, who, detail) values (${id}, 1, 'reported', ${at}, ${at}, ${who}, ${who}, ${w.db.json(detail)})`;
};

test('what somebody reported themselves within 24 hours is none, unless it was on purpose; nor does their own incident stand beside one', async () => {
  const { w, ada, opener } = await cast('self');
  const source = await acted(w, ada);
  const incident = '0198b2a4-0000-7000-8000-000000000001';
  await reports(w, 1, ada, new Date(START.getTime() + 23 * 3_600_000));
  const inc = publicId('inc', incident as never);

  await assert.rejects(w.one.violations.open(byPerson(opener), toOpen(ada, source)), refused('SOURCE_REFUSED'));
  await assert.rejects(
    w.one.violations.open(byPerson(opener), toOpen(ada, source, { intent: true, rung: 'coaching', about: [inc] })),
    refused('SOURCE_REFUSED'),
  );
  await w.one.violations.open(byPerson(opener), toOpen(ada, source, { intent: true, rung: 'coaching' }));
  w.set(later(START, 2));
  await w.one.violations.open(byPerson(opener), toOpen(ada, await acted(w, ada)));
});

test('an appeal is in time or none; what came to nothing is forgotten after 90 days, the rest after three years', async () => {
  const c = await cast('forgotten');
  const { w, ada, rex, sue } = c;
  const source = await acted(w, ada);
  const again = () => w.one.violations.open(byPerson(c.opener), toOpen(ada, source));
  const [nothing, talk] = [await again(), await opened(c)];
  for (const [id, choice] of [
    [nothing, 'none'],
    [talk, 'coaching'],
  ] as const) {
    await said(c, id);
    await votes(w, rex, id, choice);
    await votes(w, sue, id, choice);
  }
  await assert.rejects(w.one.violations.appeal(byPerson(ada), nothing, 'x'), refused('VIOLATION_STATE'));
  w.set(later(START, 22));
  await assert.rejects(
    w.one.violations.appeal(byPerson(ada), talk, 'x'),
    refused('VIOLATION_STATE'),
    'fifteen working days are over',
  );
  assert.deepEqual(
    (await w.one.violations.mine(ada)).map(({ state }) => state),
    ['closed', 'closed'],
  );
  w.set(later(START, 91));
  await w.one.violations.sweep();
  assert.deepEqual(
    (await w.one.violations.mine(ada)).map(({ id }) => id),
    [talk],
  );
  await assert.rejects(again(), refused('VIOLATION_STATE'), 'what is forgotten is not tried again');
  w.set(new Date(START.getTime() + 1097 * DAY_MS));
  await w.one.violations.sweep();
  assert.deepEqual(await w.one.violations.mine(ada), []);
  const [left] = await w.db<
    { n: number }[]
  >`select count(*)::int as n from education.violation_words where violation_id = any(${[nothing, talk].map((id) => parsePublicId('vio', id) as string)}::uuid[])`;
  assert.equal(left?.n, 0, 'with all words');
});

test('who has no part in one is shown none: no other person, nobody who stands in it; a list names nobody', async () => {
  const c = await cast('seen');
  const { w, ada, opener, rex, tom } = c;
  const id = await opened(c, { apart: [tom] });
  const { violations } = w.one;
  const NONE: MayDo = { review: false, read: false, open: false };
  assert.equal(await violations.partOf(rex, id, NONE), null, 'a manager, or anybody');
  assert.equal(await violations.partOf(tom, id, { ...NONE, review: true }), null, 'who stands in it');
  assert.equal(await violations.partOf(rex, 'vio_00000000000000000000000000', ALL), null);
  assert.deepEqual(
    [
      await violations.partOf(ada, id, ALL),
      await violations.partOf(opener, id, ALL),
      await violations.partOf(rex, id, ALL),
      await violations.partOf(rex, id, { ...NONE, read: true }),
    ],
    ['person', 'opener', 'decides', 'reads'],
  );
  assert.deepEqual(
    (await violations.list(ada, ALL, { after: null, limit: 100 })).violations.filter((each) => each.id === id),
    [],
    'of their own they see what people see of their own',
  );
  const {
    violations: [line],
  } = await violations.list(rex, ALL, { after: null, limit: 100 });
  assert.ok(line !== undefined && !JSON.stringify(line).includes(ada));
  await assert.rejects(violations.state(byPerson(rex), id, 'x'), refused('VIOLATION_NOT_FOUND'));
});
