/** Which notice holds. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { insertNotice, noticeVersions } from './notices.ts';

test('the notice that was published last holds, though the one before has a time that has not come yet', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  const publish = async (hash: Buffer, at: Date): Promise<Date> =>
    (await insertNotice(db, { hash, facts: {}, texts: {}, languages: ['en'], published_at: at, published_by: 'per_1' })).published_at;
  const newest = async () => (await noticeVersions(db, 1))[0]?.hash;
  const [first, second, now] = [randomBytes(32), randomBytes(32), new Date()];
  const ahead = new Date(now.getTime() + 86_400_000);

  assert.equal((await publish(first, ahead)).getTime(), ahead.getTime());
  await publish(second, now);
  assert.deepEqual(await newest(), second);
  await publish(first, now);
  assert.deepEqual(await newest(), first, 'the same again is the newest again');
}); // prettier-ignore
