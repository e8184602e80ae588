import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Vault } from './index.ts';
import { BULK_FROM } from './store/bulk.ts';
import { callerFor, testInstallation, type Installation } from './testing.ts';

let installation: Installation;
let vault: Vault;
before(async () => {
  installation = await testInstallation();
  vault = await installation.server();
});
after(() => installation.close());

const items = (from: number, count: number, name = 'Huber') =>
  Array.from({ length: count }, (_, n) => ({
    subject: { externalId: `c-${from + n}` },
    fields: { last_name: `${name}-${from + n}`, email: `c${from + n}@example.org`, care_notes: 'large print' },
    expiresAt: '2099-01-01T00:00:00.000Z',
  }));
const put = (from: number, count: number, onDuplicate: 'reject' | 'skip' = 'reject', name?: string) =>
  vault.put(callerFor('application'), { collection: 'customer', items: items(from, count, name), onDuplicate });
const statuses = async (answer: ReturnType<typeof put>) => (await answer).outcomes.map(({ status }) => status);

test('a batch stored by COPY is read, found, expires and is shredded as one stored by INSERT', async () => {
  const few = await put(0, BULK_FROM - 1);
  const many = await put(1000, BULK_FROM);

  for (const { outcomes } of [few, many]) {
    const [first] = outcomes;
    assert.ok(first !== undefined && first.status === 'created');
    const caller = callerFor('application', 'legal.request');
    const { records } = await vault.read(caller, [first.id], { fields: null });
    assert.match(String(records[0]?.fields.last_name?.value), /^Huber-/);
    assert.equal(records[0]?.expiresAt, '2099-01-01T00:00:00.000Z');
    const email = records[0].fields.email?.value as string;
    const hits = await vault.search(callerFor('application'), {
      collection: 'customer',
      where: { email },
      fields: ['email'],
      limit: 5,
    });
    assert.deepEqual(
      hits.records.map(({ id }) => id),
      [records[0].id],
    );
    const receipt = await vault.erase(callerFor('dpo', 'legal.request'), first.id.subjectId);
    assert.deepEqual([receipt.records, receipt.remains], [1, 0]);
    assert.ok(receipt.lookups >= 3);
  }
});

test('two servers storing the same people at once store each of them once', { timeout: 180_000 }, async () => {
  const other = await installation.server();
  const ask = { collection: 'customer', items: items(5000, 200), onDuplicate: 'skip' } as const;

  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? vault : other).put(callerFor('application'), ask)),
  );

  const made = answers.flatMap(({ outcomes }) => outcomes.filter(({ status }) => status === 'created'));
  assert.equal(made.length, 200);
  assert.ok(
    answers.every(({ outcomes }) => outcomes.every(({ status }) => status === 'created' || status === 'skipped')),
  );
  const [row] = await installation.db<{ n: bigint }[]>`
    select count(*) as n from vault.records r where not exists (select from vault.keyrings k where k.subject_id = r.subject_id)`;
  assert.equal(row?.n, 0n);
});

test('what PostgreSQL refuses is told by its own reason, and leaves nothing behind', async () => {
  const before = await vault.counts();
  await installation.db`alter table vault.records add constraint none_more check (collection_no < 0) not valid`;

  await assert.rejects(put(9000, BULK_FROM), { code: '23514' });
  await installation.db`alter table vault.records drop constraint none_more`;

  assert.deepEqual(await vault.counts(), before);
  assert.deepEqual(new Set(await statuses(put(9000, BULK_FROM))), new Set(['created']));
});
