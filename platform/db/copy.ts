/**
 * Many rows into a table by COPY in binary format: against `insert … select from unnest(…)` it costs a third of this
 * process's time and half of PostgreSQL's, because nothing is made text and pages are written to the log as a whole.
 *
 * Source: PostgreSQL documentation, COPY, "Binary Format"; protocol flow of COPY (chapter "Message Flow").
 */
import type { Writable } from 'node:stream';

import { uuidBytes, type Uuid } from '#platform/ids';

import type { Statements } from './connection.ts';
import { dbFailure } from './failures.ts';

/** Rows being written, column by column: each row begins with `row`, and has as many values as there are columns. */
export type CopyRows = Readonly<{
  row: () => void;
  int16: (value: number) => void;
  int32: (value: number) => void;
  int64: (value: bigint | number) => void;
  uuid: (value: Uuid) => void;
  timestamp: (value: Date) => void;
  /** The parts one after the other as one bytea. */
  bytes: (...parts: readonly Uint8Array[]) => void;
  nothing: () => void;
  /** @returns the whole stream; call it once */
  end: () => Buffer;
}>;

/** Signature, flags and the length of a header extension: 11 + 4 + 4 bytes. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_MICROSECONDS = 946_684_800_000_000n;

/** @param sizeBytes what is expected; it grows when that was too little */
export function copyRows(columns: number, sizeBytes = 65_536): CopyRows {
  let target = Buffer.allocUnsafe(Math.max(1024, sizeBytes));
  let at = HEADER.copy(target);

  const room = (size: number): void => {
    if (at + size <= target.length) return;
    const grown = Buffer.allocUnsafe(Math.max(target.length * 2, at + size));
    target.copy(grown, 0, 0, at);
    target = grown;
  };
  const sized = (size: number): void => {
    room(4 + size);
    at = target.writeInt32BE(size, at);
  };
  return {
    row: () => {
      room(2);
      at = target.writeInt16BE(columns, at);
    },
    int16: (value) => {
      sized(2);
      at = target.writeInt16BE(value, at);
    },
    int32: (value) => {
      sized(4);
      at = target.writeInt32BE(value, at);
    },
    int64: (value) => {
      sized(8);
      at = target.writeBigInt64BE(BigInt(value), at);
    },
    uuid: (value) => {
      sized(16);
      target.set(uuidBytes(value), at);
      at += 16;
    },
    timestamp: (value) => {
      sized(8);
      at = target.writeBigInt64BE(BigInt(value.getTime()) * 1000n - EPOCH_MICROSECONDS, at);
    },
    bytes: (...parts) => {
      sized(parts.reduce((total, part) => total + part.byteLength, 0));
      for (const part of parts) {
        target.set(part, at);
        at += part.byteLength;
      }
    },
    nothing: () => {
      room(4);
      at = target.writeInt32BE(-1, at);
    },
    end: () => {
      room(2);
      at = target.writeInt16BE(-1, at);
      return target.subarray(0, at);
    },
  };
}

type CopyTarget = Readonly<{ table: string; columns: readonly string[]; rows: CopyRows }>;
type CopyStream = Writable & { _final: (done: (error?: Error | null) => void) => void };

/**
 * Inside a transaction only. Resolves when the rows are in.
 * @throws what PostgreSQL said, or DB_COPY when it said it too late to be heard: then the transaction is over, and
 *   running the same rows as an INSERT names the reason
 */
export async function copyIn(tx: Statements, { table, columns, rows }: CopyTarget): Promise<void> {
  const stream =
    (await tx`copy ${tx(table)} (${tx([...columns])}) from stdin (format binary)`.writable()) as CopyStream;
  const done = watched(tx, stream);
  stream.end(rows.end());
  await done;
}

/**
 * The same for rows in COPY's text format, piece after piece, of which none needs to end at a row.
 * `freeze`: into a table that was emptied in the same transaction; nobody writes its rows a second time to say that they stay.
 * @throws as `copyIn`
 */
export async function copyTextIn(
  tx: Statements,
  { table, columns, freeze = false }: Omit<CopyTarget, 'rows'> & Readonly<{ freeze?: boolean }>,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const how = freeze ? tx`(freeze)` : tx``;
  const stream = (await tx`copy ${tx(table)} (${tx([...columns])}) from stdin ${how}`.writable()) as CopyStream;
  const done = watched(tx, stream);
  // heard below, once the last piece was written or could not be
  done.catch(() => undefined);
  try {
    for await (const piece of pieces)
      if (!stream.write(piece)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), done]);
  } catch (thrown) {
    // what was sent is rolled back with the transaction
    stream.destroy(thrown as Error);
    throw thrown;
  }
  stream.end();
  await done;
}

/** @returns resolves when PostgreSQL has taken all rows */
function watched(tx: Statements, stream: CopyStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // postgres.js does not tell of an error that comes after the last byte was sent, it only never finishes. A statement
  // sent right behind fails then, as the transaction is aborted, or because the connection is gone.
  const final = stream._final.bind(stream);
  stream._final = (done) => {
    final(done);
    tx`select`.then(
      () => undefined,
      (cause: unknown) => reject(isAborted(cause) ? dbFailure('COPY', { cause }) : (cause as Error)),
    );
  };
  stream.on('error', reject);
  stream.on('finish', resolve);
  return promise;
}

const isAborted = (thrown: unknown): boolean => (thrown as { code?: unknown }).code === '25P02';
