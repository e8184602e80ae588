/** A server without jobs, as its own numbers tell which loops went round. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem } from './compose.ts';
import { freePort } from './faults/running-server.ts';
import { MIGRATIONS } from './migrations.ts';

/** What is known of in this process alone, or has to be known here. */
const OWN = ['audit', 'canaries', 'catalog', 'feeds', 'gate', 'measures', 'orders', 'required training', 'traffic', 'uses', 'who is shut off']; // prettier-ignore
/** Some of the jobs that are there from the beginning. */
const JOBS = [
  'works',
  'retention',
  'mail',
  'backups',
  'detections',
  'witnesses',
  'notices',
  'expiry',
  'closed reports',
  'sign-in codes',
  'notice',
];

/** Loops that went round, once the catalogue was looked at for a few seconds, and what begins late has begun. */
async function roundsOf(t: TestContext, jobs: 'all' | 'none'): Promise<string[]> {
  const home = await mkdtemp(join(tmpdir(), 'sr-jobs-'));
  const fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const metrics = `127.0.0.1:${await freePort()}`;
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_JOBS: jobs, STRONGROOM_METRICS: metrics }; // prettier-ignore
  const system = await composeSystem(readConfig(settings), createLog('silent'));
  t.after(async () => {
    await system.close();
    await fresh.close();
    await rm(home, { recursive: true, force: true });
  });
  for (;;) {
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    const rounds = new Map([...text.matchAll(/^strongroom_loop_rounds_total\{.*?loop="([^"]+)".*\} (\d+)$/gm)].map(([, loop, n]) => [loop as string, Number(n)])); // prettier-ignore
    const went = [...rounds].flatMap(([loop, n]) => (n > 0 ? [loop] : [])).toSorted();
    const isThere = OWN.every((loop) => went.includes(loop)) && (rounds.get('catalog') ?? 0) >= 4;
    if (isThere && (jobs === 'none' || JOBS.every((loop) => went.includes(loop)))) return went;
    await sleep(100);
  }
}

test('a server with all jobs does them; one with none does what is its own, and nothing for others', async (t) => {
  const all = await roundsOf(t, 'all');
  assert.ok([...OWN, ...JOBS].every((loop) => all.includes(loop)));
  assert.deepEqual(await roundsOf(t, 'none'), OWN);
});
