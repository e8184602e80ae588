/** How a report ends: answered, closed, made an incident, forgotten; nothing that was said is passed over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Running } from './intake.test.ts';

export function reportsEnd(of: () => Running): void {
  const { open, stateOf, code, HERE, SECRET } = of();

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
}
