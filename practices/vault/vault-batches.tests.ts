/** Many at once: each with its own outcome, tried out before, and one record for one external id. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Vault } from './index.ts';
import type { Running } from './vault.test.ts';

export function batchesHaveOutcomes(of: () => Running): void {
  const outcomes = async (vault: Vault, onDuplicate: 'reject' | 'skip' | 'update', items: [string, object][]) => {
    const { caller } = of();
    const records = items.map(([externalId, fields]) => ({ subject: { externalId }, fields: { ...fields } }));
    const answer = await vault.put(caller('application'), { collection: 'customer', items: records, onDuplicate });
    return answer.outcomes.map((each) => (each.status === 'rejected' ? each.failure.code : each.status));
  };

  test('a batch: each item has its own outcome, and one that fails undoes no other', async () => {
    const { server, caller, valueOf } = of();
    const vault = await server();

    const first = await outcomes(vault, 'reject', [
      ['batch-1', { last_name: 'One' }],
      ['batch-1', { last_name: 'Again' }],
      ['batch-2', { last_name: 'Two', email: 'no address' }],
      ['batch-3', { email: 'three@example.org' }],
      ['batch-4', { last_name: 'Four', nickname: 'x' }],
      ['batch-5', { last_name: 'Five' }],
    ]);
    const five = await vault.findByExternalId(caller('application'), 'customer', 'batch-5');
    await vault.restrict(caller('dpo', 'legal.request'), five.subjectId, 'accuracy');
    const second = await outcomes(vault, 'update', [
      ['batch-1', { last_name: 'Eins' }],
      ['batch-5', { last_name: 'Fünf' }],
      ['batch-6', { last_name: 'Six' }],
    ]);

    const rejected = ['VAULT_DUPLICATE', 'VAULT_FIELD_INVALID', 'VAULT_FIELD_REQUIRED', 'VAULT_FIELD_UNKNOWN'];
    assert.deepEqual(first, ['created', ...rejected, 'created']);
    assert.deepEqual(second, ['updated', 'VAULT_RESTRICTED', 'created']);
    assert.deepEqual(await outcomes(vault, 'skip', [['batch-1', { last_name: 'No' }]]), ['skipped']);
    const one = await vault.findByExternalId(caller('application'), 'customer', 'batch-1');
    assert.equal(await valueOf(vault, one, 'last_name'), 'Eins');
  });

  test('a dry run says what would become of each item, and stores and logs nothing', async () => {
    const { server, put, place, caller } = of();
    const vault = await server();
    await put(vault, 'dry-1', { last_name: 'There' });
    const state = async () => [
      await place.db`select (select count(*) from vault.records) as records, (select count(*) from vault.unique_lookups) as uniques`,
      await vault.core.audit.size(),
    ];
    const before = await state();
    const items = [
      { subject: { externalId: 'dry-1' }, fields: { last_name: 'Again' } },
      { subject: { externalId: 'dry-2' }, fields: { last_name: 'New' } },
      { subject: { externalId: 'dry-2' }, fields: { last_name: 'Twice' } },
      { subject: { externalId: 'dry-3' }, fields: { email: 'no address' } },
    ];
    const seen = async (onDuplicate: 'reject' | 'skip' | 'update'): Promise<string[]> => {
      const put = await vault.put(caller('application'), { collection: 'customer', items, onDuplicate, dryRun: true });
      return put.outcomes.map((each) => (each.status === 'rejected' ? each.failure.code : each.status));
    };

    const wrong = ['VAULT_DUPLICATE', 'VAULT_FIELD_INVALID'];
    assert.deepEqual(await seen('reject'), ['VAULT_DUPLICATE', 'valid', ...wrong]);
    assert.deepEqual(await seen('skip'), ['skipped', 'valid', ...wrong]);
    assert.deepEqual(await seen('update'), ['valid', 'valid', ...wrong]);
    assert.deepEqual(await state(), before);
  });

  test('two servers storing one external id at once: one record', async () => {
    const { server } = of();
    const servers = [await server(), await server()];

    const both = await Promise.all(servers.map((vault) => outcomes(vault, 'reject', [['race-1', { last_name: 'R' }]])));

    assert.deepEqual(both.flat().toSorted(), ['VAULT_DUPLICATE', 'created']);
  });
}
