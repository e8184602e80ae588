/** What has expired goes, whatever stands before it, and is not taken for what is there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkText, checkValue } from '#practices/collection';

import { expireRecords } from './expire.ts';
import { createVault } from './index.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const application = callerFor('application');

test('records that a hold keeps do not slow down those that nobody keeps', async () => {
  const vault = await place.server();
  const items = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ subject: { externalId: `${name}-${n}` }, fields: { last_name: name } }));
  const held = await vault.put(application, {
    collection: 'customer',
    items: items('held', 499),
    onDuplicate: 'reject',
  });
  const kept = new Set(held.outcomes.flatMap((each) => (each.status === 'created' ? [each.subjectId] : [])));
  await place.db`update vault.records set expires_at = now() - interval '2 hours'`;
  await vault.put(application, { collection: 'customer', items: items('free', 40), onDuplicate: 'reject' });
  await place.db`update vault.records set expires_at = now() - interval '1 hour' where expires_at is null`;
  const keepers = {
    ...vault.core.keepers,
    held: (_tx: unknown, { subjectId }: { subjectId: string }) =>
      Promise.resolve(kept.has(subjectId as never) ? ['M-1'] : []),
  };

  const gone = await expireRecords({ ...vault.core, keepers });

  assert.equal(gone, 40);
  assert.equal(await expireRecords(vault.core), 499);
});

test('a record that has expired and is not swept yet is not there for who skips what is there', async () => {
  const vault = createVault((await place.server()).core, { checkText, checkValue });
  await putOne(vault, 'over-1', { last_name: 'Over' });
  await place.db`update vault.records set expires_at = now() - interval '1 second'`;
  const items = [{ subject: { externalId: 'over-1' }, fields: { last_name: 'Again' } }];

  for (const onDuplicate of ['skip', 'update', 'reject'] as const) {
    const [outcome] = (await vault.put(application, { collection: 'customer', items, onDuplicate })).outcomes;
    assert.equal(outcome?.status === 'rejected' && outcome.failure.code, 'VAULT_DUPLICATE', onDuplicate);
  }
});

test('new keys are for records too that have expired and that a hold keeps', async () => {
  const vault = await place.server();
  const id = await putOne(vault, 'kept-1', { last_name: 'Kept', care_notes: 'large print' });
  await place.db`update vault.records set expires_at = now() - interval '1 hour' where subject_id = ${id.subjectId}`;

  assert.equal((await doWork(vault, 'keys'))?.state, 'done');

  const verified = (await doWork(vault, 'verify'))?.result;
  assert.deepEqual([verified?.changed, verified?.unknown, verified?.refused], [0, 0, 0]);
  await place.db`update vault.records set expires_at = null where subject_id = ${id.subjectId}`;
  const { records } = await vault.read(application, [id], { fields: ['last_name'] });
  assert.equal(records[0]?.fields.last_name?.value, 'Kept');
});
