/**
 * A system on a database and a home that are there already, and one run of control tests against it: started with a mutant
 * planted or without one. Prints what each test said. Without tests it only makes what a first start makes, and a customer.
 * With settings of its own, as JSON after the tests, the run goes on to its end, and its findings are made.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { findRun, resultsOf } from '#practices/assurance';
import { makeIdentity } from '#practices/backups';

import { composeSystem, type System } from '../../server/compose.ts';

const EVERY_MS = 100;
const OF_STORED: ReadonlySet<string> = new Set(['BACKUP-02', 'BACKUP-03']);
const MUTANTS = { kind: 'system', id: 'mutants' } as const;
const [database = '', home = '', tests = '', more] = process.argv.slice(2);
const settings = { STRONGROOM_HOME: home, DATABASE_URL: database, STRONGROOM_LOG: 'silent', STRONGROOM_ASSURANCE_ARMED: 'always', STRONGROOM_ASSURANCE_HOURS: '0', STRONGROOM_SMTP_URL: 'smtp://127.0.0.1:9', STRONGROOM_MAIL_FROM: 'strongroom@canary.invalid', ...(JSON.parse(more ?? '{}') as Record<string, string>) }; // prettier-ignore
const system = await composeSystem(readConfig(settings), createLog('silent'));
const url = await system.http.listen({ host: '127.0.0.1', port: 0 });
const said = tests === '' ? await begin(url) : await attack(system);
process.stdout.write(`${JSON.stringify(said)}\n`);
if (tests === '' || more !== undefined) await system.close();
// what a run made is of no use any more: the database goes as a whole
process.exit(0);

async function attack({ assurance, backups, db }: System): Promise<readonly object[]> {
  const wanted = tests.split(',');
  if (wanted.some((each) => OF_STORED.has(each)) && more === undefined) await backUp(backups);
  const run = await assurance.begin({ actor: MUTANTS }, wanted);
  if (more !== undefined) await assurance.settled();
  for (;;) {
    const results = await resultsOf(db, run);
    const { state } = (await findRun(db, run)) ?? { state: 'failed' };
    // one that fails has said what is to be known
    if (state !== 'running' || results.length === wanted.length || results.some(({ verdict }) => verdict === 'fail'))
      return results.map(({ test_id: id, verdict, because }) => ({ id, verdict, because }));
    await sleep(EVERY_MS);
  }
}

/** What looks at backups that lie in a store asks that there is one: made by this system, with its fault. */
async function backUp(backups: System['backups']): Promise<void> {
  await backups.trust(MUTANTS, (await makeIdentity()).recipient, 'offline');
  await (
    await backups.begin('data', MUTANTS)
  ).done;
}

/** Somebody who is no canary. */
async function begin(at: string): Promise<readonly object[]> {
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const post = async (key: string, path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${at}${path}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) }); // prettier-ignore
    if (answer.status !== 201) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { key } = await post(admin, '/v1/access/keys', { name: 'application', role: 'application' });
  await post(key as string, '/v1/vault/records', { collection: 'customer', fields: { last_name: 'Somebody', email: 'somebody@example.org' } }); // prettier-ignore
  return [];
}
