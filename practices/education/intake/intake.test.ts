/** Reports without a name on a real database: what is taken stays, what is forged, guessed or too much is not taken, and nobody is tied to it. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { isFailure } from '#platform/failure';
import { inOneQuarter } from '#platform/testing';

import { intakeWorld, type IntakeWorld } from '../testing-intake.ts';
import { reportsEnd } from './intake-ends.tests.ts';
import { readReceipt, receiptText } from './receipt.ts';

const open = async (t: TestContext, limits?: Parameters<typeof intakeWorld>[0]): Promise<IntakeWorld> => {
  await inOneQuarter(20);
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

const running = () => ({ open, stateOf, code, HERE, SECRET });
export type Running = ReturnType<typeof running>;
reportsEnd(running);
