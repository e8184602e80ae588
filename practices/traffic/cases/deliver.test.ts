/** Others that are told of a case and do not behave: each word has its time, and what became of it is said. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test, type TestContext } from 'node:test';

import { secret } from '#platform/crypto';
import { migrate } from '#platform/db';
import { drip, farSide, freshDatabase, type FreshDatabase } from '#platform/testing';

import { trafficSealing } from '../record/block.ts';
import { sweepDeliveries } from '../store/measures.ts';
import { createDeliver } from './deliver.ts';
import type { CaseNews } from './take-in.ts';

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
});
after(() => fresh.close());
beforeEach(() => fresh.db`delete from traffic.deliveries`);

const NEWS = { what: 'opened', caseId: 'cas_1', title: 'many records', severity: 4, entity: { address: '192.0.2.1' }, about: 'x', customers: 2, alert: { rule: 'r', reason: 'much', attack: [] } } as unknown as CaseNews; // prettier-ignore

const KEY = randomBytes(32);
type Way = Readonly<{ webhook?: number; syslog?: number; timeoutMs?: number }>;
async function due({ webhook, syslog, timeoutMs = 1000 }: Way) {
  const told: string[] = [];
  const deliver = createDeliver({
    db: fresh.db,
    sealing: trafficSealing(KEY),
    clock: () => new Date(),
    fetch,
    webhook: webhook === undefined ? null : { url: `http://127.0.0.1:${webhook}/`, secret: secret('s') },
    syslog: syslog === undefined ? null : `tcp://127.0.0.1:${syslog}`,
    version: '0',
    timeoutMs,
    onTrouble: (_, { problem }) => told.push(String(problem)),
  });
  await fresh.db.begin((tx) => deliver.onNews(tx as never, NEWS));
  return { deliver, told };
}
const waiting = async (): Promise<(string | null)[]> =>
  (await fresh.db<{ problem: string | null }[]>`select problem from traffic.deliveries`).map(({ problem }) => problem);
const never = new AbortController().signal;
const closes = (socket: Socket): void => void socket.once('end', () => socket.end());

test('a syslog server that greets and then closes has the word, and is told once', async (t) => {
  const far = await farSide(t, (socket) => {
    socket.write('welcome\r\n');
    closes(socket);
  });
  const { deliver, told } = await due({ syslog: far.port });
  await deliver.sendDue('syslog', never);
  assert.match(far.got(), /^\d+ <\d+>1 .*CEF:0\|Strongroom/);
  assert.deepEqual([await waiting(), told], [[], []]);
});

test('what was written while the clock ran ahead by a year does not wait for a year', async (t) => {
  const far = await farSide(t, closes);
  const { deliver } = await due({ syslog: far.port });
  await fresh.db`update traffic.deliveries set due_at = now() + interval '1 year'`;
  await deliver.sendDue('syslog', never);
  assert.match(far.got(), /CEF:0/);
});

test('a server that was not told where to leaves the word to one that was: none is lost while they differ', async (t) => {
  const far = await farSide(t, closes);
  const { deliver } = await due({ syslog: far.port });
  const { deliver: other } = await due({});
  await other.sendDue('syslog', never);
  assert.deepEqual(await waiting(), [null]);

  await deliver.sendDue('syslog', never);
  assert.match(far.got(), /CEF:0/);
  assert.deepEqual(await waiting(), []);
});

test('a word that no server knows where to send any more goes after two days', async () => {
  await due({ syslog: 1 });
  await fresh.db`update traffic.deliveries set made_at = now() - interval '30 hours'`;
  await sweepDeliveries(fresh.db);
  assert.equal((await waiting()).length, 1);

  await fresh.db`update traffic.deliveries set made_at = now() - interval '49 hours'`;
  await sweepDeliveries(fresh.db);
  assert.deepEqual(await waiting(), []);
});

const BAD: readonly (readonly [what: string, on: (socket: Socket) => void])[] = [
  ['says a byte now and then and never ends', (socket) => drip(socket, 'x')],
  ['never ends', () => undefined],
];
for (const [what, on] of BAD)
  test(`a syslog server that ${what} is given up in time, and told again later`, async (t: TestContext) => {
    const { deliver, told } = await due({ syslog: (await farSide(t, on)).port });
    const begun = performance.now();
    await deliver.sendDue('syslog', never);
    assert.ok(performance.now() - begun < 10_000);
    assert.deepEqual([await waiting(), told], [['no answer in time'], ['no answer in time']]);
  });

test('whoever stops waits for no syslog server', async (t) => {
  const { deliver } = await due({ syslog: (await farSide(t, (socket) => drip(socket, 'x'))).port, timeoutMs: 60_000 });
  const begun = performance.now();
  await deliver.sendDue('syslog', AbortSignal.timeout(200));
  assert.ok(performance.now() - begun < 10_000);
  assert.equal((await waiting()).length, 1);
});

test('a webhook that does not answer keeps syslog from nothing', async (t) => {
  const [silent, well] = [await farSide(t, () => undefined), await farSide(t, closes)];
  const { deliver, told } = await due({ webhook: silent.port, syslog: well.port, timeoutMs: 3000 });
  const webhook = deliver.sendDue('webhook', never);
  await deliver.sendDue('syslog', never);
  assert.deepEqual([await waiting(), told], [[null], []]);
  await webhook;
  assert.deepEqual([await waiting(), told], [['no answer in time'], ['no answer in time']]);
});

test('the reason is one that whoever looks can act on', async (t) => {
  const far = await farSide(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const { deliver, told } = await due({ webhook: far.port });
  await deliver.sendDue('webhook', never);
  assert.deepEqual(told, ['ECONNRESET']);
});
