/** `strongroom traffic replay`: a file of somebody else's, looked at once, on this machine alone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const replay = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'traffic', 'replay', ...args], { encoding: 'utf8', env: childEnvironment({}) }); // prettier-ignore
  return { status, stdout, stderr };
};

test('a log is recognised, what is in it is said in words and for machines, and nothing of it moves a terminal', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sr-replay-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const line = (path: string, agent: string) =>
    `203.0.113.9 - \u001b]0;owned\u0007 [26/Nov/2026:12:00:00 +0000] "GET ${path} HTTP/1.1" 200 12 "-" "${agent}"`;
  const log = join(folder, 'access.log');
  await writeFile(log, `${line('/x?id=1%27%20UNION%20SELECT%20password%20FROM%20users--', 'sqlmap/1.8')}\nrubbish\n`);

  const words = replay(log);
  assert.equal(words.status, 6, words.stderr);
  assert.match(words.stdout, /high +SQL in a web request\n[^]*access-log: 1 events, 1 not readable, 1 alerts/);
  assert.ok(!words.stdout.includes('\u001b'), 'an escape sequence came through');
  assert.ok(!words.stdout.includes('password'), 'what was asked for is a customer’s, or a thief’s');
  const lines = replay(log, '--json').stdout.trim().split('\n').map((each) => JSON.parse(each) as Record<string, unknown>); // prettier-ignore
  assert.deepEqual([lines[0]?.severity, lines.at(-1)], ['high', { format: 'access-log', events: 1, alerts: 1, malformed: 1 }]); // prettier-ignore

  await writeFile(log, `${line('/', 'Mozilla/5.0')}\n`);
  assert.equal(replay(log).status, 0);
  await writeFile(log, 'nothing that anybody knows\n');
  assert.deepEqual([replay(log).status, replay(log, '--format', 'word').status, replay().status], [1, 2, 2]);
});
