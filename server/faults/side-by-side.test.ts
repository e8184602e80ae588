import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { freshDatabase, type FreshDatabase } from '#platform/testing';
import { createStrongroom, isProblem, type Strongroom } from '@strongroom/sdk';

import { clientsFor, freePort, randomOf, startServer, until, type RunningServer } from './running-server.ts';
import {
  assertContiguous,
  assertLogVerifies,
  assertNothingOrphaned,
  assertRecordsVerify,
  valuesOf,
} from './soundness.ts';

let fresh: FreshDatabase;
let home: string;
let servers: [RunningServer, RunningServer];
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-side-'));
  fresh = await freshDatabase();
  const env = { DATABASE_URL: fresh.url, STRONGROOM_DATABASE_CONNECTIONS: '8' };
  // both at once on an empty database: one makes the tables, the root keys and the administrator's key
  const [a, b] = await Promise.all([freePort(), freePort()]);
  servers = await Promise.all([startServer({ home, port: a, env }), startServer({ home, port: b, env })]);
});
after(async () => {
  for (const server of servers ?? []) await server.kill('SIGTERM');
  await fresh?.close();
  await rm(home, { recursive: true, force: true });
});

/** Care notes rest on consent, which nobody gave here. */
const ALL_FIELDS = { purpose: 'legal.request' };
type Pair = readonly [Strongroom, Strongroom];

/** One key, and a client of it for each of the two servers. */
async function pairFor(role: string): Promise<Pair> {
  const { key } = await clientsFor(servers[0], role);
  const purpose = role === 'dpo' ? 'legal.request' : 'service.support';
  const client = (server: RunningServer) =>
    createStrongroom({ url: server.url, key, purpose, retries: 0, timeoutMs: 60_000 });
  return [client(servers[0]), client(servers[1])];
}

const customer = (fields: Record<string, string>) => ({ collection: 'customer', fields });

test('more refused changes at once than there are connections are all refused at once', async () => {
  const [application] = await pairFor('application');
  const [support] = await pairFor('support');
  const { id } = await application.records.create(customer({ last_name: 'Crowd' }));

  const began = performance.now();
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, () => support.records.update(id, 1, { fields: { last_name: 'X' } })),
  );

  const codes = new Set(all.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'done')));
  assert.deepEqual([...codes], ['VAULT_DENIED']);
  assert.ok(performance.now() - began < 58_000, 'they waited for each other');
});

test('what one server answered the other one knows: records, searches, erasures, keys, idempotency keys', async () => {
  const application = await pairFor('application');
  const dpo = await pairFor('dpo');
  const [admin] = [createStrongroom({ url: servers[0].url, key: await servers[0].admin() })];

  for (let n = 0; n < 12; n += 1) {
    const here = n % 2;
    const there = 1 - here;
    const email = `side-${n}@example.org`;
    const made = await application[here as 0].records.create(customer({ last_name: `Side${n}`, email }));
    const where = { collection: 'customer', where: { email } };
    assert.deepEqual(valuesOf(await application[there as 0].records.get(made.id)), { last_name: `Side${n}`, email });
    assert.deepEqual(
      (await application[there as 0].search.page(where)).records.map(({ id }) => id),
      [made.id],
    );
    const { token } = await application[there as 0].tokens.create({
      recordId: made.id,
      field: 'email',
      kind: 'random',
    });
    assert.equal((await application[here as 0].tokens.open(token)).value, email);

    // the other server has the subject's keys in its memory by now
    await dpo[here as 0].subjects.erase(made.subjectId);

    await assert.rejects(application[there as 0].records.get(made.id), { code: 'VAULT_NOT_FOUND' });
    assert.deepEqual((await application[there as 0].search.page(where)).records, []);
    await assert.rejects(application[there as 0].tokens.open(token), { code: 'VAULT_TOKEN_UNKNOWN' });
  }
  const both = await Promise.all(
    application.map((room) =>
      room.records.create(customer({ last_name: 'Once' }), { idempotencyKey: 'side-by-side-1' }),
    ),
  );
  assert.deepEqual(both[0], both[1]);
  const made = await admin.keys.create({ name: 'short', role: 'engineer' });
  const brief = createStrongroom({ url: servers[1].url, key: made.key, retries: 0 });
  await brief.status.get();
  await admin.keys.revoke(made.id);
  await assert.rejects(brief.status.get(), { code: 'ACCESS_UNAUTHENTICATED' });
});

test('under load, with rotations, one of the two killed: no update is lost, the log is one and whole', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = randomOf(seed);
  const application = await pairFor('application');
  const custodian = await pairFor('custodian');
  const dpo = await pairFor('dpo');
  const engineer = await pairFor('engineer');
  const alive = { first: true };
  const met = new Map<string, number>();

  /** On either server; one that does not answer any more is repeated on the other, under the same idempotency key. */
  const anywhere = async <T>(pair: Pair, call: (room: Strongroom) => Promise<T>): Promise<T> => {
    const room = alive.first && random() < 0.5 ? pair[0] : pair[1];
    try {
      return await call(room);
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      met.set(thrown.code, (met.get(thrown.code) ?? 0) + 1);
      if (thrown.code !== 'SDK_UNREACHABLE' || room === pair[1]) throw thrown;
      return call(pair[1]);
    }
  };

  const counters = await Promise.all(
    [0, 1, 2].map(async (n) => {
      const { id } = await application[0].records.create(customer({ last_name: `Counter${n}`, job_title: '0' }));
      return { id, added: 0 };
    }),
  );
  const kept = new Map<string, string>();
  const erased: string[] = [];
  const state = { stop: false };
  let writes = 0;

  const count = async (w: number): Promise<void> => {
    for (let n = 0; !state.stop; n += 1) {
      const counter = counters[Math.floor(random() * counters.length)] as (typeof counters)[number];
      const seen = await anywhere(application, (room) => room.records.get(counter.id, { fields: ['job_title'] }));
      const next = String(Number(seen.fields.job_title?.value) + 1);
      const idempotencyKey = `count-${w}-${n}-of-test`;
      try {
        await anywhere(application, (room) =>
          room.records.update(counter.id, seen.version, { fields: { job_title: next } }, { idempotencyKey }),
        );
        counter.added += 1;
        writes += 1;
      } catch (thrown) {
        if (!isProblem(thrown, 'VAULT_VERSION_STALE')) throw thrown;
      }
    }
  };
  const fill = async (w: number): Promise<void> => {
    for (let n = 0; !state.stop; n += 1) {
      const name = `Fill${w}x${n}`;
      const fields = { last_name: name, email: `${name}@example.org`, ...(n % 3 === 0 ? { care_notes: name } : {}) };
      const idempotencyKey = `fill-${w}-${n}-of-test`;
      const made = await anywhere(application, (room) => room.records.create(customer(fields), { idempotencyKey }));
      writes += 1;
      assert.deepEqual(valuesOf(await anywhere(application, (room) => room.records.get(made.id, ALL_FIELDS))), fields);
      const where = { email: fields.email };
      const found = await anywhere(application, (room) => room.search.page({ collection: 'customer', where }));
      assert.deepEqual(
        found.records.map(({ id }) => id),
        [made.id],
      );
      if (n % 4 !== 0) {
        kept.set(made.id, name);
        continue;
      }
      await anywhere(dpo, (room) => room.subjects.erase(made.subjectId));
      await assert.rejects(
        anywhere(application, (room) => room.records.get(made.id)),
        { code: 'VAULT_NOT_FOUND' },
      );
      erased.push(made.id);
    }
  };
  const rotations: string[] = [];
  const rotate = async (): Promise<void> => {
    for (let n = 0; !state.stop; n += 1) {
      const kinds = ['epoch', 'keys', 'index'] as const;
      const { id } = await anywhere(custodian, (room) => room.rotations.start(kinds[n % 3] as 'epoch'));
      rotations.push(id);
      await until(
        'a rotation has ended, or the test',
        async () => state.stop || (await anywhere(custodian, (room) => room.rotations.get(id))).state !== 'running',
        120_000,
      );
    }
  };
  const reached = (many: number) => until(`${many} writes`, () => writes >= many, 120_000);

  const load = Promise.all([count(0), count(1), count(2), fill(0), fill(1), rotate()]);
  const watch = (async () => {
    await reached(60 + Math.floor(random() * 60));
    await assertLogVerifies(servers[0]);
    await servers[0].kill('SIGKILL');
    alive.first = false;
    await reached(writes + 60);
    state.stop = true;
  })();
  try {
    await Promise.race([load, watch]);
    await watch;
    await load;
  } finally {
    // one that fails ends the others: they would go on for ever, and the file would say nothing but that it took too long
    state.stop = true;
  }
  const last = rotations.at(-1) as string;
  await until(
    'the last rotation has ended',
    async () => (await custodian[1].rotations.get(last)).state !== 'running',
    120_000,
  );

  t.diagnostic(
    `${writes} writes, ${kept.size} kept, ${erased.length} erased, ${rotations.length} rotations, met ${JSON.stringify([...met])}`,
  );
  for (const code of met.keys())
    assert.ok(['SDK_UNREACHABLE', 'VAULT_VERSION_STALE', 'VAULT_NOT_FOUND'].includes(code), code);
  for (const counter of counters) {
    const read = await application[1].records.get(counter.id);
    assert.equal(read.fields.job_title?.value, String(counter.added), 'an update was lost');
    assert.equal(read.version, counter.added + 1);
  }
  const { records } = await application[1].records.read([...kept.keys()]);
  assert.deepEqual(
    records.map(({ id, fields }) => [id, fields.last_name?.value]),
    [...kept],
  );
  for (const id of rotations) assert.equal((await custodian[1].rotations.get(id)).state, 'done');
  await assertContiguous(fresh.db);
  await assertNothingOrphaned(fresh.db);
  // the checkpoint remembered before the kill was the other server's
  await assertLogVerifies(servers[1]);
  await assertRecordsVerify(engineer[1]);
});
