/** `strongroom doctor`: looks at a host, its configuration and its database, before and while a server runs, and changes nothing. */
import { processConfig, type Config } from '#platform/config';
import { checkVersion, openDb, runningEmbedded, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { reachSmtp } from '#platform/mail';
import { policyGaps, type PolicyGaps } from '#practices/access';

import { smtpServer } from '../open-mail.ts';
import { lookAtDatabase, lookAtSchema } from './database.ts';
import { lookAtCustody, lookAtDisks, lookAtFiles } from './files.ts';
import { fail, look, ok, warn, type Finding } from './finding.ts';
import { lookAtListening } from './listening.ts';
import { lookAtBackups, lookAtLog, lookAtPolicies, lookAtRoots } from './standing.ts';

/** @param settings of which host and system; those of this process; where they are wrong, that is a finding */
export async function examine(
  settings: () => Config = processConfig,
  now: Date = new Date(),
): Promise<readonly Finding[]> {
  const node = lookAtNode(process.versions.node);
  let config: Config;
  try {
    config = settings();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return [node, fail('configuration', `${thrown.message} (${thrown.code})`, thrown.hint)];
  }
  return [
    node,
    ok('configuration', 'every setting is known and well-formed'),
    ...(await look('listening', () => lookAtListening(config, now))),
    ...(await look('files', () => lookAtFiles(config))),
    ...lookAtCustody(config),
    ...(await look('disk', () => lookAtDisks(config))),
    ...(await look('mail', () => lookAtMail(config))),
    ...(await look('database', () => lookIntoDatabase(config, now))),
  ];
}

function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 7)
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is too old`, 'use Node 24.7 or later; npm ci brings one along');
}

async function lookAtMail(config: Config): Promise<readonly Finding[]> {
  const server = await smtpServer(config);
  if (server === null)
    return [warn('mail', 'no mail leaves: it is held in the mailbox for administrators', 'set STRONGROOM_SMTP_URL and STRONGROOM_MAIL_FROM')]; // prettier-ignore
  const problem = await reachSmtp(server);
  if (problem === null) return [ok('mail', 'the mail server lets us in')];
  return [fail('mail', problem, 'check STRONGROOM_SMTP_URL, STRONGROOM_SMTP_CA and the way to the mail server')];
}

/** Does something with the database of the settings. @returns null where there is none yet, `left` where it was cut off */
async function withDatabase<T>(config: Config, work: (db: Db) => Promise<T>): Promise<T | 'left' | null> {
  const address = config.databaseUrl ?? (await runningEmbedded(config.home));
  if (address === null || address === 'left') return address;
  const db = openDb(address, { connections: 2, applicationName: 'strongroom doctor', connectTimeoutMs: 5000 });
  try {
    await checkVersion(db);
    return await work(db);
  } finally {
    await db.end({ timeout: 2 });
  }
}

async function lookIntoDatabase(config: Config, now: Date): Promise<readonly Finding[]> {
  const found = await withDatabase(config, async (db) => {
    const before = [...(await look('database', () => lookAtDatabase(db, config))), ...(await look('migrations', () => lookAtSchema(db)))]; // prettier-ignore
    // what a program does not know, and what is not there yet, it cannot judge
    const schema = before.find(({ check }) => check === 'migrations');
    if (schema?.state === 'fail' || schema?.says.startsWith('the database is empty') === true) return before;
    return [
      ...before,
      ...(await look('root-keys', () => lookAtRoots(db, config))),
      ...(await look('log', () => lookAtLog(db, config, now))),
      ...(await look('backups', () => lookAtBackups(db, config, now))),
      ...(await look('policies', () => lookAtPolicies(db))),
    ];
  });
  if (found === 'left')
    return [warn('database', 'the embedded one does not run, and was cut off when it last did: nothing in it was looked at', 'start a server (strongroom serve): it makes good by itself what was cut off; then ask again')]; // prettier-ignore
  return (
    found ?? [warn('database', 'the embedded one does not run: nothing in it was looked at', 'start a server (strongroom serve), and ask again')] // prettier-ignore
  );
}

/** The policies that hold, with what this program asks and nobody may. @returns null where there are none */
export async function completedPolicies(): Promise<PolicyGaps['completed'] | null> {
  const found = await withDatabase(processConfig(), async (db) => (await policyGaps(db))?.completed ?? null);
  return found === 'left' ? null : found;
}
