import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { transact } from '#platform/db';
import { recordIdText, type RecordId } from '#platform/ids';

import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';
import { findByLookups, loadByLookups } from './store/hits.ts';
import type { Vault } from './index.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const application = callerFor('application');
const ask = { collection: 'customer', fields: null, limit: 10 } as const;
const texts = (...ids: RecordId[]): string[] => ids.map(recordIdText).toSorted();

/** A server that counts what it opens. @returns the names of the fields opened so far */
async function counting(): Promise<{ vault: Vault; opened: string[] }> {
  const vault = await place.server();
  const opened: string[] = [];
  const { cipher } = vault.core;
  vault.core.cipher = {
    ...cipher,
    open: (box, field, key) => {
      opened.push(field);
      return cipher.open(box, field, key);
    },
  };
  return { vault, opened };
}

/** Gives `other` the lookups that only `one` has: two names that meet in one bucket. */
const collide = (one: RecordId, other: RecordId) => place.db`
  insert into vault.lookups (value, subject_id, record_no, epoch)
  select value, ${other.subjectId}, ${String(other.recordNo)}::bigint, epoch from vault.lookups where subject_id = ${one.subjectId}
  on conflict do nothing`;

test('a search opens each field of a hit once, whether it is asked for, searched by or both', async () => {
  const { vault, opened } = await counting();
  const id = await putOne(vault, 'once-1', { last_name: 'Onceonly', email: 'once@example.org', job_title: 'Baker' });
  const where = { last_name: 'ONCEONLY' };

  const whole = await vault.search(application, { ...ask, where });
  assert.deepEqual(
    whole.records.map((record) => record.id),
    texts(id),
  );
  assert.deepEqual(opened.toSorted(), ['email', 'job_title', 'last_name']);

  opened.length = 0;
  const other = await vault.search(application, { ...ask, where, fields: ['email'] });
  assert.deepEqual(Object.keys(other.records[0]?.fields ?? {}), ['email']);
  assert.deepEqual(opened.toSorted(), ['email', 'last_name']);

  opened.length = 0;
  await vault.search(application, { ...ask, where, fields: [] });
  assert.deepEqual(opened, ['last_name']);
});

test('a record that only shares a bucket is opened once, not answered, and in the log among the candidates', async () => {
  const { vault, opened } = await counting();
  const meant = await putOne(vault, 'bucket-1', { last_name: 'Bucketa' });
  const other = await putOne(vault, 'bucket-2', { last_name: 'Bucketb' });
  await collide(meant, other);

  const found = await vault.search(application, { ...ask, where: { last_name: 'bucketa' } });

  assert.deepEqual(
    found.records.map((record) => record.id),
    texts(meant),
  );
  assert.deepEqual(opened, ['last_name', 'last_name']);
  const [entry] = await place.db<{ said: string }[]>`
    select convert_from(bytes, 'utf8') as said from audit.entries where index = ${String(found.auditIndex)}::bigint`;
  assert.match(entry?.said ?? '', /"candidates":2/);
});

test('pages go on past records that are restricted, expired or not meant', async () => {
  const vault = await place.server();
  const ids: RecordId[] = [];
  for (let n = 0; n < 6; n += 1)
    ids.push(await putOne(vault, `past-${n}`, { last_name: n === 4 ? 'Else' : 'Pastall' }));
  ids.sort((a, b) => (recordIdText(a) < recordIdText(b) ? -1 : 1));
  const [living, expired, restricted] = ids as [RecordId, RecordId, RecordId];
  await collide(living, expired);
  await place.db`update vault.records set expires_at = now() - interval '1 second' where subject_id = ${expired.subjectId}`;
  await vault.restrict(callerFor('dpo', 'legal.request'), restricted.subjectId, 'claim');

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await vault.search(application, { ...ask, where: { last_name: 'pastall' }, limit: 1, cursor });
    assert.ok(page.records.length <= 1);
    seen.push(...page.records.map((record) => record.id));
    cursor = page.cursor;
  } while (cursor !== undefined);

  assert.deepEqual(seen, seen.toSorted());
  assert.ok(!seen.includes(recordIdText(expired)) && !seen.includes(recordIdText(restricted)));
});

test('a search by two fields finds who meets both', async () => {
  const vault = await place.server();
  const both = await putOne(vault, 'two-1', { last_name: 'Twofold', email: 'both@two.example' });
  await putOne(vault, 'two-2', { last_name: 'Twofold', email: 'other@two.example' });
  await putOne(vault, 'two-3', { last_name: 'Onefold', email: 'both@two.example' });

  const found = await vault.search(application, { ...ask, where: { last_name: 'twofold', email: 'both@two.example' } });

  assert.deepEqual(
    found.records.map((record) => record.id),
    texts(both),
  );
});

test('PostgreSQL keeps its plan of a search for one value', async () => {
  const value = Buffer.alloc(16, 7);

  const plans = await transact(place.db, async (tx) => {
    for (let n = 0; n < 12; n += 1) {
      await findByLookups(tx, [[value]], null, 10 + n);
      await loadByLookups(tx, [[value]], null, 10 + n);
    }
    return await tx<{ generic_plans: bigint }[]>`
      select generic_plans from pg_prepared_statements where statement like '%page as%' and statement not like '%wanted as%' and statement not like '%pg_prepared%'`;
  });

  assert.ok(plans.length >= 2);
  assert.ok(plans.every((each) => each.generic_plans > 0n));
});
