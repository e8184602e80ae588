/** `strongroom health --while`: who waits for a server does not wait for one that died, nor believe another one at its port. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { startProgram, until, type RunningProgram } from './faults/running-server.ts';

function sleeper(t: TestContext): ReturnType<typeof spawn> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.after(() => void child.kill('SIGKILL'));
  return child;
}
async function listening(t: TestContext, status: number): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((_, answer) => {
    asked += 1;
    answer.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}
const health = (port: number, ...args: readonly string[]): RunningProgram =>
  startProgram(['server/main.ts', 'health', ...args], { env: { STRONGROOM_HOME: '/nowhere', STRONGROOM_PORT: String(port) } }); // prettier-ignore

test('the wait ends with the process that it is for, long before its time', async (t) => {
  const { port, asked } = await listening(t, 503);
  const child = sleeper(t);
  const waits = health(port, '--wait', '600', '--while', String(child.pid));
  // it does wait while the process is there
  await until('it asks again', () => asked() >= 3);
  child.kill('SIGKILL');
  assert.equal((await waits.ended).code, 1);
  assert.match(waits.out(), /its process has ended/);
}); // prettier-ignore

test('another server at its port does not make it well; without a process to look at, or with one that is there, it is', async (t) => {
  const { port } = await listening(t, 200);
  const child = sleeper(t);
  assert.equal((await health(port, '--wait', '600', '--while', String(child.pid)).ended).code, 0);
  assert.equal((await health(port).ended).code, 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const gone of [String(child.pid), '']) assert.equal((await health(port, '--wait', '600', '--while', gone).ended).code, 1, gone);
  for (const wrong of ['-1', 'x', '1.5']) assert.equal((await health(port, `--while=${wrong}`).ended).code, 2, wrong);
}); // prettier-ignore
