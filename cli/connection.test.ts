import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MAIN = new URL('./main.ts', import.meta.url).pathname;
const strongroom = (...args: string[]) => {
  const env = { ...process.env, STRONGROOM_KEY: `srk_${'a'.repeat(43)}`, STRONGROOM_URL: 'http://127.0.0.1:9' };
  return spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8' });
};

test('what was typed wrong is told before anything is asked: exit code 2, in words, and with --json as JSON', () => {
  const wrong = (...args: string[]): string => {
    const { status, stderr, stdout } = strongroom(...args);
    assert.deepEqual([status, stdout], [2, '']);
    return stderr;
  };
  const told = (...args: string[]): unknown => (JSON.parse(wrong(...args, '--json')) as { detail: string }).detail;

  assert.equal(told('vaults'), "unknown command 'vaults' (Did you mean vault?)");
  assert.equal(told('status', '--nope'), "unknown option '--nope' (Did you mean --home?)");
  assert.equal(told('audit', 'tail', '--limit', 'many'), '--limit is a whole number');
  assert.match(wrong('vaults'), /^error: unknown command 'vaults'\n.*\n\(--help says more\)\n$/s);
});

test('sentences of the help are no wider than one reads, and an example can be copied as it stands', () => {
  const { stdout } = strongroom('vault', 'seal-form', '--help');
  const lines = stdout.split('\n');

  assert.ok(lines.filter((line) => !line.startsWith(' ')).every((line) => line.length <= 100));
  assert.match(stdout, /^A form in JSON: .*\n.*\n.*several as lines\.$/m);
  assert.match(stdout, /^  strongroom vault seal-form leads\.csv .* --out leads\.sealed$/m);
});
