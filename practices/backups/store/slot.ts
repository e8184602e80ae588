/** Statements on the slot that the log is read by, and on what is published to it. */
import { hasCitus, transact, type Db, type Statements, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { LEFT_OUT, PLANES } from '../planes.ts';
import { quoted, quotedTable } from './copy-out.ts';

/** Any constant: "strongrp" in ASCII. Whoever holds it reads the log; a killed server lets go of it. */
const LOCK = 0x7374726f6e677270n;

export const PUBLICATIONS = ['strongroom_data', 'strongroom_key'] as const;
export type Publication = (typeof PUBLICATIONS)[number];

export type SlotRow = Readonly<{
  timeline: Uuid;
  name: string;
  made_at: Date;
  after_xid: bigint;
  ready_at: Date | null;
  read_lsn: string;
  read_at: Date;
  because: string | null;
}>;

export async function lockReading(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${LOCK}) as mine`;
  return row?.mine === true;
}

/** @returns why this database cannot be read by a slot; null when it can */
export async function whyNot(db: Statements): Promise<string | null> {
  const [row] = await db<{ level: string; may: boolean; create: boolean }[]>`
    select current_setting('wal_level') as level,
      (select rolreplication or rolsuper from pg_roles where rolname = current_user) as may,
      has_database_privilege(current_database(), 'create') as create`;
  if (row === undefined) return 'the database does not say what it is';
  if (await hasCitus(db)) return 'on Citus each node has a log of its own: there are snapshots only';
  if (row.level !== 'logical') return `wal_level is ${row.level}: set it to logical and restart PostgreSQL`;
  if (!row.may) return 'the role of DATABASE_URL lacks REPLICATION: alter role … replication';
  if (!row.create) return 'the role of DATABASE_URL may not create publications: grant create on database … to …';
  if (await published(db)) return null;
  const named = [...PLANES].flatMap(([table, plane]) => (plane === 'data' || plane === 'key' ? [table] : []));
  const [other] = await db<{ table: string }[]>`
    select nspname || '.' || relname as table from pg_class join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'p') and nspname || '.' || relname = any(${named}::text[]) and not pg_has_role(relowner, 'usage')
    order by 1 limit 1`;
  return other === undefined
    ? null
    : `the role of DATABASE_URL does not own ${other.table}, and cannot publish it: give it back by platform/audit/owner.sql until the first backup`;
}

export async function slotRow(db: Statements): Promise<SlotRow | null> {
  const [row] = await db<SlotRow[]>`
    select timeline, name, made_at, after_xid, ready_at, read_lsn::text, read_at, because from backups.slot`;
  return row ?? null;
}

export type SlotState = Readonly<{ lost: boolean; lagBytes: number; limited: boolean; confirmed: string }>;

/** @returns null when PostgreSQL has no such slot */
export async function slotState(db: Statements, name: string): Promise<SlotState | null> {
  const [row] = await db<{ status: string | null; lag: number | null; limited: boolean; confirmed: string }[]>`
    select wal_status as status, confirmed_flush_lsn::text as confirmed, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 as lag,
      current_setting('max_slot_wal_keep_size') <> '-1' as limited
    from pg_replication_slots where slot_name = ${name} and database = current_database() and plugin = 'pgoutput'`;
  if (row === undefined) return null;
  return { lost: row.status === 'lost', lagBytes: row.lag ?? 0, limited: row.limited, confirmed: row.confirmed };
}

export async function dropSlot(db: Statements, name: string): Promise<void> {
  await db`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${name} and database = current_database()`;
}

/** One for each database of a server. */
export async function slotName(db: Statements): Promise<string> {
  const [row] = await db<{ oid: string }[]>`
    select oid::text as oid from pg_database where datname = current_database()`;
  return `strongroom_backups_${row?.oid}`;
}

/** Who writes for longer keeps the slot from being made: it is tried again. */
const PATIENCE_MS = 1500;

/**
 * Waits until everybody who writes now has ended.
 * @returns where it begins, and the first transaction that is surely in it
 * @throws 57014 of PostgreSQL when somebody writes for too long
 */
export async function createSlot(tx: Statements, name: string): Promise<{ lsn: string; afterXid: bigint }> {
  await tx`select set_config('statement_timeout', ${String(PATIENCE_MS)}, true)`;
  const [made] = await tx<{ lsn: string }[]>`
    select lsn::text as lsn from pg_create_logical_replication_slot(${name}, 'pgoutput')`;
  await tx`select set_config('statement_timeout', '0', true)`;
  const [row] = await tx<{ xid: string }[]>`select pg_snapshot_xmax(pg_current_snapshot())::text as xid`;
  return { lsn: made?.lsn as string, afterXid: BigInt(row?.xid ?? 0) };
}

export async function noteSlot(
  db: Statements,
  { timeline, name, afterXid, lsn, because }: { timeline: Uuid; name: string; afterXid: bigint; lsn: string; because: string | null }, // prettier-ignore
): Promise<void> {
  await db`
    insert into backups.slot (timeline, name, after_xid, read_lsn, because)
    values (${timeline}, ${name}, ${String(afterXid)}::bigint, ${lsn}::text::pg_lsn, ${because})
    on conflict (one) do update set timeline = excluded.timeline, name = excluded.name, made_at = now(), ready_at = null,
      after_xid = excluded.after_xid, read_lsn = excluded.read_lsn, read_at = now(), because = excluded.because`;
}

/** @returns whether everybody who ran when the slot was made has ended */
export async function readySlot(db: Statements): Promise<boolean> {
  const [row] = await db<{ ready: boolean }[]>`
    update backups.slot set ready_at = coalesce(ready_at,
      case when pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= after_xid then now() end)
    returning ready_at is not null as ready`;
  return row?.ready === true;
}

/** Up to here everything is in segments, or there was nothing. @param at when the log ended there; null: it goes on */
export async function noteRead(db: Statements, lsn: string, at: Date | null): Promise<void> {
  await db`
    update backups.slot set read_lsn = greatest(read_lsn, ${lsn}::text::pg_lsn), read_at = coalesce(${at}, read_at)`;
}

/** PostgreSQL may forget its log up to here. */
export async function advanceSlot(tx: Statements, name: string, lsn: string): Promise<void> {
  await tx`
    select pg_replication_slot_advance(slot_name, ${lsn}::text::pg_lsn) from pg_replication_slots
    where slot_name = ${name} and confirmed_flush_lsn < ${lsn}::text::pg_lsn`;
}

/**
 * Where the log ends, and since when at the latest. What was committed without waiting for the disk is written first: it is
 * not read before.
 */
export async function flushedLsn(db: Db): Promise<{ lsn: string; at: Date }> {
  await transact(db, async (tx) => {
    await tx`select set_config('synchronous_commit', 'on', true)`;
    await tx`update backups.slot set read_at = read_at`;
  });
  const [row] = await db<{ lsn: string; at: Date }[]>`
    select now() as at, pg_current_wal_flush_lsn()::text as lsn`;
  return row as { lsn: string; at: Date };
}

export async function nextXid(db: Statements): Promise<bigint> {
  const [row] = await db<{ xid: string }[]>`select pg_snapshot_xmax(pg_current_snapshot())::text as xid`;
  return BigInt(row?.xid ?? 0);
}

/** `xmin:xmax:xip,…`, of this transaction. */
export async function snapshotText(tx: Statements): Promise<string> {
  const [row] = await tx<{ text: string }[]>`select pg_current_snapshot()::text as text`;
  return row?.text as string;
}

/**
 * What was committed and is not acknowledged yet, oldest first, whole transactions; it stays until the slot is advanced.
 * @param changes after so many it stops at the end of a transaction
 */
export function peek(tx: Tx, name: string, upTo: string, changes: number): AsyncIterable<{ data: Buffer }[]> {
  return tx<{ data: Buffer }[]>`
    select data from pg_logical_slot_peek_binary_changes(${name}, ${upTo}::text::pg_lsn, ${changes}::int,
      'proto_version', '1', 'publication_names', ${PUBLICATIONS.join(',')})`.cursor(64);
}

/** `narrow`: of these columns only. */
export type PublishedTable = Readonly<{ table: string; columns: readonly string[]; narrow: boolean }>;

export async function published(db: Statements): Promise<boolean> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from pg_publication where pubname = any(${[...PUBLICATIONS]}::text[])`;
  return row?.n === PUBLICATIONS.length;
}

/**
 * Names every table explicitly, and of those with blind indexes every other column. What stays as it is is not named again:
 * only who owns a table may publish it, and the audit log may have an owner of its own by now (platform/audit/owner.sql).
 * @returns whether anything had to be changed
 */
export async function publish(
  db: Db,
  tables: Readonly<Record<Publication, readonly PublishedTable[]>>,
): Promise<boolean> {
  let changed = false;
  for (const name of PUBLICATIONS) {
    const have = await db<{ table: string; columns: string[] }[]>`
      select schemaname || '.' || tablename as table, attnames::text[] as columns from pg_publication_tables where pubname = ${name}`;
    const [wanted, there] = [tables[name], have].map((all) => new Set(all.map(shapeText))) as [
      Set<string>,
      Set<string>,
    ];
    const fresh = tables[name].filter((each) => !there.has(shapeText(each)));
    const gone = have.filter((each) => !wanted.has(shapeText(each)));
    if (fresh.length + gone.length === 0) continue;
    changed = true;
    const list = fresh.map(({ table, columns, narrow }) => narrow || LEFT_OUT.has(table) ? `${quotedTable(table)} (${columns.map(quoted).join(', ')})` : quotedTable(table)).join(', '); // prettier-ignore
    await transact(db, async (tx) => {
      const [made] = await tx<{ there: boolean }[]>`
        select exists (select from pg_publication where pubname = ${name}) as there`;
      if (gone.length > 0) await tx.unsafe(`alter publication ${name} drop table ${gone.map(({ table }) => quotedTable(table)).join(', ')}`); // prettier-ignore
      if (made?.there !== true) await tx.unsafe(`create publication ${name} for table ${list}`);
      else if (fresh.length > 0) await tx.unsafe(`alter publication ${name} add table ${list}`);
    });
  }
  return changed;
}

const shapeText = ({ table, columns }: Pick<PublishedTable, 'table' | 'columns'>): string =>
  `${table}(${columns.toSorted().join()})`;

export type SequenceValue = Readonly<{ name: string; value: string }>;

/** Of this program's schemas: PostgreSQL does not decode them. */
export async function sequenceValues(db: Statements): Promise<SequenceValue[]> {
  return [
    ...(await db<SequenceValue[]>`
      select quote_ident(schemaname) || '.' || quote_ident(sequencename) as name, last_value::text as value from pg_sequences
      where last_value is not null and schemaname in (select schema from platform.migrations) order by 1`),
  ];
}

/** Never back: a number that was given is not given again. */
export async function raiseSequence(tx: Statements, { name, value }: SequenceValue): Promise<void> {
  await tx`
    select setval(${name}::text::regclass, greatest(${value}::text::bigint, coalesce(pg_sequence_last_value(${name}::text::regclass), 0)))`;
}
