/** What is refused, and whom a form does not change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';
import { subjectIdText, uuidv7 } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import { sealForm } from './intake.ts';
import { callerFor, putOne } from './testing.ts';
import { newXwingSeed, xwingFromSeed } from './xwing.ts';
import type { Running } from './receive-form.test.ts';

export function formsAreRefused(of: () => Running): void {
  test('what is not for us, not for its collection, changed, or out of its time is refused, and stands in the log without a value', async () => {
    const { formFor, vault, inDays, countRecords, countSeen, collector, logSince } = of();
    const form = formFor({ fields: { last_name: 'Canary', email: 'canary@example.org' } });
    const { publicKey } = await vault.intakeKeys.published();
    const key = { installation: vault.core.installation, publicKey };
    const sound = sealForm(key, form, inDays(1));
    const flipped = Buffer.from(sound);
    flipped[flipped.length - 40] = (flipped[flipped.length - 40] as number) ^ 1;
    const renamed = Buffer.from(sound);
    renamed.write('customeR', 61, 'latin1');
    const otherKey = { ...key, publicKey: xwingFromSeed(newXwingSeed()).publicKey.bytes };
    const cases: [string, Buffer][] = [
      ['SEALING_ENVELOPE_FOREIGN', sealForm({ ...key, installation: uuidv7() }, form, inDays(1))],
      ['SEALING_ENVELOPE_FOREIGN', sealForm(otherKey, form, inDays(1))],
      ['SEALING_ENVELOPE_REFUSED', flipped],
      ['SEALING_ENVELOPE_UNKNOWN', renamed],
      ['SEALING_ENVELOPE_UNKNOWN', Buffer.from('canary')],
      ['SEALING_ENVELOPE_UNKNOWN', Buffer.alloc(0)],
      ['SEALING_ENVELOPE_EXPIRED', sealForm(key, form, inDays(-1))],
      ['SEALING_ENVELOPE_EXPIRED', sealForm(key, form, inDays(31))],
      ['VAULT_COLLECTION_UNKNOWN', sealForm(key, { ...form, collection: 'nobody' }, inDays(1))],
      ['VAULT_PURPOSE_UNKNOWN', sealForm(key, { ...form, purpose: 'canary' }, inDays(1))],
      ['VAULT_FIELD_INVALID', sealForm(key, { ...form, purpose: 'marketing' }, inDays(1))],
      ['VAULT_FIELD_INVALID', sealForm(key, { ...form, fields: { last_name: 'A', email: 'canary' } }, inDays(1))],
      ['VAULT_FIELD_REQUIRED', sealForm(key, { ...form, fields: { email: 'canary@example.org' } }, inDays(1))],
    ];
    const [records, seen, size] = [await countRecords(), await countSeen(), await vault.core.audit.size()];

    for (const [expected, envelope] of cases) {
      await assert.rejects(
        vault.receiveForm(collector, { envelope }),
        (thrown: unknown) =>
          isFailure(thrown, expected) && !/canary/i.test(thrown.message + JSON.stringify(thrown.extra)),
        expected,
      );
    }

    assert.deepEqual([await countRecords(), await countSeen()], [records, seen]);
    const entries = await logSince(size);
    assert.ok(entries.length >= 9 && entries.every(({ outcome }) => outcome === 'failed'), JSON.stringify(entries));
    assert.doesNotMatch(JSON.stringify(entries), /canary/i);
  });

  test('an envelope for one collection cannot be handed in for another', async () => {
    const { installation, envelopeOf, formFor, collector, code } = of();
    const twoCollections = parseCatalog(
      `${installation.catalogText}\n  patient:\n    title: P\n    owner: o\n    externalId: {name: p}\n    retention: {after: account.closed, for: P2Y}\n    fields:\n      last_name: {type: name, class: personal, purposes: [service.support], required: true}\n`,
    );
    const both = await installation.server({ catalog: twoCollections });
    const envelope = await envelopeOf(formFor({ collection: 'patient', subject: 'p1', fields: { last_name: 'A' } }));
    // both names have another length in clear, so the name is exchanged for one of the same length
    const moved = Buffer.concat([
      envelope.subarray(0, 60),
      Buffer.from([8]),
      Buffer.from('customer'),
      envelope.subarray(68),
    ]);

    await assert.rejects(both.receiveForm(collector, { envelope: moved }), code('SEALING_ENVELOPE_REFUSED'));
  });

  test('a form never changes a customer who is there, adds to one whose id it knows, and not to an erased one', async () => {
    const { vault, collector, envelopeOf, formFor, code, app } = of();
    const known = await putOne(vault, 'form-known', { last_name: 'Before' });
    await assert.rejects(
      vault.receiveForm(collector, { envelope: await envelopeOf(formFor({ subject: 'form-known', fields: { last_name: 'After' } })) }),
      code('VAULT_DUPLICATE'),
    ); // prettier-ignore
    const { records } = await vault.read(app, [known], { fields: ['last_name'] });
    assert.equal(records[0]?.fields.last_name?.value, 'Before');

    const add = () => envelopeOf(formFor({ subject: subjectIdText(known.subjectId) }));
    const added = await vault.receiveForm(app, { envelope: await add() });
    assert.equal(added.subjectId, subjectIdText(known.subjectId));
    const late = await add();
    await vault.restrict(callerFor('dpo', 'legal.request'), known.subjectId, 'claim');
    await assert.rejects(vault.receiveForm(collector, { envelope: late }), code('VAULT_RESTRICTED'));
    await vault.erase(callerFor('dpo', 'legal.request'), known.subjectId);
    await assert.rejects(vault.receiveForm(collector, { envelope: late }), code('VAULT_ERASED'));
  });
}
