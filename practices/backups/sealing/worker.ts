/** The worker thread: everything that costs CPU for each byte, away from the thread that answers requests. */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

import { isFailure } from '#platform/failure';

import { openAge, sealAge } from './age-file.ts';
import { framesOf, packFrame, unpack } from './frames.ts';
import { rowSums } from './row-sums.ts';
import type { Answer, Task } from './sealer.ts';

const port = parentPort;
port?.on('message', ({ id, task }: { id: number; task: Task }) => {
  work(task).then(
    (answer) => {
      const { buffer } = 'bytes' in answer ? answer.bytes : { buffer: null };
      port.postMessage({ id, answer }, buffer instanceof ArrayBuffer ? [buffer] : []);
    },
    (thrown: unknown) => {
      const failure = isFailure(thrown) ? { code: thrown.code, detail: thrown.message } : null;
      port.postMessage({ id, failure, message: failure === null ? (thrown as Error).message : '' });
    },
  );
});

async function work(task: Task): Promise<Answer> {
  if (task.do === 'sum') {
    const sums = rowSums();
    return { rows: sums.add(task.content), sum: sums.value() };
  }
  if (task.do === 'pack') {
    const sums = rowSums();
    // a file of the home is no rows
    const rows = task.table.startsWith('file:') ? 0 : sums.add(task.content);
    return { bytes: own(packFrame(task.table, rows, task.content)), rows, sum: sums.value() };
  }
  if (task.do === 'unpack') return { bytes: own(unpack(task.frame)) };
  if (task.do === 'seal') {
    const bytes = own(await sealAge(Buffer.concat(task.parts), task.recipients));
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const bytes = own(await openAge(Buffer.from(task.sealed), task.identities));
  // looked at here, so that damage is found before anything is fed to a database
  framesOf(bytes);
  return { bytes };
}

/** In a buffer of its own, so that it can be handed over without a copy. */
const own = (bytes: Buffer): Buffer<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
    ? (bytes as Buffer<ArrayBuffer>)
    : Buffer.from(Uint8Array.from(bytes).buffer);
