/** Reports without a name on a real database: what is taken stays, what is forged, guessed or too much is not taken, and nobody is tied to it. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { isFailure } from '#platform/failure';

import { intakeWorld, type IntakeWorld } from '../testing-intake.ts';
import { readReceipt, receiptText } from './receipt.ts';

const open = async (t: TestContext, limits?: Parameters<typeof intakeWorld>[0]): Promise<IntakeWorld> => {
  // what is counted in quarters of an hour is not looked at across the end of one
  const left = 900_000 - (Date.now() % 900_000);
  if (left < 20_000) await sleep(left);
  const world = await intakeWorld(limits);
  t.after(world.close);
  return world;
};
const HERE = '198.51.100.1';
const SECRET = 'Quillfeather';
const stateOf = async ({ servers }: IntakeWorld, receipt: string): Promise<string> => {
  const looked = await servers[1].reporters.look(receipt, HERE);
  return looked.was === 'seen' ? `${looked.seen.state} ${looked.seen.turn}` : looked.was;
};
const code = async (does: Promise<unknown>): Promise<string> =>
  does.then(() => 'done', (thrown: unknown) => (isFailure(thrown) ? thrown.code : String(thrown))); // prettier-ignore

test('taken, asked back, answered and closed: each side reads what the other said, and the log none of it', async (t) => {
  const world = await open(t);
  const [{ desk, reporters }] = world.servers;
  const { receipt, id } = await world.told(await world.link(), {
    kind: 'clicked',
    words: `${SECRET} wrote`,
    reach: 'room 7',
  });
  assert.equal(await stateOf(world, receipt), 'received team');

  assert.deepEqual((await desk.get(world.by, id)).said, { when: 'now', words: `${SECRET} wrote`, reach: 'room 7' });
  await desk.step(world.by, id, { step: 'look' });
  assert.equal(await stateOf(world, receipt), 'looking nobody');
  await desk.step(world.by, id, { step: 'ask', text: `was it ${SECRET}?` });
  assert.equal(await stateOf(world, receipt), 'looking reporter');
  assert.equal(await reporters.answer(receipt, 'o-1', `yes, ${SECRET}`, HERE), 'taken');
  assert.equal(await world.servers[1].reporters.answer(receipt, 'o-1', `yes, ${SECRET}`, HERE), 'again');
  assert.deepEqual((await desk.list({ before: null, limit: 9, which: 'open' })).waiting, 1);
  const closed = await desk.step(world.by, id, { step: 'close', text: `thank you, ${SECRET}` });
  assert.deepEqual(
    closed.talk.map(({ saidBy, text, by }) => [saidBy, text, by !== null]),
    [
      ['team', `was it ${SECRET}?`, true],
      ['reporter', `yes, ${SECRET}`, false],
      ['team', `thank you, ${SECRET}`, true],
    ],
  );
  const looked = await reporters.look(receipt, HERE);
  assert.ok(looked.was === 'seen' && looked.seen.state === 'closed');
  assert.deepEqual(
    [looked.seen.said.map(({ text }) => text), looked.seen.answered],
    [[`was it ${SECRET}?`, `thank you, ${SECRET}`], 1],
  );
  assert.ok(!JSON.stringify(looked).includes('wrote'), 'who finds the number does not read what was reported');
  assert.equal(await reporters.answer(receipt, 'o-2', 'more', HERE), 'closed');
  assert.equal(await code(desk.step(world.by, id, { step: 'look' })), 'EDUCATION_NAMELESS_STATE');
  assert.ok(!JSON.stringify(world.logged).includes(SECRET));
  assert.deepEqual(
    world.logged.map(({ action }) => action.replace('education.intake.', '')),
    ['link', 'receive', 'read', 'look', 'read', 'ask', 'read', 'answer', 'close', 'read'],
  );
  assert.ok(
    world.logged
      .filter(({ action }) => /receive|answer/.test(action))
      .every(({ actor, requestId }) => actor.id === 'intake' && requestId === undefined),
    'nobody, and no request',
  );
  const rows = await world.db.unsafe(
    `select string_agg(t::text, ' ') as all from (select r::text from education.intake_reports r union all select w::text from education.intake_words w union all select c::text from education.intake_counts c) t`,
  );
  const hex = Buffer.from(SECRET).toString('hex');
  for (const needle of [SECRET, hex, receipt, Buffer.from(readReceipt(receipt) as Uint8Array).toString('hex'), HERE])
    assert.ok(!JSON.stringify(rows).includes(needle), needle);
});

test('a link that was forged, replaced or taken back takes nothing; who has a receipt comes back all the same', async (t) => {
  const world = await open(t);
  const [{ desk, reporters }] = world.servers;
  assert.equal(await desk.link(), null);
  const first = await world.link();
  const form = (await reporters.form(first)) as string;
  const { receipt } = await world.told(first);
  const second = await world.link();

  assert.equal(await reporters.form(first), null);
  assert.deepEqual(await world.tell(first, { form, server: 1 }), { was: 'dead' });
  assert.deepEqual(
    await world.tell(second, { form }),
    { was: 'stale' },
    'a form of the dead link is none of the new one',
  );
  const forged = `${second.slice(0, 20)}${second[20] === 'A' ? 'B' : 'A'}${second.slice(21)}`;
  for (const link of [
    forged,
    `${second}A`,
    '',
    'number',
    '../x',
    '\u0000',
    '🔑',
    second.slice(1),
    second.toUpperCase(),
  ])
    assert.deepEqual([await reporters.form(link), await world.tell(link, { form })], [null, { was: 'dead' }]);
  for (const odd of ['', forged, second, 'A'.repeat(9999)])
    assert.deepEqual(await world.tell(second, { form: odd }), { was: 'stale' });
  await desk.endLink(world.by);
  assert.deepEqual([await desk.link(), await reporters.form(second)], [null, null]);
  assert.equal(await stateOf(world, receipt), 'received team');
  const [row] = await world.db<{ n: number }[]>`select count(*)::int as n from education.intake_reports`;
  assert.equal(row?.n, 1);
  // two who replace it at once: one of them lives
  await Promise.all([0, 1, 0, 1].map((at) => world.servers[at as 0 | 1].desk.replaceLink(world.by)));
  const [living] = await world.db<
    { n: number }[]
  >`select count(*)::int as n from education.intake_links where ended_at is null`;
  assert.equal(living?.n, 1);
});

test('one form is one report and one number, sent twice, on two servers at once, and when nothing else is taken any more', async (t) => {
  const world = await open(t, { perSource: 3 });
  const link = await world.link();
  const form = (await world.servers[0].reporters.form(link)) as string;

  const sent = await Promise.all(
    [0, 1, 0, 1, 0, 1].map((server) =>
      world.tell(link, { form, from: `198.51.100.${server}`, server: server as 0 | 1 }),
    ),
  );
  const after = await world.tell(link, { form, words: 'changed' });

  assert.ok(
    sent.every((each) => 'receipt' in each),
    JSON.stringify(sent),
  );
  const all = [...sent, after].flatMap((each) => ('receipt' in each ? [each.receipt] : []));
  assert.equal(new Set(all).size, 1);
  assert.deepEqual([sent.filter(({ was }) => was === 'received').length, after.was], [1, 'again']);
  const [row] = await world.db<{ n: number }[]>`select count(*)::int as n from education.intake_words`;
  assert.equal(row?.n, 1);
});

test('a flood from one source, from many, and more than can be read: refused in words, and each that was thanked is there', async (t) => {
  const world = await open(t, { quiet: 0, perSource: 5, perLink: 20, unread: 12 });
  let link = await world.link();
  const [here] = [
    await Promise.all(Array.from({ length: 9 }, (_, n) => world.tell(link, { server: (n % 2) as 0 | 1 }))),
  ];
  assert.deepEqual(
    [here.filter(({ was }) => was === 'received').length, here.filter(({ was }) => was === 'slow').length],
    [5, 4],
  );

  // 5 + 4 refused of this source were not counted for the link
  const many = await Promise.all(
    Array.from({ length: 30 }, (_, n) => world.tell(link, { from: `203.0.${n}.9`, server: (n % 2) as 0 | 1 })),
  );
  const counts = Object.groupBy(many, ({ was }) => was);
  assert.deepEqual([counts.received?.length, (counts.full?.length ?? 0) + (counts.slow?.length ?? 0)], [7, 23]);
  assert.ok((counts.full?.length ?? 0) >= 8 && (counts.slow?.length ?? 0) >= 15, JSON.stringify(many));
  link = await world.link();
  assert.equal((await world.tell(link, { from: '192.0.2.77' })).was, 'received', 'a new link is the way out');
  for (const each of [...here, ...many])
    if ('receipt' in each)
      assert.equal(
        await stateOf({ ...world, servers: [world.servers[0], world.servers[0]] }, each.receipt),
        'received team',
      );
  // one that is looked at makes room
  const narrow = await open(t, { unread: 1 });
  const only = await narrow.link();
  const { id } = await narrow.told(only);
  assert.deepEqual(await narrow.tell(only), { was: 'full' });
  await narrow.servers[0].desk.step(narrow.by, id, { step: 'look' });
  assert.equal((await narrow.tell(only)).was, 'received');
  const quiet = await narrow.db`select what from education.intake_counts where what like 'source %'`;
  assert.equal(quiet.length, 0, 'while few come, not even a bin says where from');
  const [bins] = await world.db<
    { widest: number }[]
  >`select max(split_part(what, ' ', 2)::int) as widest from education.intake_counts where what like '% %' and what not like 'link %'`;
  assert.ok(Number(bins?.widest) < 4096, 'a source is one of 4,096 bins');
});

test('numbers that are guessed: a few tries, and the same answer whether there was ever such a report or not', async (t) => {
  const world = await open(t, { quiet: 0, tries: 6 });
  const [{ reporters, desk }] = world.servers;
  const link = await world.link();
  const mine = await world.told(link);
  const gone = await world.told(link, { kind: 'strange' });
  await desk.step(world.by, gone.id, { step: 'close', text: 'nothing' });
  world.at('2027-04-01T00:00:00Z');
  await desk.sweep();

  const unknown = receiptText(new Uint8Array(16).fill(7));
  const from = '203.0.113.9';
  const seen = [];
  for (const number of [unknown, gone.receipt, unknown])
    seen.push(JSON.stringify([await reporters.look(number, from), await reporters.answer(number, 'o', 'x', from)]));
  assert.deepEqual(new Set(seen), new Set([JSON.stringify([{ was: 'unknown' }, 'unknown'])]));
  // the right one as well: who guesses learns nothing from being let in
  assert.deepEqual(await world.servers[1].reporters.look(mine.receipt, from), { was: 'slow' });
  assert.deepEqual(await world.servers[1].reporters.look(unknown, from), { was: 'slow' });
  assert.equal(await reporters.answer(mine.receipt, 'o', 'x', from), 'slow');
  assert.equal(await stateOf(world, mine.receipt), 'received team', 'and nobody else is kept waiting');
  const slip = `${mine.receipt.slice(0, -1)}${mine.receipt.endsWith('2') ? '3' : '2'}`;
  assert.deepEqual(await reporters.look(slip, HERE), { was: 'slip' });
});

test('one that is answered for too often waits to be read; empty and oversized words change nothing', async (t) => {
  const world = await open(t, { unansweredReplies: 2 });
  const [{ reporters, desk }] = world.servers;
  const { receipt, id } = await world.told(await world.link());
  const say = (once: string, text: string) => reporters.answer(receipt, once, text, HERE);

  assert.deepEqual([await say('a', '  \u202E '), await say('b', 'x'.repeat(2001))], ['empty', 'long']);
  assert.deepEqual(
    [await say('c', 'one'), await say('d', 'two'), await say('e', 'three'), await say('c', 'one')],
    ['taken', 'taken', 'enough', 'again'],
  );
  await desk.step(world.by, id, { step: 'ask', text: 'and?' });
  assert.equal(await say('f', 'four'), 'taken');
  const both = await Promise.all(
    [0, 1, 0, 1].map((at) => world.servers[at as 0 | 1].reporters.answer(receipt, 'g', 'five', HERE)),
  );
  assert.deepEqual(both.toSorted(), ['again', 'again', 'again', 'taken']);
});

test('what has no room for words is closed all the same, and the last words are the team’s', async (t) => {
  const world = await open(t, { words: 4 });
  const [{ reporters, desk }] = world.servers;
  const { receipt, id } = await world.told(await world.link());
  assert.equal(await reporters.answer(receipt, 'a', 'one', HERE), 'taken');
  assert.equal(await reporters.answer(receipt, 'b', 'two', HERE), 'enough');
  await desk.step(world.by, id, { step: 'ask', text: 'and?' });
  await desk.step(world.by, id, { step: 'ask', text: 'hello?' });
  assert.equal(await code(desk.step(world.by, id, { step: 'ask', text: 'more' })), 'EDUCATION_NAMELESS_STATE');
  assert.equal((await desk.step(world.by, id, { step: 'close', text: 'bye' })).state, 'closed');
});

test('an answer that nobody has read is not passed over', async (t) => {
  const world = await open(t);
  const [{ reporters, desk }] = world.servers;
  const { receipt, id } = await world.told(await world.link());
  const before = await desk.step(world.by, id, { step: 'ask', text: 'where?' });
  assert.equal(await reporters.answer(receipt, 'a', 'here', HERE), 'taken');
  const seen = before.talk.length;
  for (const step of [{ step: 'close', text: 'bye' }, { step: 'look' }, { step: 'incident' }] as const)
    assert.equal(await code(desk.step(world.by, id, { ...step, seen })), 'EDUCATION_NAMELESS_STATE', step.step);
  assert.equal(await stateOf(world, receipt), 'looking team');
  assert.equal((await desk.step(world.by, id, { step: 'close', text: 'bye', seen: seen + 1 })).state, 'closed');
});

test('it becomes one incident, whoever of two is faster; its words move, how to reach them does not; it is closed with it', async (t) => {
  const world = await open(t);
  const [one, two] = world.servers;
  const { receipt, id } = await world.told(await world.link(), {
    kind: 'lost-device',
    words: 'the phone of the boss',
    reach: 'room 7',
  });

  const codes = await Promise.all(
    [one, two, one].map(({ desk }) => code(desk.step(world.by, id, { step: 'incident' }))),
  );
  assert.deepEqual(codes.toSorted(), ['EDUCATION_NAMELESS_STATE', 'EDUCATION_NAMELESS_STATE', 'done']);
  const rows = await world.db<
    { kind: string; detail: { report: string }; sealed: string; who: string; by: string; reported: string }[]
  >`select i.kind, e.detail, encode(e.sealed, 'escape') as sealed, e.who, e.by, i.reported_at::text as reported from education.incidents i join education.incident_events e using (incident_id)`;
  assert.deepEqual([rows.length, rows[0]?.kind, rows[0]?.detail.report], [1, 'lost-device', id]);
  // who made it an incident has not reported it: it is no report of their own doing (violations/source.ts)
  assert.deepEqual([rows[0]?.who, rows[0]?.by], ['intake', world.by.actor.id]);
  assert.ok(!JSON.stringify(rows).includes('phone') && !JSON.stringify(rows).includes('room 7'));
  assert.equal(await stateOf(world, receipt), 'looking nobody');
  assert.equal(await code(one.desk.step(world.by, id, { step: 'close', text: 'x' })), 'EDUCATION_NAMELESS_STATE');
  assert.equal(await one.reporters.answer(receipt, 'x', 'I found it', HERE), 'taken');
  await world.db`update education.incidents set phase = 'closed', last_at = ${world.at()}`;
  assert.equal(await stateOf(world, receipt), 'closed nobody');
  assert.equal(await one.reporters.answer(receipt, 'y', 'more', HERE), 'closed');
  assert.deepEqual(await one.desk.list({ before: null, limit: 9, which: 'open' }), {
    reports: [],
    waiting: 0,
    next: null,
  });
  world.at('2027-04-01T00:00:00Z');
  await one.desk.sweep();
  assert.equal(await code(one.desk.get(world.by, id)), 'EDUCATION_NAMELESS_NOT_FOUND');
  assert.equal(await stateOf(world, receipt), 'unknown');
});

test('without its key a report is read by nobody, and no door breaks; closed ones go after 90 days with all that was theirs', async (t) => {
  const world = await open(t);
  const [{ desk, reporters }] = world.servers;
  const link = await world.link();
  const { receipt, id } = await world.told(link, { words: SECRET });
  const other = await world.told(link, { words: 'stays' });
  await desk.step(world.by, id, { step: 'ask', text: 'who?' });
  const [held] = await world.db<
    { sealed: Buffer }[]
  >`select sealed from education.intake_keys where report_id = (select report_id from education.intake_words where said_by = 'team')`;
  await world.db`delete from education.intake_keys where report_id = (select report_id from education.intake_words where said_by = 'team')`;

  const read = await desk.get(world.by, id);
  assert.deepEqual([read.said, read.talk[0]?.text], [null, null]);
  const looked = await reporters.look(receipt, HERE);
  assert.ok(looked.was === 'seen' && looked.seen.said[0]?.text === null);
  assert.equal(await reporters.answer(receipt, 'o', 'me', HERE), 'closed');
  for (const step of [{ step: 'incident' }, { step: 'ask', text: 'x' }] as const)
    assert.equal(await code(desk.step(world.by, id, step)), 'EDUCATION_NAMELESS_STATE');
  // a key of another report opens nothing of this one
  await world.db`insert into education.intake_keys select report_id, ${held?.sealed as Buffer} from education.intake_words where said_by = 'team'`;
  await world.db`update education.intake_words w set sealed = o.sealed from education.intake_words o where w.seq = 1 and o.seq = 1 and w.report_id <> o.report_id`;
  await assert.rejects(desk.get(world.by, other.id));
  assert.equal((await desk.list({ before: null, limit: 9, which: 'all' })).reports.length, 2);

  await world.db`update education.intake_reports set state = 'closed', moved_at = ${world.at()}`;
  world.at('2027-02-25T11:00:00Z');
  await desk.sweep();
  assert.equal((await desk.list({ before: null, limit: 9, which: 'all' })).reports.length, 2);
  world.at('2027-02-25T13:00:00Z');
  await desk.sweep();
  const [left] = await world.db<
    { n: number }[]
  >`select ((select count(*) from education.intake_reports) + (select count(*) from education.intake_keys) + (select count(*) from education.intake_words))::int as n`;
  assert.equal(left?.n, 0);
  assert.deepEqual(world.logged.at(-1)?.detail, { reports: 2 });
});
