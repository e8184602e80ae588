/** Sessions that no answer will come on are given up, and what only takes its time is not. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freshDatabase } from '#platform/testing';

import { addressOf, openDb, transact, type Db } from './index.ts';
import { endsSilentSessions, type Seen, type Session } from './silence.ts';
import { between } from './testing-between.ts';

const SILENT_MS = 100;
/** Many looks longer than a session may be silent. */
const LONG_S = 1;
const MINUTE = 60_000;
const GIVEN_UP = { code: 'ETIMEDOUT' };

type Lost = 'nothing' | 'to PostgreSQL' | 'from PostgreSQL' | 'both ways' | 'both ways, and nothing is taken';

/** A pool with a way to its database that loses what goes over it, and tells nobody. */
async function lossy(t: TestContext, url: string, connections = 1, onAnswer = (answer: Buffer): Buffer => answer) {
  const ways: { far: Socket; client: Socket; lost: Lost }[] = [];
  let ofNew: Lost = 'nothing';
  const way = await between(t, url, (client, { toPostgres }) => {
    const one = { far: toPostgres(), client, lost: ofNew };
    ways.push(one);
    client.on('data', (asked: Buffer) => void (/^nothing|from/.test(one.lost) && one.far.write(asked)));
    one.far.on('data', (answer: Buffer) => void (/^nothing|to /.test(one.lost) && client.write(onAnswer(answer))));
  });
  const db = openDb(way, { connections, silentMs: SILENT_MS, connectTimeoutMs: 1000 });
  t.after(async () => {
    ways.forEach(({ far, client }) => (far.destroy(), client.destroy()));
    await db.end();
  });
  await Promise.all(Array.from({ length: connections }, () => db`select pg_sleep(0.1)`));
  const open = (): number => ways.filter(({ client }) => !client.destroyed).length;
  return {
    db,
    open,
    /** Of all that are there, and of those to come. */
    lose: (lost: Lost, ofNewOnes: Lost = 'nothing'): void => {
      for (const one of ways) {
        one.lost = lost;
        if (lost === 'both ways, and nothing is taken') one.client.pause();
      }
      ofNew = ofNewOnes;
    },
    endFarSides: (): void => ways.forEach(({ far }) => far.destroy()),
  };
}

/** Anew as long as the lost session itself takes what is asked: it does until its socket has closed. */
async function answered(ask: () => PromiseLike<unknown>): Promise<unknown> {
  for (;;)
    try {
      return await ask();
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code !== 'CONNECTION_CLOSED') throw thrown;
      await sleep(1);
    }
}

/** A watch over sessions 1, 2, … that say nothing, of which the last is asked. Given one thing seen after another. */
async function watched<T>(
  sessions: number,
  see: (look: number, over: (what: T) => void) => Seen,
  ended: (pid: number) => T | undefined,
): Promise<T> {
  const over = Promise.withResolvers<T>();
  let look = 0;
  const watch = endsSilentSessions(() => Promise.resolve(see(look++, over.resolve)), 1);
  const closes: (() => void)[] = [];
  for (let pid = 1; pid <= sessions; pid++) {
    const socket = { bytesRead: 0, once: (_: string, then: () => void) => closes.push(then) } as unknown as Socket;
    watch({
      socket,
      since: performance.now() - MINUTE,
      pid: () => pid,
      isAsked: () => pid === sessions,
      end: () => {
        closes[pid - 1]?.();
        const what = ended(pid);
        if (what !== undefined) over.resolve(what);
      },
    } satisfies Session);
  }
  // the looks keep no process
  const kept = setInterval(() => {}, 1000);
  try {
    return await over.promise;
  } finally {
    clearInterval(kept);
    closes.forEach((close) => close());
  }
}

/** What becomes of a session that says nothing, by what a new one sees of its number time after time. */
function verdict(...seen: readonly Readonly<{ ageMs: number; isIdle?: boolean }>[]): Promise<'ended' | 'left'> {
  return watched<'ended' | 'left'>(
    1,
    (look, over) => {
      const next = seen[look];
      if (next === undefined) over('left');
      return { sessions: new Map(next && [[1, { isIdle: false, ...next }]]) };
    },
    () => 'ended',
  );
}

const ASKED: Record<string, (db: Db) => PromiseLike<unknown>> = {
  'a statement': (db) => db`select 1`,
  'a statement that is not known yet': (db) => db`select ${'x'}::text`,
  'a transaction': (db) => transact(db, (tx) => tx`select ${1}::int`),
};

const SLOW: Record<string, (db: Db) => PromiseLike<unknown>> = {
  'a long statement': (db) => db`select pg_sleep(${LONG_S}::float8)`,
  'a long transaction': (db) =>
    transact(db, async (tx) => {
      await tx`select 1`;
      await sleep(LONG_S * 1000);
      await tx`select 1`;
    }),
  'a cursor whose rows take long': async (db) => {
    for await (const [row] of db<{ n: number }[]>`select generate_series(1, 3) as n`.cursor(1))
      await sleep(((row?.n ?? 0) * LONG_S * 1000) / 3);
  },
  'a COPY that nobody reads on': async (db) => {
    const rows = await db`copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout`.readable();
    let length = 0;
    for await (const piece of rows as AsyncIterable<Buffer>) {
      if (length === 0) await sleep(LONG_S * 1000);
      length += piece.length;
    }
    assert.equal(length, 20_000 * 1001);
  },
  'a COPY that nobody writes on': async (db) => {
    await db`create table slow (n int)`;
    const rows = await db`copy slow from stdin`.writable();
    rows.write('1\n');
    await sleep(LONG_S * 1000);
    rows.end('2\n');
    await new Promise((resolve) => rows.once('finish', resolve));
    assert.equal((await db`select from slow`).length, 2);
  },
};

test('the host is gone without a word: who asked is told so, and is answered once the host is back', async (t) => {
  const { url } = await freshDatabase(t);
  const gone = async (what: string, ask: (db: Db) => PromiseLike<unknown>): Promise<void> => {
    const { db, lose } = await lossy(t, url);
    lose('both ways', 'both ways');
    await assert.rejects(async () => await ask(db), GIVEN_UP, what);
    await assert.rejects(
      answered(() => ask(db)),
      { code: 'CONNECT_TIMEOUT' },
      `${what}: nobody is let in`,
    );
    lose('nothing');
    await answered(() => ask(db));
  };
  await Promise.all(Object.entries(ASKED).map(([what, ask]) => gone(what, ask)));
});

for (const lost of ['to PostgreSQL', 'from PostgreSQL', 'both ways'] as const)
  test(`something on the way forgot the connection, ${lost}: who asked is told so, and the next is answered`, async (t) => {
    const { url } = await freshDatabase(t);
    const forgotten = async (what: string, ask: (db: Db) => PromiseLike<unknown>): Promise<void> => {
      const { db, lose } = await lossy(t, url);
      lose(lost);
      await assert.rejects(async () => await ask(db), GIVEN_UP, what);
      await answered(() => ask(db));
    };
    await Promise.all(Object.entries(ASKED).map(([what, ask]) => forgotten(what, ask)));
  });

test('the address went to another host: the sessions there are none of ours, those that nobody asked are given up too', async (t) => {
  const { db, lose, endFarSides, open } = await lossy(t, (await freshDatabase(t)).url, 4);
  lose('both ways');
  endFarSides();
  await assert.rejects(async () => await db`select 1`, GIVEN_UP);
  while (open() > 0) await sleep(10);
  const all = await Promise.all(
    Array.from({ length: 4 }, () => db`select pg_sleep(0.1), pg_backend_pid() as pid`.then(([row]) => row?.['pid'])),
  );
  assert.equal(new Set(all).size, 4);
});

test('what only takes its time is let have it', async (t) => {
  const { url } = await freshDatabase(t);
  const slow = async (what: string, ask: (db: Db) => PromiseLike<unknown>): Promise<void> => {
    const { db } = await lossy(t, url);
    const session = async () => (await db`select pg_backend_pid() as pid`)[0];
    const before = await session();
    await assert.doesNotReject(async () => await ask(db), what);
    assert.deepEqual(await session(), before, what);
  };
  await Promise.all(Object.entries(SLOW).map(([what, ask]) => slow(what, ask)));
});

test('a long statement is let have its time where nobody else is let in', async (t) => {
  const { url } = await freshDatabase(t);
  const { db } = await lossy(t, url);
  const admin = openDb(addressOf(url, 'postgres'), { connections: 1 });
  t.after(() => admin.end());
  const asked = db`select pg_sleep(${LONG_S}::float8)`.execute();
  await sleep(50);
  await admin`alter database ${admin(new URL(url).pathname.slice(1))} allow_connections false`;
  await asked;
});

test('a long statement is let have its time behind a pooler, whose names for sessions are its own', async (t) => {
  const { db } = await lossy(t, (await freshDatabase(t)).url, 1, (answer) => {
    // BackendKeyData: K, length 12, number, secret
    const at = answer.indexOf(Buffer.from([75, 0, 0, 0, 12]));
    if (at >= 0) answer.writeUInt32BE(0x7fff_0000 + answer.readUInt16BE(at + 7), at + 5);
    return answer;
  });
  await db`select pg_sleep(${LONG_S}::float8)`;
});

test('the host is gone while a COPY is written: who writes it is told so', async (t) => {
  // a session that is still let in holds up the end of any database: where nothing is taken, the ways have to end first
  const { url, close } = await freshDatabase();
  const { db, lose } = await lossy(t, url);
  t.after(close);
  await db`create table written (x text)`;
  const rows = await db`copy written from stdin`.writable();
  const line = Buffer.from(`${'x'.repeat(999)}\n`.repeat(1000));
  lose('both ways, and nothing is taken', 'both ways');
  await assert.rejects(async () => {
    for (;;)
      await new Promise<void>((resolve, reject) => {
        rows.once('error', reject);
        rows.write(line, (thrown) => (thrown instanceof Error ? reject(thrown) : resolve()));
      });
  }, GIVEN_UP);
});

test('a number that went to another session is not taken for ours: its age tells', async () => {
  const verdicts = [0, 50_000, MINUTE, 2 * MINUTE].map((ageMs) => verdict({ ageMs }, { ageMs }));
  assert.deepEqual(await Promise.all(verdicts), ['ended', 'left', 'left', 'ended']);
});

test('an answer that is on its way is waited for: one look is none', async () => {
  const [busy, idle] = [{ ageMs: MINUTE }, { ageMs: MINUTE, isIdle: true }];
  assert.deepEqual([await verdict(busy, idle, busy, idle, busy), await verdict(busy, idle, idle)], ['left', 'ended']);
});

test('a session that ends later than the one that was asked is looked for again, though nobody asks it', async () => {
  const idle = { ageMs: MINUTE, isIdle: true };
  const given: number[] = [];
  const all = await watched<readonly number[]>(
    2,
    (look, over) => {
      if (look > 5) over(given);
      return { sessions: new Map(look === 0 ? [[1, idle]] : []) };
    },
    (pid) => (given.push(pid) === 2 ? given : undefined),
  );
  assert.deepEqual(all, [2, 1]);
});
