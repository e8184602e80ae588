/**
 * .ci/run with stand-ins for npm, node and apt-get: what it adds up, and that nothing red ends in a green line.
 */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { run, type Ran } from './run.ts';

/** What each command of npm answers: a shell line. */
const GREEN = {
  ci: 'echo installed',
  install: 'true',
  'run check': 'echo checked',
  test: 'echo "500 passed, 0 failed, 2 skipped"',
  'run docs:run': 'echo "3 shown commands ran"',
  'run demo -- --exit': 'echo walked',
};

async function ciWith(changes: Partial<typeof GREEN> = {}, postgresql = 'none'): Promise<Ran> {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-ci-'));
  try {
    cpSync('.ci', join(root, '.ci'), { recursive: true });
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    const cases = Object.entries({ ...GREEN, ...changes }).map(([words, line]) => `"${words}"*) ${line} ;;`);
    const program = (name: string, script: string): void => {
      writeFileSync(join(root, 'node_modules/.bin', name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(root, 'node_modules/.bin', name), 0o755);
    };
    program('npm', `case "$*" in\n${cases.join('\n')}\n*) echo "unplanned: npm $*"; exit 9 ;;\nesac`);
    program('node', `echo "database url $DATABASE_URL"\necho "20 passed, 0 failed, 0 skipped"`);
    program('apt-get', 'echo "no network" >&2; exit 100');
    return await run('.ci/run', [], { cwd: root, env: { CI_POSTGRESQL: postgresql } });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const lastLine = (ran: Ran): string | undefined => ran.stdout.trimEnd().split('\n').at(-1);

test('a green CI ends with the plain line, and says what it could not do for want of a network', async () => {
  const ran = await ciWith();

  assert.equal(lastLine(ran), '503 passed, 0 failed');
  assert.equal(ran.code, 0, ran.stdout);
  assert.match(ran.stdout, /tests-on-debian-postgresql skipped: no PostgreSQL of the system/);
});

for (const [fault, changes, line] of [
  ['npm ci fails', { ci: 'exit 1' }, '0 passed, 1 failed'],
  ['the check is red', { 'run check': 'exit 1' }, '502 passed, 1 failed'],
  ['a test fails', { test: 'echo "499 passed, 1 failed, 0 skipped"; exit 1' }, '502 passed, 1 failed'],
  ['the tests print no count', { test: 'true' }, '3 passed, 1 failed'],
  [
    'the runner is red although all tests passed',
    { test: 'echo "500 passed, 0 failed, 0 skipped"; exit 2' },
    '503 passed, 1 failed',
  ],
  ['too few tests ran', { test: 'echo "100 passed, 0 failed, 0 skipped"' }, '103 passed, 1 failed'],
  ['a shown command fails', { 'run docs:run': 'exit 1' }, '502 passed, 1 failed'],
  ['the demo fails', { 'run demo -- --exit': 'exit 1' }, '502 passed, 1 failed'],
] as const) {
  test(`CI is red when ${fault}`, async () => {
    const ran = await ciWith(changes);

    assert.notEqual(ran.code, 0);
    assert.equal(lastLine(ran), line);
  });
}

test('a second run on the PostgreSQL of the system is added up, and its cluster is gone afterwards', async (t) => {
  const ran = await ciWith({}, '/usr/lib/postgresql');
  if (ran.stdout.includes('no PostgreSQL of the system')) return t.skip('no PostgreSQL of the system');

  assert.equal(lastLine(ran), '523 passed, 0 failed', ran.stdout);
  const folder = /database url .*host=(\S+)/.exec(ran.stdout)?.[1] ?? '';
  const left = await run('pgrep', ['-f', folder]);
  assert.match(folder, /^\//);
  assert.equal(left.stdout, '');
});
