/** A system on a database and a home that are there already, and one run of control tests against it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { findRun, resultsOf } from '#practices/assurance';
import { makeIdentity } from '#practices/backups';

import { composeSystem, type System } from '../compose.ts';

export type Attack = Readonly<{
  database: string;
  home: string;
  /** Without tests it only makes what a first start makes, and a customer. */
  tests: readonly string[];
  /** With settings of its own the run goes on to its end, and its findings are made. */
  settings?: Readonly<Record<string, string>>;
}>;
export type Said = Readonly<{ id: string; verdict: string; because: string }>;

const EVERY_MS = 100;
/** One that has a fault may never end. */
const LONGEST_CLOSE_MS = 5000;
const OF_STORED: ReadonlySet<string> = new Set(['BACKUP-02', 'BACKUP-03']);
const MUTANTS = { kind: 'system', id: 'mutants' } as const;

/** @returns what each test said, and whether the system has ended: where not, its process is of no use any more */
export async function attacked(attack: Attack): Promise<Readonly<{ said: readonly Said[]; ended: boolean }>> {
  const settings = { STRONGROOM_HOME: attack.home, DATABASE_URL: attack.database, STRONGROOM_LOG: 'silent', STRONGROOM_ASSURANCE_ARMED: 'always', STRONGROOM_ASSURANCE_HOURS: '0', STRONGROOM_SMTP_URL: 'smtp://127.0.0.1:9', STRONGROOM_MAIL_FROM: 'strongroom@canary.invalid', ...attack.settings }; // prettier-ignore
  const system = await composeSystem(readConfig(settings), createLog('silent'));
  const url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const said = attack.tests.length === 0 ? await begin(url, attack.home) : await run(system, attack);
  const closed = system.close().then(() => true);
  const ended = attack.settings === undefined ? Promise.race([closed, sleep(LONGEST_CLOSE_MS, false)]) : closed;
  return { said, ended: await ended };
}

async function run({ assurance, backups, db }: System, { tests, settings }: Attack): Promise<readonly Said[]> {
  if (tests.some((each) => OF_STORED.has(each)) && settings === undefined) await backUp(backups);
  const run = await assurance.begin({ actor: MUTANTS }, tests);
  if (settings !== undefined) await assurance.settled();
  for (;;) {
    const results = await resultsOf(db, run);
    const { state } = (await findRun(db, run)) ?? { state: 'failed' };
    // one that fails has said what is to be known
    if (state !== 'running' || results.length === tests.length || results.some(({ verdict }) => verdict === 'fail'))
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
async function begin(at: string, home: string): Promise<readonly Said[]> {
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
