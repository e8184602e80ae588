/** What leaves the system's machines, by flows that a sensor tells, against what the log says was answered: through a whole server. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { callsTo, type Json, type TwoSystems } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

const HOUR_MS = 3_600_000;
let home: string;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let system: System;
let call: TwoSystems['call'];
let security: string;
/** The server's clock runs ahead by so much. */
let aheadMs = 0;
const now = (): number => Date.now() + aheadMs;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-unlogged-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  await writeFile(join(home, 'conn.log'), '');
  await writeFile(
    join(home, 'feeds.yaml'),
    `feeds: [{ name: wire, file: ${join(home, 'conn.log')}, format: zeek, own: [10.0.0.5], known: [10.0.0.9] }]`,
  );
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_FEEDS: join(home, 'feeds.yaml') }); // prettier-ignore
  system = await composeSystem(config, createLog('silent'), () => new Date(now()));
  call = callsTo([await system.http.listen({ host: '127.0.0.1', port: 0 })]);
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const made = await call('POST', '/v1/access/keys', { key: admin, body: { name: 'security', role: 'security' } });
  security = made.body.key as string;
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

let flows = 0;
/** A connection that ends now, and is looked at. */
const left = async (bytes: number, to = '198.51.100.20'): Promise<void> => {
  flows += 1;
  const line = { _path: 'conn', ts: now() / 1000 - 1, uid: `C${flows}`, 'id.orig_h': to, 'id.orig_p': 40_000 + flows, 'id.resp_h': '10.0.0.5', 'id.resp_p': 7700, proto: 'tcp', duration: 1, orig_bytes: 400, resp_bytes: bytes, conn_state: 'SF' }; // prettier-ignore
  await appendFile(join(home, 'conn.log'), `${JSON.stringify(line)}\n`);
  for (let tries = 0; !(await isLookedAt(flows)); tries += 1) {
    assert.ok(tries < 1800, 'the flow is not looked at');
    await sleep(100);
  }
};
/** Its alerts are kept in the transaction that says so. */
const isLookedAt = async (count: number): Promise<boolean> => {
  const [row] = await fresh.db<{ yes: boolean }[]>`
    select coalesce(sum(n), 0) >= ${count} and bool_and(tx <= (select tx from traffic.cursor)) as yes from traffic.blocks where sensor = 'feed.wire'`;
  return row?.yes === true;
};
const cases = async (): Promise<Json[]> => {
  const { status, body } = await call('GET', '/v1/traffic/cases?state=all', { key: security });
  assert.equal(status, 200, JSON.stringify(body));
  return (body.cases as Json[]).filter(({ title }) => title === 'Data left without a logged read');
};

test('60 MB that no request answered become a case; what was answered, is little or goes where it should does not', async () => {
  await left(20e6);
  await left(900e6, '10.0.0.9');
  aheadMs += 2 * HOUR_MS;
  await left(1000);
  assert.deepEqual(await cases(), [], 'little left, and much to where it should go');

  await left(60e6);
  aheadMs += 2 * HOUR_MS;
  await left(1000);
  const [found, ...more] = await cases();
  assert.equal(more.length, 0);
  const { body } = await call('GET', `/v1/traffic/cases/${found?.id}`, { key: security });
  assert.match(body.newestAlerts[0].reason, /60 MB left 10\.0\.0\.5; \d+ logged requests answered/);
});
