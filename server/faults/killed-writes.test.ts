import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { isProblem, type Strongroom } from '@strongroom/sdk';

import {
  clientsFor,
  freePort,
  openHomes,
  postgresOf,
  killPostgres,
  randomOf,
  startServer,
  type Homes,
} from './running-server.ts';
import { assertContiguous, assertLogVerifies, assertRecordsVerify, behind, valuesOf } from './soundness.ts';

let homes: Homes;
before(async () => {
  homes = await openHomes();
});
after(() => homes.remove());

function seeded(t: TestContext): () => number {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  return randomOf(seed);
}

type Row = { id: string; externalId: string | null; version: number; name: string };
type Write = { key: string; send: (room: Strongroom) => Promise<unknown>; answer?: unknown };
/** One client with records of its own: its writes follow one another, so that only the last can be without an answer. */
type Worker = {
  name: string;
  count: number;
  rows: Row[];
  gone: string[];
  writes: Write[];
  pending: ((room: Strongroom) => Promise<void>) | null;
};

type Made = Awaited<ReturnType<Strongroom['records']['create']>>;
type Results = Awaited<ReturnType<Strongroom['records']['batch']>>;

/** Sends one write under a key of its own, and takes over what it did once it is answered for. */
async function write<T>(
  worker: Worker,
  room: Strongroom,
  send: (room: Strongroom, idempotencyKey: string) => Promise<T>,
  done: (answer: T) => void,
): Promise<void> {
  worker.count += 1;
  const key = `${worker.name}-write-${worker.count}`;
  const noted: Write = { key, send: (to) => send(to, key) };
  worker.writes.push(noted);
  const attempt = async (to: Strongroom): Promise<void> => {
    const answer = await send(to, key);
    noted.answer = answer;
    worker.pending = null;
    done(answer);
  };
  worker.pending = attempt;
  await attempt(room);
}

async function writeSomething(worker: Worker, room: Strongroom, random: () => number): Promise<void> {
  const n = worker.count;
  const what = random();
  const own = worker.rows[Math.floor(random() * worker.rows.length)];
  const name = `N-${worker.name}-${n}`;
  if (own === undefined || what < 0.3) {
    return write(
      worker, room,
      (to, idempotencyKey) => to.records.create({ collection: 'customer', fields: { last_name: name } }, { idempotencyKey }),
      (made: Made) => worker.rows.push({ id: made.id, externalId: null, version: made.version, name }),
    ); // prettier-ignore
  }
  if (what < 0.5) {
    const names = Array.from({ length: 5 }, (_, i) => `${name}-${i}`);
    const records = names.map((each) => ({ subject: { externalId: each }, fields: { last_name: each } }));
    return write(
      worker, room,
      (to, idempotencyKey) => to.records.batch({ collection: 'customer', onDuplicate: 'skip', records }, { idempotencyKey }),
      ({ results }: Results) => worker.rows.push(...results.map((made, i) => ({ id: made.id as string, externalId: names[i] as string, version: made.version as number, name: names[i] as string }))),
    ); // prettier-ignore
  }
  if (what < 0.7) {
    const some = worker.rows.filter((row) => row.externalId !== null).slice(-3);
    const records = [
      ...some.map((row) => ({ subject: { externalId: row.externalId as string }, fields: { last_name: name } })),
      { subject: { externalId: `${name}-new` }, fields: { last_name: name } },
    ];
    return write(
      worker, room,
      (to, idempotencyKey) => to.records.batch({ collection: 'customer', onDuplicate: 'update', records }, { idempotencyKey }),
      ({ results }: Results) => {
        some.forEach((row, i) => Object.assign(row, { version: results[i]?.version, name }));
        worker.rows.push({ id: results.at(-1)?.id as string, externalId: `${name}-new`, version: 1, name });
      },
    ); // prettier-ignore
  }
  // a repeat has to be the same request, whatever became of the row since
  const { id, version } = own;
  if (what < 0.95) {
    return write(
      worker, room,
      (to, idempotencyKey) => to.records.update(id, version, { fields: { last_name: name } }, { idempotencyKey }),
      (made: Made) => void Object.assign(own, { version: made.version, name }),
    ); // prettier-ignore
  }
  return write(
    worker, room,
    (to, idempotencyKey) => to.records.delete(id, { idempotencyKey }),
    () => {
      worker.rows = worker.rows.filter((row) => row !== own);
      worker.gone.push(id);
    },
  ); // prettier-ignore
}

const answeredBy = (workers: readonly Worker[]): number =>
  workers.reduce((sum, { count, pending }) => sum + count - (pending === null ? 0 : 1), 0);

/** Codes a client may meet while PostgreSQL is down or comes back: each says "try again", and nothing was half done. */
const DOWN = ['HTTP_DATABASE', 'AUDIT_UNAVAILABLE', 'SDK_UNREACHABLE'];

test('writes: SIGKILL of the server and of PostgreSQL; all that was answered for is there, and a repeat gets the same answer', async (t) => {
  const random = seeded(t);
  const home = await homes.next();
  const port = await freePort();
  let server = await startServer({ home, port });
  const { once, patient: application } = await clientsFor(server, 'application');
  const { patient: engineer } = await clientsFor(server, 'engineer');
  const workers = Array.from({ length: 6 }, (_, w): Worker => ({
    name: `worker${w}`,
    count: 0,
    rows: [],
    gone: [],
    writes: [],
    pending: null,
  }));
  let unanswered = 0;
  const met = new Set<string>();

  for (const victim of ['server', 'PostgreSQL', 'server', 'PostgreSQL']) {
    const storm = Promise.all(
      workers.map(async (worker) => {
        try {
          for (;;) await writeSomething(worker, once, random);
        } catch (thrown) {
          if (!isProblem(thrown)) throw thrown;
          met.add(thrown.code);
          unanswered += 1;
        }
      }),
    );
    const before = answeredBy(workers);
    const moment = 30 + Math.floor(random() * 60);
    while (answeredBy(workers) - before < moment) await sleep(1);
    await sleep(random() * 10);
    if (victim === 'server') {
      await server.kill();
      await storm;
      server = await startServer({ home, port });
    } else {
      await killPostgres(server);
      await storm;
    }
    for (const worker of workers) await worker.pending?.(application);
    for (const worker of workers) {
      const some = Array.from({ length: 4 }, () => worker.writes[Math.floor(random() * worker.writes.length)] as Write);
      for (const each of [worker.writes.at(-1) as Write, ...some])
        assert.deepEqual(await each.send(application), each.answer, each.key);
    }
  }

  for (const worker of workers) {
    for (let at = 0; at < worker.rows.length; at += 500) {
      const rows = worker.rows.slice(at, at + 500);
      const { records } = await application.records.read(rows.map((row) => row.id));
      assert.deepEqual(
        records.map((record) => [record.id, record.version, valuesOf(record)]),
        rows.map((row) => [row.id, row.version, { last_name: row.name }]),
      );
    }
    for (const id of worker.gone) await assert.rejects(application.records.get(id), { code: 'VAULT_NOT_FOUND' });
  }
  const count = workers.reduce((sum, worker) => sum + worker.rows.length, 0);
  const status = await engineer.status.get();
  t.diagnostic(`${workers.reduce((sum, worker) => sum + worker.count, 0)} writes, ${unanswered} cut off`);
  assert.equal(status.records, count);
  assert.ok(unanswered >= 4 && [...met].every((code) => DOWN.includes(code)), [...met].join());
  await behind(home, assertContiguous);
  await assertLogVerifies(server);
  await assertRecordsVerify(engineer);
  await server.kill('SIGTERM');
  assert.deepEqual(await postgresOf(home), []);
});

test('shredding: whoever is cut off is whole or gone, never half; a repeat completes it and gets the receipt', async (t) => {
  const random = seeded(t);
  const home = await homes.next();
  const port = await freePort();
  let server = await startServer({ home, port });
  const { patient: application } = await clientsFor(server, 'application');
  const { once, patient: dpo } = await clientsFor(server, 'dpo');

  for (const victim of ['server', 'PostgreSQL']) {
    const people = Array.from({ length: 60 }, (_, n) => ({
      last_name: `Shred${victim}${n}`,
      email: `shred-${victim.toLowerCase()}-${n}@example.org`,
      care_notes: `note ${n}`,
    }));
    const { results } = await application.records.batch({
      collection: 'customer',
      records: people.map((fields) => ({ fields })),
    });
    const subjects = results.map((made, n) => ({
      id: made.id as string,
      subjectId: made.subjectId as string,
      fields: people[n] as Record<string, unknown>,
      receipt: undefined as unknown,
    }));
    const { token } = await application.tokens.create({
      recordId: results[0]?.id as string,
      field: 'email',
      kind: 'random',
    });
    const queue = [...subjects];
    const erasing = Promise.allSettled(
      Array.from({ length: 4 }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift())
          next.receipt = await once.subjects.erase(next.subjectId);
      }),
    );
    const moment = Math.floor(random() * 50);
    while (subjects.filter(({ receipt }) => receipt !== undefined).length < moment) await sleep(1);
    await sleep(random() * 10);
    if (victim === 'server') {
      await server.kill();
      await erasing;
      server = await startServer({ home, port });
    } else {
      await killPostgres(server);
      await erasing;
    }

    const answered = subjects.filter(({ receipt }) => receipt !== undefined).length;
    let whole = 0;
    for (const { id, fields, receipt } of subjects) {
      const read = await application.records.get(id, { purpose: 'legal.request' }).catch((thrown: unknown) => thrown);
      if (isProblem(read, 'VAULT_NOT_FOUND')) continue;
      assert.equal(receipt, undefined, 'answered for, and still there');
      assert.deepEqual(valuesOf(read as never), fields);
      whole += 1;
    }
    t.diagnostic(`${victim}: ${answered} answered for, ${whole} of ${subjects.length} whole`);
    for (const { subjectId, receipt } of subjects) {
      const again = await dpo.subjects.erase(subjectId);
      if (receipt !== undefined) assert.deepEqual(again, receipt);
      assert.equal(again.remains, 0);
      assert.deepEqual(await dpo.subjects.erase(subjectId), again);
    }
    for (const { id, fields } of subjects) {
      await assert.rejects(application.records.get(id), { code: 'VAULT_NOT_FOUND' });
      const found = await application.search.page({ collection: 'customer', where: { email: fields.email as string } });
      assert.deepEqual(found.records, []);
    }
    await assert.rejects(application.tokens.open(token), { code: 'VAULT_TOKEN_UNKNOWN' });
  }

  const left = await behind(home, async (db) => {
    await assertContiguous(db);
    const [row] = await db<Record<string, number>[]>`
      select (select count(*)::int from vault.keyrings) as rings, (select count(*)::int from vault.records) as records,
        (select count(*)::int from vault.lookups) as lookups, (select count(*)::int from vault.unique_lookups) as uniques,
        (select count(*)::int from vault.tokens) as tokens, (select count(*)::int from vault.tombstones) as tombstones`;
    return { ...row };
  });
  assert.deepEqual(left, { rings: 0, records: 0, lookups: 0, uniques: 0, tokens: 0, tombstones: 120 });
  await assertLogVerifies(server);
  await server.kill('SIGTERM');
  assert.deepEqual(await postgresOf(home), []);
});
