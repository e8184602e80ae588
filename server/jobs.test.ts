/** A server without jobs, as what it asks of the database shows. */
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
import { statementLog } from './testing-statements.ts';

/** Of loops that come round every two seconds or more often. */
const JOBS = { works: /update vault\.works set updated_at/, retention: /update collection\.retention_runs set updated_at/, mail: /update mail\.outbox set state/, codes: /from privacy\.sign_ins where address/ }; // prettier-ignore
const OWN = { catalog: /from collection\.head/, measures: /from traffic\.measures where ended_at is null/ };

/** What it was heard to do until each of its own loops had gone round four times more. */
async function heardOf(t: TestContext, jobs: 'all' | 'none'): Promise<string[]> {
  const home = await mkdtemp(join(tmpdir(), 'sr-jobs-'));
  const fresh = await freshDatabase();
  const log = await statementLog(fresh.url);
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: log.url, STRONGROOM_LOG: 'silent', STRONGROOM_JOBS: jobs };
  const system = await composeSystem(readConfig(settings), createLog('silent'));
  t.after(async () => {
    await system.close();
    await log.close();
    await fresh.close();
    await rm(home, { recursive: true, force: true });
  });
  log.take();
  const heard: string[] = [];
  const times = (one: RegExp): number => heard.filter((each) => one.test(each.replaceAll(/\s+/g, ' '))).length;
  while (!Object.values(OWN).every((one) => times(one) >= 4)) {
    heard.push(...log.take());
    await sleep(50);
  }
  return Object.entries({ ...JOBS, ...OWN }).flatMap(([name, one]) => (times(one) > 0 ? [name] : []));
}

test('a server with all jobs does them; one with none does what is its own, and nothing for others', async (t) => {
  assert.deepEqual(await heardOf(t, 'all'), [...Object.keys(JOBS), ...Object.keys(OWN)]);
  assert.deepEqual(await heardOf(t, 'none'), Object.keys(OWN));
});
