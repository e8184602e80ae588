/** Lines that come from elsewhere: by HTTP, from files, and the feed that falls silent. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';

import { composeSystem } from './compose.ts';
import type { Json } from './testing.ts';
import type { Running } from './traffic.test.ts';

export function linesBecomeEvents(of: () => Running): void {
  test('lines of another program become events; what is malformed is counted; what nothing can be read of is refused', async () => {
    const { two, keys, security } = of();
    const line = (path: string) =>
      `192.0.2.9 - - [26/Nov/2026:12:00:00 +0000] "GET ${path} HTTP/1.1" 404 12 "-" "probe"`;
    const send = (lines: string[]) =>
      two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines } });
    const sent = await send([line('/a'), 'no line of a log', line('/b?email=ada@example.org')]);
    assert.deepEqual([sent.status, sent.body.events, sent.body.malformed], [200, 2, 1], JSON.stringify(sent.body));
    assert.equal((await send(['nonsense'])).body.code, 'TRAFFIC_FEED_MALFORMED');
    const { body: listed } = await security('GET', 'sensors');
    const sender = (listed.sensors as Json[]).find(({ name, node }) => name === 'feed.shop' && node === 'by HTTP');
    assert.deepEqual([sender?.events, sender?.malformed, sender?.running], [2, 2, true], 'also what was refused whole');
    const { body } = await security(
      'GET',
      'events?address=192.0.2.9&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z',
    );
    assert.equal(body.events.length, 2);
  });

  test('who sends by HTTP under ever new names is refused where they could not be listed, keeps nothing, and shuts out nobody known', async () => {
    const { two, keys } = of();
    const { db } = two.fresh;
    const lines = ['192.0.2.60 - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"'];
    const send = (feed: string) => two.call('POST', `/v1/traffic/feeds/${feed}`, { key: keys.engineer.key, body: { format: 'access-log', lines } });
    assert.equal((await send('known')).status, 200);
    await db`insert into traffic.sensors (name, node, running, seen_at) select 'feed.many' || n, 'by HTTP', true, now()
      from generate_series(1, 200 - (select count(*)::int from traffic.sensors where node = 'by HTTP')) as n`;
    const refused = await send('onemore');
    assert.deepEqual([refused.status, refused.body.code], [409, 'TRAFFIC_FULL']);
    assert.equal((await db`select from traffic.blocks where sensor = 'feed.onemore'`).length, 0);
    assert.equal((await send('known')).status, 200);
    await db`delete from traffic.sensors where name like 'feed.many%' or name = 'feed.known'`;
  }); // prettier-ignore

  test('a machine that slept over midnight, so that no partition takes the day, goes on by itself and loses nothing', async () => {
    const { customer, two, read, until, security } = of();
    const { id } = await customer();
    const days = await two.fresh.db<{ name: string }[]>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'traffic.blocks'::regclass`;
    for (const { name } of days)
      await two.fresh.db.unsafe(`alter table traffic.blocks detach partition traffic.${name}`);
    for (const { name } of days) await two.fresh.db.unsafe(`drop table traffic.${name}`);
    const reader = await two.newKey('application');
    assert.equal((await read(id, reader.key)).status, 200);
    await until('the event of the read', async () => {
      const { body } = await security('GET', `events?actor=${reader.id}`);
      return (body.events as Json[]).length === 1;
    });
  });

  test('a log file is followed over a rotation, each line once, and how the sensor is can be seen', async () => {
    const { folder, security, until } = of();
    const log = join(folder, 'access.log');
    const line = (n: number) => `203.0.113.44 - - [26/Nov/2026:12:00:00 +0000] "GET /p/${n} HTTP/1.1" 200 12 "-" "shopper"\n`;
    const seen = async (): Promise<number> => {
      const { body } = await security('GET', 'events?address=203.0.113.44&from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z');
      return (body.events as Json[]).length;
    };
    await appendFile(log, line(1) + line(2));
    await until('two events', async () => (await seen()) === 2);
    await rename(log, `${log}.1`);
    await writeFile(log, line(3) + 'no line of a log\n' + line(4));
    await until('four events', async () => (await seen()) === 4);
    const sensor = await until('the sensor to be seen', async () => {
      const { body } = await security('GET', 'sensors');
      return (body.sensors as Json[]).find(({ name, node, malformed }) => name === 'feed.shop' && node !== 'by HTTP' && malformed === 1);
    });
    assert.deepEqual([sensor.running, sensor.events, sensor.dropped, sensor.gaps], [true, 4, 0, 0]);
  }); // prettier-ignore

  test('a feed that falls silent is named in the list of sensors and in a case, once; what it is declared to see is known to every server, and gone when it is not declared', async () => {
    const { two, folder, caseAbout, security, until } = of();
    const HOUR = 3_600_000;
    const { db } = two.fresh;
    const eventAt = Date.now() - 5 * HOUR;
    const node = `${hostname()}:7702`;
    const feeds = join(folder, 'third.yaml');
    const third = async (text: string) => {
      await writeFile(feeds, text);
      const settings = { STRONGROOM_HOME: two.home, DATABASE_URL: two.fresh.url, STRONGROOM_LOG: 'silent' };
      return composeSystem(readConfig({ ...settings, STRONGROOM_PORT: '7702', STRONGROOM_FEEDS: feeds }), createLog('silent'));
    };
    const pace = (quietMs: number) => ({ watchedMs: 72 * HOUR, quietMs, arrivals: 20, longest: [[Math.floor(eventAt / 86_400_000), 60_000]], eventAtMs: eventAt });
    for (const [name, quietMs] of [['feed.edge', 5 * HOUR], ['feed.rare', 60_000]] as const)
      await db`insert into traffic.sensors (name, node, running, seen_at, event_at, pace) values (${name}, ${node}, false, now(), ${new Date(eventAt)}, ${db.json(pace(quietMs))})`;
    for (const name of ['edge', 'rare']) await writeFile(join(folder, `${name}.json`), '');
    const declared = `feeds:
  - { name: edge, file: ${join(folder, 'edge.json')}, format: eve, own: [192.0.2.10] }
  - { name: rare, file: ${join(folder, 'rare.json')}, format: eve }
`;
    const system = await third(declared);
    try {
      await system.traffic.noteFeeds();
      const about = await caseAbout('rule sensor.silent sensor=feed.edge');
      assert.deepEqual([about.title, about.severity], ['A sensor has fallen silent', 'medium']);
      const { body } = await security('GET', 'sensors');
      const [edge, rare] = ['feed.edge', 'feed.rare'].map((name) => (body.sensors as Json[]).find((each) => each.name === name));
      assert.match(edge?.problem ?? '', /no event that can be read since .*Z, for 5 hours; its longest silence in 14 days was 1 minutes/);
      assert.equal(edge?.lastEventAt, new Date(eventAt).toISOString());
      assert.equal(rare?.problem, null);
      assert.deepEqual(await db`select own from traffic.sensors where own is not null`.then((rows) => [...rows]), [{ own: { hosts: ['192.0.2.10'], known: [] } }]);

      // it speaks again
      await appendFile(join(folder, 'edge.json'), `${JSON.stringify({ timestamp: new Date().toISOString(), event_type: 'flow', src_ip: '192.0.2.1', dest_ip: '192.0.2.10', proto: 'TCP', flow: { bytes_toserver: 1, bytes_toclient: 1 } })}\n`);
      await until('it to be well', async () => ((await security('GET', 'sensors')).body.sensors as Json[]).some(({ name, problem }) => name === 'feed.edge' && problem === null));
    } finally {
      await system.close();
    }
    const again = await third(declared.replace(', own: [192.0.2.10]', ''));
    await again.close();
    // a feed that cannot begin stops the start, and leaves none of the others behind
    const udp = "udp: '127.0.0.1:39471', format: netflow, senders: any";
    await assert.rejects(third(`feeds: [{ name: one, ${udp} }, { name: two, ${udp} }]`), { code: 'EADDRINUSE' });
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => void socket.once('error', reject).bind(39_471, '127.0.0.1', resolve));
    socket.close();
    const [row] = await db`select own, pace->'quietMs' as quiet, running from traffic.sensors where name = 'feed.edge'`;
    assert.deepEqual([row?.own, Number(row?.quiet) < HOUR, row?.running], [null, true, false]);
    const { body } = await security('GET', `cases?state=all&about=${encodeURIComponent('rule sensor.silent sensor=feed.edge')}`);
    assert.deepEqual((body.cases as Json[]).map(({ alerts }) => alerts), [1]);
  }); // prettier-ignore
}
