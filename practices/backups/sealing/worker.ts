/** The worker thread: everything that costs CPU for each byte, away from the thread that answers requests. */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

import { isFailure } from '#platform/failure';

import { openAge, sealAge } from './age-file.ts';
import { copyTables } from './copying.ts';
import { framesOf, packFrame, unpack } from './frames.ts';
import { isOwn, letGo } from './let-go.ts';
import { rowSums } from './row-sums.ts';
import type { Answer, Task } from './sealer.ts';

const port = parentPort;
port?.on('message', ({ id, task }: { id: number; task: Task }) => {
  work(task).then(
    (answer) => {
      const hand = [
        ...('bytes' in answer && answer.bytes.buffer instanceof ArrayBuffer ? [answer.bytes.buffer] : []),
        ...('spent' in answer ? [answer.spent] : []),
      ];
      port.postMessage({ id, answer }, hand);
    },
    (thrown: unknown) => {
      const failure = isFailure(thrown) ? { code: thrown.code, detail: thrown.message } : null;
      // of PostgreSQL its code and its sentence, which quotes no value
      const { message, code } = thrown as Error & { code?: string };
      port.postMessage({ id, failure, message: failure === null ? message : '', code: code ?? '' });
    },
  );
});

async function work(task: Task): Promise<Answer> {
  if (task.do === 'sum') {
    const sums = rowSums();
    return { rows: sums.add(task.content), sum: sums.value(), spent: task.content.buffer };
  }
  if (task.do === 'pack') {
    const sums = rowSums();
    // a file of the home is no rows
    const rows = task.table.startsWith('file:') ? 0 : sums.add(task.content);
    const bytes = own(packFrame(task.table, rows, task.content));
    return { bytes, rows, sum: sums.value(), spent: task.content.buffer };
  }
  if (task.do === 'copy') {
    await copyTables(task.ask, task.port);
    return { copied: true };
  }
  if (task.do === 'unpack') {
    const bytes = own(unpack({ head: task.head, packed: Buffer.from(task.packed.buffer) }));
    letGo(task.packed);
    return { bytes };
  }
  if (task.do === 'seal') {
    const bytes = own(await sealAge(task.parts, task.recipients));
    for (const part of task.parts) letGo(part);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const bytes = own(
    await openAge(Buffer.from(task.sealed.buffer, task.sealed.byteOffset, task.sealed.byteLength), task.identities),
  );
  letGo(task.sealed);
  // looked at here, so that damage is found before anything is fed to a database
  framesOf(bytes);
  return { bytes };
}

/** In memory of its own and not much more, so that it can be handed over without a copy. */
const own = (bytes: Buffer): Buffer<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && isOwn(bytes.byteLength, bytes.buffer.byteLength)
    ? (bytes as Buffer<ArrayBuffer>)
    : Buffer.from(Uint8Array.from(bytes).buffer);
