/** The queue of customers' requests, page by page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { idOf, requestDesk } from './testing-requests.ts';

const { two, keyOf, officer, customer } = requestDesk();

test('the queue is read page by page: none is left out or shown twice, whatever comes between, and made-up ones make no page shorter', async () => {
  const real: string[] = [];
  for (let n = 0; n < 5; n += 1) real.push((await customer(`paged-${n}@example.org`)).subjectId);
  const { db } = two().fresh;
  const put = (subject: string, due: Date, closed: Date | null) => db`
    insert into privacy.requests (request_id, subject_id, kind, regime, state, received_at, due_at, closed_at)
    values (gen_random_uuid(), ${subject}, 'review', 'eu-gdpr', ${closed === null ? 'received' : 'refused'}, now(), ${due}, ${closed})`;
  const nobody = 'ffffffff-0000-4000-8000-';
  const many = 700;
  // made up, and due before all others, as answered after all others
  const [early, late] = [new Date('2025-01-01'), new Date('2030-01-01')];
  await db`
    insert into education.exercise_customers (subject_id, try_id, name)
    select (${nobody} || lpad(n::text, 12, '0'))::uuid, gen_random_uuid(), 'nobody' from generate_series(1, ${many}::int) n`;
  for (const [due, closed] of [[early, null], [late, late]] as const)
    await db`
      insert into privacy.requests (request_id, subject_id, kind, regime, state, received_at, due_at, closed_at)
      select gen_random_uuid(), (${nobody} || lpad(n::text, 12, '0'))::uuid, 'review', 'eu-gdpr', ${closed === null ? 'received' : 'refused'}, now(), ${due}, ${closed}
      from generate_series(1, ${many}::int) n`;
  const dueAt = new Date('2027-01-01');
  for (const subject of real) for (const closed of [null, dueAt]) await put(idOf(subject), dueAt, closed);

  const pagesOf = async (which: 'open' | 'closed', limit: number, between: () => Promise<unknown>): Promise<string[]> => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { requests, next } = await officer().list(which, { limit, ...(cursor === undefined ? {} : { cursor }) });
      assert.ok(requests.length === limit || next === null, `${requests.length} of ${limit}`);
      seen.push(...requests.map((each) => each.id));
      await between();
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return seen;
  };
  for (const which of ['open', 'closed'] as const)
    for (const limit of [2, 500]) {
      const all = await pagesOf(which, limit, () => Promise.resolve());
      assert.equal(new Set(all).size, all.length, 'none twice');
      const listed = (await officer().list(which, { limit: 500 })).requests;
      assert.deepEqual(all, listed.map(({ id }) => id));
      for (const subject of real) assert.ok(listed.some((each) => each.subject === subject), `${which}: ${subject}`);
      assert.ok(listed.every(({ subject }) => !subject.startsWith('sub_7zzzz')), 'nobody who was made up');
    }
  // answered while it is read: those after it are not skipped
  const before = (await officer().list('open', { limit: 500 })).requests.map(({ id }) => id);
  const meanwhile = await pagesOf('open', 2, async () => {
    const [first] = await db<{ request_id: string }[]>`select request_id from privacy.requests where closed_at is null and due_at = ${dueAt} order by request_id limit 1`;
    if (first !== undefined) await db`update privacy.requests set state = 'refused', closed_at = now() where request_id = ${first.request_id}`;
  });
  assert.ok(meanwhile.every((id) => before.includes(id)) && before.length - meanwhile.length <= 5);
  assert.equal(new Set(meanwhile).size, meanwhile.length);
  for (const cursor of ['x', 'open.1', `closed.1.dsr_${'0'.repeat(26)}`, `open.1.dsr_${'z'.repeat(26)}`, `open.999999999999999.dsr_${'0'.repeat(26)}`])
    assert.equal((await two().call('GET', `/v1/privacy/requests?cursor=${cursor}`, { key: keyOf('dpo') })).status, 400, cursor);
}); // prettier-ignore
