/** Who may read, list, write and take away files, and what a restriction does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { parseCatalog } from '#practices/collection';

import { callerFor } from './testing.ts';
import type { Running } from './attachments.test.ts';

export function rightsAreAsked(of: () => Running): void {
  test('a read is decided and logged before it is opened, and refused to who may not', async () => {
    const { newRecord, attach, vault, download, code, app, installation, logSince } = of();
    const id = await newRecord();
    await attach(id, 'passport of Ana.pdf', randomBytes(10));
    const size = await vault.core.audit.size();

    await assert.rejects(
      download(id, 'passport of Ana.pdf', callerFor('marketing', 'marketing')),
      code('VAULT_DENIED'),
    );
    await assert.rejects(download(id, 'passport of Ana.pdf', callerFor('support')), code('VAULT_DENIED'));
    await assert.rejects(download(id, 'passport of Ana.pdf', callerFor('engineer')), code('VAULT_DENIED'));
    await assert.rejects(
      download(id, 'passport of Ana.pdf', callerFor('application', 'analytics')),
      code('VAULT_DENIED'),
    );
    await assert.rejects(
      vault.openAttachment({ ...app, purpose: undefined }, id, { name: 'x' }),
      code('VAULT_PURPOSE_MISSING'),
    );
    await assert.rejects(download(id, 'nothing'), code('VAULT_ATTACHMENT_NOT_FOUND'));
    const failing = await installation.server({ failing: true });
    await assert.rejects(download(id, 'passport of Ana.pdf', app, failing), /the log is gone/);
    await assert.rejects(failing.attachments(app, id), /the log is gone/);

    const entries = await logSince(size);
    assert.deepEqual(
      entries.map(({ action, outcome }) => `${String(action)} ${String(outcome)}`),
      ['vault.download denied', 'vault.download denied', 'vault.download denied', 'vault.download denied', 'vault.download failed'],
    ); // prettier-ignore
    assert.doesNotMatch(JSON.stringify(entries), /Ana|passport|nothing/);
  });

  test('a list shows names to who sees the class in clear, and only that there are files to who sees it masked', async () => {
    const { newRecord, attach, vault, app } = of();
    const id = await newRecord();
    await attach(id, 'letter of Ana.pdf', randomBytes(10));

    const [clear] = (await vault.attachments(app, id)).attachments;
    const [masked] = (await vault.attachments(callerFor('support'), id)).attachments;

    assert.deepEqual([clear?.state, clear?.name, clear?.sizeBytes], ['clear', 'letter of Ana.pdf', 10]);
    assert.deepEqual([masked?.state, masked?.sizeBytes], ['masked', 10]);
    assert.doesNotMatch(JSON.stringify(masked), /Ana|pdf/);
  });

  test('who may not write, and a collection that takes none, are refused before a byte is read', async () => {
    const { newRecord, vault, code, installation, app, stored } = of();
    const id = await newRecord();
    const untouched = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.reject(new Error('the source was read'));
    };
    const ask = { id, name: 'a', type: 'a/b', source: untouched() };

    await assert.rejects(vault.stageAttachment(callerFor('support'), ask), code('VAULT_DENIED'));
    const other = callerFor('application', 'service.support', ['orders']);
    await assert.rejects(vault.stageAttachment(other, ask), code('VAULT_DENIED'));
    const without = parseCatalog(installation.catalogText.replace(/ {4}attachments:\n(?: {6}.*\n)+/, ''));
    const plain = await installation.server({ catalog: without });
    await assert.rejects(plain.stageAttachment(app, ask), code('VAULT_ATTACHMENTS_UNDECLARED'));
    await assert.rejects(vault.stageAttachment(app, { ...ask, id: { ...id, recordNo: 1n } }), code('VAULT_NOT_FOUND'));
    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
  });

  test('a restricted subject: nothing is stored or taken away, and read for legal claims only', async () => {
    const { newRecord, attach, vault, app, askFor, dpo, code, download } = of();
    const id = await newRecord();
    await attach(id, 'a', Buffer.from('held'));
    const staged = await vault.stageAttachment(app, askFor(id, 'b', randomBytes(10)));
    await vault.restrict(dpo, id.subjectId, 'claim');

    await assert.rejects(staged.place(), code('VAULT_RESTRICTED'));
    await assert.rejects(attach(id, 'c', randomBytes(1)), code('VAULT_RESTRICTED'));
    await assert.rejects(vault.detach(app, { id, which: { name: 'a' } }), code('VAULT_RESTRICTED'));
    await assert.rejects(download(id, 'a'), code('VAULT_RESTRICTED'));
    await assert.rejects(vault.attachments(app, id), code('VAULT_RESTRICTED'));
    assert.equal((await download(id, 'a', dpo)).toString(), 'held');
  });
}
