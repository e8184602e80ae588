/**
 * The copying side of a backup, in a worker thread: rows out of PostgreSQL, summed, compressed and sealed where they arrive.
 * The thread that answers requests sees sealed objects only: neither its time nor its memory is spent on rows.
 *
 * Held at once: one chunk of rows, the object that is being made, and the one before it while it is put.
 */
import type { MessagePort } from 'node:worker_threads';

import type { DbAddress } from '#platform/db';

import { copyOut, holdTablesToo, joinSnapshot, type Part } from '../store/copy-out.ts';
import { openReaders } from '../store/readers.ts';
import { ageWriter, type AgeWriter } from './age-file.ts';
import { framePieces } from './frames.ts';
import { letGo } from './let-go.ts';
import { rowSums, type RowSums } from './row-sums.ts';

export type CopyAsk = Readonly<{
  address: DbAddress;
  /** Its id, as PostgreSQL exported it. */
  snapshot: string;
  /** All that the snapshot's own transaction holds. */
  tables: readonly string[];
  recipients: readonly string[];
  /** Frames that the first object begins with. */
  first: readonly Uint8Array[];
}>;
/** What of a table is in an object; `bytes` after compression. */
export type TablePart = Readonly<{ table: string; rows: number; bytes: number; sum: string }>;
/** `textBytes`: before compression. */
export type SealedRows = Readonly<{ bytes: Buffer<ArrayBuffer>; textBytes: number; tables: readonly TablePart[] }>;
export type CopyQuestion = Readonly<{ is: 'next' }> | Readonly<{ is: 'take'; rows: SealedRows }>;

/** So much sealed content becomes an object. */
const OBJECT_BYTES = 8 * 2 ** 20;

/** Asks over the port for one part after the other, and gives objects away; ends when there are no more parts. */
export async function copyTables(
  { address, snapshot, tables, recipients, first }: CopyAsk,
  port: MessagePort,
): Promise<void> {
  const asking = asker(port);
  const db = openReaders(address, 1);
  let object: Making | null = null;
  let given: Promise<unknown> = Promise.resolve();
  const give = async (): Promise<void> => {
    if (object === null) return;
    const made = object.end();
    object = null;
    // one is put while the next is made, and no more than one
    await given;
    given = asking({ is: 'take', rows: made }, [made.bytes.buffer]);
    given.catch(() => undefined);
  };
  try {
    await joinSnapshot(db, snapshot, async (tx) => {
      await holdTablesToo(tx, tables);
      if (first.length > 0) {
        object = await making(recipients);
        object.addFrames(first);
      }
      const next = () => asking({ is: 'next' }) as Promise<Part | null>;
      for (let part = await next(); part !== null; part = await next()) {
        const { table } = part.shape;
        await copyOut(tx, part, async (text) => {
          object ??= await making(recipients);
          object.addRows(table, text);
          if (object.size() >= OBJECT_BYTES) await give();
          return text.buffer;
        });
      }
      await give();
      await given;
    });
  } finally {
    await db.end({ timeout: 1 });
    port.close();
  }
}

type Making = Readonly<{
  addFrames: (frames: readonly Uint8Array[]) => void;
  addRows: (table: string, text: Uint8Array) => void;
  size: () => number;
  end: () => SealedRows;
}>;

async function making(recipients: readonly string[]): Promise<Making> {
  const file: AgeWriter = await ageWriter(recipients, OBJECT_BYTES + OBJECT_BYTES / 4);
  const tables = new Map<string, { rows: number; bytes: number; sums: RowSums }>();
  let textBytes = 0;
  return {
    addFrames: (frames) => frames.forEach(file.add),
    addRows: (table, text) => {
      const kept = tables.get(table) ?? { rows: 0, bytes: 0, sums: rowSums() };
      tables.set(table, kept);
      const rows = kept.sums.add(text);
      for (const piece of framePieces(table, rows, text)) {
        file.add(piece);
        kept.bytes += piece.byteLength;
        letGo(piece);
      }
      kept.rows += rows;
      textBytes += text.byteLength;
    },
    size: file.size,
    end: () => ({
      bytes: file.end(),
      textBytes,
      tables: [...tables].map(([table, { rows, bytes, sums }]) => ({ table, rows, bytes, sum: sums.value() })),
    }),
  };
}

/** @returns asks the other side of the port; rejects once that side wants no more */
function asker(port: MessagePort) {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (thrown: Error) => void }>();
  let asked = 0;
  port.on('message', ({ id, value, refused }: { id: number; value: unknown; refused: boolean }) => {
    const waiting = open.get(id);
    open.delete(id);
    if (refused) waiting?.reject(new Error('nobody wants the rows any more'));
    else waiting?.resolve(value);
  });
  return (question: CopyQuestion, hand: ArrayBuffer[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      asked += 1;
      open.set(asked, { resolve, reject });
      port.postMessage({ id: asked, question }, hand);
    });
}
