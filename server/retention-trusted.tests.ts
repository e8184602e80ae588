/** What a run may do without being looked at: by which clock, by plans of which age, and by how many people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Body, Run, Running } from './retention.test.ts';

export function whatIsTrusted(of: () => Running): void {
  test('a clock that went back plans nothing, one that jumped ahead does nothing without a person, and changed rules end a run', async () => {
    const { settled, customer, clock, call, tell, planned, fresh } = of();
    await settled();
    await customer({ note: undefined });
    clock.offset = -3_600_000;
    const back = await call('dpo', 'POST', '/v1/collection/retention/runs');
    clock.offset = 0;
    const { subjectId } = await customer({ note: undefined });
    await tell(subjectId, 'case.closed');
    const plan = await planned();
    clock.offset = 49 * 3_600_000;
    await call('dpo', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash });
    await call('security', 'POST', `/v1/collection/retention/runs/${plan.id}/approve`, { planHash: plan.planHash });
    await settled();
    const late = (await call('dpo', 'GET', `/v1/collection/retention/runs/${plan.id}`)).body;
    const jumped = await planned();

    assert.equal(back.body.code, 'COLLECTION_RETENTION_CLOCK');
    assert.deepEqual([late.state, late.refused], ['refused', 'clock']);
    assert.ok((jumped.because as string[]).includes('clock'), JSON.stringify(jumped));

    await fresh.db`insert into collection.field_orders (collection, field, action, at, proposal_id) values ('customer', 'iban', 'erase', now(), gen_random_uuid())`;
    for (const who of ['dpo', 'security'])
      await call(who, 'POST', `/v1/collection/retention/runs/${jumped.id}/approve`, { planHash: jumped.planHash });
    await settled();
    const changed = (await call('dpo', 'GET', `/v1/collection/retention/runs/${jumped.id}`)).body;
    assert.deepEqual([changed.state, changed.refused], ['refused', 'rules']);
    await fresh.db`delete from collection.field_orders`;
    const after = await planned();
    assert.ok(
      (after.because as string[]).includes('clock'),
      'the next plan is not taken on trust because one was made before',
    );
  });

  test('enforced, what is due goes by itself once somebody has looked at a plan of less than 48 hours ago, and not before', async () => {
    const { call, customer, tell, clock, system, settled, done } = of();
    await call('dpo', 'POST', '/v1/collection/retention/settings', { enforce: true, twoPeopleAbove: 1, perSecond: 10_000, everyHours: 24 }); // prettier-ignore
    const { hash } = (await call('dpo', 'GET', '/v1/collection/retention')).body.proposed as { hash: string };
    assert.equal((await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash })).status, 200);
    const due = async (): Promise<string> => {
      const { subjectId } = await customer({ note: undefined, iban: undefined, born_on: undefined });
      for (const event of ['account.closed', 'consent.withdrawn']) await tell(subjectId, event);
      return subjectId;
    };
    const scheduled = async (): Promise<Run> => {
      clock.offset += 25 * 3_600_000;
      await system.retention.engine.planWhenDue();
      await settled();
      return (await system.retention.engine.list(1))[0] as unknown as Run;
    };
    const [first, second] = [await due(), await due()];
    const looked = await scheduled();
    assert.deepEqual([looked.state, looked.because], ['planned', ['many', 'clock']]);
    await done(looked, ['security', 'dpo']);
    const third = await due();

    const alone = await scheduled();

    assert.deepEqual([alone.state, alone.because, alone.requestedBy], ['done', [], 'schedule'], JSON.stringify(alone));
    for (const subject of [first, second, third])
      assert.equal((await call('dpo', 'GET', `/v1/vault/subjects/${subject}`)).status, 404);
  });

  test('once there are people, keys that nobody stands behind are not two of them: hold, settings, plan', async () => {
    const { customer, call, system, settled, fresh } = of();
    const { subjectId } = await customer({ note: undefined });
    const ask = { matter: 'M-9', subject: subjectId, reason: 'a suit', authority: 'counsel', reviewBy: '2027-01-01' };
    const hold = (await call('dpo', 'POST', '/v1/collection/holds', ask)).body;
    const { settings } = await system.retention.settings.view();
    const proposed = (await call('dpo', 'POST', '/v1/collection/retention/settings', settings)).body.proposed as Body;
    await call('dpo', 'POST', '/v1/collection/retention/runs');
    await settled();
    const [plan] = await system.retention.engine.list();
    await fresh.db`update collection.retention_runs set needed = 2, state = 'planned' where run_id = (select max(run_id::text)::uuid from collection.retention_runs)`;
    const invited = await call('admin', 'POST', '/v1/access/people', { email: 'eve@example.org', name: 'Eve', roles: ['support'] }); // prettier-ignore
    assert.equal(invited.status, 201, JSON.stringify(invited.body));

    const refused = [
      await call('security', 'POST', `/v1/collection/holds/${hold.id as string}/approve`),
      await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash: proposed.hash }),
      await call('security', 'POST', `/v1/collection/retention/runs/${plan?.id}/approve`, { planHash: plan?.planHash }),
    ];

    assert.deepEqual(
      refused.map(({ status, body }) => [status, body.code]),
      Array.from({ length: 3 }, () => [403, 'COLLECTION_PERSON_NEEDED']),
    );
  });
}
