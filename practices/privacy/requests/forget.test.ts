/** Values that nobody can appeal for any more go, whatever another one's are like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { lockRequest } from '../store/requests.ts';
import type { Desk } from './desk.ts';
import { createForget } from './forget.ts';

test('values that do not open keep nobody else’s', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  const ids = [uuidv7(), uuidv7()] as const;
  for (const [n, id] of ids.entries())
    await db`
      insert into privacy.requests (request_id, subject_id, kind, regime, state, corrections, values_kept, received_at, due_at, closed_at)
      values (${id}, ${uuidv7()}, 'correction', 'us-va', 'refused', ${Buffer.from('sealed')}, true, now(), now(), ${new Date(2020, 0, n + 1)})`;
  const desk = {
    corrections: ({ request_id }: { request_id: Uuid }) => (request_id === ids[0] ? Promise.reject(new Error('damaged')) : Promise.resolve([])),
    seal: () => Promise.resolve(Buffer.from('without')),
    found: (tx: never, id: string) => lockRequest(tx, parsePublicId('dsr', id) as Uuid),
  } as unknown as Desk;
  const kept = async () => (await db<{ id: Uuid }[]>`select request_id as id from privacy.requests where values_kept`).map(({ id }) => id);

  await assert.rejects(createForget({ db, clock: () => new Date(), desk })(), /damaged/);

  assert.deepEqual(await kept(), [ids[0]]);
}); // prettier-ignore
