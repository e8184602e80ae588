/** A record that does not open any more keeps nobody else's keys and lookups from being made anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RecordId } from '#platform/ids';

import { boxHeader } from './envelope.ts';
import { unpackRecord } from './record-box.ts';
import { callerFor, doWork, putOne, testInstallation } from './testing.ts';

test('new keys and a new index for all but the damaged one, which the log names', async (t) => {
  const place = await testInstallation();
  t.after(() => place.close());
  const vault = await place.server();
  const ids: RecordId[] = [];
  for (const n of [1, 2, 3])
    ids.push(await putOne(vault, `dam-${n}`, { last_name: `Dam${n}`, email: `d${n}@example.org` }));
  const [damaged, ...others] = ids as [RecordId, RecordId, RecordId];
  await place.db`update vault.records set box = set_byte(box, length(box) - 3, get_byte(box, length(box) - 3) # 1) where subject_id = ${damaged.subjectId}`;
  const keyVersion = async (id: RecordId): Promise<number> => {
    const [row] = await place.db<{ box: Buffer }[]>`select box from vault.records where subject_id = ${id.subjectId}`;
    return boxHeader((unpackRecord((row as { box: Buffer }).box)[1] as { box: Buffer }).box).keyVersion;
  };
  const told = async (action: string): Promise<unknown[]> =>
    (await vault.core.audit.read(0, await vault.core.audit.size()))
      .map(
        ({ bytes }) => JSON.parse(bytes.toString()) as { action: string; outcome: string; detail: { code?: string } },
      )
      .flatMap((each) => (each.action === action && each.outcome === 'failed' ? [each.detail.code] : []));

  const keys = await doWork(vault, 'keys');
  const index = await doWork(vault, 'index');

  assert.deepEqual([keys?.state, keys?.result.damaged], ['done', 1]);
  assert.deepEqual([await keyVersion(damaged), ...(await Promise.all(others.map(keyVersion)))], [1, 2, 2]);
  assert.deepEqual(await told('vault.reencrypt'), ['VAULT_BOX_REFUSED']);
  assert.deepEqual([index?.state, index?.result.records, index?.result.damaged], ['done', 2, 1]);
  assert.deepEqual(await told('vault.rotate'), ['VAULT_BOX_REFUSED']);
  const found = await vault.search(callerFor('application'), { collection: 'customer', where: { email: 'd3@example.org' }, fields: ['email'], limit: 5 }); // prettier-ignore
  assert.equal(found.records.length, 1);
  const verified = await doWork(vault, 'verify');
  assert.deepEqual([verified?.result.changed, verified?.result.index, verified?.result.unknown], [1, 0, 0]);
});

test('what uploads left behind goes for all, also for whom no key opens any more, and what is swept after it too', async (t) => {
  const place = await testInstallation();
  t.after(() => place.close());
  const vault = await place.server();
  const damaged = await putOne(vault, 'loose-1', { last_name: 'Loose' });
  const other = await putOne(vault, 'loose-2', { last_name: 'Loose' });
  for (const { subjectId, recordNo } of [damaged, other])
    await place.db`
      insert into vault.loose_attachments (subject_id, attachment_id, record_no, why, key_version, touched_at)
      values (${subjectId}, ${crypto.randomUUID()}, ${String(recordNo)}::bigint, 'uploading', 1, ${new Date(subjectId === damaged.subjectId ? 0 : 1)})`;
  await place.db`update vault.keyrings set ring = set_byte(ring, length(ring) - 3, get_byte(ring, length(ring) - 3) # 1) where subject_id = ${damaged.subjectId}`;

  await vault.sweep();

  assert.deepEqual([...(await place.db`select subject_id from vault.loose_attachments`)], []);
});

test('numbers about the values of a collection are of all records but the damaged one', async (t) => {
  const place = await testInstallation();
  t.after(() => place.close());
  const vault = await place.server();
  const damaged = await putOne(vault, 'sample-1', { last_name: 'One' });
  await putOne(vault, 'sample-2', { last_name: 'Two' });
  await place.db`update vault.records set box = set_byte(box, length(box) - 3, get_byte(box, length(box) - 3) # 1) where subject_id = ${damaged.subjectId}`;

  const { records, fields } = await vault.retention.sample('customer', 10);

  assert.deepEqual([records, fields.last_name], [1, { values: 1, distinct: 1, commonest: 1 }]);
});
