/** A hold keeps what is due: by two people, beside what has expired, and against a deletion at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRecordId, parseSubjectId, recordIdText, type RecordId, type SubjectId } from '#platform/ids';

import type { Run, Running } from './retention.test.ts';

export function holdsKeep(of: () => Running): void {
  test('a hold is placed and lifted by two people, and keeps what is due from everybody until then', async () => {
    const { customer, tell, call, planned, done, read, settled, system } = of();
    const { id, subjectId } = await customer({ iban: undefined, born_on: undefined });
    for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);
    const ask = {
      matter: 'M-1',
      subject: subjectId,
      reason: 'a suit',
      authority: 'counsel',
      role: 'dpo',
      reviewBy: '2027-01-01',
    };
    const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body as { id: string; state: string };
    const astray = await call('dpo', 'POST', '/v1/collection/holds', { ...ask, field: '@attachments' });
    assert.deepEqual([astray.body.code, astray.body.field], ['COLLECTION_HOLD_INVALID', 'field']);
    const same = await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/approve`);
    const outsider = await call('application', 'POST', `/v1/collection/holds/${hold.id}/approve`);
    const active = await call('security', 'POST', `/v1/collection/holds/${hold.id}/approve`);

    const refusals = [
      await call('dpo', 'DELETE', `/v1/vault/subjects/${subjectId}`),
      await call('application', 'DELETE', `/v1/vault/records/${id}`),
      await call('application', 'PATCH', `/v1/vault/records/${id}`, { fields: { note: null } }),
    ];
    const plan = await planned();
    const run = plan.state === 'planned' ? await done(plan) : plan;
    const held = await read(id, 'dpo');
    const shut = await read(id);
    const quiet = await planned();

    assert.equal(same.body.code, 'COLLECTION_SAME_PERSON');
    assert.equal(outsider.status, 403);
    assert.equal(active.body.state, 'active');
    assert.deepEqual(refusals.map(({ status, body }) => [status, body.code, body.matters]), Array.from({ length: 3 }, () => [423, 'VAULT_HELD', ['M-1']])); // prettier-ignore
    assert.equal(plan.plan.held, 1);
    assert.equal(run.done.held, 1, JSON.stringify(run));
    assert.equal(held.name?.value, 'Zelda Quux', 'the role of the matter sees it');
    assert.equal(shut.name?.state, 'denied', 'nobody else does');
    assert.equal(quiet.state, 'done', 'what waits is not planned again and again');
    assert.equal(
      (await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok,
      true,
      'what is held is no fault',
    );

    await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/lift`, { reason: 'the suit is over' });
    assert.equal(
      (await call('dpo', 'POST', `/v1/collection/holds/${hold.id}/approve`)).body.code,
      'COLLECTION_SAME_PERSON',
    );
    assert.equal((await call('security', 'POST', `/v1/collection/holds/${hold.id}/approve`)).body.state, 'released');
    await settled();
    const [requeued] = await system.retention.engine.list();
    assert.equal(requeued?.state, 'planned', 'what waited is planned by itself');
    assert.equal(requeued.requestedBy, 'schedule');
    assert.equal((await done(requeued as unknown as Run, ['security'])).done['subjects-shredded'], 1);
  });

  test('a hold on a record that has expired keeps it from going with its subject, of whom all else is due', async () => {
    const { customer, call, fresh, tell, done, planned } = of();
    const { id, subjectId } = await customer({ iban: undefined, born_on: undefined });
    const order = await call('application', 'POST', '/v1/vault/records', { collection: 'orders', subject: { id: subjectId, externalId: 'o-1' }, fields: { what: 'a lamp' } }); // prettier-ignore
    assert.equal(order.status, 201, JSON.stringify(order.body));
    const { recordNo } = parseRecordId(order.body.id as string) as { recordNo: bigint };
    const ask = { matter: 'E-1', collection: 'orders', reason: 'a suit', authority: 'counsel', reviewBy: '2027-01-01' };
    const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body;
    assert.equal((await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/approve`)).status, 200);
    await fresh.db`update vault.records set expires_at = now() - interval '1 hour' where record_no = ${String(recordNo)}`;
    for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);

    const run = await done(await planned());

    assert.equal(run.state, 'done', JSON.stringify(run));
    assert.equal((await call('application', 'GET', `/v1/vault/records/${id}`)).status, 404, 'what is due went');
    assert.equal(
      (await fresh.db`select from vault.records where record_no = ${String(recordNo)}`).length,
      1,
      'it is kept',
    );
    assert.equal((await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok, true);
    await fresh.db`update collection.holds set state = 'released', released_at = now() where matter = 'E-1'`;
  });

  test('a hold on a record is on one that is there, of that collection, when it is asked for and when it is placed', async () => {
    const { customer, call } = of();
    const { id, subjectId } = await customer();
    const other = await customer();
    const { recordNo } = parseRecordId(other.id) as RecordId;
    const none = recordIdText({ subjectId: parseSubjectId(subjectId) as SubjectId, recordNo });
    const ask = { matter: 'N-1', record: id, reason: 'a suit', authority: 'counsel', reviewBy: '2027-01-01' };
    const held = (more: object) => call('dpo', 'POST', '/v1/collection/holds', { ...ask, ...more });

    const astray = [await held({ record: none }), await held({ collection: 'orders' })];
    const asked = await held({ collection: 'customer' });
    assert.equal((await call('application', 'DELETE', `/v1/vault/records/${id}`)).status, 200);
    const placed = await call('security', 'POST', `/v1/collection/holds/${asked.body.id as string}/approve`);

    assert.deepEqual(
      [...astray, placed].map(({ body }) => [body.code, body.field]),
      Array.from({ length: 3 }, () => ['COLLECTION_HOLD_INVALID', 'record']),
    );
  });

  test('a deletion and a hold at once: the deletion was answered before, or the hold wins; two servers do each subject once', async () => {
    const { start, customer, tell, call, planned, system, settled, fresh, idOf } = of();
    const other = await start();
    try {
      const people = await Promise.all(
        Array.from({ length: 12 }, () => customer({ iban: undefined, born_on: undefined })),
      );
      const holds: string[] = [];
      for (const { subjectId } of people) {
        for (const event of ['account.closed', 'case.closed', 'consent.withdrawn']) await tell(subjectId, event);
        const ask = { matter: 'R', subject: subjectId, reason: 'r', authority: 'a', reviewBy: '2027-01-01' };
        holds.push((await call('dpo', 'POST', '/v1/collection/holds', ask)).body.id as string);
      }
      const plan = await planned();
      const approving = await call('security', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, {
        planHash: plan.planHash,
      });
      const second =
        plan.needed > 1
          ? await call('dpo', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash })
          : approving;
      assert.equal(second.status, 200);

      const [placed] = await Promise.all([
        Promise.all(holds.map((id) => call('security', 'POST', `/v1/collection/holds/${id}/approve`))),
        system.retention.engine.work(() => false),
        other.retention.engine.work(() => false),
        ...people.slice(0, 4).map(({ subjectId }) => call('dpo2', 'DELETE', `/v1/vault/subjects/${subjectId}`)),
      ]);
      await settled();

      assert.ok(placed.every(({ status, body }) => status === 200 || body.code === 'COLLECTION_HOLD_INVALID'));
      for (const { subjectId } of people) {
        const [hold] = await fresh.db`select state from collection.holds where subject_id = ${idOf(subjectId)}`;
        const [gone] =
          await fresh.db`select at from collection.erasures where subject_mac = ${system.retention.erasures.subjectMac(idOf(subjectId))}`;
        const living = (await fresh.db`select from vault.keyrings where subject_id = ${idOf(subjectId)}`).length;
        assert.equal(living, gone === undefined ? 1 : 0);
        if (gone !== undefined) assert.equal(hold?.state, 'requested', 'erased under a hold');
      }
      const erased =
        await fresh.db`select subject_mac from collection.erasures where scope = 'subject' group by 1 having count(*) > 1`;
      assert.equal(erased.length, 0, 'each once');
      await fresh.db`update collection.holds set state = 'released', released_at = now() where matter = 'R'`;
    } finally {
      await other.close();
    }
  });

  test('a hold that was asked for is not placed on a subject that has gone since', async () => {
    const { customer, call } = of();
    const { subjectId } = await customer();
    const ask = { matter: 'G-1', subject: subjectId, reason: 'a suit', authority: 'counsel', reviewBy: '2099-01-01' };
    const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body;
    assert.equal((await call('dpo', 'DELETE', `/v1/vault/subjects/${subjectId}`)).status, 200);

    const approved = await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/approve`);
    const refused = await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/refuse`);

    assert.deepEqual([approved.status, approved.body.code], [422, 'COLLECTION_HOLD_INVALID']);
    assert.deepEqual([refused.status, refused.body.state], [200, 'refused']);
  });

  test('a hold is overdue when the day to review it by is over, not on it', async () => {
    const { customer, call } = of();
    const { subjectId } = await customer();
    const overdue = async (days: number): Promise<unknown> => {
      const reviewBy = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      const ask = { matter: 'M-9', subject: subjectId, reason: 'a suit', authority: 'counsel', role: 'dpo', reviewBy };
      const made = await call('dpo', 'POST', '/v1/collection/holds', ask);
      const path = `/v1/collection/holds/${made.body.id as string}`;
      const held = await call('security', 'POST', `${path}/approve`);
      await call('dpo', 'POST', `${path}/lift`, { reason: 'the suit is over' });
      await call('security', 'POST', `${path}/approve`);
      return held.body.overdue;
    };

    assert.deepEqual([await overdue(1), await overdue(0), await overdue(-1)], [false, false, true]);
  });

  test('times that no database can be told are refused as they come', async () => {
    const { customer, call, tell } = of();
    const { subjectId } = await customer();

    const told = await tell(subjectId, 'case.closed', '0001-01-01T00:00:00+14:00');
    const pages = ['incidents', 'drills'].flatMap((what) =>
      ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'].map((at) => {
        const before = encodeURIComponent(`${at}~${what === 'drills' ? 'drl' : 'inc'}_00000000000000000000000000`);
        return call('dpo', 'GET', `/v1/education/${what}?before=${before}`);
      }),
    );

    assert.equal(told?.status, 'rejected', JSON.stringify(told));
    assert.deepEqual((await Promise.all(pages)).map(({ status }) => status), [422, 422, 422, 422]); // prettier-ignore
  });

  test('an expiry is an ISO 8601 instant of a day that exists, in a year of four digits', async () => {
    const { customer, call } = of();
    const { id } = await customer();
    const sent = async (expiresAt: string): Promise<unknown> => (await call('application', 'PATCH', `/v1/vault/records/${id}`, { expiresAt })).body.code; // prettier-ignore
    for (const at of [
      '2199-02-31T00:00:00Z',
      '02/03/2199 10:00Z',
      '1 Feb 2199 Z',
      '9999-12-31T23:59:59-14:00',
      '+010000-01-01T00:00:00Z',
    ])
      assert.equal(await sent(at), 'VAULT_EXPIRY_INVALID', at);
    assert.equal(await sent('9999-12-31T23:59:59Z'), undefined);
  });
}
