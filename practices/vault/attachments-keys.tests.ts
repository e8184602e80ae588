/** Keys are renewed under files, and permission ends under downloads. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import type { RecordId } from '#platform/ids';
import { accessFailure } from '#practices/access';

import { DECIDED_BYTES } from './decided-anew.ts';
import type { Caller } from './index.ts';
import { callerFor, doWork } from './testing.ts';
import type { Running } from './attachments.test.ts';

export function keysAreRenewed(of: () => Running): void {
  const attachmentKeys = async (id: RecordId): Promise<number[]> => {
    const { installation, vault } = of();
    const [row] = await installation.db<{ epoch: number; ring: Buffer }[]>`
      select epoch, ring from vault.keyrings where subject_id = ${id.subjectId}`;
    const { epoch, ring } = row as { epoch: number; ring: Buffer };
    const open = await vault.core.keys.open(id.subjectId, { epoch, first: ring, secondEpoch: null, second: null });
    return open.keys.filter(({ keyClass }) => keyClass === 'attachment').map(({ version }) => version);
  };

  test('attachments stay readable through rotations of epoch, keys and index, and the old key goes with its last chunk', async () => {
    const { newRecord, CHUNK, attach, vault, app, download, installation } = of();
    const id = await newRecord();
    const content = randomBytes(20 * CHUNK + 9);
    const made = await attach(id, 'kept.pdf', content);
    const reading = (await vault.openAttachment(app, id, { name: 'kept.pdf' })).content();
    const begun = [(await reading.next()).value as Buffer];

    for (const what of ['epoch', 'index', 'keys', 'epoch'] as const) {
      assert.equal((await doWork(vault, what))?.state, 'done', what);
      assert.deepEqual(await download(id, 'kept.pdf'), content, what);
      assert.deepEqual(await download(id, 'kept.pdf', app, await installation.server()), content, what);
    }

    for await (const part of reading) begun.push(part);
    assert.deepEqual(Buffer.concat(begun), content, 'a download that began before');
    const [listed] = (await vault.attachments(app, id)).attachments;
    assert.equal(listed?.name, 'kept.pdf');
    // whoever kept its id finds it: new keys give it other chunks, not another name
    const { attachmentId } = made;
    const byId = (await vault.openAttachment(app, id, { attachmentId })).content();
    assert.deepEqual(Buffer.concat(await Array.fromAsync(byId)), content);
    assert.deepEqual(await attachmentKeys(id), [1, 2]);
    await installation.db`update vault.loose_attachments set touched_at = 'epoch' where subject_id = ${id.subjectId}`;
    await vault.sweep();
    assert.deepEqual(await attachmentKeys(id), [2]);
    assert.deepEqual(await download(id, 'kept.pdf'), content);
    await attach(id, 'kept.pdf', Buffer.from('newer'));
    assert.equal((await vault.attachments(app, id)).attachments.length, 1, 'a name is found under the renewed key');
  });

  test('an id given to another file of the same record is refused, before and after new keys', async () => {
    const { newRecord, attach, installation, vault, app, code } = of();
    const id = await newRecord();
    const [a, b] = [await attach(id, 'a', Buffer.from('of a')), await attach(id, 'b', Buffer.from('of b'))];
    const exchange = () => installation.db`
      update vault.attachments x set public_id = y.public_id from vault.attachments y
      where x.subject_id = ${id.subjectId} and y.subject_id = x.subject_id and y.attachment_id <> x.attachment_id`;
    await installation.db`drop index vault.attachments_public`;
    for (const keys of ['old', 'new'] as const) {
      if (keys === 'new') assert.equal((await doWork(vault, 'keys'))?.state, 'done');
      await exchange();
      for (const { attachmentId } of [a, b])
        await assert.rejects(vault.openAttachment(app, id, { attachmentId }), code('SEALING_ATTACHMENT_REFUSED'), keys);
      await exchange();
      await vault.openAttachment(app, id, { attachmentId: a.attachmentId });
    }
  });

  test('a long download ends when who reads it may not any more, and the log tells', async () => {
    const { newRecord, attach, app, vault, CHUNK, installation } = of();
    const id = await newRecord();
    const content = randomBytes(3 * DECIDED_BYTES);
    await attach(id, 'long', content);
    const now = { caller: app, revoked: false };
    const again = (): Promise<Caller> =>
      now.revoked ? Promise.reject(accessFailure('UNAUTHENTICATED')) : Promise.resolve(now.caller);
    const read = async (after: () => void): Promise<number> => {
      const reading = (await vault.openAttachment(app, id, { name: 'long' })).content(undefined, again);
      let bytes = 0;
      try {
        for await (const part of reading) {
          bytes += part.length;
          if (bytes === CHUNK) after();
        }
      } catch {
        const [row] = await installation.db<
          { bytes: Buffer }[]
        >`select bytes from audit.entries order by index desc limit 1`;
        assert.match(String(row?.bytes), /"action":"vault\.download".*"outcome":"denied"/);
      }
      return bytes;
    };

    assert.equal(await read(() => {}), content.length);
    assert.equal(await read(() => (now.caller = callerFor('support'))), DECIDED_BYTES);
    now.caller = app;
    assert.equal(await read(() => (now.revoked = true)), DECIDED_BYTES);
  });

  test('a grant that ended since its holder was looked up shows no file, and not whether there is one of that name', async () => {
    const { newRecord, attach, vault, download, code, logSince } = of();
    const id = await newRecord();
    await attach(id, 'contract.pdf', randomBytes(10));
    const { actor, ...support } = callerFor('support');
    const grant = {
      id: 'grt_00000000000000000000000000', kind: 'jit', role: 'support', purpose: 'service.support',
      classes: ['sensitive'], subjects: new Set([id.subjectId]),
    } as const; // prettier-ignore
    const holder: Caller = { ...support, actor: { ...actor, grants: [grant] } };
    const size = await vault.core.audit.size();

    // this installation finds every grant ended when it is to be counted
    for (const name of ['contract.pdf', 'nothing'])
      await assert.rejects(download(id, name, holder), code('VAULT_DENIED'), name);
    const { attachments } = await vault.attachments(holder, id);

    assert.deepEqual([attachments[0]?.state, attachments[0]?.name], ['masked', undefined]);
    const entries = await logSince(size);
    assert.deepEqual(
      entries.map(({ action, outcome }) => `${String(action)} ${String(outcome)}`),
      ['vault.download denied', 'vault.download denied', 'vault.attachments done'],
    );
    assert.doesNotMatch(JSON.stringify(entries), /grt_/);
  });

  test('an upload that keys are renewed under ends under the new key', async () => {
    const { newRecord, CHUNK, vault, app, askFor, installation, download } = of();
    const id = await newRecord();
    const content = randomBytes(3 * CHUNK);
    const staged = await vault.stageAttachment(app, askFor(id, 'a', content));
    assert.equal((await doWork(vault, 'keys'))?.state, 'done');

    await staged.place();

    const [row] = await installation.db<{ key_version: number }[]>`
      select key_version from vault.attachments where subject_id = ${id.subjectId}`;
    assert.equal(row?.key_version, 2);
    assert.deepEqual(await download(id, 'a'), content);
  });

  test('renewing keys passes over a damaged attachment, says so in the log, and keeps its old key', async () => {
    const { newRecord, attach, CHUNK, installation, vault, logSince, download } = of();
    const [id, sound] = [await newRecord(), await newRecord()];
    await attach(id, 'damaged', randomBytes(CHUNK));
    await attach(sound, 'sound', Buffer.from('sound'));
    await installation.db`update vault.chunks set box = set_byte(box, 9, get_byte(box, 9) # 1) where subject_id = ${id.subjectId}`;
    const size = await vault.core.audit.size();

    assert.equal((await doWork(vault, 'keys'))?.state, 'done');

    const failed = (await logSince(size)).filter(({ outcome }) => outcome === 'failed');
    assert.equal(failed.length, 1);
    assert.match(JSON.stringify(failed), /SEALING_ATTACHMENT_REFUSED/);
    assert.deepEqual(await attachmentKeys(id), [1, 2]);
    assert.equal((await download(sound, 'sound')).toString(), 'sound');
    await installation.db`update vault.chunks set box = set_byte(box, 9, get_byte(box, 9) # 1) where subject_id = ${id.subjectId}`;
    assert.equal((await download(id, 'damaged')).length, CHUNK, 'repaired from a backup it opens again');
  });
}
