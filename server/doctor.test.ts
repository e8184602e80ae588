import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { backupNags, KEEPING } from '#practices/backups';

import { composeSystem } from './compose.ts';
import { examine } from './doctor/doctor.ts';
import type { Finding } from './doctor/finding.ts';
import { whatIsBroken } from './doctor-broken.tests.ts';

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

type Found = Readonly<{ found: readonly Finding[] }>;
type Said = Found & Readonly<{ code: number | null; out: string }>;

/** What it finds, asked here: where it is not the program itself that is tried. */
async function doctor(more: Record<string, string> = {}): Promise<Found> {
  const found = await examine(() => readConfig({ ...settings, ...more }));
  const out = JSON.stringify(found);
  assert.ok(!out.includes(CANARY), `a secret was said: ${out}`);
  return { found };
}

/** `strongroom doctor`, as a program of its own. */
async function program(
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
const failed = ({ found }: Found): string[] =>
  found.filter(({ state, check }) => state === 'fail' && check !== 'durability').map(({ check }) => check);
const of = ({ found }: Found, check: string): string =>
  found.filter((each) => each.check === check).map(({ state, says }) => `${state}: ${says}`).join('\n'); // prettier-ignore

test('a system that was started well has no failure; strict counts warnings; help teaches; a wrong option is usage', async () => {
  const said = await program();
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

  assert.equal((await program({}, ['--strict'])).code, 1);
  const help = await program({}, ['--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /--policies.*[\s\S]*Exit codes/);
  assert.equal((await program({}, [`--${CANARY}`])).code, 2);
});

test('it changes nothing: in a database that takes no writes it says the same', async () => {
  const name = new URL(fresh.url).pathname.slice(1);
  await fresh.db`alter database ${fresh.db(name)} set default_transaction_read_only = on`;
  try {
    const said = await program();
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
  const none = await program({ DATABASE_URL: `postgres://somebody:${CANARY}@127.0.0.1:9/nowhere` });
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
    assert.match(of(said, 'configuration'), new RegExp(`^fail: ${name}`));
  } // prettier-ignore
  const open = await doctor({ STRONGROOM_HOST: '0.0.0.0' });
  assert.match(of(open, 'configuration'), /^fail: listening beyond loopback needs TLS/);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ CANARY, PASSPHRASES, fresh, home, settings, doctor, program, failed, of });
export type Running = ReturnType<typeof running>;

whatIsBroken(running);
