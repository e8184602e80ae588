/** Who may not, what is changed behind our back, and what breaks off or comes twice. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import type { Running } from './attachments.test.ts';

export function whatIsRefused(of: () => Running): void {
  test('who may not is refused with the entry of the log; restricted and erased subjects as with records', async () => {
    const { newRecord, put, keyFor, get, json } = of();
    const { files, subjectId } = await newRecord();
    await put(files, 'a', 'x');
    const dpo = await keyFor('dpo');

    const support = await get(files, 'a', {}, await keyFor('support'));
    assert.equal(support.status, 403);
    assert.equal(typeof ((await support.json()) as { auditIndex?: unknown }).auditIndex, 'number');
    await json('POST', `/v1/vault/subjects/${subjectId}/restriction`, dpo, { reason: 'claim' });
    assert.equal((await get(files, 'a')).status, 423);
    assert.equal((await put(files, 'b', 'x')).status, 423);
    assert.equal((await get(files, 'a', { 'strongroom-purpose': 'legal.request' }, dpo)).status, 200);
    const receipt = await json('DELETE', `/v1/vault/subjects/${subjectId}`, dpo, undefined, { 'strongroom-purpose': 'legal.request' });
    assert.deepEqual([receipt.body.attachments, receipt.body.remains], [1, 0]);
    assert.equal((await get(files, 'a')).status, 404);
    assert.equal((await put(files, 'a', 'x')).status, 404);
  }); // prettier-ignore

  test('a change behind our back: a problem when it is in the first chunk, a cut connection later, an alarm in both logs', async () => {
    const { newRecord, uuidOf, put, CHUNK, fresh, system, logged, get, bytesOf, codeOf } = of();
    const { files, subjectId } = await newRecord();
    const subject = await uuidOf(subjectId);
    await put(files, 'canary-early', randomBytes(40 * CHUNK));
    await put(files, 'canary-late', randomBytes(40 * CHUNK));
    const flip = (seq: number) => fresh.db`
      update vault.chunks set box = set_byte(box, 5, get_byte(box, 5) # 1) where subject_id = ${subject} and seq = ${seq}`;
    const size = await system.audit.size();
    logged.length = 0;

    await flip(30);
    const late = await get(files, 'canary-late');
    assert.equal(late.status, 200);
    await assert.rejects(bytesOf(late), 'the body must not end cleanly');
    await flip(0);
    const early = await get(files, 'canary-early');

    assert.deepEqual([early.status, await codeOf(early)], [500, 'SEALING_ATTACHMENT_REFUSED']);
    assert.equal(logged.filter((line) => line.includes('"level":50') && line.includes('SEALING_ATTACHMENT_REFUSED')).length >= 2, true, logged.join('')); // prettier-ignore
    const entries = (await system.audit.read(size, await system.audit.size())).map(({ bytes }) => bytes.toString());
    assert.equal(entries.filter((entry) => entry.includes('"outcome":"failed"') && entry.includes('SEALING_ATTACHMENT_REFUSED')).length, 2); // prettier-ignore
    assert.doesNotMatch(logged.join('') + entries.join(''), /canary/);
  });

  test('a sender who goes away in the middle leaves nothing, and is no fault of the server', async () => {
    const { newRecord, put, logged, beginUpload, MIB, eventually, stored, get } = of();
    const { files, subjectId } = await newRecord();
    await put(files, 'a', 'the old one');
    logged.length = 0;
    const sending = beginUpload(files, 'a', 50 * MIB, randomBytes(20 * MIB));
    await eventually(async () => (await stored(subjectId)).chunks > 100);

    sending.destroy();

    await eventually(async () => (await stored(subjectId)).chunks === 1);
    assert.deepEqual(await stored(subjectId), { chunks: 1, loose: 0 });
    assert.equal(await (await get(files, 'a')).text(), 'the old one');
    assert.deepEqual(logged.filter((line) => line.includes('"level":50')), []); // prettier-ignore
  });

  test('a put repeated with its key is answered alike and stores nothing more; with other content it is refused', async () => {
    const { newRecord, put, json, app, get } = of();
    const { files } = await newRecord();
    const key = { 'idempotency-key': 'upload-number-1' };

    const first = await put(files, 'a', 'content', key);
    const again = await put(files, 'a', 'content', key);
    const other = await put(files, 'a', 'content!', key);
    const renamed = await put(files, 'b', 'content', key);
    const atOnce = await Promise.all(
      [1, 2, 3].map(() => put(files, 'c', 'c', { 'idempotency-key': 'upload-number-2' })),
    );

    assert.deepEqual(again, first);
    for (const { status, body } of [other, renamed]) assert.deepEqual([status, body.code], [422, 'VAULT_IDEMPOTENCY_KEY_REUSED']); // prettier-ignore
    assert.equal(new Set(atOnce.map(({ body }) => body.id)).size, 1);
    const { attachments } = (await json('GET', files, app)).body as { attachments: { name: string }[] };
    assert.deepEqual(attachments.map(({ name }) => name).toSorted(), ['a', 'c']); // prettier-ignore
    const gone = { 'strongroom-name': 'c', 'idempotency-key': 'detach-number-1' };
    const deleted = await json('DELETE', `${files}/named`, app, undefined, gone);
    assert.equal(deleted.status, 200);
    assert.deepEqual(await json('DELETE', `${files}/named`, app, undefined, gone), deleted);
    assert.equal((await get(files, 'c')).status, 404);
  });
}
