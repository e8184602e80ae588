import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { after, before, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { recordIdText, type RecordId } from '#platform/ids';

import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';
import { proveRestored } from './replay.ts';
import type { Vault } from './index.ts';

let place: Installation;
let vault: Vault;
before(async () => {
  place = await testInstallation();
  vault = await place.server();
});
after(() => place.close());

type Row = Record<string, unknown>;
const application = callerFor('application');
const dpo = callerFor('dpo', 'legal.request');

/** What each test broke, it mends, so that the next begins with a whole vault. */
beforeEach(async () => {
  assert.equal((await verify()).ok, true);
});

async function verify(): Promise<Record<string, unknown> & { listed: { record: string; finding: string }[] }> {
  const work = await doWork(vault, 'verify');
  assert.equal(work?.state, 'done');
  return work.result as never;
}

const rowOf = async (table: 'records' | 'keyrings', id: RecordId): Promise<Row> =>
  (await place.db<Row[]>`select * from ${place.db(`vault.${table}`)} where subject_id = ${id.subjectId}`)[0] as Row;

async function putBack(table: 'records' | 'keyrings', row: Row): Promise<void> {
  await place.db`delete from ${place.db(`vault.${table}`)} where subject_id = ${row.subject_id as string}`;
  await place.db`insert into ${place.db(`vault.${table}`)} ${place.db(row)}`;
}

test('after writes, changes, deletions, new keys and erasures nothing is found', async () => {
  const changed = await putOne(vault, 'v-1', { last_name: 'One', phone: '+14155550101' });
  const gone = await putOne(vault, 'v-2', { last_name: 'Two' });
  const erased = await putOne(vault, 'v-3', { last_name: 'Three', care_notes: 'a note' });
  await vault.patch(application, { id: changed, seen: 1, change: { fields: { last_name: 'Eins', phone: null } } });
  await vault.remove(application, gone);
  await vault.erase(dpo, erased.subjectId);
  await doWork(vault, 'keys');
  await doWork(vault, 'epoch');

  const { ok, records, auditSize } = await verify();

  assert.equal(ok, true);
  assert.equal(records, 1);
  assert.ok(Number(auditSize) > 5);
});

test('an old version of a record, put back, reads as if it were the newest and is found here', async () => {
  const id = await putOne(vault, 'old-1', { last_name: 'Before' });
  const old = await rowOf('records', id);
  await vault.patch(application, { id, seen: 1, change: { fields: { last_name: 'After' } } });
  const now = await rowOf('records', id);
  await putBack('records', { ...old, lookups: now.lookups });

  const read = await vault.read(application, [id], { fields: ['last_name'] });
  const found = await verify();

  assert.equal(read.records[0]?.fields.last_name?.value, 'Before');
  assert.equal(found.ok, false);
  assert.equal(found.changed, 1);
  assert.deepEqual(found.listed, [{ record: recordIdText(id), finding: 'changed' }]);
  await putBack('records', now);
});

test('an old box under the newest version number is found', async () => {
  const id = await putOne(vault, 'old-2', { last_name: 'Before' });
  const old = await rowOf('records', id);
  await vault.patch(application, { id, seen: 1, change: { fields: { last_name: 'After' } } });
  const now = await rowOf('records', id);
  await putBack('records', { ...now, box: old.box });
  assert.equal((await verify()).changed, 1);
  await putBack('records', now);
});

test('a record taken out of the tables is missed', async () => {
  const id = await putOne(vault, 'out-1', { last_name: 'Out' });
  const row = await rowOf('records', id);
  await place.db`delete from vault.records where subject_id = ${id.subjectId}`;
  assert.equal((await verify()).missing, 1);
  await putBack('records', row);
});

test('an erased subject put back from a backup, with its key ring, is found', async () => {
  const id = await putOne(vault, 'back-1', { last_name: 'Undead' });
  const [record, ring] = [await rowOf('records', id), await rowOf('keyrings', id)];
  await vault.erase(dpo, id.subjectId);
  await putBack('keyrings', ring);
  await putBack('records', record);

  const found = await verify();

  assert.equal(found.deleted, 1);
  for (const table of ['records', 'keyrings'] as const)
    await place.db`delete from ${place.db(`vault.${table}`)} where subject_id = ${id.subjectId}`;
});

test('a deleted record put back is found, and one the log never saw', async () => {
  const id = await putOne(vault, 'back-2', { last_name: 'Removed' });
  const row = await rowOf('records', id);
  await vault.remove(application, id);
  await putBack('records', row);
  assert.equal((await verify()).deleted, 1);

  await putBack('records', { ...row, record_no: String(id.recordNo ^ 1n) });
  assert.equal((await verify()).unknown, 1);
  await place.db`delete from vault.records where subject_id = ${id.subjectId}`;
});

test('a record whose key ring is gone, and one whose lookups were taken out, are found', async () => {
  const id = await putOne(vault, 'ring-1', { last_name: 'Ringless' });
  const ring = await rowOf('keyrings', id);
  await place.db`delete from vault.keyrings where subject_id = ${id.subjectId}`;
  assert.equal((await verify()).refused, 1);
  await putBack('keyrings', ring);

  const lookups = await place.db<Row[]>`delete from vault.lookups where subject_id = ${id.subjectId} returning *`;
  assert.equal((await verify()).index, 1);
  await place.db`insert into vault.lookups ${place.db(lookups)}`;
});

test('one byte of a stored box, turned over, is found', async () => {
  const id = await putOne(vault, 'flip-1', { last_name: 'Flipped' });
  const row = await rowOf('records', id);
  const box = Buffer.from(row.box as Buffer);
  box[box.length - 3] = (box[box.length - 3] as number) ^ 1;
  await putBack('records', { ...row, box });
  assert.equal((await verify()).changed, 1);
  await putBack('records', row);
});

test('a record that has expired is no finding, and holds old epochs back only until the sweep', async () => {
  const id = await putOne(vault, 'late-1', { last_name: 'Late', email: 'late@example.org' });
  await place.db`update vault.records set expires_at = now() - interval '1 minute' where subject_id = ${id.subjectId}`;
  const retiring = async (): Promise<number> =>
    (await place.db`select from vault.epochs where state = 'retiring'`).count;
  await doWork(vault, 'keys');
  await doWork(vault, 'index');
  // its lookups are not made anew, and it keeps the epoch that they stand under
  assert.equal(await retiring(), 1);

  assert.deepEqual((await verify()).listed, []);
  await vault.sweep();

  assert.equal(await retiring(), 0);
  assert.equal((await place.db`select from vault.records where subject_id = ${id.subjectId}`).count, 0);
  assert.deepEqual((await verify()).listed, []);
});

test('while others write, change and erase, nothing is found that is not there', async () => {
  const turns = { left: 3 };
  const writer = await place.server();
  const writing = (async () => {
    for (let n = 0; turns.left > 0; n += 1) {
      const id = await putOne(writer, `busy-${n}`, { last_name: `Busy${n}` });
      await writer.patch(application, { id, seen: 1, change: { fields: { last_name: `Busier${n}` } } });
      if (n % 3 === 0) await writer.erase(dpo, id.subjectId);
    }
  })();
  for (; turns.left > 0; turns.left -= 1) assert.deepEqual((await verify()).listed, []);
  await writing;
});

/** More than two pages hold. */
const MANY = 520;
async function putMany(name: string): Promise<RecordId[]> {
  const made: RecordId[] = [];
  for (let n = 0; n < MANY; n += 20)
    made.push(
      ...(await Promise.all(
        Array.from({ length: 20 }, (_, i) => putOne(vault, `${name}-${n + i}`, { last_name: 'Many' })),
      )),
    );
  return made;
}

test('over several pages nobody is left out, and a page is judged by the log as it was when the page was read', async (t) => {
  const before = Number((await verify()).records);
  const ids = (await putMany('pages')).toSorted((a, b) => (a.subjectId < b.subjectId ? -1 : 1));
  const writer = await place.server();
  const { audit, keys } = vault.core;
  t.after(() => Object.assign(vault.core, { audit, keys }));
  const asked = { sizes: 0 };
  vault.core.audit = {
    ...audit,
    sizeIn: async (tx) => {
      const size = await audit.sizeIn(tx);
      asked.sizes += 1;
      // the first page was read, the second was not: one of the first is changed in between
      if (asked.sizes === 2) await writer.patch(application, { id: ids[150] as RecordId, seen: 1, change: { fields: { last_name: 'Changed' } } }); // prettier-ignore
      return size;
    },
  };
  // slow enough for the second page to come while the first is judged
  vault.core.keys = { ...keys, openOnce: async (...of) => nextTurn().then(() => keys.openOnce(...of)) };

  const { records, listed } = await verify();

  assert.deepEqual(listed, []);
  assert.equal(records, before + MANY);
  assert.ok(asked.sizes > 3);
});

test('a restore proves all of it without a rest: there is nobody to be let through', async (t) => {
  const { records } = await verify();
  assert.ok(Number(records) > MANY);
  const rests = { begun: 0 };
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout' && new Error('where').stack?.includes('pace.ts') === true) rests.begun += 1;
    },
  }).enable();
  t.after(() => hook.disable());

  const proof = await proveRestored(vault.core);

  assert.equal(rests.begun, 0);
  assert.equal(proof.verified.ok, true);
  assert.deepEqual([proof.records, proof.verified.records], [records, records]);
  await verify();
  assert.ok(rests.begun > 0, 'a server lets others through');
});

test('by itself: when its time has come, once, on one server, and never where that was said', async () => {
  const plan = { verifyHours: 24, epochDays: 90 };
  const other = await place.server();
  assert.deepEqual(await vault.beginDueWorks(plan), []);

  await place.db`update vault.installation set created_at = now() - interval '100 days'`;
  await place.db`update vault.works set started_at = now() - interval '25 hours'`;
  await place.db`update vault.epochs set created_at = now() - interval '91 days' where use = 'data' and state = 'current'`;
  assert.deepEqual(await vault.beginDueWorks({ verifyHours: 0, epochDays: 0 }), []);
  await Promise.all([vault.beginDueWorks(plan), other.beginDueWorks(plan)]);

  const works = await place.db<
    { what: string }[]
  >`select what from vault.works where started_by = 'schedule' order by what`;
  assert.deepEqual(
    works.map(({ what }) => what),
    ['epoch', 'verify'],
  );
  await vault.runWorks(() => false);
  assert.deepEqual(await vault.beginDueWorks(plan), []);
  assert.equal((await vault.newestWork('verify'))?.result.ok, true);
});

test('what was begun or touched while the clock ran ahead by a year holds up no check and no work', async () => {
  const plan = { verifyHours: 24, epochDays: 0 };
  await place.db`update vault.works set started_at = now() + interval '1 year'`;
  assert.deepEqual(await vault.beginDueWorks(plan), ['verify']);
  await place.db`update vault.works set updated_at = now() + interval '1 year' where state = 'running'`;

  await vault.runWorks(() => false);

  const running = await place.db`select from vault.works where state = 'running'`;
  assert.equal(running.length, 0);
});

test('a log that was changed is a finding too', async () => {
  await place.db.unsafe('alter table audit.entries disable trigger all');
  const [row] = await place.db<{ bytes: Buffer }[]>`select bytes from audit.entries where index = 0`;
  const { bytes } = row as { bytes: Buffer };
  const forged = Buffer.from(bytes.toString().replace('"outcome":"done"', '"outcome":"gone"'));
  await place.db`update audit.entries set bytes = ${forged} where index = 0`;
  const found = await verify();
  assert.equal(found.ok, false);
  assert.match(JSON.stringify(found.log), /0/);

  // no entry at all, but with the words that a ledger looks for
  await place.db`update audit.entries set bytes = ${Buffer.from('{"seals":"torn')} where index = 0`;
  assert.equal((await verify()).ok, false);
  await place.db`update audit.entries set bytes = ${bytes} where index = 0`;
});
