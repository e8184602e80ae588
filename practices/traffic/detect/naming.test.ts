import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { subjectIdText, uuidv7, type SubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { addTouches } from '../store/touches.ts';
import { createNaming } from './naming.ts';

const KEY = 'key_00000000000000000000000001';
const MINUTE_MS = 60_000;

test('who was touched again within the hour that an alert is about is named, though the store did not write it down once more', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const now = Date.UTC(2026, 4, 1, 12, 59, 50);
  const [again, before] = [uuidv7(), uuidv7()] as unknown as [SubjectId, SubjectId];
  const touch = (subjectId: SubjectId, minutesAgo: number) =>
    addTouches(db, [{ subjectId, actor: KEY, purpose: 'p', at: new Date(now - minutesAgo * MINUTE_MS) }]);
  await touch(again, 64);
  await touch(again, 59.5);
  await touch(before, 90);
  const alert = {
    rule: 'behaviour.customers-per-hour',
    entity: { key: KEY },
    time: now,
    events: ['e'],
  } as unknown as Alert;

  const [named] = await db.begin((tx) =>
    createNaming()(tx as never, [alert], () => ({ time: now, strongroom: { subjects: 1 } }) as unknown as TrafficEvent),
  );

  assert.deepEqual(named?.subjects, [subjectIdText(again)]);
});
