/** sql/0011: what was asked before anybody had to show who they are counts as what it was asked by, and as no more. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { migrate } from '#platform/db';
import { uuidv7, type SubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { fresh, needed, reached, type About } from '../requests/proof.ts';
import { findRequest } from './requests.ts';

const SQL = new URL('../sql/', import.meta.url);

test('a request from before is shown by the mail that it came in by, or by nothing; a correction may move what somebody is reached by', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  const folder = await mkdtemp(join(tmpdir(), 'sr-privacy-sql-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of await readdir(SQL)) if (name < '0011') await copyFile(new URL(name, SQL), join(folder, name));
  await migrate(db, [{ schema: 'privacy', folder: pathToFileURL(`${folder}/`) }]);

  const received = new Date(Date.now() - 86_400_000);
  /** As 0010 has them. @param by the actor of each step, the first one that took it in */
  const asked = async (kind: string, state: string, ...by: readonly string[]) => {
    const [id, subject] = [uuidv7(), uuidv7() as SubjectId];
    await db`
      insert into privacy.requests (request_id, subject_id, kind, regime, state, received_at, due_at, closed_at)
      values (${id}, ${subject}, ${kind}, 'eu-gdpr', ${state}, ${received}, now(), ${state === 'refused' ? new Date() : null})`;
    for (const [index, actor] of by.entries())
      await db`
        insert into privacy.request_steps (request_id, seq, step, actor, at, entry)
        values (${id}, ${index + 1}, ${index === 0 ? 'received' : 'added'}, ${actor}, ${received}, ${index})`;
    return id;
  };
  const center = await asked('copy', 'received', 'subject');
  const letter = await asked('copy', 'received', 'key_of_staff');
  const joined = await asked('erasure', 'review', 'key_of_staff', 'subject');
  const correction = await asked('correction', 'received', 'subject');
  const declined = await asked('correction', 'refused', 'subject');
  await db`
    insert into privacy.sessions (hash, subject_id, expires_at) values (${Buffer.alloc(32, 1)}, ${uuidv7()}, now() + interval '1 hour')`;
  const applied = await migrate(db, [{ schema: 'privacy', folder: SQL }]);
  assert.ok(applied.some(({ number }) => number === 11));

  const now = async (id: Awaited<ReturnType<typeof asked>>): Promise<string> => {
    const row = await findRequest(db, id);
    assert.ok(row !== null);
    const about: About = { ...row, special: false };
    return [row.asker, row.corrects.join('+'), needed(about), reached(fresh(row, new Date()), about)].join(' ');
  };
  assert.equal(await now(center), 'subject  reasonable reasonable');
  assert.equal(await now(letter), 'subject  reasonable none');
  assert.equal(await now(joined), 'subject  reasonable none', 'who took it in was staff');
  assert.equal(await now(correction), 'subject email+phone high none', 'the mailbox does not move itself');
  assert.equal(await now(declined), 'subject email+phone high none', 'since it can be appealed');
  const row = await findRequest(db, center);
  assert.deepEqual(
    row?.proofs.map(({ means, at }) => [means, at]),
    [['mail-code', received.toISOString()]],
    'from when it was asked, to the millisecond',
  );
  // sql/0013: nor is it taken back by less than that
  assert.deepEqual([row?.nearest, row?.surest], ['subject', [{ asker: 'subject', proofs: row?.proofs }]]);
  // a session from before has shown nothing: it lives half an hour
  const [session] = await db<{ proofs: unknown[]; address: Buffer | null }[]>`select proofs, address from privacy.sessions`;
  assert.deepEqual([session?.proofs, session?.address], [[], null]);
  // what is not of the list does not get in
  for (const wrong of [db`update privacy.requests set asker = 'nobody'`, db`update privacy.requests set nearest = 'nobody'`, db`update privacy.requests set proof_needed = 'some'`])
    await assert.rejects(wrong, { code: '23514' });
}); // prettier-ignore
