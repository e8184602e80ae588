/** What is watched over long: pages of events, a slow scrape, the server that looks, and the commands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId, parseSubjectId, publicId, uuidv7 } from '#platform/ids';

import type { Json } from './testing.ts';
import type { Running } from './traffic.test.ts';

export function whatIsWatched(of: () => Running): void {
  test('pages of events and cases have each once, and what an actor did is counted of all of it', async () => {
    const { two, keys, security, customer, read, until } = of();
    const { db } = two.fresh;
    const at = new Date('2026-11-25T12:00:00Z');
    const line = (n: number) => `192.0.2.50 - - [26/Nov/2026:12:00:00 +0000] "GET /page/${n} HTTP/1.1" 200 12 "-" "pager"`;
    for (const from of [0, 25])
      await two.call('POST', '/v1/traffic/feeds/pages', { key: keys.engineer.key, body: { format: 'access-log', lines: Array.from({ length: 25 }, (_, n) => line(from + n)) } });
    const [blocks] = await db<{ id: string }[]>`select block_id as id from traffic.blocks where sensor = 'feed.pages' order by block_id desc limit 1`;
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { status, body } = await security('GET', `events?address=192.0.2.50&sensor=feed.pages&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z&limit=7${next === '' ? '' : `&before=${next}`}`);
      assert.equal(status, 200, JSON.stringify(body));
      seen.push(...(body.events as Json[]).map(({ http_request }) => http_request.url.path as string));
      next = body.next as string | null;
    }
    assert.deepEqual([seen.length, new Set(seen).size], [50, 50]);
    // one block that cannot be opened hides no other, and is said
    await db`update traffic.blocks set sealed = 'broken' where block_id = ${String(blocks?.id)}`;
    const { body: partly } = await security('GET', 'events?address=192.0.2.50&sensor=feed.pages&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z');
    assert.deepEqual([(partly.events as Json[]).length, partly.unopened], [25, 1]);

    const ids = Array.from({ length: 9 }, () => uuidv7());
    for (const [n, id] of ids.entries())
      await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at, closed_at)
        values (${id}, ${`rule paged ${n}`}, 'paged', ${(n % 2) + 2}, 'closed', '{}', '{}', '{}', 0, 0, ${at}, ${at}, now())`;
    const found: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { status, body } = await security('GET', `cases?state=closed&limit=2&least=medium${next === '' ? '' : `&before=${next}`}`);
      assert.equal(status, 200, JSON.stringify(body));
      found.push(...(body.cases as Json[]).filter(({ title }) => title === 'paged').map(({ id }) => id as string));
      next = body.next as string | null;
    }
    assert.deepEqual(found.toSorted(), ids.filter((_, n) => n % 2 === 1).map((id) => publicId('case', id)).toSorted());
    for (const path of ['cases?before=nonsense', `cases?before=%2B275760-09-01T00:00:00.000Z.${publicId('case', uuidv7())}`, 'events?from=%2B275760-09-01T00:00:00Z', 'events?to=0000-01-01T00:00:00Z'])
      assert.equal((await security('GET', path)).body.code, 'TRAFFIC_TIME_MALFORMED', path);

    const busy = await two.newKey('application');
    const [one, other] = [await customer(), await customer()];
    for (const each of [one, other, one]) assert.equal((await read(each.id, busy.key)).status, 200);
    const [day] = await until('all of it', async () => {
      const { body } = await security('GET', `actors/${busy.id}?days=7`);
      const days = (body.days as Json[]).filter(({ purpose }) => purpose === 'service.support');
      return (days[0]?.events ?? 0) >= 3 && days;
    });
    assert.equal(day?.customers, 2, 'each once');
    const { body: rule } = await security('GET', `rules/${((await security('GET', 'rules')).body.rules as Json[])[0]?.id}`);
    assert.ok(String(rule.text).includes(String(rule.id)));
    assert.equal((await security('GET', 'rules/behaviour.nothing')).body.code, 'TRAFFIC_NOT_FOUND');
  }); // prettier-ignore

  test('a slow scrape: a fortieth of the customers a day by a good key is a case that names them, after a restart and on two servers once', async () => {
    const { two, until, security, caseAbout } = of();
    const { db } = two.fresh;
    const thief = await two.newKey('application');
    const quiet = await two.newKey('application');
    const ids = Array.from({ length: 4000 }, () => uuidv7());
    const touch = async (actor: string, from: number, to: number, daysAgo: number): Promise<void> => {
      await db`insert into traffic.touches (subject_id, day, actor, purpose, first_at, last_at)
        select s::uuid, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${actor}, 'service.support', now() - make_interval(days => ${daysAgo}), now() - make_interval(days => ${daysAgo})
        from unnest(${ids.slice(from, to)}::text[]) s on conflict do nothing`;
    };
    await db`delete from traffic.rolled`;
    for (let day = 40; day >= 1; day -= 1) {
      await touch(thief.id, (day * 20) % 2000, ((day * 20) % 2000) + 20 + (day % 3), day);
      await touch(quiet.id, (day * 20) % 2000, ((day * 20) % 2000) + 20 + (day % 3), day);
    }
    await touch(quiet.id, 0, 21, 0);
    await touch(thief.id, 2500, 2700, 0);
    await Promise.all(two.systems.map(({ traffic }) => traffic.lookForScrapes()));
    await until('one of them had its turn', async () => {
      await two.systems[0].traffic.lookForScrapes();
      const { body } = await security('GET', `cases?about=${encodeURIComponent(`key ${thief.id}`)}`);
      return (body.cases as Json[]).length > 0;
    });
    const found = await caseAbout(`key ${thief.id}`);
    assert.ok(found.customers >= 200, JSON.stringify(found));
    const { body } = await security('GET', `cases/${found.id}`);
    assert.ok((body.subjects as string[]).every((id) => ids.includes(parsePublicId('sub', id) as never)));
    assert.match(body.newestAlerts[0].reason, /customers/);
    assert.equal(((await security('GET', `cases?state=all&about=${encodeURIComponent(`key ${quiet.id}`)}`)).body.cases as Json[]).length, 0, 'who reads as every day is left alone');
  }); // prettier-ignore

  test('one server looks at events as long as it runs; when it is not heard of, another goes on where it stood', async () => {
    const { two, customer, security, until, read, keys, caseAbout } = of();
    const looked = (): number[] => two.systems.map(({ traffic }) => traffic.health().watch.events);
    const turn = async () => {
      const [row] = await two.fresh.db<{ holder: string; place: string }[]>`select holder, tx::text || block_id::text as place from traffic.cursor`;
      return row as { holder: string; place: string };
    };
    const { id, subjectId } = await customer();
    await security('POST', 'honey', { subjectId, note: 'for whoever takes over' });
    await until('both know', async () => two.systems.every(({ traffic }) => traffic.honey.isHoney(parseSubjectId(subjectId) as never)));
    const before = looked();
    const first = await turn();
    for (let n = 0; n < 3; n += 1) {
      await read((await customer()).id, keys.application.key, n % 2);
      const { place } = await turn();
      await until('it is taken in', async () => (await turn()).place !== place);
    }
    const grew = looked().map((events, server) => events > (before[server] as number));
    assert.deepEqual(grew, [first.holder.endsWith(':7700'), first.holder.endsWith(':7701')], `only ${first.holder} looks`);

    // another one is believed to look, which is gone; on a busy machine for longer than one turn
    const held = async () => two.fresh.db`update traffic.cursor set holder = 'gone:1', held_until = clock_timestamp() + interval '15 seconds'`;
    await held();
    const thief = await two.newKey('application');
    await read(id, thief.key);
    await until('it is written', async () => {
      await held();
      const { body } = await security('GET', `events?actor=${thief.id}`);
      return (body.events as Json[]).length > 0;
    });
    const stood = (await turn()).place;
    await Promise.all(two.systems.map(({ traffic }) => traffic.takeIn()));
    assert.deepEqual(await turn(), { holder: 'gone:1', place: stood }, 'nobody takes its turn');
    // nor does one write what it learned when it still did
    await two.fresh.db`insert into traffic.baselines (name, state, at) values ('behaviours', '{}', '2020-01-01') on conflict (name) do update set state = '{}', at = '2020-01-01'`;
    await Promise.all(two.systems.map(({ traffic }) => traffic.sweep()));
    const [learned] = await two.fresh.db<{ at: Date }[]>`select at from traffic.baselines where name = 'behaviours'`;
    assert.equal(learned?.at.getUTCFullYear(), 2020);
    // an end later than any can be is of a clock that was set back
    await two.fresh.db`update traffic.cursor set held_until = clock_timestamp() + interval '2 hours'`;
    assert.equal((await caseAbout(`key ${thief.id}`)).severity, 'high', 'what was written meanwhile is looked at');
  }); // prettier-ignore

  test('by the CLI: lines are sent and found, a rule is tried, a touch of honey becomes a case that ends', async () => {
    const { two, keys, customer, until, read, caseAbout } = of();
    const cli = async (args: readonly string[], input?: string) => {
      const { code, out, err } = await two.command(args, { noun: 'traffic', key: args[0] === 'send' ? keys.engineer.key : keys.security.key, ...(input === undefined ? {} : { input }) });
      return { code, said: out + err };
    };
    const { id, subjectId } = await customer();
    const planted = await cli(['honey', 'plant', subjectId, '--note', 'by hand']);
    assert.equal(planted.code, 0, planted.said);
    const thief = await two.newKey('application');
    await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(subjectId) as never));
    await read(id, thief.key);
    const found = await caseAbout(`key ${thief.id}`);
    const log = Array.from({ length: 30 }, (_, i) => `192.0.2.77 - - [26/Nov/2026:12:00:00 +0000] "GET /${i} HTTP/1.1" 404 12 "-" "\u001b[31mred"`);
    const rule = 'title: x\nid: 7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e12\nlogsource:\n  category: webserver\ndetection:\n  selection:\n    sc-status: 404\n  condition: selektion\n';
    const [sent, wrong, shown, tail, unknown] = await Promise.all([
      cli(['send', '--feed', 'edge', '--format', 'access-log'], [...log, 'nonsense'].join('\n')),
      cli(['rules', 'test', '-'], rule),
      cli(['cases', 'show', String(found.id)]),
      cli(['tail', '--once', '--json']),
      cli(['cases', 'show', 'case_00000000000000000000000000']),
    ]);
    assert.match(sent.said, /31 lines: 30 events, 0 of no interest, 1 malformed/);
    assert.deepEqual([wrong.code, /-:\d+ error: /.test(wrong.said)], [1, true], wrong.said);
    assert.ok(shown.code === 0 && shown.said.includes(subjectId) && shown.said.includes('revoke-key'), shown.said);
    const lines = tail.said.trim().split('\n').map((line) => JSON.parse(line) as Json);
    assert.ok(lines.some(({ alert }) => alert?.case === found.id) && lines.some(({ minute }) => minute?.events > 0), tail.said);
    assert.notEqual(unknown.code, 0);
    const events = await cli(['events', '--address', '192.0.2.77', '--from', '2026-11-26T00:00:00Z', '--to', '2026-11-27T00:00:00Z']);
    assert.ok(events.said.includes('192.0.2.77') && !events.said.includes('\u001b'), events.said);
  }); // prettier-ignore
}
