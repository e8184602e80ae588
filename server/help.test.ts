/** A question about a command of the machine itself is answered, and nothing is done. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const home = join(tmpdir(), `sr-help-${process.pid}`);
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH, HOME: home, STRONGROOM_HOME: home, STRONGROOM_PORT: '0' },
    encoding: 'utf8',
    timeout: 20_000,
  });

const ASKED = [
  ['serve', '--help'], ['serve', '-h'], ['demo', '--help'], ['root', '--help'], ['root', 'rotate', '--help'],
  ['backups', 'restore', '--help'], ['backups', 'promote', '-h'], ['backups', 'keys', 'init', '--help'],
  ['traffic', 'firewall', '--help'], ['traffic', 'firewall', 'apply', '--help'], ['traffic', 'tls', '--help'], ['traffic', 'replay', '--help'],
]; // prettier-ignore

for (const args of ASKED) {
  test(`${args.join(' ')} says what there is, makes nothing and starts nothing`, () => {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^strongroom ${args[0]}`));
    assert.ok(!existsSync(home), 'keys were made');
  });
}

test('a question without a command is answered with what there is; a command that there is not is a complaint', () => {
  const [asked, unknown] = [run('--help'), run('nope')];
  assert.deepEqual([asked.status, asked.stderr, unknown.status, unknown.stdout], [0, '', 2, '']);
  assert.match(asked.stdout, /serve, demo, db, doctor/);
  assert.match(unknown.stderr, /no command nope/);
});

test('a word that serve or demo does not know starts nothing', () => {
  for (const args of [
    ['serve', '--port=7', 'x'],
    ['demo', '--exot'],
  ]) {
    const { status, stdout, stderr } = run(...args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, new RegExp(`^strongroom ${args[0]}`));
  }
  assert.ok(!existsSync(home), 'keys were made');
});
