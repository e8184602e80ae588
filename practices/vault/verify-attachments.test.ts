import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';

import type { RecordId, Uuid } from '#platform/ids';

import type { Vault } from './index.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';

let place: Installation;
let vault: Vault;
let number = 0;
before(async () => {
  place = await testInstallation();
  vault = await place.server();
});
after(() => place.close());

const app = callerFor('application');
const CHUNK = 65_536;

type Result = Readonly<{
  ok: boolean;
  attachments: Readonly<Record<string, number>>;
  listed: readonly { record: string; attachment?: string; finding: string }[];
}>;
async function verify(): Promise<Result> {
  const work = await doWork(vault, 'verify');
  assert.equal(work?.state, 'done');
  return work.result as never;
}
/** What each test broke, it mends, so that the next begins with a whole vault. */
beforeEach(async () => {
  const { ok, listed } = await verify();
  assert.equal(ok, true, JSON.stringify(listed));
});

const newRecord = (): Promise<RecordId> => putOne(vault, `verify-${(number += 1)}`, { last_name: 'Holder' });
async function attach(id: RecordId, name: string, content: Buffer): Promise<Uuid> {
  const source = (async function* () {
    yield await Promise.resolve(content);
  })();
  const staged = await vault.stageAttachment(app, { id, name, type: 'a/b', source });
  return (await staged.place()).attachmentId;
}
async function download(id: RecordId, name: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of (await vault.openAttachment(app, id, { name })).content()) parts.push(part);
  return Buffer.concat(parts);
}
type Row = Record<string, unknown>;
const rowsOf = async (attachmentId: Uuid): Promise<{ row: Row; chunks: Row[] }> => ({
  row: (await place.db<Row[]>`select * from vault.attachments where attachment_id = ${attachmentId}`)[0] as Row,
  chunks: await place.db<Row[]>`select * from vault.chunks where attachment_id = ${attachmentId}`,
});
const putBack = async ({ row, chunks }: { row: Row; chunks: Row[] }): Promise<void> => {
  await place.db`delete from vault.attachments where record_no = ${String(row.record_no)}::bigint and name_lookup = ${row.name_lookup as Buffer}`;
  await place.db`insert into vault.attachments ${place.db(row)}`;
  await place.db`insert into vault.chunks ${place.db(chunks)} on conflict do nothing`;
};
const found = ({ attachments }: Result): Record<string, number> =>
  Object.fromEntries(Object.entries(attachments).filter(([name, n]) => name !== 'attachments' && n > 0));

test('after uploads, replacements, removals, new keys, deletions and erasures nothing is found', async () => {
  const [one, two, three] = [await newRecord(), await newRecord(), await newRecord()];
  for (const id of [one, two, three]) {
    for (const name of ['a', 'b', 'a']) await attach(id, name, randomBytes(17 * CHUNK));
  }
  await vault.detach(app, { id: one, which: { name: 'b' } });
  await vault.remove(app, two);
  await vault.erase(callerFor('dpo', 'legal.request'), three.subjectId);
  await doWork(vault, 'keys');
  await doWork(vault, 'epoch');
  await attach(one, 'c', randomBytes(3));

  const result = await verify();

  assert.equal(result.ok, true, JSON.stringify(result));
  assert.deepEqual(result.attachments, { attachments: 2, changed: 0, unknown: 0, deleted: 0, refused: 0, missing: 0 });
  await vault.remove(app, one);
});

test('an old file put back whole opens as if it were the newest, and is found here; so is one that was taken away', async () => {
  const id = await newRecord();
  const [old, now] = [randomBytes(3 * CHUNK), randomBytes(CHUNK)];
  const replaced = await rowsOf(await attach(id, 'contract', old));
  const current = await rowsOf(await attach(id, 'contract', now));
  const gone = await rowsOf(await attach(id, 'letter', now));
  await vault.detach(app, { id, which: { name: 'letter' } });
  await putBack(replaced);
  await putBack(gone);

  assert.deepEqual(await download(id, 'contract'), old, 'this is what nothing but the log can tell');
  const result = await verify();

  assert.deepEqual(found(result), { deleted: 2, missing: 1 });
  assert.equal(result.ok, false);
  assert.equal(result.listed.length, 2);
  assert.ok(result.listed.every(({ attachment, finding }) => attachment?.startsWith('att_') === true && finding === 'deleted')); // prettier-ignore
  await putBack(current);
  await vault.detach(app, { id, which: { name: 'contract' } });
  await place.db`delete from vault.attachments where subject_id = ${id.subjectId}`;
});

test('a chunk changed, cut or added, a row taken out, one made up, and keys taken away are found, each as what it is', async () => {
  const id = await newRecord();
  const attachmentId = await attach(id, 'a', randomBytes(20 * CHUNK));
  const other = await attach(await newRecord(), 'b', randomBytes(10));
  const whole = await rowsOf(attachmentId);
  const mine = place.db`attachment_id = ${attachmentId}`;
  const ring = await place.db<Row[]>`select * from vault.keyrings where subject_id = ${id.subjectId}`;
  const cases: [string, () => Promise<unknown>, () => Promise<unknown>, Record<string, number>][] = [
    ['flip', () => place.db`update vault.chunks set box = set_byte(box, 1, get_byte(box, 1) # 1) where seq = 17 and ${mine}`, () => place.db`update vault.chunks set box = set_byte(box, 1, get_byte(box, 1) # 1) where seq = 17 and ${mine}`, { changed: 1 }],
    ['cut', () => place.db`delete from vault.chunks where seq = 19 and ${mine}`, () => putBack(whole), { changed: 1 }],
    ['added', () => place.db`insert into vault.chunks select subject_id, attachment_id, 20, last, box from vault.chunks where seq = 19 and ${mine}`, () => place.db`delete from vault.chunks where seq = 20 and ${mine}`, { changed: 1 }],
    ['row out', () => place.db`delete from vault.attachments where ${mine}`, () => putBack(whole), { missing: 1 }],
    ['made up', () => place.db`insert into vault.attachments (subject_id, record_no, attachment_id, public_id, name_lookup, sealed_name, key_version, size_bytes, chunks, head, created_at) select subject_id, record_no, gen_random_uuid(), gen_random_uuid(), '\\x00', sealed_name, key_version, size_bytes, chunks, head, created_at from vault.attachments where attachment_id = ${other}`, () => place.db`delete from vault.attachments where name_lookup = '\\x00'`, { unknown: 1 }],
    ['ring out', () => place.db`delete from vault.keyrings where subject_id = ${id.subjectId}`, () => place.db`insert into vault.keyrings ${place.db(ring)}`, { refused: 1 }],
  ]; // prettier-ignore

  for (const [what, breakIt, mend, expected] of cases) {
    await breakIt();
    const result = await verify();
    await mend();

    assert.deepEqual(found(result), expected, what);
    assert.equal(result.ok, false, what);
  }
});
