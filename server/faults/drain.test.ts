import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { clientsFor, freePort, startServer, until, type RunningServer } from './running-server.ts';
import { assertContiguous, assertNothingOrphaned } from './soundness.ts';
import { MIGRATIONS } from '../migrations.ts';

let fresh: FreshDatabase;
let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-drain-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
});
after(async () => {
  await fresh?.close();
  await rm(home, { recursive: true, force: true });
});

const start = async (seconds: number): Promise<RunningServer> =>
  startServer({ home, port: await freePort(), env: { DATABASE_URL: fresh.url, STRONGROOM_DRAIN_SECONDS: String(seconds) } }); // prettier-ignore

type Outcome = Readonly<{ what: number | 'refused' | 'lost'; kept: boolean; closes: boolean }>;

/** One request. `lost`: it was taken, and never answered. */
function ask(server: RunningServer, agent: Agent | undefined, key: string, name: string, overMs = 0): Promise<Outcome> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ collection: 'customer', fields: { last_name: name } });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length, 'idempotency-key': `drain-${name}-00000` }; // prettier-ignore
    const sent = request(`${server.url}/v1/vault/records`, { method: 'POST', headers, ...(agent === undefined ? { agent: false } : { agent }) }); // prettier-ignore
    sent.on('response', (answer) => {
      answer.resume();
      answer.once('end', () => resolve({ what: answer.statusCode ?? 0, kept: sent.reusedSocket, closes: answer.headers.connection === 'close' })); // prettier-ignore
      answer.once('error', () => resolve({ what: 'lost', kept: sent.reusedSocket, closes: false }));
    });
    sent.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ what: code === 'ECONNREFUSED' ? 'refused' : 'lost', kept: sent.reusedSocket, closes: false }),
    );
    if (overMs === 0) sent.end(body);
    else {
      sent.write(body.slice(0, 9));
      setTimeout(() => sent.end(body.slice(9)), overMs);
    }
  });
}

const ready = async (server: RunningServer): Promise<number> =>
  fetch(`${server.url}/health/ready`).then(({ status }) => status, () => 0); // prettier-ignore

test('told to stop under load it is not ready first, goes on, loses no request, keeps what it answered, and ends with 0', async () => {
  const server = await start(8);
  const { key } = await clientsFor(server, 'application');
  assert.equal(await ready(server), 200);
  const outcomes: Outcome[] = [];
  const kept = new Set<string>();
  const going = new AbortController();
  const load = Array.from({ length: 8 }, async (_, worker) => {
    // half of them keep their connections, as balancers do
    const agent = worker % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
    for (let n = 0; !going.signal.aborted; n += 1) {
      const name = `${worker}-${n}`;
      const outcome = await ask(server, agent, key, name);
      outcomes.push(outcome);
      if (outcome.what === 201) kept.add(name);
    }
    agent?.destroy();
  });
  await until('there is load', async () => kept.size > 50);

  const before = kept.size;
  server.child.kill('SIGTERM');
  await until('it says that it is not ready', async () => (await ready(server)) === 503);
  assert.equal((await fetch(`${server.url}/health/live`)).status, 200, 'it lives');
  const problem = (await (await fetch(`${server.url}/health/ready`)).json()) as { code: string };
  assert.equal(problem.code, 'HTTP_DRAINING');
  // as a balancer does: for a while it has not seen it, and then it sends nothing more
  await sleep(1000);
  const slow = ask(server, undefined, key, 'slow', 9000);
  going.abort();
  await Promise.all(load);
  const ended = await server.ended;
  // it began while the server still took requests, and its body came when it did not any more
  outcomes.push(await slow);
  kept.add('slow');
  const late = await ask(server, undefined, key, 'late');

  assert.deepEqual(ended, { code: 0, signal: null }, server.err());
  assert.ok(kept.size > before + 20, `only ${kept.size - before} requests were answered after the signal`);
  const of = (what: Outcome['what']): number => outcomes.filter((each) => each.what === what).length;
  assert.equal(of('lost'), 0, `${of('lost')} requests were taken and never answered`);
  assert.equal(of(201), outcomes.length, JSON.stringify(outcomes.filter(({ what }) => what !== 201)));
  assert.equal(late.what, 'refused');
  assert.ok(
    outcomes.some(({ what, closes }) => what === 201 && closes),
    'who kept a connection is sent elsewhere',
  );
  const [row] = await fresh.db<{ count: number }[]>`select count(*)::int as count from vault.records`;
  assert.equal(row?.count, kept.size, 'what was answered is there, and nothing else');
  await assertContiguous(fresh.db);
  await assertNothingOrphaned(fresh.db);
});

test('a work is handed back: another server need not wait until the lease of the one that stopped is over', async () => {
  const server = await start(0);
  await fresh.db`insert into vault.works (work_id, what, state, total, started_by, updated_at)
    values (gen_random_uuid(), 'keys', 'running', 1000000, 'test', 'epoch')`;
  const leased = async (): Promise<boolean> => {
    const [row] = await fresh.db<{ leased: boolean }[]>`
      select updated_at > now() - interval '15 seconds' as leased from vault.works where started_by = 'test' and state = 'running'`;
    return row?.leased === true;
  };
  // one that is done between two looks was taken up too
  const done = async () =>
    (await fresh.db`select from vault.works where started_by = 'test' and state = 'done'`).count > 0;
  await until('the work is taken up', async () => (await leased()) || (await done()));
  assert.deepEqual(await server.kill('SIGTERM'), { code: 0, signal: null });
  const [row] = await fresh.db<{ state: string }[]>`select state from vault.works where started_by = 'test'`;
  assert.ok(row?.state === 'done' || !(await leased()), 'it is done, or free');
});

test('a second signal a while later ends it at once, and loses nothing that was answered', async () => {
  const server = await start(120);
  const { once } = await clientsFor(server, 'application');
  const made = await once.records.create({ collection: 'customer', fields: { last_name: 'Twice' } });
  const began = performance.now();
  server.child.kill('SIGTERM');
  // from the terminal and from npm it comes twice: that is one
  server.child.kill('SIGTERM');
  await until('it says that it is not ready', async () => (await ready(server)) === 503);
  await sleep(1500);
  assert.equal(server.child.exitCode, null, 'one press is no second signal');
  server.child.kill('SIGTERM');

  assert.deepEqual(await server.ended, { code: 143, signal: null });

  assert.ok(performance.now() - began < 115_000);
  const again = await start(0);
  const { patient } = await clientsFor(again, 'application');
  assert.equal((await patient.records.get(made.id)).id, made.id);
  await again.kill('SIGTERM');
  await assertContiguous(fresh.db);
});
