/** A log that breaks off in the middle of its answer costs a round, and never the witness. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { drip, farSide } from '#platform/testing';

import { pullOnce } from './pull.ts';
import { ORIGIN, watch } from './testing-watch.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nexample';
const BREAKS: readonly (readonly [what: string, on: (socket: Socket) => void, why: string])[] = [
  ['hangs up', (socket) => void socket.end(HEAD), 'it cannot be reached'],
  ['is reset', (socket) => void socket.write(HEAD, () => setTimeout(() => socket.resetAndDestroy(), 50)), 'it cannot be reached'], // prettier-ignore
  ['stalls', (socket) => void socket.write(HEAD), 'it did not answer in time'],
  ['drips', (socket) => (socket.write(HEAD), drip(socket, 'a')), 'it did not answer in time'],
];

for (const [what, on, why] of BREAKS)
  test(`a log whose answer ${what} in the middle is told of as one that failed`, async (t) => {
    const { witness, memory } = watch(t);
    const { port } = await farSide(t, (socket) => void socket.once('data', () => on(socket)));
    const pulled = await pullOnce({ witness, memory, fetch, timeoutMs: 500 }, { origin: ORIGIN, url: `http://127.0.0.1:${port}` }); // prettier-ignore
    assert.deepEqual(pulled, { kind: 'failed', why });
  });

test('a witness that stops waits for no log', async (t) => {
  const { witness, memory } = watch(t);
  const { port } = await farSide(t, () => undefined);
  const stop = AbortSignal.timeout(100);
  const pulled = await pullOnce({ witness, memory, fetch, timeoutMs: 60_000, stop }, { origin: ORIGIN, url: `http://127.0.0.1:${port}` }); // prettier-ignore
  assert.deepEqual(pulled, { kind: 'failed', why: 'it took too long in all, or this witness stopped' });
});
