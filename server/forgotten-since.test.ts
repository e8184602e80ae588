/** What the ledger of backups is fed with: restrictions travel when any of them changed, and then all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';
import { forgottenSince } from '#practices/vault';

import { MIGRATIONS } from './migrations.ts';

test('nobody travels while nothing changed; one restricted, let go, or restricted for another reason is found', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, MIGRATIONS);
  const [installation, subject] = [uuidv7(), uuidv7()];
  const ask = (mark: string | null) => forgottenSince(db, installation, new Date(0), mark);
  const restrict = (because: string) =>
    db`insert into vault.restrictions (subject_id, because, actor) values (${subject}, ${because}, 'test')`;

  const none = await ask(null);
  assert.deepEqual(none.restrictions, []);
  assert.equal((await ask(none.mark)).restrictions, null);
  await restrict('objection');
  const one = await ask(none.mark);
  assert.equal(one.restrictions?.length, 1);
  assert.equal((await ask(one.mark)).restrictions, null);
  await db`delete from vault.restrictions`;
  await restrict('claim');
  const other = await ask(one.mark);
  assert.equal(other.restrictions?.[0]?.because, 'claim');
  await db`delete from vault.restrictions`;
  assert.deepEqual((await ask(other.mark)).restrictions, []);
});
