import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Usage } from './connection.ts';
import { wholeNumber } from './whole-number.ts';

test('a number is digits, within what is said of it', () => {
  assert.deepEqual([wholeNumber('--n', '0'), wholeNumber('--n', '90', 1, 90)], [0, 90]);
  for (const text of ['', ' 7', '-1', '+1', '1.5', '1e3', '0x10', '١', 'NaN', 'Infinity', '9'.repeat(16)])
    assert.throws(() => wholeNumber('--n', text), new Usage('--n is a whole number'), text);
  assert.throws(() => wholeNumber('--n', '91', 1, 90), new Usage('--n is a whole number from 1 to 90'));
});

test('what was typed wrong is told before anything is asked: exit code 2, in words, and with --json as JSON', () => {
  const strongroom = (...args: string[]) => {
    const main = new URL('./main.ts', import.meta.url).pathname;
    const env = { ...process.env, STRONGROOM_KEY: `srk_${'a'.repeat(43)}`, STRONGROOM_URL: 'http://127.0.0.1:9' };
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
    assert.deepEqual([status, stdout], [2, '']);
    return stderr;
  };
  const told = (...args: string[]): unknown => (JSON.parse(strongroom(...args, '--json')) as { detail: string }).detail;

  assert.equal(told('vaults'), "unknown command 'vaults' (Did you mean vault?)");
  assert.equal(told('status', '--nope'), "unknown option '--nope' (Did you mean --home?)");
  assert.equal(told('audit', 'tail', '--limit', 'many'), '--limit is a whole number');
  assert.match(strongroom('vaults'), /^error: unknown command 'vaults'\n.*\n\(--help says more\)\n$/s);
});
