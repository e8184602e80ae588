import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createStrongroom } from '@strongroom/sdk';

import {
  freePort,
  launch,
  openHomes,
  postgresOf,
  type Homes,
  randomOf,
  ROOT,
  startProgram,
  startServer,
  until,
} from './running-server.ts';

async function newHome(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'sr-start-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  return home;
}

let homes: Homes;
before(async () => {
  homes = await openHomes();
});
after(() => homes.remove());

const noPostgres = (home: string) => until('PostgreSQL is gone', async () => (await postgresOf(home)).length === 0);

test('a first start killed at any moment is made good by the next one, which then lets the administrator in', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = randomOf(seed);
  const home = await newHome(t);
  const port = await freePort();
  // the moments after PostgreSQL is up, where keys and files are made, are the narrow ones
  for (let round = 0; round < 5; round += 1) {
    const server = launch({ home, port });
    const moment = round % 2 === 0 ? random() * 1500 : random() * 400;
    if (round % 2 === 1) await until('migrations', () => server.err() !== '' || server.child.exitCode !== null);
    await sleep(moment);
    await server.kill();
  }

  const server = await startServer({ home, port });
  const room = createStrongroom({ url: server.url, key: await server.admin() });
  const who = await room.keys.whoami();
  const stopped = await server.kill('SIGTERM');

  assert.equal(who.role, 'admin');
  assert.deepEqual(stopped, { code: 0, signal: null });
  await noPostgres(home);
  const names = await readdir(home);
  assert.deepEqual(
    names.filter((name) => name.endsWith('.new')),
    names.filter((name) => /^(admin\.key|catalog\.yaml)\.[0-9a-f]{12}\.new$/.test(name)),
  );
});

test('a second start on one home is refused, says by whom, and the first goes on', async () => {
  const home = await homes.next();
  const server = await startServer({ home, port: await freePort() });

  const second = launch({ home, port: await freePort() });
  const ended = await second.ended;

  assert.equal(ended.code, 1);
  assert.match(second.err(), new RegExp(`in use by process ${server.pid}\\n {2}DB_HOME_IN_USE: `));
  assert.doesNotMatch(second.err(), /\n\s+at /);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await server.kill('SIGTERM');
});

test('a port that is taken ends the start with a sentence and leaves nothing running', async (t) => {
  const home = await homes.next();
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => other.close());

  const server = launch({ home, port: (other.address() as AddressInfo).port });
  const ended = await server.ended;

  assert.equal(ended.code, 1);
  assert.match(server.err(), /CONFIG_LISTEN: /);
  assert.doesNotMatch(server.err(), /\n\s+at /);
  await noPostgres(home);
});

/** A Node that cannot run the sources by itself, as many hosts have it. */
function olderNode(): string | null {
  for (const program of ['/usr/bin/node', '/usr/local/bin/node', '/opt/node/bin/node']) {
    const [major = 99, minor = 0] = spawnSync(program, ['--version'], { encoding: 'utf8' })
      .stdout?.slice(1)
      .split('.')
      .map(Number) ?? [99];
    if (major < 24 || (major === 24 && minor < 7)) return program;
  }
  return null;
}

const older = olderNode();
const launchers: [string, string | null][] = [
  ['this Node', process.execPath],
  ['an older Node', older],
];
for (const [name, program] of launchers) {
  const skip = program === null ? 'this machine has no older Node' : false;
  test(
    `a launcher under ${name} hands on signals and exit codes; killed, it leaves nothing behind`,
    { skip },
    async () => {
      const home = await homes.next();
      const port = await freePort();
      const start = (args: string[], env: Record<string, string>) =>
        startProgram([join(ROOT, 'cli/bin/strongroom.js'), ...args], { program: program as string, env, cwd: '/' });
      const serve = async () => {
        const launcher = start(['serve'], { STRONGROOM_HOME: home, STRONGROOM_PORT: String(port) });
        await until('the server is open', () => launcher.err().includes('strongroom is open'));
        return launcher;
      };

      assert.deepEqual(await (await serve()).kill('SIGTERM'), { code: 0, signal: null });
      const away = start(['status'], { STRONGROOM_HOME: home, STRONGROOM_URL: 'http://127.0.0.1:1' });
      assert.equal((await away.ended).code, 5);
      assert.match(away.err(), /SDK_UNREACHABLE/);
      assert.equal((await start(['nonsense'], {}).ended).code, 2);
      const launcher = await serve();
      const holder = Number(await readFile(join(home, 'postgres.holder'), 'utf8'));
      await launcher.kill('SIGKILL');

      await noPostgres(home);
      await until('the server is gone', () => !isAlive(holder));
      await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
    },
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
