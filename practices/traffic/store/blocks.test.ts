import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { migrate, transact, type Db } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { blocksAfter, insertBlock, turnPartitions, type BlockRow, type Place } from './blocks.ts';

let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  await fresh.db.begin((tx) => turnPartitions(tx, 7));
});
after(() => fresh.close());

const START: Place = { tx: '0', blockId: '00000000-0000-0000-0000-000000000000' as Uuid };
const INDEX = { firstAt: new Date(), lastAt: new Date(), n: 1, classes: [], actors: [], addresses: [] };
const write = (db: Db | Parameters<typeof insertBlock>[0], blockId = uuidv7()): Promise<void> =>
  insertBlock(db, blockId, 'requests', INDEX, Buffer.from('sealed'));
const take = async (place: Place): Promise<BlockRow[]> => [
  ...(await transact(fresh.db, (tx) => blocksAfter(tx, place, 100))),
];
const placeOf = (block: BlockRow | undefined): Place =>
  block === undefined ? START : { tx: block.tx, blockId: block.block_id };
/** A transaction that has written, until it is let go. */
async function open(db: Db, work: (tx: Parameters<typeof insertBlock>[0]) => Promise<unknown>): Promise<() => Promise<void>> {
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = db.begin(async (tx) => {
    await work(tx as never);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  return async () => {
    release.resolve();
    await ended;
  };
} // prettier-ignore

test('one that began earlier and commits later is taken before what came after it, and none twice', async () => {
  const first = uuidv7();
  const end = await open(fresh.db, (tx) => write(tx, first));
  const second = uuidv7();
  await write(fresh.db, second);
  assert.deepEqual(await take(START), [], 'the second waits for the first');
  await end();
  const taken = await take(START);
  assert.deepEqual(
    taken.map((block) => block.block_id),
    [first, second],
  );
  const last = taken.at(-1) as BlockRow;
  assert.deepEqual(await take({ tx: last.tx, blockId: last.block_id }), []);
});

test('what somebody else writes for hours in another database keeps nothing from being looked at', async () => {
  const from = placeOf((await take(START)).at(-1));
  const other = await freshDatabase();
  const end = await open(other.db, (tx) => tx`create table public.of_theirs ()`);
  try {
    await write(fresh.db);
    assert.equal((await take(from)).length, 1);
  } finally {
    await end();
    await other.close();
  }
});

test('a server of another role, which may not see what a session does, still sees that it writes', async () => {
  await fresh.db`create role blind_reader`;
  await fresh.db`grant usage on schema traffic to blind_reader`;
  await fresh.db`grant select on traffic.blocks to blind_reader`;
  const from = placeOf((await take(START)).at(-1));
  const blind = async (): Promise<number> =>
    transact(fresh.db, async (tx) => {
      await tx`set local role blind_reader`;
      return (await blocksAfter(tx, from, 100)).length;
    });
  try {
    const end = await open(fresh.db, (tx) => write(tx));
    await write(fresh.db);
    assert.equal(await blind(), 0);
    await end();
    assert.equal(await blind(), 2);
  } finally {
    await fresh.db`drop owned by blind_reader`;
    await fresh.db`drop role blind_reader`;
  }
});

test('of many that write at once none is passed over, whoever ends first', async () => {
  let from = placeOf((await take(START)).at(-1));
  const seen: string[] = [];
  const wrote: string[] = [];
  let writing = true;
  const writers = Array.from({ length: 4 }, async (_, nth) => {
    for (let n = 0; n < 40; n += 1) {
      const id = uuidv7();
      await fresh.db.begin(async (tx) => {
        await write(tx as never, id);
        await tx`select pg_sleep(${((n * 7 + nth * 3) % 5) / 1000})`;
      });
      wrote.push(id);
    }
  });
  const reader = (async () => {
    for (let again = true; again;) {
      again = writing;
      const blocks = await take(from);
      seen.push(...blocks.map((block) => block.block_id));
      const last = blocks.at(-1);
      if (last !== undefined) [from, again] = [{ tx: last.tx, blockId: last.block_id }, true];
    }
  })();
  await Promise.all(writers);
  writing = false;
  await reader;
  assert.deepEqual(seen.toSorted(), wrote.toSorted());
});
