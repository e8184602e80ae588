/** What is changed in the database is refused, and neither names nor content stand there. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import type { Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { RecordId, Uuid } from '#platform/ids';

import { checkAttachmentName } from './attachment-manifest.ts';
import type { Running } from './attachments.test.ts';

export function damageIsRefused(of: () => Running): void {
  /** Runs `damage` in a transaction that reads inside of it and is then rolled back. */
  async function damaged(id: RecordId, damage: (tx: Tx) => Promise<unknown>, name = 'a'): Promise<unknown> {
    const { installation, vault, app } = of();
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
    const { newRecord, CHUNK, attach, download } = of();
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
    const { newRecord, attach, vault, app, installation, code } = of();
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
    const { newRecord, attach, CHUNK, installation, vault, download, code, logSince } = of();
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
    const { newRecord, vault, app, pieces, installation } = of();
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
    const { newRecord, attach, installation } = of();
    const [one, two] = [await newRecord(), await newRecord()];
    await attach(one, 'passport.pdf', randomBytes(1));
    await attach(two, 'passport.pdf', randomBytes(1));

    const rows = await installation.db<{ name_lookup: Buffer }[]>`
      select name_lookup from vault.attachments where subject_id in (${one.subjectId}, ${two.subjectId})`;

    assert.equal(rows.length, 2);
    assert.equal(new Set(rows.map((row) => row.name_lookup.toString('hex'))).size, 2);
  });

  test('names that could do harm as a file or a header are refused, others are brought to NFC', () => {
    const { code } = of();
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
    const { newRecord, askFor, vault, app, code, stored } = of();
    const id = await newRecord();
    const ask = askFor(id, 'a', Buffer.from('content'));

    await assert.rejects(
      vault.stageAttachment(app, { ...ask, sha256: 'ab'.repeat(32) }),
      code('VAULT_DIGEST_MISMATCH'),
    );

    assert.deepEqual(await stored(id), { attachments: 0, chunks: 0, loose: 0 });
  });
}
