/** A database that fails over again and again, under a server that reads and writes: it goes on by itself, and nothing that it answered for is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { addressOf, openDb } from '#platform/db';
import { freshDatabase, reach } from '#platform/testing';
import { createStrongroom, isProblem } from '@strongroom/sdk';

import { MIGRATIONS } from '../migrations.ts';
import { clientsFor, freePort, startServer } from './running-server.ts';
import { assertContiguous, assertLogVerifies, assertRecordsVerify } from './soundness.ts';

const CONNECTIONS = 8;
const [CLIENTS, ROUNDS] = [12, 40];

test('all sessions ended again and again: requests are answered or refused, never left waiting; then all connections serve, and what was answered for is there', async (t) => {
  const fresh = await freshDatabase(t, { migrated: MIGRATIONS });
  const home = await mkdtemp(join(tmpdir(), 'sr-sessions-'));
  const server = await startServer({ home, port: await freePort(), env: { DATABASE_URL: fresh.url, STRONGROOM_DATABASE_CONNECTIONS: String(CONNECTIONS) } });
  t.after(async () => {
    await server.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });
  const operator = openDb(addressOf(fresh.url, 'postgres'), { connections: 1 });
  t.after(() => operator.end());
  const name = new URL(fresh.url).pathname.slice(1);
  const endAll = () => operator`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and application_name like 'strongroom%'`;

  const { once: hasty, patient } = await clientsFor(server, 'application');
  const first = await patient.records.create({ collection: 'customer', fields: { last_name: 'First' } });
  const made = new Map([[first.id, 'First']]);
  const run = { isOver: false, refused: 0, read: 0 };
  const client = async (n: number): Promise<void> => {
    for (let count = 0; !run.isOver; count += 1) {
      const last_name = `N-${n}-${count}`;
      try {
        if (n % 3 === 0) made.set((await hasty.records.create({ collection: 'customer', fields: { last_name } })).id, last_name);
        else {
          const { fields } = await hasty.records.get(first.id);
          assert.equal(fields['last_name']?.value, 'First');
          run.read += 1;
        }
      } catch (thrown) {
        // 503: try again. Nothing else may come of it
        assert.ok(isProblem(thrown) && thrown.status === 503, `${String(thrown)} ${JSON.stringify(thrown)}`);
        run.refused += 1;
        await sleep(5);
      }
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)));
  // on a machine with much else to do nothing gets through in so short a time: then in a longer one
  const isSeen = (): boolean => made.size > 1 && run.read > 0 && run.refused > 0;
  for (let round = 0; round < ROUNDS || (round < 6 * ROUNDS && !isSeen()); round += 1) {
    await sleep((20 + (round % 9) * 10) * (1 + Math.floor(round / ROUNDS)));
    await endAll();
  }
  run.isOver = true;
  await clients;
  t.diagnostic(`${made.size} made, ${run.read} read, ${run.refused} refused`);
  assert.ok(isSeen());

  // more at once than it has connections, several times: none of them is one that nobody can use
  for (let round = 0; round < 3; round += 1)
    await Promise.all(Array.from({ length: 4 * CONNECTIONS }, () => patient.records.get(first.id, { timeoutMs: 5000 })));
  assert.deepEqual([server.child.exitCode, server.child.signalCode], [null, null], server.err());
  for (const [id, last_name] of made) assert.equal((await patient.records.get(id)).fields['last_name']?.value, last_name);
  await assertRecordsVerify(createStrongroom({ url: server.url, key: await server.admin() }));
  await assertLogVerifies(server);
  await assertContiguous(fresh.db);
}); // prettier-ignore

/** A server on a way to its database that may be closed, or lose what goes over it and tell nobody. */
async function onAWay(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const fresh = await freshDatabase(t, { migrated: MIGRATIONS });
  const { username, password, pathname } = new URL(fresh.url);
  const open = new Set<Socket>();
  let isSilent = false;
  const way = createServer((client) => {
    const far = reach(fresh.url);
    for (const [from, to] of [[client, far], [far, client]] as const)
      open.add(from.on('error', () => {}).on('close', () => to.destroy()).on('data', (piece: Buffer) => void (isSilent || to.write(piece))));
  });
  const port = await freePort();
  const isOpen = async (): Promise<unknown> => once(way.listen(port, '127.0.0.1'), 'listening');
  const away = (): void => {
    way.close();
    for (const each of open) each.destroy();
  };
  await isOpen();
  t.after(away);
  const home = await mkdtemp(join(tmpdir(), 'sr-way-'));
  const server = await startServer({ home, port: await freePort(), env: { DATABASE_URL: `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`, ...env } });
  t.after(async () => {
    await server.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });
  return { server, isOpen, away, silent: (yes: boolean): void => void (isSilent = yes), ...(await clientsFor(server, 'application')) };
} // prettier-ignore

test('a database that refuses connections for a while: the log says so, says nothing twice, and then it goes on', async (t) => {
  const { server, isOpen, away, patient } = await onAWay(t);
  const { id } = await patient.records.create({ collection: 'customer', fields: { last_name: 'First' } });
  const before = server.err().length;
  away();
  await sleep(6000);
  const said = server.err().slice(before).split('\n').filter((line) => line.includes('"loop"')).map((line) => JSON.parse(line) as { loop: string; err: { code?: string; message: string } });
  await isOpen();
  assert.equal((await patient.records.get(id)).id, id);
  const words = said.map(({ loop, err }) => `${loop}: ${err.code} ${err.message}`);
  assert.ok(words.length > 3, words.join('\n'));
  assert.deepEqual(words.filter((each, n) => words.indexOf(each) !== n), []);
}); // prettier-ignore

test('a database that is gone without a word: who asks is told so in time, it goes on once it is back, and who stops the server does not wait for it', async (t) => {
  const { server, silent, once: hasty, patient } = await onAWay(t, { STRONGROOM_DATABASE_SILENT_SECONDS: '1' });
  const { id } = await patient.records.create({ collection: 'customer', fields: { last_name: 'First' } });
  silent(true);
  const asked = Array.from({ length: 200 }, () => assert.rejects(hasty.records.get(id, { timeoutMs: 60_000 }), { status: 503 }));
  await Promise.all(asked);
  silent(false);
  assert.equal((await patient.records.get(id)).id, id);
  silent(true);
  const late = assert.rejects(hasty.records.get(id, { timeoutMs: 60_000 }));
  const ended = await server.kill('SIGTERM');
  await late;
  assert.deepEqual([ended.signal, ended.code === 0 || ended.code === 1], [null, true]);
}); // prettier-ignore
