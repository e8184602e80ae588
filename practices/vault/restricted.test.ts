/** Who writes for a subject comes before a restriction of it, or after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { transact } from '#platform/db';
import { subjectIdText, type RecordId } from '#platform/ids';

import { callerFor, putOne, testInstallation } from './testing.ts';

test('a write that waited for a restriction sees it', async (t) => {
  const place = await testInstallation();
  t.after(() => place.close());
  const vault = await place.server();
  const id = await putOne(vault, 'restrict-2', { last_name: 'Before' });
  const other = await putOne(vault, 'restrict-3', { last_name: 'Other' });
  type Items = Parameters<typeof vault.put>[1]['items'];
  const put = async (onDuplicate: 'reject' | 'update', items: Items): Promise<string[]> => {
    const answer = await vault.put(callerFor('application'), { collection: 'customer', items, onDuplicate });
    return answer.outcomes.map((each) => (each.status === 'rejected' ? each.failure.code : each.status));
  };
  const stored = (ids: readonly RecordId[]) =>
    put('reject', ids.map(({ subjectId }) => ({ subject: { id: subjectIdText(subjectId) }, fields: { last_name: 'New' } }))); // prettier-ignore
  const patched = vault.patch.bind(vault, callerFor('application'), {
    id,
    seen: 1,
    change: { fields: { last_name: 'A' } },
  });
  const waiting = async (): Promise<number> => (await place.db<{ n: number }[]>`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)[0]?.n ?? 0; // prettier-ignore
  for (const [write, said] of [
    [() => stored([id]), ['VAULT_RESTRICTED']],
    [() => stored([other, id]), ['created', 'VAULT_RESTRICTED']],
    [
      () => put('update', [{ subject: { externalId: 'restrict-2' }, fields: { last_name: 'B' } }]),
      ['VAULT_RESTRICTED'],
    ],
    [
      () =>
        patched().then(
          ({ version }) => version,
          ({ code: failed }: { code: string }) => failed,
        ),
      'VAULT_RESTRICTED',
    ],
  ] as const) {
    const begun = await transact(place.db, async (tx) => {
      await vault.restrictIn(tx, callerFor('dpo', 'legal.request'), id.subjectId, 'accuracy');
      const answer = write();
      while ((await waiting()) === 0) await sleep(5);
      return { answer };
    });
    assert.deepEqual(await begun.answer, said);
    await vault.restrict(callerFor('dpo', 'legal.request'), id.subjectId, null);
  }
});
