import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recordIdText, type RecordId } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';
import { loadRecords, type StoredRecord } from './store/records.ts';
import type { Vault } from './index.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const application = callerFor('application');

async function search(vault: Vault, where: Record<string, string | { prefix: string }>): Promise<string[]> {
  const page = await vault.search(application, { collection: 'customer', where, fields: [], limit: 100 });
  return page.records.map(({ id }) => id).toSorted();
}

const texts = (...ids: RecordId[]): string[] => ids.map(recordIdText).toSorted();

const code = (expected: string) => (thrown: { code?: string }) => thrown.code === expected;

const lookupEpochs = async (): Promise<number[]> =>
  (
    await place.db<{ epoch: number }[]>`
    select distinct epoch from (select epoch from vault.lookups union all select epoch from vault.unique_lookups) as l order by 1`
  ).map((row) => Number(row.epoch));

test('a new index finds all that the old one found, and nothing of the old one remains', async () => {
  const vault = await place.server();
  const anna = await putOne(vault, 'ix-1', { last_name: 'Indexer', email: 'anna@index.example' });
  const bert = await putOne(vault, 'ix-2', { last_name: 'Indexer', email: 'bert@index.example' });

  const work = await doWork(vault, 'index');

  assert.equal(work?.state, 'done');
  assert.deepEqual(work.result, { records: 2, collisions: 0, epoch: 2, destroyed: 1 });
  assert.deepEqual(await lookupEpochs(), [2]);
  assert.deepEqual(await search(vault, { last_name: 'INDEXER' }), texts(anna, bert));
  assert.deepEqual(await search(vault, { email: 'Bert@index.example' }), texts(bert));
  const found = await vault.findByExternalId(application, 'customer', 'ix-1');
  assert.deepEqual(found, anna);
  await assert.rejects(putOne(vault, 'ix-2', { last_name: 'Other' }), code('VAULT_DUPLICATE'));
});

test('a server that has not heard of the new index finds and refuses as the others do', async () => {
  const a = await place.server();
  const b = await place.server();
  const old = await putOne(a, 'stale-1', { last_name: 'Stalemate', email: 'old@stale.example' });
  assert.equal((await doWork(a, 'index'))?.state, 'done');

  assert.deepEqual(await search(b, { last_name: 'stalemate' }), texts(old));
  assert.deepEqual(await b.findByExternalId(application, 'customer', 'stale-1'), old);

  const c = await place.server();
  assert.equal((await doWork(a, 'index'))?.state, 'done');
  await assert.rejects(putOne(c, 'stale-1', { last_name: 'Twin' }), code('VAULT_DUPLICATE'));
  const fresh = await putOne(c, 'stale-2', { last_name: 'Stalemate' });
  assert.deepEqual(await search(a, { last_name: 'stalemate' }), texts(old, fresh));

  assert.equal((await doWork(a, 'index'))?.state, 'done');
  const d = await place.server();
  assert.equal((await doWork(a, 'index'))?.state, 'done');
  await d.patch(application, { id: old, seen: 1, change: { fields: { last_name: 'Moved' } } });
  assert.deepEqual(await search(a, { last_name: 'stalemate' }), texts(fresh));
  assert.deepEqual(await search(a, { last_name: 'moved' }), texts(old));
});

test('in the middle of a rebuild: search finds both halves, unique values stay unique, changes move to the new index', async () => {
  const vault = await place.server();
  const ids: RecordId[] = [];
  for (let n = 0; n < 6; n += 1)
    ids.push(await putOne(vault, `half-${n}`, { last_name: 'Halfway', email: `h${n}@half.example` }));
  const [zero, one] = ids as [RecordId, RecordId];
  // begun, and stopped before its first page
  const { work_id: id } = await vault.beginWork(callerFor('custodian'), 'index');
  let asked = 0;
  await vault.runWorks(() => (asked += 1) > 1);
  assert.equal((await vault.work(id))?.state, 'running');

  assert.deepEqual(await search(vault, { last_name: 'halfway' }), texts(...ids));
  await assert.rejects(putOne(vault, 'half-0', { last_name: 'Twin' }), code('VAULT_DUPLICATE'));
  const late = await putOne(vault, 'half-9', { last_name: 'Halfway' });
  await vault.patch(application, { id: one, seen: 1, change: { fields: { email: 'new@half.example' } } });
  await vault.erase(callerFor('dpo', 'legal.request'), zero.subjectId);

  assert.deepEqual(await search(vault, { last_name: 'halfway' }), texts(...ids.slice(1), late));
  assert.deepEqual(await search(vault, { email: 'h1@half.example' }), []);
  assert.deepEqual(await search(vault, { email: 'new@half.example' }), texts(one));

  await place.db`update vault.works set updated_at = 'epoch' where work_id = ${id}`;
  await vault.runWorks(() => false);
  assert.equal((await vault.work(id))?.state, 'done');
  assert.equal((await lookupEpochs()).length, 1);
  assert.deepEqual(await search(vault, { last_name: 'halfway' }), texts(...ids.slice(1), late));
  await assert.rejects(putOne(vault, 'half-3', { last_name: 'Twin' }), code('VAULT_DUPLICATE'));
});

test('writers, searchers and rebuilds at once on three servers: nothing is lost, nothing is there twice', async () => {
  const [one, two, three] = [await place.server(), await place.server(), await place.server()];
  const made: RecordId[] = [];
  const turns = { left: 3 };
  const write = async (vault: Vault, name: string): Promise<void> => {
    for (let n = 0; turns.left > 0; n += 1) {
      made.push(await putOne(vault, `${name}-${n}`, { last_name: 'Busybody' }));
      await assert.rejects(putOne(vault, `${name}-${n}`, { last_name: 'Twin' }), code('VAULT_DUPLICATE'));
      // counted before: the other writer goes on while this one searches
      const known = made.length;
      assert.ok((await search(vault, { last_name: 'busybody' })).length >= Math.min(known, 100));
    }
  };
  const writing = [write(one, 'w1'), write(two, 'w2')];
  for (; turns.left > 0; turns.left -= 1) assert.equal((await doWork(three, 'index'))?.state, 'done');
  await Promise.all(writing);

  for (const [n, id] of made.entries()) {
    if (n % 7 !== 0) continue;
    const { records } = await one.read(application, [id], { fields: [] });
    assert.equal(records.length, 1);
  }
  const [{ n } = { n: -1 }] = await place.db<{ n: number }[]>`
    select count(*)::int as n from vault.unique_lookups u
    where not exists (select from vault.records r where r.subject_id = u.subject_id and r.record_no = u.record_no)`;
  assert.equal(n, 0);
  assert.equal((await doWork(three, 'verify'))?.result.ok, true);
});

test('a field that the catalogue makes searchable later is found after the index is made anew', async () => {
  const before = await place.server({
    catalog: parseCatalog(place.catalogText.replace(/(first_name:[\s\S]*?)\n\s+search: prefix/, '$1')),
  });
  const id = await putOne(before, 'later-1', { first_name: 'Searchable', last_name: 'Later' });
  const now = await place.server();
  assert.deepEqual(await search(now, { first_name: { prefix: 'searcha' } }), []);
  assert.equal((await doWork(now, 'verify'))?.result.index, 1);

  await doWork(now, 'index');

  assert.deepEqual(await search(now, { first_name: { prefix: 'searcha' } }), texts(id));
  assert.equal((await doWork(now, 'verify'))?.result.ok, true);
});

test('new keys keep the external id: the index can still be made anew after them', async () => {
  const vault = await place.server();
  const id = await putOne(vault, 'keys-1', { last_name: 'Keyring' });
  assert.equal((await doWork(vault, 'keys'))?.state, 'done');
  const [stored] = await loadRecords(place.db, [id]);
  const { keys } = await vault.core.keys.open(id.subjectId, (stored as StoredRecord).ring);
  assert.deepEqual(
    keys.map(({ keyClass, version }) => `${keyClass}/${version}`),
    ['personal/2'],
  );
  assert.equal((await doWork(vault, 'index'))?.state, 'done');
  assert.deepEqual(await vault.findByExternalId(application, 'customer', 'keys-1'), id);
});
