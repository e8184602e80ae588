/** What only a consent allows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStrongroom } from '@strongroom/sdk';

import type { System } from './compose.ts';
import type { Running } from './collection.test.ts';

export function consentsAllow(of: () => Running): void {
  test('a withdrawn consent stops also what a version allowed a moment ago, on a server that has not heard of it', async (t) => {
    const { as, adopt, text, customer, systems } = of();
    const nick =
      '      nick: {type: text, class: internal, purposes: [service.support, {id: analytics.product, retention: {after: consent.withdrawn, for: P0D, action: stop-use}}]}\n      phone:';
    await as('application', 1).collection.catalog();
    await adopt((await text()).replace('      phone:', nick));
    const { id, subjectId } = await as('application').records.create(customer({ last_name: 'N', nick: 'nicky' }));
    const state = async (): Promise<string | undefined> =>
      (await as('application').records.get(id, { purpose: 'analytics.product', fields: ['nick'] })).fields['nick']
        ?.state;
    assert.equal(await state(), 'clear');

    const other = systems[1] as System;
    // on a slow machine its own round may have come by: then this run shows less, and nothing wrong
    if (other.collection.catalog.current().collections.get('customer')?.fields.has('nick') === true)
      t.diagnostic('the other server has heard of it already');
    const actor = { kind: 'service', id: 'test', role: 'application' } as never;
    await other.retention.events.record({ actor, requestId: 'r' }, [{ subject: { id: subjectId }, event: 'consent.withdrawn', purpose: 'analytics.product' }]); // prettier-ignore

    assert.equal(await state(), 'denied');
    for (const at of ['2026-02-31T00:00:00Z', '2025-02-29T10:00:00+01:00', '2026-04-31T00:00:00.5Z']) {
      const [result] = (
        await as('application').retention.record([{ subject: { id: subjectId }, event: 'account.closed', at }])
      ).results;
      assert.deepEqual([result?.status, result?.problem?.field], ['rejected', 'at'], at);
    }
    const hold = { matter: 'M', subject: subjectId, reason: 'r', authority: 'a', reviewBy: '2099-02-31' };
    await assert.rejects(as('dpo').holds.request(hold), { code: 'COLLECTION_HOLD_INVALID' });
  });

  test('what only a consent allows is stored once its subject has given it, and not after it is withdrawn, on every way', async () => {
    const { text, adopt, urls, keys, as, customer } = of();
    const promo = '      promo: {type: text, class: internal, purposes: [marketing.newsletter]}\n      phone:';
    const before = await text();
    await adopt(before.replace('      phone:', promo).replace('    owner: head-of-sales', '    owner: head-of-sales\n    gate: enforce')); // prettier-ignore
    const anyPurpose = createStrongroom({ url: urls[1] as string, key: keys['application'] as string, retries: 0 });
    const refused = { code: 'VAULT_FIELD_INVALID', message: /promo is not collected: its subject does not agree to marketing.newsletter/ }; // prettier-ignore
    const say = (subject: string, said: 'given' | 'withdrawn') =>
      as('application').consents.record({ holder: { subject }, said: [{ purpose: 'marketing.newsletter', said }], method: 'web', text: 'Send it', language: 'en' }); // prettier-ignore

    await assert.rejects(anyPurpose.records.create(customer({ last_name: 'P', promo: 'x' })), refused);
    const { id, subjectId } = await anyPurpose.records.create({ ...customer({ last_name: 'P' }), subject: { externalId: 'p-1' } }); // prettier-ignore
    await assert.rejects(anyPurpose.records.update(id, 1, { fields: { promo: 'x' } }), refused);
    await say(subjectId, 'given');
    const { version } = await anyPurpose.records.update(id, 1, { fields: { promo: 'x' } });
    await anyPurpose.records.create({ ...customer({ last_name: 'P', promo: 'y' }), subject: { id: subjectId } });
    await say(subjectId, 'withdrawn');
    await assert.rejects(anyPurpose.records.update(id, version, { fields: { promo: 'z' } }), refused);
    await assert.rejects(anyPurpose.records.create({ ...customer({ last_name: 'P', promo: 'z' }), subject: { id: subjectId } }), refused); // prettier-ignore
    const { results } = await anyPurpose.records.batch({
      collection: 'customer', onDuplicate: 'update', values: 'text',
      records: [
        { subject: { externalId: 'p-1' }, fields: { last_name: 'P', promo: 'z' } },
        { subject: { externalId: 'p-2' }, fields: { last_name: 'Q', promo: 'z' } },
        { subject: { externalId: 'p-3' }, fields: { last_name: 'R' } },
      ],
    }); // prettier-ignore
    assert.deepEqual(results.map(({ status }) => status), ['rejected', 'rejected', 'created']); // prettier-ignore
    assert.equal((await anyPurpose.records.update(id, version, { fields: { promo: null } })).version, version + 1, 'to take away needs no yes'); // prettier-ignore
    await adopt(before.replace('      phone:', promo));
  });
}
