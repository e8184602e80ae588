/** What goes with its subject, its record or by itself, also under way. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { callerFor } from './testing.ts';
import type { Running } from './attachments.test.ts';

export function erasureTakesThem(of: () => Running): void {
  test('erasing a subject ends downloads and uploads under way, and leaves no row of any kind', async () => {
    const { newRecord, attach, CHUNK, vault, app, askFor, stored, dpo, code, download } = of();
    const id = await newRecord();
    await attach(id, 'a', randomBytes(60 * CHUNK));
    await attach(id, 'a', randomBytes(60 * CHUNK));
    const reading = (await vault.openAttachment(app, id, { name: 'a' })).content();
    await reading.next();
    let gate = (): void => undefined;
    const opened = new Promise<void>((resolve) => (gate = resolve));
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield randomBytes(40 * CHUNK);
      await opened;
      yield randomBytes(40 * CHUNK);
    };
    const uploading = vault.stageAttachment(app, { ...askFor(id, 'b', Buffer.alloc(0)), source: slow() });
    while ((await stored(id)).chunks < 150) await new Promise((resolve) => setTimeout(resolve, 10));

    const receipt = await vault.erase(dpo, id.subjectId);
    gate();

    assert.deepEqual([receipt.attachments, receipt.remains], [1, 0]);
    await assert.rejects(uploading, code('VAULT_UPLOAD_LOST'));
    await assert.rejects(async () => {
      for await (const part of reading) assert.ok(part.length > 0);
    }, code('VAULT_ATTACHMENT_NOT_FOUND'));
    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
    await assert.rejects(download(id, 'a'), code('VAULT_NOT_FOUND'));
  });

  test('chunks wait for an erasure that is under way, and are then not written', async () => {
    const { newRecord, CHUNK, vault, app, askFor, stored, installation, code } = of();
    const id = await newRecord();
    let gate = (): void => undefined;
    const opened = new Promise<void>((resolve) => (gate = resolve));
    const gated = async function* (): AsyncGenerator<Uint8Array> {
      await opened;
      yield randomBytes(CHUNK);
    };
    const uploading = vault.stageAttachment(app, { ...askFor(id, 'a', Buffer.alloc(0)), source: gated() });
    while ((await stored(id)).loose < 1) await new Promise((resolve) => setTimeout(resolve, 10));

    await installation.db.begin(async (tx) => {
      await tx`select from vault.keyrings where subject_id = ${id.subjectId} for update`;
      gate();
      const first = await Promise.race([
        uploading.then(() => 'written'),
        new Promise((resolve) => setTimeout(resolve, 300, 'waits')),
      ]);
      assert.equal(first, 'waits');
      await tx`delete from vault.keyrings where subject_id = ${id.subjectId}`;
    });

    await assert.rejects(uploading, code('VAULT_UPLOAD_LOST'));
    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
  });

  test('without the key ring a download ends, though every chunk is still there', async () => {
    const { newRecord, attach, CHUNK, vault, app, installation, code } = of();
    const id = await newRecord();
    await attach(id, 'a', randomBytes(40 * CHUNK));
    const reading = (await vault.openAttachment(app, id, { name: 'a' })).content();
    await reading.next();

    await installation.db`delete from vault.keyrings where subject_id = ${id.subjectId}`;

    await assert.rejects(async () => {
      for await (const part of reading) assert.ok(part.length > 0);
    }, code('SEALING_ATTACHMENT_REFUSED'));
  });

  test('deleting the record takes its attachments along, and an upload to it is lost', async () => {
    const { newRecord, attach, CHUNK, vault, app, askFor, stored, code } = of();
    const id = await newRecord();
    await attach(id, 'a', randomBytes(CHUNK));
    await attach(id, 'a', randomBytes(CHUNK));
    const staged = await vault.stageAttachment(app, askFor(id, 'b', randomBytes(CHUNK)));

    await vault.remove(app, id);

    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
    await assert.rejects(staged.place(), code('VAULT_NOT_FOUND'));
  });

  test('an attachment is taken away by name or id, with its chunks, by who may delete', async () => {
    const { newRecord, attach, CHUNK, vault, code, app, stored } = of();
    const id = await newRecord();
    const { attachmentId } = await attach(id, 'a', randomBytes(CHUNK));
    await attach(id, 'b', randomBytes(CHUNK));

    await assert.rejects(vault.detach(callerFor('intake'), { id, which: { name: 'a' } }), code('VAULT_DENIED'));
    await vault.detach(app, { id, which: { attachmentId } });
    await vault.detach(app, { id, which: { name: 'b' } });

    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
    await assert.rejects(vault.detach(app, { id, which: { name: 'b' } }), code('VAULT_ATTACHMENT_NOT_FOUND'));
  });
}
