/** The runner as another account: behind a socket, as deploy/systemd has it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { findRun, resultsOf } from '#practices/assurance';

import { twoSystems, type TwoSystems } from './testing.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const QUICK = ['NET-04', 'PRIVACY-04'];
const BY = { actor: { kind: 'system', id: 'test' } } as const;

let two: TwoSystems;
let folder: string;
let socket: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-runner-'));
  socket = join(folder, 'runner.sock');
  two = await twoSystems({ STRONGROOM_ASSURANCE_ARMED: 'always', STRONGROOM_ASSURANCE_RUNNER: socket });
});
after(async () => {
  await two.close();
  await rm(folder, { recursive: true, force: true });
});

/** What systemd does for a socket with Accept=yes: a process for each connection, which is its standard input and output. */
async function activator(args: readonly string[]): Promise<Server & { started: () => number }> {
  let started = 0;
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    started += 1;
    // no environment: the runner has what comes over its socket
    spawn(process.execPath, args, { stdio: [connection, connection, 'inherit'], env: {} });
    connection.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  return Object.assign(server, { started: () => started });
}

async function run(): Promise<Readonly<{ state: string | undefined; verdicts: string[] }>> {
  const [, system] = two.systems;
  const id = await system.assurance.begin(BY, QUICK);
  await system.assurance.settled();
  const verdicts = (await resultsOf(system.db, id)).map(({ test_id, verdict }) => `${test_id} ${verdict}`);
  return { state: (await findRun(system.db, id))?.state, verdicts };
}

test('nobody listens behind the socket: the run fails at once, and no runner is started as the server itself', async () => {
  assert.deepEqual(await run(), { state: 'failed', verdicts: [] });
});

test('a runner behind the socket does the run, and its results are signed; one that is cut off ends it', async () => {
  const well = await activator([MAIN, 'assurance', 'runner']);
  assert.deepEqual(await run(), { state: 'done', verdicts: QUICK.map((id) => `${id} pass`) });
  assert.equal(well.started(), 1);
  await new Promise((resolve) => void well.close(resolve));

  const ill = await activator(['-e', '']);
  assert.deepEqual(await run(), { state: 'failed', verdicts: [] });
  assert.equal(ill.started(), 1);
  await new Promise((resolve) => void ill.close(resolve));
});
