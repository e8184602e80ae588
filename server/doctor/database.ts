/** The database: which it is, its clock, its schema, and who else works with it. */
import type { Config } from '#platform/config';
import { databaseFacts, migrationStanding, schemaMark, supportedMajor, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import { MIGRATIONS } from '../migrations.ts';
import { programName } from '../version.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Codes of one time and tokens are believed for seconds more or less. */
const CLOCK_WARN_MS = 2000;
const CLOCK_FAIL_MS = 30_000;

export async function lookAtDatabase(db: Db, config: Config): Promise<readonly Finding[]> {
  const facts = await databaseFacts(db);
  const major = supportedMajor(facts.version);
  const found: Finding[] = [ok('database', `PostgreSQL ${major} answers`)];
  if (!facts.isDurable)
    found.push(
      fail(
        'durability',
        'fsync, full_page_writes or synchronous_commit is off: a power cut loses entries of the log that were answered for',
        'put them on in postgresql.conf',
      ),
    );
  if (facts.isSuperuser && config.databaseUrl !== null)
    found.push(
      warn(
        'database-role',
        'the role of DATABASE_URL is a superuser: nothing in the database holds it',
        'make a role of its own, and give the log away: platform/audit/owner.sql',
      ),
    );
  if (config.databaseUrl !== null && isFarInClear(config.databaseUrl))
    found.push(
      warn(
        'database-tls',
        'the database is on another machine, and its certificate is not verified',
        'add ?sslmode=verify-full to DATABASE_URL',
      ),
    );
  return [...found, ...clock(facts.clockAheadMs), ...(await programs(facts.programs))];
}

function clock(aheadMs: number): readonly Finding[] {
  const off = Math.abs(aheadMs);
  const says = `the database's clock is ${(off / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  const todo = 'run chrony or systemd-timesyncd on both machines';
  if (off >= CLOCK_FAIL_MS) return [fail('clock', says, todo)];
  return [off >= CLOCK_WARN_MS ? warn('clock', says, todo) : ok('clock', says)];
}

/** Servers name themselves to the database by version and schema. */
async function programs(names: readonly string[]): Promise<readonly Finding[]> {
  const servers = names.filter((name) => /^strongroom\/[\w.+-]{1,50}$/.test(name));
  const mine = programName(await schemaMark(MIGRATIONS));
  const others = servers.filter((name) => name !== mine);
  if (servers.length === 0) return [ok('servers', 'none works on this database now')];
  if (others.length === 0) return [ok('servers', `all that work on this database are ${mine}`)];
  return [
    warn(
      'servers',
      `on this database work ${servers.toSorted().join(', ')}; this program is ${mine}`,
      'fine while an upgrade goes on (docs/operations.md); otherwise start all servers of one version',
    ),
  ];
}

export async function lookAtSchema(db: Db): Promise<readonly Finding[]> {
  const { state, pending, because } = await migrationStanding(db, MIGRATIONS);
  if (state === 'new') return [ok('migrations', 'the database is empty: the first start makes all tables')];
  if (state === 'head') return [ok('migrations', 'all are applied')];
  if (state === 'behind')
    return [
      warn(
        'migrations',
        `${pending.length} are not applied: ${pending.map(({ schema, name }) => `${schema}/${name}`).slice(0, 8).join(', ')}${pending.length > 8 ? ', …' : ''}`,
        'take a backup; the next start of this version applies them, while older servers go on',
      ),
    ]; // prettier-ignore
  if (!isFailure(because)) throw because;
  return [fail('migrations', `${because.message} (${because.code})`, because.hint)];
}

function isFarInClear(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const isHere = ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname) || searchParams.get('host')?.startsWith('/') === true; // prettier-ignore
  return !isHere && searchParams.get('sslmode') !== 'verify-full';
}
