/** The CLI's long transfers, as a person runs them, against the real server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createStrongroom } from '@strongroom/sdk';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const MIB = 2 ** 20;
const P = ['--purpose', 'service.support'];

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let folder: string;
let system: System;
let url: string;
let keys: Record<'application' | 'collector' | 'custodian' | 'support', string>;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-cli-'));
  folder = await mkdtemp(join(tmpdir(), 'sr-cli-files-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  system = await composeSystem(readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url }), createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  const make = async (role: string) => (await admin.keys.create({ name: role, role })).key;
  keys = {
    application: await make('application'), collector: await make('collector'),
    custodian: await make('custodian'), support: await make('support'),
  }; // prettier-ignore
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

type Ended = { code: number | null; out: string; err: string };
type Options = { key?: string; input?: string; at?: string };
function start(args: readonly string[], { key = keys.application, input, at = url }: Options = {}) {
  const child = spawn(process.execPath, [MAIN, 'vault', ...args], {
    cwd: folder,
    env: childEnvironment({ STRONGROOM_URL: at, STRONGROOM_KEY: key, STRONGROOM_HOME: join(folder, 'nowhere') }),
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => void (out += piece.toString('latin1')));
  child.stderr.on('data', (piece: Buffer) => void (err += piece.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { child, ended };
}
const cli = (args: readonly string[], options: Options = {}): Promise<Ended> => start(args, options).ended;
async function newRecord(): Promise<string> {
  const made = await cli(['put', '--collection', 'customer', '--field', 'last_name=Holder', '--json']);
  return (JSON.parse(made.out) as { id: string }).id;
}
const isThere = async (name: string): Promise<boolean> => (await stat(join(folder, name)).catch(() => null)) !== null;

test('a file is attached, listed, downloaded and detached; names with anything in them', async () => {
  const record = await newRecord();
  const name = "Vertrag 'ünï' \u001b[31m.pdf".replace('\u001b', '');
  const content = randomBytes(3 * MIB);
  await writeFile(join(folder, name), content);

  const stored = await cli(['attach', record, name, '--type', 'application/pdf']);
  const piped = await cli(['attach', record, '-', '--name', 'piped.txt', '--json'], { input: 'from a pipe' });
  const listed = await cli(['attachments', record, ...P]);
  const got = await cli(['download', record, name, '--out', 'again.pdf', ...P]);
  const shown = await cli(['download', record, (JSON.parse(piped.out) as { id: string }).id, '--out', '-', ...P]);

  assert.match(stored.out, /^Stored .*3\.0 MiB, as att_/);
  assert.equal(listed.out.split('\n').length, 3);
  assert.match(listed.out, /application\/pdf/);
  assert.equal(got.code, 0, got.err);
  assert.deepEqual(await readFile(join(folder, 'again.pdf')), content);
  assert.equal((await stat(join(folder, 'again.pdf'))).mode & 0o777, 0o600);
  assert.equal(shown.out, 'from a pipe');
  assert.equal((await cli(['detach', record, 'piped.txt'])).code, 0);
  assert.equal((await cli(['download', record, 'piped.txt', ...P])).code, 4);
  assert.match((await cli(['attachments', record, '--json', ...P])).out, /"state":"clear"/);
  assert.match((await cli(['attachments', record, ...P], { key: keys.support })).out, /\(masked\)/);
});

test('what does not work says why and leaves no file: not there, already there, denied, unreachable', async () => {
  const record = await newRecord();
  await writeFile(join(folder, 'mine.txt'), 'mine');
  await cli(['attach', record, 'mine.txt']);
  const size = await system.audit.size();

  const existing = await cli(['download', record, 'mine.txt', '--out', 'mine.txt', ...P]);
  assert.equal(await system.audit.size(), size, 'what cannot be written is not read');
  assert.deepEqual([existing.code, (await cli(['download', record, 'mine.txt', ...P])).code], [2, 2]);
  assert.equal((await cli(['attach', record, 'nothing.txt'])).code, 2);
  assert.equal((await cli(['attach', record, '-'])).code, 2);
  assert.equal((await cli(['download', record, 'mine.txt', '--out', 'x', ...P], { key: keys.support })).code, 3);
  assert.equal((await cli(['download', record, 'mine.txt', '--out', 'x', ...P], { at: 'http://127.0.0.1:9' })).code, 5);
  assert.equal(await readFile(join(folder, 'mine.txt'), 'utf8'), 'mine');
  assert.deepEqual((await readdir(folder)).filter((name) => name === 'x' || name.endsWith('.part')), []); // prettier-ignore
});

test('a download that breaks, and one that is stopped, leave neither file nor part', async () => {
  const record = await newRecord();
  await writeFile(join(folder, 'large'), randomBytes(60 * MIB));
  assert.equal((await cli(['attach', record, 'large'])).code, 0);
  const stopped = start(['download', record, 'large', '--out', 'stopped', ...P]);
  while (!(await isThere('stopped.part'))) await new Promise((resolve) => setTimeout(resolve, 5));
  stopped.child.kill('SIGINT');
  assert.equal((await stopped.ended).code, 130);
  await fresh.db`update vault.chunks set box = set_byte(box, 9, get_byte(box, 9) # 1) where seq = 700`;

  const broken = await cli(['download', record, 'large', '--out', 'broken', ...P]);

  assert.equal(broken.code, 1);
  assert.match(broken.err, /SDK_STREAM_CUT/);
  for (const name of ['stopped', 'stopped.part', 'broken', 'broken.part'])
    assert.equal(await isThere(name), false, name);
});

test('forms are sealed without a server, handed in by a collector, and repeated without harm', async () => {
  const nowhere = { at: 'http://127.0.0.1:9', key: '' };
  const key = await cli(['intake-key', '--out', 'vault.key.json', '--json'], { key: '' });
  const { fingerprint } = JSON.parse(key.out) as { fingerprint: string };
  await writeFile(join(folder, 'one.json'), '{"subject":"F-1","fields":{"last_name":"Okonkwo","email":"ngozi@example.org"}}');
  await writeFile(join(folder, 'rows.csv'), 'id,last_name,email\nF-2,Two,two@example.org\nF-3,Three,canary-no-mail\n,Nobody,\nF-4,Four,\n');
  const about = ['--intake-key', 'vault.key.json', '--collection', 'customer', '--purpose', 'service.support'];

  const one = await cli(['seal-form', 'one.json', ...about, '--out', 'one.sealed', '--fingerprint', fingerprint], nowhere);
  const rows = await cli(['seal-form', 'rows.csv', ...about, '--subject', 'id', '--out', 'rows.sealed'], nowhere);
  const other = await cli(['seal-form', 'one.json', ...about, '--out', 'x.sealed', '--fingerprint', 'ab'.repeat(32)], nowhere);
  const first = await cli(['intake', 'one.sealed', '--json'], { key: keys.collector });
  const second = await cli(['intake', 'rows.sealed', '--json'], { key: keys.collector });
  const again = await cli(['intake', 'rows.sealed', '--json'], { key: keys.collector });

  assert.deepEqual([one.code, one.err], [0, '']);
  assert.deepEqual([rows.code, other.code], [1, 2]);
  assert.match(rows.out, /3 sealed[\s\S]*line 4: the row has no id/);
  assert.equal(await isThere('x.sealed'), false);
  const sealed = `${await readFile(join(folder, 'one.sealed'), 'latin1')}${await readFile(join(folder, 'rows.sealed'), 'latin1')}`;
  // with its quotes: base64url has an F-1 by itself now and then
  assert.doesNotMatch(sealed, /Okonkwo|ngozi|canary|"F-\d"/);
  assert.deepEqual(JSON.parse(first.out), { stored: 1, there: 0, refused: 0 });
  assert.deepEqual([second.code, JSON.parse(second.out)], [1, { stored: 2, there: 0, refused: 1, rejects: 'rows.sealed.rejects.jsonl' }]);
  assert.deepEqual(JSON.parse(again.out), { stored: 0, there: 2, refused: 1, rejects: 'rows.sealed.rejects.jsonl' });
  const rejects = await readFile(join(folder, 'rows.sealed.rejects.jsonl'), 'utf8');
  assert.match(rejects, /^\{"line":2,"code":"VAULT_FIELD_INVALID"/);
  assert.doesNotMatch(rejects, /canary/);
  const found = await cli(['find', '--collection', 'customer', '--external-id', 'F-1']);
  assert.match(found.out, /^sub_/);
}); // prettier-ignore

test('a hand-in that may not, or finds no forms, ends at once; a custodian renews the key', async () => {
  await cli(['intake-key', '--out', 'k2.json'], { key: '' });
  await writeFile(join(folder, 'f.json'), '[{"fields":{"last_name":"A"}},{"fields":{"last_name":"B"}}]');
  await cli(['seal-form', 'f.json', '--intake-key', 'k2.json', '--collection', 'customer', '--purpose', 'service.support', '--out', 'f.sealed']);
  await writeFile(join(folder, 'not.sealed'), 'hello\n');

  assert.equal((await cli(['intake', 'f.sealed'], { key: keys.support })).code, 3);
  assert.equal((await cli(['intake', 'not.sealed'], { key: keys.collector })).code, 2);
  assert.equal((await cli(['intake', 'nothing.sealed'], { key: keys.collector })).code, 2);
  assert.equal((await cli(['intake-key', '--renew'], { key: keys.collector })).code, 3);
  const renewed = await cli(['intake-key', '--renew', '--end-others', '--json'], { key: keys.custodian });
  assert.equal(renewed.code, 0, renewed.err);
  const late = await cli(['intake', 'f.sealed', '--json'], { key: keys.collector });
  assert.deepEqual([late.code, (JSON.parse(late.out) as { refused: number }).refused], [1, 2]);
}); // prettier-ignore
