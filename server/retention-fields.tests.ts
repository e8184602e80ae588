/** A field that nobody read: proposed, kept, or out of the catalogue and out of what is stored. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, type Uuid } from '#platform/ids';

import type { Body, Running } from './retention.test.ts';

export function fieldsNobodyReads(given: () => Running): void {
  /** All that the log has is counted. */
  async function folded(): Promise<void> {
    const { system } = given();
    while ((await system.usage.fold()) > 0);
  }

  test('a field that nobody read is proposed, kept or applied; applied, the catalogue is proposed without it and what is held goes', async () => {
    const { FIELDS, call, customer, fresh, planned, done, read } = given();
    const records = Array.from({ length: 110 }, (_, n) => ({
      subject: { externalId: `r-${n}` },
      fields: { ...FIELDS, email: `r${n}@example.org`, name: 'Same Name' },
    }));
    assert.equal(
      (await call('application', 'POST', '/v1/vault/records/batch', { collection: 'customer', records })).status,
      200,
    );
    const one = await customer();
    await folded();
    // other tests read every field
    await fresh.db`delete from collection.field_usage`;
    for (const field of ['name', 'email', 'iban'])
      await call('application', 'GET', `/v1/vault/records/${one.id}?fields=${field}`);
    await call('support', 'GET', `/v1/vault/records/${one.id}?fields=born_on`);
    await fresh.db`update collection.field_review set since = now() - interval '100 days'`;
    await folded();

    const found = (await call('dpo', 'POST', '/v1/collection/fields/review', { days: 90 })).body.proposals as {
      id: string;
      field: string;
      kind: string;
      suggests: string;
      owner: string;
      evidence: Body;
    }[];
    const of = (field: string) =>
      found
        .filter((each) => each.field === field)
        .map(({ kind }) => kind)
        .toSorted();
    const note = found.find(({ field, kind }) => field === 'note' && kind === 'never-read');
    const born = found.find(({ field, kind }) => field === 'born_on' && kind === 'over-precise');
    const path = (id = '') => `/v1/collection/fields/proposals/${id}/decide`;
    const outsider = await call('support', 'POST', path(note?.id), { decision: 'apply', reason: 'not needed' });
    const openEnded = await call('dpo', 'POST', path(born?.id), { decision: 'keep', reason: 'needed' });
    const kept = await call('dpo', 'POST', path(born?.id), {
      decision: 'keep',
      reason: 'needed for the age',
      reviewBy: '2099-01-01',
    });
    // whose edited catalogue is none: the only order of the collection
    const what = { collection: 'orders', field: 'what', kind: 'mostly-empty', suggests: 'erase' };
    await fresh.db`insert into collection.field_proposals (proposal_id, collection, field, kind, suggests, evidence, owner, due_at, state, made_at) values ('01890000-0000-7000-8000-000000000001', ${what.collection}, ${what.field}, ${what.kind}, ${what.suggests}, '{}', 'x', now(), 'open', now())`;
    const unproposed = await call('dpo', 'POST', path(publicId('prop', '01890000-0000-7000-8000-000000000001' as Uuid)), { decision: 'apply', reason: 'not needed' }); // prettier-ignore
    const left =
      await fresh.db`select state, (select count(*)::int from collection.field_orders) as orders from collection.field_proposals where field = 'what'`;
    await fresh.db`delete from collection.field_proposals where field = 'what'`;
    const applied = await call('dpo', 'POST', path(note?.id), { decision: 'apply', reason: 'nobody needs it' });
    const twice = await call('dpo', 'POST', path(note?.id), { decision: 'apply', reason: 'nobody needs it' });
    const again = (await call('dpo', 'POST', '/v1/collection/fields/review', { days: 90 })).body.proposals as {
      field: string;
      kind: string;
      state: string;
    }[];

    assert.deepEqual(of('note'), ['never-read']);
    assert.deepEqual(of('email'), ['one-purpose']);
    assert.deepEqual(of('born_on').filter((kind) => kind !== 'always-same'), ['over-precise']); // prettier-ignore
    assert.equal(note?.owner, 'sales');
    assert.equal(outsider.status, 403);
    assert.equal(openEnded.body.code, 'COLLECTION_PROPOSAL_INVALID');
    assert.equal(unproposed.status, 422, JSON.stringify(unproposed.body));
    assert.deepEqual(
      [...left],
      [{ state: 'open', orders: 0 }],
      'where the catalogue cannot be proposed, nothing is ordered',
    );
    assert.equal(kept.body.state, 'kept');
    assert.equal(twice.body.code, 'COLLECTION_PROPOSAL_STATE');
    assert.ok(
      !again.some(({ field, kind, state }) => field === 'born_on' && kind === 'over-precise' && state === 'open'),
      'not asked again',
    );
    const version = applied.body.version as string;
    const diff = (await call('dpo', 'GET', `/v1/collection/versions/${version}/diff`)).body as {
      changes: { path: string }[];
    };
    assert.deepEqual(diff.changes.map((each) => each.path), ['collections.customer.fields.note']); // prettier-ignore

    const hash = (await call('dpo', 'GET', `/v1/collection/versions/${version}`)).body.hash as string;
    assert.equal((await call('security', 'POST', `/v1/collection/versions/${version}/approve`, { hash })).status, 200);
    assert.equal(
      (await call('dpo', 'POST', `/v1/collection/versions/${version}/activate`)).body.code,
      'COLLECTION_CATALOG_ORPHANS',
    );
    const plan = await planned();
    assert.ok((plan.because as string[]).includes('ordered'), 'one person ordered it: another looks at what goes');
    const run = await done(plan, ['security', 'dpo']);
    assert.ok((run.done['fields-erased'] ?? 0) >= 111, JSON.stringify(run.done));
    assert.equal((await read(one.id)).note, undefined);
    const active = await call('dpo', 'POST', `/v1/collection/versions/${version}/activate`);
    assert.equal(active.status, 200, JSON.stringify(active.body));
    const orders = await fresh.db`select from collection.field_orders`;
    assert.equal(
      orders.length,
      0,
      'a field of this name that comes later is not erased by what was ordered of this one',
    );
    assert.equal((await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok, true);
  });
}
