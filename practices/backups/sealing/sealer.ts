/** Compresses, sums, seals and opens in worker threads; buffers are handed over, not copied. */
import { Worker } from 'node:worker_threads';

import { backupsFailure } from '../failures.ts';
import type { Frame, FrameHead } from './frames.ts';
import { isOwn } from './let-go.ts';

type Text = Uint8Array<ArrayBuffer>;
export type Task =
  | Readonly<{ do: 'pack'; table: string; content: Text }>
  | Readonly<{ do: 'sum'; content: Text }>
  | Readonly<{ do: 'seal'; parts: readonly Uint8Array[]; recipients: readonly string[] }>
  | Readonly<{ do: 'open'; sealed: Uint8Array; identities: readonly string[] }>
  | Readonly<{ do: 'unpack'; head: FrameHead; packed: Text }>;
type Summed = Readonly<{
  rows: number;
  sum: string;
  /** The memory of the content, to be written over. */
  spent: ArrayBuffer;
}>;
export type Answer =
  | (Summed & Readonly<{ bytes: Buffer }>)
  | Readonly<{ bytes: Buffer; sha256: string }>
  | Summed
  | Readonly<{ bytes: Buffer }>;

export type Sealer = Readonly<{
  /** Rows of a table as one frame. @param content in memory of its own, which is handed over whole */
  pack: (table: string, content: Text) => Promise<Summed & { bytes: Buffer }>;
  /** @param content as of `pack` */
  sum: (content: Text) => Promise<Summed>;
  seal: (parts: readonly Uint8Array[], recipients: readonly string[]) => Promise<{ bytes: Buffer; sha256: string }>;
  /** @throws BACKUPS_KEY_WRONG, BACKUPS_OBJECT_DAMAGED */
  open: (sealed: Uint8Array, identities: readonly string[]) => Promise<Buffer>;
  unpack: (frame: Frame) => Promise<Buffer>;
  close: () => Promise<void>;
}>;

type Waiting = { resolve: (answer: Answer) => void; reject: (thrown: Error) => void };
type Thread = { worker: Worker; waiting: Map<number, Waiting> };

/** @param threads each is started when there is work for it */
export function createSealer(threads = 2): Sealer {
  const running: Thread[] = [];
  let next = 0;
  let closed = false;

  const start = (): Thread => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 },
    });
    const waiting = new Map<number, Waiting>();
    const thread = { worker, waiting };
    worker.on('message', ({ id, answer, failure, message }) => {
      const asked = waiting.get(id as number);
      waiting.delete(id as number);
      if (answer !== undefined) asked?.resolve(withBuffers(answer as Answer));
      else asked?.reject(thrownOf(failure as { code: string; detail: string } | null, message as string));
    });
    const fail = (thrown: Error): void => {
      running.splice(running.indexOf(thread), 1);
      for (const { reject } of waiting.values()) reject(thrown);
      waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the sealing thread ended')));
    worker.unref();
    running.push(thread);
    return thread;
  };
  const ask = async (task: Task, hand: readonly ArrayBuffer[]): Promise<Answer> => {
    if (closed) throw new Error('the sealer is closed');
    const idle = running.find(({ waiting }) => waiting.size === 0);
    const thread =
      idle ?? (running.length < threads ? start() : running.toSorted((a, b) => a.waiting.size - b.waiting.size)[0]);
    next += 1;
    const id = next;
    const chosen = thread as Thread;
    return new Promise((resolve, reject) => {
      chosen.waiting.set(id, { resolve, reject });
      chosen.worker.ref();
      chosen.worker.postMessage({ id, task }, [...hand]);
    }).finally(() => {
      if (chosen.waiting.size === 0) chosen.worker.unref();
    }) as Promise<Answer>;
  };
  return {
    pack: (table, content) => ask({ do: 'pack', table, content }, [content.buffer]) as ReturnType<Sealer['pack']>,
    sum: (content) => ask({ do: 'sum', content }, [content.buffer]) as ReturnType<Sealer['sum']>,
    seal: (parts, recipients) => ask({ do: 'seal', parts, recipients }, transferable(parts)) as ReturnType<Sealer['seal']>, // prettier-ignore
    open: async (sealed, identities) =>
      ((await ask({ do: 'open', sealed, identities }, transferable([sealed]))) as { bytes: Buffer }).bytes,
    unpack: async ({ head, packed }) => {
      // a copy of the frame alone: a piece of an object would take the whole object along
      const own = Uint8Array.from(packed);
      return ((await ask({ do: 'unpack', head, packed: own }, [own.buffer])) as { bytes: Buffer }).bytes;
    },
    close: async () => {
      closed = true;
      await Promise.all(running.map(({ worker }) => worker.terminate()));
    },
  };
}

/** What has memory all to itself is handed over, the rest is copied. */
const transferable = (parts: readonly Uint8Array[]): ArrayBuffer[] =>
  parts.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && isOwn(byteLength, buffer.byteLength) ? [buffer] : [],
  );

/** A Buffer arrives as a Uint8Array. */
const withBuffers = (answer: Answer): Answer => {
  if (!('bytes' in answer)) return answer;
  const { bytes } = answer;
  return { ...answer, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
};

const CODES = { BACKUPS_KEY_WRONG: 'KEY_WRONG', BACKUPS_OBJECT_DAMAGED: 'OBJECT_DAMAGED', BACKUPS_RECIPIENT_MALFORMED: 'RECIPIENT_MALFORMED', BACKUPS_RECIPIENT_MISSING: 'RECIPIENT_MISSING' } as const; // prettier-ignore

function thrownOf(failure: { code: string; detail: string } | null, message: string): Error {
  const code = failure === null ? undefined : CODES[failure.code as keyof typeof CODES];
  return code === undefined ? new Error(message) : backupsFailure(code, { detail: failure?.detail ?? message });
}
