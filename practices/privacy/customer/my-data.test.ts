/** Whoever reads a copy while it streams is asked for anew: what ended meanwhile ends it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newRecordNo, newSubjectId, type RecordId } from '#platform/ids';

import { createMyData, type MyDataNeeds, type Reader } from './my-data.ts';

const subject = newSubjectId();
const ids = Array.from({ length: 450 }, (): RecordId => ({ subjectId: subject, recordNo: newRecordNo() }));
const read: unknown[] = [];
const records = {
  recordsOf: (_subject: unknown, { after, limit }: { after: RecordId | null; limit: number }) => {
    const from = after === null ? 0 : ids.indexOf(after) + 1;
    return Promise.resolve(ids.slice(from, from + limit));
  },
  read: (by: { actor: { role: string } }) => (read.push(by.actor.role), Promise.resolve({ records: [] })),
  attachments: (by: { actor: { role: string } }) => (read.push(by.actor.role), Promise.resolve({ attachments: [] })),
};
const data = createMyData({ records, catalog: () => ({}), systemActor: () => null } as unknown as MyDataNeeds);

test('each page and each list of files is read by who it is now; one who may no longer be asked for gets no more', async () => {
  for (const what of ['pages', 'files'] as const) {
    let left = 2;
    read.length = 0;
    const renew = () => (left-- > 0 ? Promise.resolve({ role: `now ${left}` }) : Promise.reject(new Error('it ended')));
    const by = { actor: { role: 'before' }, purpose: 'legal.request', requestId: 'x', renew } as unknown as Reader;
    const walk = async (): Promise<void> => {
      const all = what === 'pages' ? data.pages(by, subject, 'clear', () => {}) : data.files(by, subject, () => {});
      for await (const page of all) void page;
    };
    await assert.rejects(walk(), /it ended/, what);
    assert.deepEqual(read, ['now 1', 'now 0'], what);
  }
});
