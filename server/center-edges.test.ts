/** What comes to the center twice at once, too late, or in a form that nobody thought of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, idOf, requestDesk } from './testing-requests.ts';

const { two, as, officer, customer, take, ask, asks, signIn, openOf } = requestDesk();

test('one look that is doubted twice at once is one task; of many at once there are no more than one after the other', async () => {
  const { subjectId } = await customer('doubts@example.org');
  const id = idOf(subjectId);
  const doubt = (entry: number, server: 0 | 1) =>
    code(two().systems[server].privacy.requests.ask({ actor: { kind: 'subject', id } }, { subjectId: id, kind: 'doubt', words: null, entry }));
  const open = async () => (await officer().list()).requests.filter(({ subject }) => subject === subjectId);

  await Promise.all(Array.from({ length: 8 }, (_, n) => doubt(7, n % 2 === 0 ? 0 : 1)));
  assert.equal((await open()).length, 1);

  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => doubt(100 + n, n % 2 === 0 ? 0 : 1)));
  assert.deepEqual([new Set(all), (await open()).length], [new Set(['done', 'PRIVACY_SLOW_DOWN']), 20]);
}); // prettier-ignore
