import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment, readConfig } from '#platform/config';
import { openDb } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase, testCertificate } from '#platform/testing';

import { backupNags, KEEPING } from '#practices/backups';

import { composeSystem } from './compose.ts';
import type { Finding } from './doctor/finding.ts';
import { lookAtListening } from './doctor/listening.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** In every secret place; whatever the doctor says, none of it. */
const CANARY = 'kestrel-marzipan';
const PASSPHRASES = {
  STRONGROOM_ROOT_PASSPHRASE: `seven quiet ${CANARY} cross the first road`,
  STRONGROOM_ROOT_PASSPHRASE_SECOND: `nine loud ${CANARY} cross the second road`,
};

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let settings: Record<string, string>;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-doctor-'));
  fresh = await freshDatabase();
  settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url, ...PASSPHRASES };
  const system = await composeSystem(readConfig({ ...settings, STRONGROOM_LOG: 'silent' }), createLog('silent'));
  await system.close();
});
after(async () => {
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Said = Readonly<{ code: number | null; out: string; found: readonly Finding[] }>;

async function doctor(
  more: Record<string, string> = {},
  args = ['--json'],
  node: readonly string[] = [],
): Promise<Said> {
  const child = spawn(process.execPath, [...node, MAIN, 'doctor', ...args], {
    env: childEnvironment({ ...settings, ...more }),
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => void (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => void (err += piece.toString()));
  const code = await new Promise<number | null>((resolve) => void child.on('close', resolve));
  if (args.includes('--json')) assert.equal(code, out.includes('"state":"fail"') ? 1 : 0);
  assert.ok(!`${out}${err}`.includes(CANARY), `a secret was said: ${out}${err}`);
  return { code, out: out + err, found: args.includes('--json') ? (JSON.parse(out) as Finding[]) : [] };
}
/** Checks that failed; the databases of tests are made to be fast, and lose what a power cut takes, which the doctor sees. */
const failed = ({ found }: Said): string[] =>
  found.filter(({ state, check }) => state === 'fail' && check !== 'durability').map(({ check }) => check);
const of = ({ found }: Pick<Said, 'found'>, check: string): string =>
  found.filter((each) => each.check === check).map(({ state, says }) => `${state}: ${says}`).join('\n'); // prettier-ignore

test('a system that was started well has no failure; strict counts warnings; help teaches; a wrong option is usage', async () => {
  const said = await doctor();
  assert.deepEqual(failed(said), []);
  for (const check of [
    'node',
    'configuration',
    'listening',
    'files',
    'disk',
    'database',
    'clock',
    'servers',
    'migrations',
    'root-keys',
    'log',
    'policies',
  ])
    // prettier-ignore
    assert.match(of(said, check), /^ok: /, check);
  for (const check of ['mail', 'backups', 'witnesses', 'verification']) assert.match(of(said, check), /^warn: /, check);
  for (const { state, todo } of said.found)
    assert.equal(todo === null, state === 'ok', 'who is told what is wrong is told what to do');

  assert.equal((await doctor({}, ['--strict'])).code, 1);
  const help = await doctor({}, ['--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /--policies.*[\s\S]*Exit codes/);
  assert.equal((await doctor({}, [`--${CANARY}`])).code, 2);
});

test('it changes nothing: in a database that takes no writes it says the same', async () => {
  const name = new URL(fresh.url).pathname.slice(1);
  await fresh.db`alter database ${fresh.db(name)} set default_transaction_read_only = on`;
  try {
    const said = await doctor();
    assert.deepEqual(failed(said), []);
    assert.match(of(said, 'root-keys'), /^ok: .* 5 epochs/);
  } finally {
    await fresh.db.begin(async (tx) => {
      await tx`set transaction read write`;
      await tx`alter database ${tx(name)} reset default_transaction_read_only`;
    });
  }
});

test('an empty database, and none at all, are told apart', async (t) => {
  const empty = await freshDatabase(t);
  assert.match(of(await doctor({ DATABASE_URL: empty.url }), 'migrations'), /^ok: the database is empty/);
  const none = await doctor({ DATABASE_URL: `postgres://somebody:${CANARY}@127.0.0.1:9/nowhere` });
  assert.equal(none.code, 1);
  assert.match(of(none, 'database'), /^fail: the database does not answer \(DB_UNREACHABLE\)$/);
});

test('an embedded database that was cut off is said to be that, and not one that cannot be reached', async (t) => {
  const apart = await mkdtemp(join(tmpdir(), 'sr-cut-off-'));
  t.after(() => rm(apart, { recursive: true, force: true }));
  const ofDatabase = async (): Promise<string> =>
    of(await doctor({ STRONGROOM_HOME: apart, DATABASE_URL: '' }), 'database');
  assert.match(await ofDatabase(), /^warn: the embedded one does not run: nothing/);

  await mkdir(join(apart, 'postgres/cluster'), { recursive: true });
  await mkdir(join(apart, 'socket'));
  // PostgreSQL's own lock file, with the number of a program that lives
  const lock = [process.pid, join(apart, 'postgres/cluster'), 1, 5432, join(apart, 'socket'), '', '', 'ready'].join(
    '\n',
  );
  await writeFile(join(apart, 'postgres/cluster/postmaster.pid'), lock);
  await writeFile(join(apart, 'postgres.password'), `${CANARY}\n`);

  assert.match(await ofDatabase(), /^warn: the embedded one does not run, and was cut off when it last did/);
  // a socket that nobody listens at any more
  await symlink('/dev/null', join(apart, 'socket/.s.PGSQL.5432'));
  assert.match(await ofDatabase(), /^warn: the embedded one does not run, and was cut off/);
});

test('what is wrong with backups is told by its code, whatever it says', async () => {
  const nags = await backupNags({ db: fresh.db, clock: () => new Date(), keep: KEEPING, everyHours: 24, drillDays: 7 });
  assert.deepEqual(
    nags.nags.map(({ code, grave }) => [code, grave]),
    [['nobody-trusted', false]],
  );
  const { says, todo } = nags.nags[0] as { says: string; todo: string };
  const said = (await doctor()).found.find(({ check }) => check === 'backups');
  assert.deepEqual([said?.state, said?.says, said?.todo], ['warn', says, todo]);

  await fresh.db`create table vault.undeclared (n int)`;
  await fresh.db`insert into backups.recipients (recipient, fingerprint, kind, added_by) values (${`age1pq1${'0'.repeat(1952)}`}, 'f', 'offline', 'test')`;
  try {
    const found = (await doctor()).found.filter(({ check }) => check === 'backups');
    assert.deepEqual(found.map(({ state, todo: what }) => [state, what]), [['fail', 'strongroom backups status'], ['warn', 'strongroom backups run']]); // prettier-ignore
  } finally {
    await fresh.db`drop table vault.undeclared`;
    await fresh.db`delete from backups.recipients where fingerprint = 'f'`;
  }
});

test('a setting that is malformed or unknown is named, and not its value', async () => {
  for (const [name, value] of [['STRONGROOM_PORT', CANARY], ['DATABASE_URL', CANARY], ['STRONGROOM_SMPT_URL', CANARY]] as const) {
    const said = await doctor({ [name]: value });
    assert.equal(said.code, 1);
    assert.match(of(said, 'configuration'), new RegExp(`^fail: ${name}`));
  } // prettier-ignore
  const open = await doctor({ STRONGROOM_HOST: '0.0.0.0' });
  assert.match(of(open, 'configuration'), /^fail: listening beyond loopback needs TLS/);
});

test('roots that are not those of this database, or do not open, are found before a start', async () => {
  const wrong = await doctor({ STRONGROOM_ROOT_PASSPHRASE: `another ${CANARY} altogether, and long` });
  assert.match(of(wrong, 'root-keys'), /^fail: .*KMS_PASSPHRASE/);
  const swapped = await doctor({
    STRONGROOM_KMS: `file:${join(home, 'keys', 'root-b.json')}`,
    STRONGROOM_KMS_SECOND: `file:${join(home, 'keys', 'root-a.json')}`,
    STRONGROOM_ROOT_PASSPHRASE: PASSPHRASES.STRONGROOM_ROOT_PASSPHRASE_SECOND,
    STRONGROOM_ROOT_PASSPHRASE_SECOND: PASSPHRASES.STRONGROOM_ROOT_PASSPHRASE,
  });
  assert.match(of(swapped, 'root-keys'), /^fail: .*VAULT_ROOT_KEY_WRONG/);
  const missing = await doctor({ STRONGROOM_KMS: 'file:/nowhere/root.json' });
  assert.match(of(missing, 'root-keys'), /^fail: .*KMS_ROOT_MISSING/);
});

test('a key file that others may read is named with the command that mends it', async () => {
  const path = join(home, 'admin.key');
  await chmod(path, 0o644);
  const said = await doctor();
  await chmod(path, 0o600);
  assert.equal(said.code, 1);
  assert.match(of(said, 'files'), /^fail: administrator key: .* has mode 644$/);
  assert.equal(said.found.find(({ check }) => check === 'files')?.todo, `chmod 600 ${path}`);
});

test('a certificate that ended, ends soon, or is another key’s', async () => {
  const [cert, key] = [join(home, 'tls.crt'), join(home, 'tls.key')];
  const tls = { STRONGROOM_TLS_CERT: cert, STRONGROOM_TLS_KEY: key, STRONGROOM_HOST: '0.0.0.0' };
  const DAY = 86_400_000;
  const cases = [
    [testCertificate('here', { untilMs: 90 * DAY }), /^ok: it holds for/],
    [testCertificate('here', { untilMs: 5 * DAY }), /^warn: it ends in 4 days/],
    [testCertificate('here', { fromMs: -9 * DAY, untilMs: -3 * DAY }), /^fail: it ended 3 days ago/],
    [testCertificate('here', { fromMs: DAY, untilMs: 9 * DAY }), /^fail: it does not hold yet/],
    [
      { ...testCertificate('here'), key: testCertificate('there').key },
      /^fail: STRONGROOM_TLS_KEY is not its private key/,
    ],
    [{ cert: CANARY, key: CANARY }, /^fail: STRONGROOM_TLS_CERT is no PEM/],
  ] as const;
  for (const [made, expected] of cases) {
    await writeFile(cert, made.cert, { mode: 0o600 });
    await writeFile(key, made.key, { mode: 0o600 });
    const found = await lookAtListening(readConfig({ ...settings, ...tls }), new Date());
    assert.match(of({ found }, 'certificate'), expected);
    assert.ok(!JSON.stringify(found).includes(CANARY));
  }
});

test('metrics that other machines can ask for are told of', async () => {
  assert.equal(of(await doctor({ STRONGROOM_METRICS: '127.0.0.1:9464' }), 'metrics'), '');
  assert.match(of(await doctor({ STRONGROOM_METRICS: '0.0.0.0:9464' }), 'metrics'), /^warn: /);
});

test('a mail server that is not there is said, without its address and password', async () => {
  const said = await doctor({
    STRONGROOM_SMTP_URL: `smtp://post:${CANARY}@127.0.0.1:9`,
    STRONGROOM_MAIL_FROM: 'Our Company <privacy@example.org>',
  });
  assert.equal(said.code, 1);
  assert.match(of(said, 'mail'), /^fail: /);
});

test('a clock that is off by a minute is a failure', async () => {
  const later = 'data:text/javascript,const now = Date.now; Date.now = () => now() + 60000;';
  const said = await doctor({}, ['--json'], ['--import', later]);
  assert.match(of(said, 'clock'), /^fail: .* (59|60)\.\d s behind/);
});

test('a schema that is ahead is refused, one that is behind is named, another version at work is told of', async () => {
  const { db } = fresh;
  await db`insert into platform.migrations (schema, number, name, sha256) values ('vault', 9999, '9999-later.sql', 'x')`;
  const ahead = await doctor();
  await db`delete from platform.migrations where number = 9999`;
  assert.equal(ahead.code, 1);
  assert.match(of(ahead, 'migrations'), /^fail: the database has vault 9999-later\.sql.*DB_NEWER/);
  assert.equal(of(ahead, 'policies'), '', 'of a schema it does not know it says nothing');

  const [last] = await db<{ name: string }[]>`
    delete from platform.migrations m where schema = 'assurance' and number = (select max(number) from platform.migrations where schema = 'assurance')
    returning schema, number, name, sha256, applied_at`;
  const behind = await doctor();
  await db`insert into platform.migrations ${db(last as never)}`;
  assert.deepEqual(failed(behind), []);
  assert.match(of(behind, 'migrations'), new RegExp(`^warn: 1 are not applied: assurance/${last?.name}`));

  const other = openDb(fresh.url, { connections: 1, applicationName: 'strongroom/0.0.9+0badc0de' });
  await other`select 1`;
  const both = await doctor();
  await other.end();
  assert.match(of(both, 'servers'), /^warn: .*strongroom\/0\.0\.9\+0badc0de/);
});

test('policies from before an upgrade: what nobody may is named, and put in beside what holds', async () => {
  const { db } = fresh;
  const [held] = await db<{ version_id: string; document: string }[]>`
    select version_id, document from access.policy_versions where version_id = (select policy_version from access.authz)`;
  const document = JSON.parse(held?.document ?? '') as { policies: Record<string, string> };
  const policies = Object.fromEntries(Object.entries(document.policies).filter(([id]) => !id.endsWith('-assurance')));
  const text = JSON.stringify({ ...document, policies });
  await db`insert into access.policy_versions (version_id, document, hash, state, note, proposed_by, proposed_at)
    values (gen_random_uuid(), ${text}, sha256(convert_to(${text}, 'UTF8')), 'draft', 'older', 'system', now())`;
  await db`update access.authz set policy_version = (select version_id from access.policy_versions where note = 'older')`;

  const said = await doctor();
  const completed = await doctor({}, ['--policies']);
  await db`update access.authz set policy_version = ${held?.version_id ?? ''}`;

  assert.deepEqual(failed(said), []);
  assert.match(of(said, 'policies'), /permits to nobody: .*assurance\.read, assurance\.run/);
  const { policies: whole } = JSON.parse(completed.out) as { policies: Record<string, string> };
  assert.match(whole['auditor-assurance'] ?? '', /assurance\.read/);
});

test('a verification that found a difference is a failure, also while the next one runs', async () => {
  const { db } = fresh;
  const put = (state: string, at: string, result: object) => db`
    insert into vault.works (work_id, what, state, started_by, started_at, result)
    values (gen_random_uuid(), 'verify', ${state}, 'x', ${at}, ${db.json(result as never)})`;
  await put('done', '2026-01-01T00:00:00Z', { ok: false });
  await put('running', '2026-01-02T00:00:00Z', {});

  assert.match(of(await doctor(), 'verification'), /^fail: /);

  await db`delete from vault.works where what = 'verify'`;
});

test('a log that is shorter than what was signed is a failure', async () => {
  const { db } = fresh;
  await db`insert into audit.checkpoints (size, signed_at, note) values (1000000, now(), 'x')`;
  const said = await doctor();
  assert.equal(said.code, 1);
  assert.match(of(said, 'log'), /^fail: .* its end was cut off/);
});
