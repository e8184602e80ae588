/** Rows out of a table as COPY text, in chunks of whole rows, from one snapshot that several connections share. */
import type { Readable } from 'node:stream';

import { transact, type Db, type Statements, type Tx } from '#platform/db';

import type { TableShape } from './catalogue.ts';

/** About so much text at once. */
const CHUNK_BYTES = 4 * 2 ** 20;
/** A part of a large table that one reader takes: 128 MiB. */
const PART_PAGES = 16_384;

export type Part = Readonly<{ shape: TableShape; fromPage: number | null; toPage: number | null; bytes: number }>;

/** Large tables in several parts, by the place of their rows; the largest first. */
export const partsOf = (shapes: readonly TableShape[]): Part[] =>
  shapes
    .flatMap((shape): Part[] => {
      if (shape.pages === null || shape.pages <= PART_PAGES)
        return [{ shape, fromPage: null, toPage: null, bytes: shape.bytes }];
      const count = Math.ceil(shape.pages / PART_PAGES);
      return Array.from({ length: count }, (_, n) => ({
        shape,
        fromPage: n * PART_PAGES,
        // rows that came after the size was asked for are not in the snapshot; an open end costs nothing
        toPage: n === count - 1 ? null : (n + 1) * PART_PAGES,
        bytes: shape.bytes / count,
      }));
    })
    .toSorted((a, b) => b.bytes - a.bytes);

export type Snapshot = Readonly<{ id: string; lsn: string; at: Date }>;

/**
 * Holds one snapshot while `work` runs; others join it by its id.
 * @param db no limits on the time of statements and transactions
 */
export async function withSnapshot<T>(db: Db, work: (tx: Tx, snapshot: Snapshot) => Promise<T>): Promise<T> {
  return transact(
    db,
    async (tx) => {
      await settle(tx);
      const [row] = await tx<{ id: string; lsn: string; at: Date }[]>`
        select pg_export_snapshot() as id, pg_current_wal_lsn()::text as lsn, now() as at`;
      return work(tx, row as Snapshot);
    },
    { isolation: 'repeatable read', access: 'read only', attempts: 1 },
  );
}

export async function joinSnapshot<T>(db: Db, { id }: Snapshot, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(
    db,
    async (tx) => {
      await tx.unsafe(`set transaction snapshot '${id.replaceAll("'", '')}'`);
      await settle(tx);
      return work(tx);
    },
    { isolation: 'repeatable read', access: 'read only', attempts: 1 },
  );
}

/** The text of a value must not depend on how somebody set up this database or its role. */
export async function settle(tx: Statements): Promise<void> {
  await tx`select set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
    set_config('TimeZone', 'UTC', true), set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true), set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`;
}

/** @param onRows gets whole rows; the next are read once it is done with them */
export async function copyOut(
  tx: Tx,
  { shape, fromPage, toPage }: Part,
  onRows: (text: Buffer) => Promise<void>,
): Promise<void> {
  const columns = shape.columns.map(quoted).join(', ');
  const where = [
    ...(fromPage === null ? [] : [`ctid >= '(${fromPage},0)'`]),
    ...(toPage === null ? [] : [`ctid < '(${toPage},0)'`]),
  ];
  const table = quotedTable(shape.table);
  const text = `copy (select ${columns} from ${table}${where.length === 0 ? '' : ` where ${where.join(' and ')}`}) to stdout`;
  const stream = await tx.unsafe(text).readable();
  await drain(stream, onRows);
}

/** Each piece that PostgreSQL sends is one row; pieces are put together, and none is read while a chunk is worked on. */
async function drain(stream: Readable, onRows: (text: Buffer) => Promise<void>): Promise<void> {
  let rows: Buffer[] = [];
  let size = 0;
  const take = (): Buffer => {
    // in memory of its own, so that it can be handed to another thread
    const text = Buffer.from(new ArrayBuffer(size));
    let at = 0;
    for (const row of rows) at += row.copy(text, at);
    rows = [];
    size = 0;
    return text;
  };
  await new Promise<void>((resolve, reject) => {
    let busy: Promise<void> = Promise.resolve();
    const fail = (thrown: unknown): void => {
      stream.destroy();
      reject(thrown);
    };
    stream.on('data', (row: Buffer) => {
      rows.push(row);
      size += row.length;
      if (size < CHUNK_BYTES) return;
      stream.pause();
      busy = onRows(take());
      busy.then(() => stream.resume(), fail);
    });
    stream.on('error', fail);
    stream.on('end', () => {
      busy.then(() => (size === 0 ? undefined : onRows(take()))).then(() => resolve(), fail);
    });
  });
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quotedTable = (table: string): string => table.split('.').map(quoted).join('.');
