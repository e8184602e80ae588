/** Compresses, sums, seals and opens in worker threads; buffers are handed over, not copied. */
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';

import { backupsFailure } from '../failures.ts';
import type { Part } from '../store/copy-out.ts';
import type { CopyAsk, CopyQuestion, SealedRows } from './copying.ts';
import type { Frame, FrameHead } from './frames.ts';
import { isOwn } from './let-go.ts';

type Text = Uint8Array<ArrayBuffer>;
export type Task =
  | Readonly<{ do: 'pack'; table: string; content: Text }>
  | Readonly<{ do: 'sum'; content: Text }>
  | Readonly<{ do: 'seal'; parts: readonly Uint8Array[]; recipients: readonly string[] }>
  | Readonly<{ do: 'open'; sealed: Uint8Array; identities: readonly string[] }>
  | Readonly<{ do: 'unpack'; head: FrameHead; packed: Text }>
  | Readonly<{ do: 'copy'; ask: CopyAsk; port: MessagePort }>;
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
  | Readonly<{ bytes: Buffer }>
  | Readonly<{ copied: true }>;

export type Sealer = Readonly<{
  threads: number;
  /** Rows of a table as one frame. @param content in memory of its own, which is handed over whole */
  pack: (table: string, content: Text) => Promise<Summed & { bytes: Buffer }>;
  /** @param content as of `pack` */
  sum: (content: Text) => Promise<Summed>;
  seal: (parts: readonly Uint8Array[], recipients: readonly string[]) => Promise<{ bytes: Buffer; sha256: string }>;
  /** @throws BACKUPS_KEY_WRONG, BACKUPS_OBJECT_DAMAGED */
  open: (sealed: Uint8Array, identities: readonly string[]) => Promise<Buffer>;
  unpack: (frame: Frame) => Promise<Buffer>;
  /**
   * Tables into sealed objects, in a thread from the database to the seal. Several may go on at once, each with a connection.
   * @throws what `next` or `take` threw; of PostgreSQL an error with its code
   */
  copy: (ask: CopyAsk, needs: CopyNeeds) => Promise<void>;
  close: () => Promise<void>;
}>;
type CopyNeeds = Readonly<{
  /** The next to be read; null: there is nothing more. */
  next: () => Part | null;
  /** The next object is given once this one was taken. */
  take: (rows: SealedRows) => Promise<void>;
}>;

type Waiting = { resolve: (answer: Answer) => void; reject: (thrown: Error) => void };
type Thread = { worker: Worker; waiting: Map<number, Waiting> };

/** One leaves the second of two cores to PostgreSQL; each takes some 50 MiB (docs/adr/0023). */
const THREADS = availableParallelism() > 2 ? 2 : 1;

/** @param threads each is started when there is work for it */
export function createSealer(threads = THREADS): Sealer {
  const running: Thread[] = [];
  let next = 0;
  let closed = false;

  const start = (): Thread => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4 },
    });
    const waiting = new Map<number, Waiting>();
    const thread = { worker, waiting };
    worker.on('message', ({ id, answer, failure, message, code }) => {
      const asked = waiting.get(id as number);
      waiting.delete(id as number);
      if (answer !== undefined) asked?.resolve(withBuffers(answer as Answer));
      else
        asked?.reject(thrownOf(failure as { code: string; detail: string } | null, message as string, code as string));
    });
    const fail = (thrown: Error): void => {
      // one that fails ends as well: said twice, it takes no other with it
      const at = running.indexOf(thread);
      if (at >= 0) running.splice(at, 1);
      for (const { reject } of waiting.values()) reject(thrown);
      waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the sealing thread ended')));
    worker.unref();
    running.push(thread);
    return thread;
  };
  const ask = async (task: Task, hand: readonly (ArrayBuffer | MessagePort)[]): Promise<Answer> => {
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
    threads,
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
    copy: async (asked, needs) => {
      const { port1, port2 } = new MessageChannel();
      const { failed, answered } = answerCopy(port1, needs);
      try {
        await ask({ do: 'copy', ask: asked, port: port2 }, [port2]);
      } catch (thrown) {
        // nothing comes into a store behind the end of its run
        await answered();
        // what stopped it, rather than that it was stopped
        throw failed() ?? thrown;
      } finally {
        port1.close();
      }
    },
    close: async () => {
      closed = true;
      await Promise.all(running.map(({ worker }) => worker.terminate()));
    },
  };
}

/** @returns what was thrown here, if anything was; and waits for what is being answered */
function answerCopy(
  port: MessagePort,
  { next, take }: CopyNeeds,
): Readonly<{ failed: () => unknown; answered: () => Promise<unknown> }> {
  let failed: unknown;
  const answering = new Set<Promise<unknown>>();
  const answer = async (question: CopyQuestion): Promise<unknown> => {
    if (question.is === 'next') return next();
    const { bytes } = question.rows;
    await take({ ...question.rows, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
    return null;
  };
  port.on('message', ({ id, question }: { id: number; question: CopyQuestion }) => {
    const given: Promise<unknown> = answer(question)
      .then(
        (value) => port.postMessage({ id, value, refused: false }),
        (thrown: unknown) => {
          failed ??= thrown;
          port.postMessage({ id, value: null, refused: true });
        },
      )
      .finally(() => answering.delete(given));
    answering.add(given);
  });
  return { failed: () => failed, answered: () => Promise.all(answering) };
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

const CODES = { BACKUPS_KEY_WRONG: 'KEY_WRONG', BACKUPS_OBJECT_DAMAGED: 'OBJECT_DAMAGED', BACKUPS_RECIPIENT_MALFORMED: 'RECIPIENT_MALFORMED', BACKUPS_RECIPIENT_MISSING: 'RECIPIENT_MISSING', BACKUPS_TABLE_REWRITTEN: 'TABLE_REWRITTEN' } as const; // prettier-ignore

function thrownOf(failure: { code: string; detail: string } | null, message: string, plain: string): Error {
  const code = failure === null ? undefined : CODES[failure.code as keyof typeof CODES];
  if (code === undefined) return Object.assign(new Error(message), plain === '' ? {} : { code: plain });
  return backupsFailure(code, { detail: failure?.detail ?? message });
}
