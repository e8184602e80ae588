/** The keys that forms are sealed to: published, changed, and of this installation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import type { Vault } from './index.ts';
import { MAX_LIFETIME_DAYS, sealForm, type IntakeForm } from './intake.ts';
import { callerFor, testInstallation } from './testing.ts';
import type { Running } from './receive-form.test.ts';

const custodian = callerFor('custodian');

export function formKeysChange(of: () => Running): void {
  /** A server that lives at another time. */
  async function serverAt(now: Date): Promise<Vault> {
    const { installation } = of();
    const other = await installation.server();
    other.core.clock = () => now;
    return other;
  }

  test('servers that start at once publish one key, and its fingerprint is in the log', async (t) => {
    const fresh = await testInstallation();
    t.after(() => fresh.close());
    const servers = await Promise.all([fresh.server(), fresh.server(), fresh.server()]);

    const keys = await Promise.all(servers.map((each) => each.intakeKeys.published()));

    assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, 1);
    const [key] = keys;
    const [entry] = await servers[0]?.core.audit.read(Number(key?.auditIndex), Number(key?.auditIndex) + 1) ?? [];
    assert.ok(entry?.bytes.toString().includes(`"fingerprint":"${key?.fingerprint}"`));
    assert.ok(key?.fingerprint.startsWith(key.keyId));
  }); // prettier-ignore

  test('a new key is published before the old one ends; the old one opens what was sealed to it until nothing can be alive', async () => {
    const { vault, formFor, inDays, collector, code, installation } = of();
    const first = await vault.intakeKeys.published();
    const toFirst = (form: IntakeForm, expiresAt: Date): Buffer =>
      sealForm({ installation: vault.core.installation, publicKey: first.publicKey }, form, expiresAt);
    const lastMinute = new Date(first.publishUntil.getTime() - 3_600_000);

    const nearEnd = await serverAt(lastMinute);
    const second = await nearEnd.intakeKeys.published();
    assert.notEqual(second.keyId, first.keyId);
    assert.equal((await (await serverAt(lastMinute)).intakeKeys.published()).keyId, second.keyId);

    const form = formFor();
    const longLived = toFirst(form, inDays(MAX_LIFETIME_DAYS, lastMinute));
    const month = await serverAt(inDays(29.9, lastMinute));
    assert.ok((await month.receiveForm(collector, { envelope: longLived })).envelopeId);

    const over = new Date(first.acceptUntil.getTime() + 1000);
    const after = await serverAt(over);
    const late = toFirst(formFor(), inDays(1, over));
    await assert.rejects(after.receiveForm(collector, { envelope: late }), code('SEALING_ENVELOPE_FOREIGN'));
    const before = await installation.db`select from vault.identities where name = ${`intake/${first.keyId}`}`;
    await after.sweep();
    const gone = await installation.db`select from vault.identities where name = ${`intake/${first.keyId}`}`;
    assert.deepEqual([before.length, gone.length], [1, 0]);
  });

  test('a custodian publishes a new key at once, and may end the others, on every server', async () => {
    const { installation, envelopeOf, formFor, collector, vault, code } = of();
    const other = await installation.server();
    const old = await envelopeOf(formFor());
    const [first, second] = [await envelopeOf(formFor()), await envelopeOf(formFor())];
    await other.receiveForm(collector, { envelope: first });

    const renewed = await vault.intakeKeys.renew(custodian, 'keep');
    assert.equal((await other.intakeKeys.published()).keyId, renewed.keyId);
    await other.receiveForm(collector, { envelope: second });
    await vault.intakeKeys.renew(custodian, 'end');

    await assert.rejects(other.receiveForm(collector, { envelope: old }), code('SEALING_ENVELOPE_FOREIGN'));
    assert.equal((await vault.intakeKeys.list(custodian)).length, 1);
    assert.ok((await other.receiveForm(collector, { envelope: await envelopeOf(formFor()) })).envelopeId);
  });

  test('the published key comes out of the root: a row that somebody wrote into the database is not published', async (t) => {
    const fresh = await testInstallation();
    t.after(() => fresh.close());
    const honest = await fresh.server();
    const { keyId, publicKey } = await honest.intakeKeys.published();

    // another identity's bytes under the intake key's name, which is the best that who holds the database has
    await honest.intakeKeys.renew(custodian, 'keep');
    const [newest] = await honest.intakeKeys.list(custodian);
    await fresh.db`
      update vault.identities set wrapped = (select wrapped from vault.identities where name = ${`intake/${keyId}`})
      where name = ${`intake/${newest?.keyId}`}`;

    const second = await fresh.server();
    await assert.rejects(
      second.intakeKeys.published(),
      (thrown) => isFailure(thrown) && thrown.code.startsWith('KMS_'),
    );
    assert.equal(publicKey.length, 1216);
  });

  test('rotating the root wraps identities anew, and they open as before', async () => {
    const { vault, installation } = of();
    const { keyId } = await vault.intakeKeys.published();
    const wrapped = async () =>
      (await installation.db<{ wrapped: Buffer }[]>`select wrapped from vault.identities where name = ${`intake/${keyId}`}`)[0]?.wrapped;
    const before = await wrapped();

    const { work_id: id } = await vault.beginWork(custodian, 'root');
    await vault.runWorks(() => false);

    assert.ok(Number((await vault.work(id))?.result.identities) >= 1);
    assert.notDeepEqual(await wrapped(), before);
    assert.equal((await (await installation.server()).intakeKeys.published()).keyId, keyId);
  }); // prettier-ignore

  test('marks of seen envelopes go when the envelopes have expired anyway', async () => {
    const { envelopeOf, formFor, inDays, vault, collector, countSeen, code } = of();
    const envelope = await envelopeOf(formFor(), inDays(2));
    await vault.receiveForm(collector, { envelope });
    const before = await countSeen();

    await vault.sweep();
    assert.equal(await countSeen(), before);
    const later = await serverAt(inDays(2.1));
    await later.sweep();

    assert.ok((await countSeen()) < before);
    await assert.rejects(later.receiveForm(collector, { envelope }), code('SEALING_ENVELOPE_EXPIRED'));
  });
}
