/** Yeses that end by themselves, where something does not go as it should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate, transact } from '#platform/db';
import { newSubjectId, uuidv7, type SubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { appendEvents, lockChain } from '../store/consents.ts';
import { eventHash } from './chain.ts';
import { createConsents, type ConsentNeeds } from './consents.ts';

test('the end of a yes is not written down without its record because its keys could not be asked for; others end meanwhile', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  const [one, other] = [newSubjectId(), newSubjectId()];
  for (const [n, holder] of [one, other].entries())
    await transact(db, async (tx) => {
      const { seq, hash: prev } = await lockChain(tx, holder, 'subject');
      const event = { holder, seq: seq + 1, eventId: uuidv7(), what: 'given' as const, purpose: 'a', at: new Date(0), expiresAt: new Date(n + 1), record: Buffer.from('sealed'), prev };
      await appendEvents(tx, [{ ...event, sealed: true, hash: eventHash(event) }]);
    });
  let away: SubjectId | null = one;
  const vault = {
    sealFor: (id: SubjectId, _use: string, plains: readonly Uint8Array[]) =>
      id === away ? Promise.reject(new Error('away')) : Promise.resolve(plains.map(() => Buffer.from('sealed'))),
  };
  const { expire } = createConsents({
    db, vault, clock: () => new Date(1000), audit: { appendIn: () => Promise.resolve({ index: 0n }) },
  } as unknown as ConsentNeeds);
  const ended = async () => (await db<{ holder: SubjectId; sealed: boolean }[]>`select holder, sealed from privacy.consent_events where what = 'expired' order by at`).map(({ holder, sealed }) => [holder, sealed]);

  await assert.rejects(expire(), /away/);
  assert.deepEqual(await ended(), [[other, true]]);

  away = null;
  assert.equal(await expire(), 1);
  assert.deepEqual(new Map((await ended()) as [SubjectId, boolean][]), new Map([[one, true], [other, true]]));
}); // prettier-ignore
