import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import type { Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { RecordId, Uuid } from '#platform/ids';
import { accessFailure } from '#practices/access';
import { parseCatalog } from '#practices/collection';

import type { Attached } from './attach.ts';
import { checkAttachmentName } from './attachment-manifest.ts';
import { DECIDED_BYTES } from './decided-anew.ts';
import type { Caller, Vault } from './index.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';

let installation: Installation;
let vault: Vault;
let number = 0;

before(async () => {
  installation = await testInstallation();
  vault = await installation.server();
});
after(() => installation.close());

const app = callerFor('application');
const dpo = callerFor('dpo', 'legal.request');
const CHUNK = 65_536;

async function* pieces(bytes: Uint8Array, sizeBytes = 50_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + sizeBytes);
  }
}
const newRecord = (): Promise<RecordId> => putOne(vault, `attach-${(number += 1)}`, { last_name: 'Holder' });

type Ask = Parameters<Vault['stageAttachment']>[1];
const askFor = (id: RecordId, name: string, content: Uint8Array): Ask => ({
  id, name, type: 'application/pdf', source: pieces(content),
}); // prettier-ignore
async function attach(id: RecordId, name: string, content: Uint8Array, caller: Caller = app): Promise<Attached> {
  const staged = await vault.stageAttachment(caller, askFor(id, name, content));
  return await staged.place();
}
async function download(id: RecordId, name: string, caller: Caller = app, from = vault): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of (await from.openAttachment(caller, id, { name })).content()) parts.push(part);
  return Buffer.concat(parts);
}
const code = (expected: string) => (thrown: unknown) => isFailure(thrown, expected);

/** What is stored of a subject's attachments, loose ones too. */
async function stored(id: RecordId): Promise<{ attachments: number; chunks: number; loose: number }> {
  const { db } = installation;
  const [row] = await db<{ attachments: number; chunks: number; loose: number }[]>`
    select (select count(*)::int from vault.attachments where subject_id = ${id.subjectId}) as attachments,
      (select count(*)::int from vault.chunks where subject_id = ${id.subjectId}) as chunks,
      (select count(*)::int from vault.loose_attachments where subject_id = ${id.subjectId}) as loose`;
  return row as { attachments: number; chunks: number; loose: number };
}
const attachmentKeys = async (id: RecordId): Promise<number[]> => {
  const [row] = await installation.db<{ epoch: number; ring: Buffer }[]>`
    select epoch, ring from vault.keyrings where subject_id = ${id.subjectId}`;
  const { epoch, ring } = row as { epoch: number; ring: Buffer };
  const open = await vault.core.keys.open(id.subjectId, { epoch, first: ring, secondEpoch: null, second: null });
  return open.keys.filter(({ keyClass }) => keyClass === 'attachment').map(({ version }) => version);
};
const logSince = async (from: number): Promise<Record<string, unknown>[]> =>
  (await vault.core.audit.read(from, from + 1000)).map(({ bytes }) => JSON.parse(bytes.toString()));

test('files of every length around chunk and batch come back, with name, type and digest', async () => {
  const id = await newRecord();
  for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 5, 40 * CHUNK]) {
    const content = randomBytes(size);

    const made = await attach(id, `file ${size}.pdf`, content);
    const opened = await vault.openAttachment(app, id, { attachmentId: made.attachmentId });

    const { name, type, sha256, sizeBytes } = opened;
    const digest = createHash('sha256').update(content).digest('hex');
    assert.deepEqual({ name, type, sha256, sizeBytes }, { name: `file ${size}.pdf`, type: 'application/pdf', sha256: digest, sizeBytes: size }); // prettier-ignore
    assert.deepEqual(await download(id, `file ${size}.pdf`), content);
  }
});

test('ranges are the bytes asked for, across chunks and batches', async () => {
  const id = await newRecord();
  const content = randomBytes(35 * CHUNK + 77);
  await attach(id, 'r', content);
  const opened = await vault.openAttachment(app, id, { name: 'r' });

  for (const [start, end] of [
    [0, 0],
    [CHUNK - 1, CHUNK],
    [5, 20 * CHUNK],
    [33 * CHUNK + 3, content.length - 1],
  ] as const) {
    // prettier-ignore
    const parts: Buffer[] = [];
    for await (const part of opened.content({ start, end })) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(content.subarray(start, end + 1)), `${start}-${end}`);
  }
});

test('an upload that breaks in the middle leaves nothing, and the file of that name as it was', async () => {
  const id = await newRecord();
  const first = randomBytes(3 * CHUNK);
  await attach(id, 'contract.pdf', first);
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces(randomBytes(40 * CHUNK));
    throw new Error('cut off');
  };

  const failing = vault.stageAttachment(app, { ...askFor(id, 'contract.pdf', first), source: broken() });
  await assert.rejects(failing, /cut off/);

  assert.deepEqual(await stored(id), { attachments: 1, chunks: 3, loose: 0 });
  assert.deepEqual(await download(id, 'contract.pdf'), first);
});

test('a file is read until the one that replaces it is whole, also by who began before', async () => {
  const id = await newRecord();
  const [first, second] = [randomBytes(40 * CHUNK), randomBytes(20 * CHUNK)];
  await attach(id, 'contract.pdf', first);
  const staged = await vault.stageAttachment(app, askFor(id, 'contract.pdf', second));
  assert.deepEqual(await download(id, 'contract.pdf'), first);
  const reading = (await vault.openAttachment(app, id, { name: 'contract.pdf' })).content();
  const begun = [(await reading.next()).value as Buffer];

  const made = await staged.place();

  assert.equal(made.replaced, true);
  assert.deepEqual(await download(id, 'contract.pdf'), second);
  for await (const part of reading) begun.push(part);
  assert.deepEqual(Buffer.concat(begun), first);
  await staged.discard();
  assert.deepEqual(await download(id, 'contract.pdf'), second, 'discarding what was placed takes nothing away');
});

test('uploads of one name at once: each is whole, one of them stays, the record has one file', async () => {
  const id = await newRecord();
  const contents = Array.from({ length: 6 }, (_, n) => randomBytes(CHUNK * 3 + n));

  const made = await Promise.all(contents.map((content) => attach(id, 'same.pdf', content)));

  assert.equal(made.filter(({ replaced }) => !replaced).length, 1);
  const { attachments } = await vault.attachments(app, id);
  assert.equal(attachments.length, 1);
  const left = await download(id, 'same.pdf');
  assert.ok(contents.some((content) => content.equals(left)));
});

test('what uploads left behind and what was replaced goes after an hour, not before', async () => {
  const id = await newRecord();
  await attach(id, 'a', randomBytes(CHUNK));
  await attach(id, 'a', randomBytes(CHUNK));
  await vault.stageAttachment(app, askFor(id, 'a', randomBytes(2 * CHUNK)));
  assert.deepEqual(await stored(id), { attachments: 1, chunks: 4, loose: 2 });

  await vault.sweep();
  assert.equal((await stored(id)).loose, 2);
  await installation.db`update vault.loose_attachments set touched_at = touched_at - interval '61 minutes' where subject_id = ${id.subjectId}`;
  await vault.sweep();

  assert.deepEqual(await stored(id), { attachments: 1, chunks: 1, loose: 0 });
});

test('an upload that was swept meanwhile is refused, not placed without its chunks', async () => {
  const id = await newRecord();
  const staged = await vault.stageAttachment(app, askFor(id, 'slow', randomBytes(2 * CHUNK)));
  await installation.db`update vault.loose_attachments set touched_at = 'epoch' where subject_id = ${id.subjectId}`;
  await vault.sweep();

  await assert.rejects(staged.place(), code('VAULT_UPLOAD_LOST'));

  assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
});

test('a read is decided and logged before it is opened, and refused to who may not', async () => {
  const id = await newRecord();
  await attach(id, 'passport of Ana.pdf', randomBytes(10));
  const size = await vault.core.audit.size();

  await assert.rejects(download(id, 'passport of Ana.pdf', callerFor('marketing', 'marketing')), code('VAULT_DENIED'));
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
  const id = await newRecord();
  await attach(id, 'letter of Ana.pdf', randomBytes(10));

  const [clear] = (await vault.attachments(app, id)).attachments;
  const [masked] = (await vault.attachments(callerFor('support'), id)).attachments;

  assert.deepEqual([clear?.state, clear?.name, clear?.sizeBytes], ['clear', 'letter of Ana.pdf', 10]);
  assert.deepEqual([masked?.state, masked?.sizeBytes], ['masked', 10]);
  assert.doesNotMatch(JSON.stringify(masked), /Ana|pdf/);
});

test('who may not write, and a collection that takes none, are refused before a byte is read', async () => {
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

test('erasing a subject ends downloads and uploads under way, and leaves no row of any kind', async () => {
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
  const id = await newRecord();
  await attach(id, 'a', randomBytes(CHUNK));
  await attach(id, 'a', randomBytes(CHUNK));
  const staged = await vault.stageAttachment(app, askFor(id, 'b', randomBytes(CHUNK)));

  await vault.remove(app, id);

  assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
  await assert.rejects(staged.place(), code('VAULT_NOT_FOUND'));
});

test('an attachment is taken away by name or id, with its chunks, by who may delete', async () => {
  const id = await newRecord();
  const { attachmentId } = await attach(id, 'a', randomBytes(CHUNK));
  await attach(id, 'b', randomBytes(CHUNK));

  await assert.rejects(vault.detach(callerFor('intake'), { id, which: { name: 'a' } }), code('VAULT_DENIED'));
  await vault.detach(app, { id, which: { attachmentId } });
  await vault.detach(app, { id, which: { name: 'b' } });

  assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
  await assert.rejects(vault.detach(app, { id, which: { name: 'b' } }), code('VAULT_ATTACHMENT_NOT_FOUND'));
});

test('attachments stay readable through rotations of epoch, keys and index, and the old key goes with its last chunk', async () => {
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

/** Runs `damage` in a transaction that reads inside of it and is then rolled back. */
async function damaged(id: RecordId, damage: (tx: Tx) => Promise<unknown>, name = 'a'): Promise<unknown> {
  let thrown: unknown = null;
  const undo = new Error('undo');
  await installation.db
    .begin(async (tx) => {
      await damage(tx);
      // the vault on this very transaction sees the damage, and nobody else does
      const inside = { ...vault.core, db: tx as never };
      const { openAttachment } = await import('./attachments.ts');
      try {
        for await (const part of (await openAttachment(inside, app, id, { name })).content())
          assert.ok(part.length > 0);
      } catch (caught) {
        thrown = caught;
      }
      throw undo;
    })
    .catch((caught: unknown) => assert.equal(caught, undo));
  return thrown;
}

test('a flip in any stored part, and chunks cut, reordered, repeated or moved, end a read with a refusal', async () => {
  const [id, other] = [await newRecord(), await newRecord()];
  const content = randomBytes(20 * CHUNK + 100);
  const mine = await attach(id, 'a', content);
  const second = await attach(id, 'b', randomBytes(20 * CHUNK + 100));
  const theirs = await attach(other, 'a', randomBytes(20 * CHUNK + 100));
  const at = (attachmentId: Uuid, tx: Tx) => tx`attachment_id = ${attachmentId}`;
  const flip = (column: string, byte: number) => (tx: Tx) =>
    tx.unsafe(
      `update vault.attachments set ${column} = set_byte(${column}, ${byte}, get_byte(${column}, ${byte}) # 1) where attachment_id = '${mine.attachmentId}'`,
    );
  const set = (column: string) => (tx: Tx) =>
    tx.unsafe(`update vault.attachments set ${column} = ${column} + 1 where attachment_id = '${mine.attachmentId}'`);
  const cases: [string, (tx: Tx) => Promise<unknown>][] = [
    ['chunk', (tx) => tx`update vault.chunks set box = set_byte(box, 70, get_byte(box, 70) # 1) where seq = 17 and ${at(mine.attachmentId, tx)}`],
    ['tag', (tx) => tx`update vault.chunks set box = set_byte(box, length(box) - 1, get_byte(box, length(box) - 1) # 1) where seq = 0 and ${at(mine.attachmentId, tx)}`],
    ['head format', flip('head', 0)],
    ['head suite', flip('head', 1)],
    ['head salt', flip('head', 9)],
    ['manifest salt', flip('sealed_name', 0)],
    ['manifest commitment', flip('sealed_name', 30)],
    ['manifest content', flip('sealed_name', 70)],
    ['size', set('size_bytes')],
    ['count of chunks', set('chunks')],
    ['key version', set('key_version')],
    ['last chunk gone', (tx) => tx`delete from vault.chunks where seq = 20 and ${at(mine.attachmentId, tx)}`],
    ['chunk in the middle gone', (tx) => tx`delete from vault.chunks where seq = 16 and ${at(mine.attachmentId, tx)}`],
    ['cut, and said to end there', async (tx) => {
      await tx`delete from vault.chunks where seq > 4 and ${at(mine.attachmentId, tx)}`;
      await tx`update vault.chunks set last = true where seq = 4 and ${at(mine.attachmentId, tx)}`;
      await tx`update vault.attachments set chunks = 5, size_bytes = ${5 * CHUNK} where ${at(mine.attachmentId, tx)}`;
    }],
    ['two chunks exchanged', async (tx) => {
      await tx`update vault.chunks set seq = seq + 1000 where seq in (2, 3) and ${at(mine.attachmentId, tx)}`;
      await tx`update vault.chunks set seq = 1005 - seq where seq > 999 and ${at(mine.attachmentId, tx)}`;
    }],
    ['one chunk twice', (tx) => tx`update vault.chunks set box = (select box from vault.chunks where seq = 3 and ${at(mine.attachmentId, tx)}) where seq = 2 and ${at(mine.attachmentId, tx)}`],
    ['chunk of another file of the record', (tx) => tx`update vault.chunks set box = (select box from vault.chunks where seq = 5 and ${at(second.attachmentId, tx)}) where seq = 5 and ${at(mine.attachmentId, tx)}`],
    ['chunk of another person', (tx) => tx`update vault.chunks set box = (select box from vault.chunks where seq = 5 and ${at(theirs.attachmentId, tx)}) where seq = 5 and ${at(mine.attachmentId, tx)}`],
    ['all chunks of another file', async (tx) => {
      await tx`update vault.chunks set attachment_id = ${crypto.randomUUID()} where ${at(mine.attachmentId, tx)}`;
      await tx`update vault.chunks set attachment_id = ${mine.attachmentId} where ${at(second.attachmentId, tx)}`;
    }],
    ['manifest of another file', (tx) => tx`update vault.attachments set sealed_name = (select sealed_name from vault.attachments where ${at(second.attachmentId, tx)}) where ${at(mine.attachmentId, tx)}`],
    ['all of another file but the name', (tx) => tx`
      update vault.attachments a set head = b.head, sealed_name = b.sealed_name, size_bytes = b.size_bytes, chunks = b.chunks
      from vault.attachments b where b.attachment_id = ${second.attachmentId} and a.attachment_id = ${mine.attachmentId}`],
  ]; // prettier-ignore
  assert.equal(await damaged(id, async () => undefined), null, 'without damage it reads');

  for (const [what, damage] of cases) {
    const thrown = await damaged(id, damage);
    const expected = what === 'key version' ? 'VAULT_KEY_REFUSED' : 'SEALING_ATTACHMENT_REFUSED';
    assert.ok(isFailure(thrown, expected), `${what}: ${String(thrown)}`);
  }
  assert.deepEqual(await download(id, 'a'), content);
});

test('a row moved beside another record of the same person does not open there', async () => {
  const id = await newRecord();
  const made = await attach(id, 'a', randomBytes(10));
  const ask = { collection: 'customer', items: [{ subject: { id: undefined }, fields: { last_name: 'X' } }], onDuplicate: 'reject' } as const; // prettier-ignore
  assert.equal((await vault.put(app, ask)).outcomes.length, 1);
  const [beside] = (
    await vault.put(app, { ...ask, items: [{ subject: { id: (await import('#platform/ids')).subjectIdText(id.subjectId) }, fields: { last_name: 'Y' } }] })
  ).outcomes; // prettier-ignore
  assert.ok(beside?.status === 'created');
  await installation.db`update vault.attachments set record_no = ${String(beside.id.recordNo)}::bigint where attachment_id = ${made.attachmentId}`;

  const which = { attachmentId: made.attachmentId };
  await assert.rejects(vault.openAttachment(app, beside.id, which), code('SEALING_ATTACHMENT_REFUSED'));
});

test('a refusal in the middle of a download is in the log, without a value', async () => {
  const id = await newRecord();
  await attach(id, 'secret name', randomBytes(20 * CHUNK));
  await installation.db`delete from vault.chunks where subject_id = ${id.subjectId} and seq = 18`;
  const size = await vault.core.audit.size();

  await assert.rejects(download(id, 'secret name'), code('SEALING_ATTACHMENT_REFUSED'));

  const entries = await logSince(size);
  assert.deepEqual(entries.map(({ outcome }) => outcome), ['done', 'failed']); // prettier-ignore
  assert.match(JSON.stringify(entries[1]), /"code":"SEALING_ATTACHMENT_REFUSED"/);
  assert.doesNotMatch(JSON.stringify(entries), /secret name/);
});

test('neither names nor types nor content stand in any table', async () => {
  const id = await newRecord();
  const canary = `canary-${randomBytes(8).toString('hex')}`;
  const staged = await vault.stageAttachment(app, {
    id,
    name: `${canary}.pdf`,
    type: `x/${canary}`,
    source: pieces(Buffer.from(canary.repeat(9000))),
  });
  await staged.place();

  const tables = await installation.db<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables where table_schema in ('vault', 'audit', 'access')`;
  const hex = Buffer.from(canary).toString('hex');
  for (const { schema, name } of tables) {
    const found = await installation.db.unsafe(
      `select count(*)::int as n from ${schema}.${name} t where t::text like '%${canary}%' or t::text like '%${hex}%'`,
    );
    assert.equal(found[0]?.n, 0, `${schema}.${name}`);
  }
});

test('equal names look alike neither beside two records nor for two people', async () => {
  const [one, two] = [await newRecord(), await newRecord()];
  await attach(one, 'passport.pdf', randomBytes(1));
  await attach(two, 'passport.pdf', randomBytes(1));

  const rows = await installation.db<{ name_lookup: Buffer }[]>`
    select name_lookup from vault.attachments where subject_id in (${one.subjectId}, ${two.subjectId})`;

  assert.equal(rows.length, 2);
  assert.equal(new Set(rows.map((row) => row.name_lookup.toString('hex'))).size, 2);
});

test('names that could do harm as a file or a header are refused, others are brought to NFC', () => {
  const bad = [
    '',
    '.',
    '..',
    ' a',
    'a ',
    'a/b',
    'a\\b',
    'a\nb',
    'a\u0000',
    '\u202Efdp.exe',
    'x'.repeat(256),
    'ü'.repeat(128),
    '\uD800',
  ];
  for (const name of bad) assert.throws(() => checkAttachmentName(name), code('VAULT_ATTACHMENT_NAME_INVALID'), JSON.stringify(name)); // prettier-ignore

  assert.equal(checkAttachmentName('u\u0308.pdf'), 'ü.pdf');
  assert.equal(checkAttachmentName('نامه\u200cها 👩‍⚕️.pdf'), 'نامه\u200cها 👩‍⚕️.pdf');
  assert.equal(checkAttachmentName('ü'.repeat(127)).length, 127);
});

test('content that is not what its digest says is not stored', async () => {
  const id = await newRecord();
  const ask = askFor(id, 'a', Buffer.from('content'));

  await assert.rejects(vault.stageAttachment(app, { ...ask, sha256: 'ab'.repeat(32) }), code('VAULT_DIGEST_MISMATCH'));

  assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
});
