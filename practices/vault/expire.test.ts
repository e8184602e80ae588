/** What has expired goes, whatever stands before it, and is not taken for what is there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkText, checkValue } from '#practices/collection';

import { expireRecords } from './expire.ts';
import { createVault } from './index.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';

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
    held: (_tx: unknown, { subjectId }: { subjectId: string }) => Promise.resolve(kept.has(subjectId as never) ? ['M-1'] : []),
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
