/** What a server has done lately: the log and its witnesses, verification, backups, policies. */
import { logStanding } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import { policyGaps } from '#practices/access';
import { backupNags, KEEPING } from '#practices/backups';
import { newestWork, openKms, proveRoots, rootsInUse } from '#practices/vault';

import { days, fail, ok, warn, type Finding } from './finding.ts';

const HOUR_MS = 3_600_000;
/** Signed each second while a server runs. */
const UNSIGNED = 10_000;

export async function lookAtRoots(db: Db, config: Config): Promise<readonly Finding[]> {
  const inUse = await rootsInUse(db);
  if (!inUse.first && !inUse.second) return [ok('root-keys', 'nothing was wrapped yet: the first start makes them')];
  const secrets = { pin: () => config.secret('STRONGROOM_PKCS11_PIN'), token: () => config.secret('STRONGROOM_VAULT_TOKEN') }; // prettier-ignore
  const first = await openKms(config.kms, {
    ...secrets,
    passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE'),
  });
  try {
    const second = await openKms(config.kmsSecond, { ...secrets, passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE_SECOND') }); // prettier-ignore
    try {
      const { epochs } = await proveRoots(db, { first, second });
      return [ok('root-keys', `both open what this database holds: ${epochs} epochs`)];
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

export async function lookAtLog(db: Db, config: Config, now: Date): Promise<readonly Finding[]> {
  const { size, signed, kept, ownsTables, witnesses } = await logStanding(db);
  const found: Finding[] = [];
  const shorter = Math.max(signed, kept);
  if (size < shorter)
    found.push(
      fail(
        'log',
        `it has ${size} entries, and ${shorter} were signed: its end was cut off`,
        'strongroom audit verify; SECURITY.md says whom to tell',
      ),
    );
  else if (size - signed > UNSIGNED)
    found.push(warn('log', `${size - signed} entries are not in the signed tree yet`, 'see that a server runs, and its log')); // prettier-ignore
  else found.push(ok('log', `${size} entries, ${signed} of them signed`));
  if (ownsTables && config.databaseUrl !== null)
    found.push(warn('log-owner', 'the role of DATABASE_URL can change what is in the log', 'give its tables to a role that nobody logs in as: platform/audit/owner.sql')); // prettier-ignore
  if (config.auditPolicy === null)
    found.push(warn('witnesses', 'nobody else cosigns the log: who has this machine can write another one', 'name witnesses in STRONGROOM_AUDIT_POLICY (docs/practices/audit.md)')); // prettier-ignore
  else {
    const ill = witnesses.filter(({ problem }) => problem !== null).length;
    const newest = Math.max(0, ...witnesses.map(({ cosignedAt }) => cosignedAt?.getTime() ?? 0));
    if (newest === 0)
      found.push(warn('witnesses', 'none has cosigned yet', 'strongroom audit witness; see the server log'));
    else if (ill > 0 || now.getTime() - newest > HOUR_MS)
      found.push(warn('witnesses', `${ill} of ${witnesses.length} do not cosign; the last that did was ${days(now.getTime() - newest)} ago`, 'see the server log for what they answer')); // prettier-ignore
    else found.push(ok('witnesses', `${witnesses.length} cosign`));
  }
  return [...found, ...(await verification(db, config, now))];
}

async function verification(db: Db, config: Config, now: Date): Promise<readonly Finding[]> {
  const last = await newestWork(db, 'verify', 'ended');
  const todo = 'strongroom vault verify';
  if (last === null)
    return [
      warn('verification', 'the records were never compared with the log', `${todo}, or STRONGROOM_VERIFY_HOURS`),
    ];
  if (last.state === 'failed') return [fail('verification', 'the last one failed', todo)];
  if (last.state === 'done' && last.result['ok'] !== true)
    return [fail('verification', 'the records are not what the log tells of', `${todo} lists them`)];
  const age = now.getTime() - last.started_at.getTime();
  const most = 2 * HOUR_MS * (config.verifyHours === 0 ? 24 * 7 : config.verifyHours);
  const says = `records were compared with the log ${days(age)} ago`;
  return [age > most ? warn('verification', says, `${todo}; see that a server runs`) : ok('verification', says)];
}

export async function lookAtBackups(db: Db, config: Config, now: Date): Promise<readonly Finding[]> {
  const { newestAt, nags } = await backupNags({
    db, clock: () => now, keep: KEEPING, everyHours: config.backupHours, drillDays: config.backupDrillDays,
  }); // prettier-ignore
  if (nags.length === 0 && newestAt !== null)
    return [ok('backups', `the newest is of ${days(now.getTime() - newestAt.getTime())} ago`)];
  return nags.map(({ grave, says, todo }) =>
    (grave ? fail : warn)('backups', says, todo ?? 'strongroom backups status'),
  );
}

/** An installation keeps its policies through an upgrade: what a newer program asks is then permitted to nobody. */
export async function lookAtPolicies(db: Db): Promise<readonly Finding[]> {
  const gaps = await policyGaps(db);
  if (gaps === null) return [ok('policies', 'none hold yet: the first start puts the starter there')];
  if (gaps.missing.length === 0) return [ok('policies', `${gaps.version} permits every action to somebody`)];
  return [
    warn(
      'policies',
      `${gaps.version} permits to nobody: ${gaps.missing.join(', ')}`,
      'strongroom doctor --policies > policies.json puts them in as the starter has them; read it, then: strongroom access policy propose policies.json --note "after the upgrade"',
    ),
  ];
}
