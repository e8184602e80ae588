/** Rows out of a table as COPY text, in chunks of whole rows, from one snapshot that several connections share. */
import type { Readable } from 'node:stream';

import { transact, type Db, type Statements, type Tx } from '#platform/db';

import { backupsFailure } from '../failures.ts';
import type { TableShape } from './catalogue.ts';

/** So much text at once, unless a row is larger. */
const CHUNK_BYTES = 2 ** 20;
/** A part of a large table that one reader takes: 8 MiB, so that several have as much to do each. */
const PART_PAGES = 1024;

export type Part = Readonly<{ shape: TableShape; fromPage: number | null; toPage: number | null; bytes: number }>;

/** Large tables in several parts, by the place of their rows; the largest first. */
export const partsOf = (shapes: readonly TableShape[], partPages = PART_PAGES): Part[] =>
  shapes
    .flatMap((shape): Part[] => {
      if (shape.pages === null || shape.pages <= partPages)
        return [{ shape, fromPage: null, toPage: null, bytes: shape.bytes }];
      const count = Math.ceil(shape.pages / partPages);
      return Array.from({ length: count }, (_, n) => ({
        shape,
        fromPage: n * partPages,
        // rows that came after the size was asked for are not in the snapshot; an open end costs nothing
        toPage: n === count - 1 ? null : (n + 1) * partPages,
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

export async function joinSnapshot<T>(db: Db, id: string, work: (tx: Tx) => Promise<T>): Promise<T> {
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

/** Longer than this the leader waits for nobody: whoever rewrites a table may take hours. */
const LEADER_WAITS_MS = 60_000;

/**
 * Nobody empties or rewrites these tables until the snapshot's transaction ends. What was rewritten between the snapshot and
 * this moment is found: rows that a new file does not have would be read as no rows, and the manifest would agree with them.
 * @param now of another transaction: it reads what is there now
 * @throws BACKUPS_TABLE_REWRITTEN
 */
export async function holdTables(
  tx: Tx,
  now: Statements,
  tables: readonly string[],
  waitMs = LEADER_WAITS_MS,
): Promise<void> {
  await tx`select set_config('lock_timeout', ${String(waitMs)}, true)`;
  await lockTables(tx, tables, '');
  await tx`select set_config('lock_timeout', '0', true)`;
  // pg_class is read in the snapshot; functions say what is there now. The name may be another table's by now
  const [row] = await tx<{ table: string }[]>`
    select n.nspname || '.' || c.relname as table
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname || '.' || c.relname = any(${[...tables]}::text[])
      and (to_regclass(quote_ident(n.nspname) || '.' || quote_ident(c.relname))::oid is distinct from c.oid
        or c.relkind = 'r' and c.relfilenode is distinct from pg_relation_filenode(c.oid))
    limit 1`;
  if (row !== undefined) throw rewritten(row.table);
  // a column that was taken away and added again has its name, and none of what was in it
  const [then, since] = await Promise.all([columnsOf(tx, tables), columnsOf(now, tables)]);
  if (then !== since) throw rewritten('one of them');
}

/** They stand still while the tables are held. */
async function columnsOf(db: Statements, tables: readonly string[]): Promise<string> {
  const [row] = await db<{ columns: string }[]>`
    select coalesce(md5(string_agg(a.attrelid::text || ' ' || a.attnum::text || ' ' || a.attname, ',' order by a.attrelid, a.attnum)), '') as columns
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname || '.' || c.relname = any(${[...tables]}::text[]) and a.attnum > 0 and not a.attisdropped`;
  return row?.columns ?? '';
}

/** Behind somebody who waits to rewrite a table all its traffic waits, reads too: so long they are let wait, no longer. */
const OTHERS_WAIT = '10 seconds';

/** Of the transaction that holds tables. */
export async function holderOf(tx: Tx): Promise<number> {
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

/** @returns the table that somebody waits for, whom this holder keeps from it; null: nobody */
export async function waitedFor(db: Statements, holder: number): Promise<string | null> {
  const [row] = await db<{ table: string }[]>`
    select w.relation::regclass::text as table
    from pg_locks w join pg_locks h on h.locktype = 'relation' and h.database = w.database and h.relation = w.relation
    where not w.granted and w.mode = 'AccessExclusiveLock' and w.waitstart < clock_timestamp() - ${OTHERS_WAIT}::interval
      and h.granted and h.pid = ${holder}
    limit 1`;
  return row?.table ?? null;
}

/**
 * For who reads beside the one that holds them already: at once, or not at all. Somebody who waits to rewrite a table waits for
 * that one, who waits for this one: behind them nobody would ever end.
 * @throws BACKUPS_TABLE_REWRITTEN
 */
export const holdTablesToo = (tx: Tx, tables: readonly string[]): Promise<void> => lockTables(tx, tables, 'nowait');

async function lockTables(tx: Tx, tables: readonly string[], how: '' | 'nowait'): Promise<void> {
  if (tables.length === 0) return;
  try {
    await tx.unsafe(`lock table ${tables.map(quotedTable).join(', ')} in access share mode ${how}`);
  } catch (cause) {
    const { code } = cause as { code?: string };
    // held by somebody else, also who waits for us, or dropped since
    if (code !== undefined && IN_THE_WAY.has(code)) throw rewritten('one of them', cause);
    throw cause;
  }
}
/** lock_not_available, deadlock_detected, undefined_table. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['55P03', '40P01', '42P01']);

export const rewritten = (table: string, cause?: unknown): Error =>
  backupsFailure('TABLE_REWRITTEN', { detail: `${table} was, or is being, emptied or rewritten`, cause });

/** The text of a value must not depend on how somebody set up this database or its role. */
export async function settle(tx: Statements): Promise<void> {
  await tx`select set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
    set_config('TimeZone', 'UTC', true), set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true), set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`;
}

/** Gets whole rows; the next are read once it is done with them. @returns the memory of a text, to be written over */
type OnRows = (text: Buffer<ArrayBuffer>) => Promise<ArrayBuffer | undefined>;

export async function copyOut(
  tx: Tx,
  { shape, fromPage, toPage }: Part,
  onRows: OnRows,
  chunkBytes = CHUNK_BYTES,
): Promise<void> {
  const columns = shape.columns.map(quoted).join(', ');
  const where = [
    ...(fromPage === null ? [] : [`ctid >= '(${fromPage},0)'`]),
    ...(toPage === null ? [] : [`ctid < '(${toPage},0)'`]),
  ];
  const table = quotedTable(shape.table);
  const text = `copy (select ${columns} from ${table}${where.length === 0 ? '' : ` where ${where.join(' and ')}`}) to stdout`;
  const stream = await tx.unsafe(text).readable();
  await drain(stream, onRows, chunkBytes);
}

/**
 * Each piece that PostgreSQL sends is one row. It is copied at once, so that what the driver made of it dies young, and none is
 * read while a chunk is worked on.
 */
async function drain(stream: Readable, onRows: OnRows, chunkBytes: number): Promise<void> {
  let spent: ArrayBuffer | undefined;
  // in memory of its own, so that it can be handed to another thread
  const roomFor = (row: Buffer): Buffer<ArrayBuffer> => {
    const fits = row.length <= chunkBytes;
    const room = fits && spent?.byteLength === chunkBytes ? spent : new ArrayBuffer(fits ? chunkBytes : row.length);
    spent = undefined;
    return Buffer.from(room);
  };
  let text: Buffer<ArrayBuffer> | null = null;
  let size = 0;
  const keep = (row: Buffer): void => {
    text ??= roomFor(row);
    size += row.copy(text, size);
  };
  const hand = async (): Promise<void> => {
    if (text === null) return;
    const full = text.subarray(0, size);
    [text, size] = [null, 0];
    spent = await onRows(full);
  };
  await new Promise<void>((resolve, reject) => {
    let busy: Promise<void> = Promise.resolve();
    const fail = (thrown: unknown): void => {
      // the last rows are handed over behind the end: nothing is left to be read, and 'close' was told before
      if (stream.closed) return reject(thrown);
      // what is left of the part goes nowhere: nothing can be asked before it was read
      stream.removeAllListeners('data');
      stream.once('close', () => reject(thrown));
      stream.resume();
    };
    stream.on('data', (row: Buffer) => {
      if (text === null || size + row.length <= text.length) return keep(row);
      stream.pause();
      busy = hand().then(() => keep(row));
      busy.then(() => stream.resume(), fail);
    });
    stream.on('error', reject);
    stream.on('end', () => {
      // postgres.js stops its socket when rows wait here, and goes on when more are wanted: at the end none are, and the answer
      // that comes behind them would never be read
      stream._read(0);
      busy.then(hand).then(() => resolve(), fail);
    });
  });
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quotedTable = (table: string): string => table.split('.').map(quoted).join('.');
