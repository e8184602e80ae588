/** Statements on events: blocks of a day, the order in which they are taken in, and what plots are made of. */
import type { Statements, Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { BlockIndex } from '../record/block.ts';

export type BlockRow = Readonly<{ block_id: Uuid; tx: string; sensor: string; sealed: Buffer }>;
/** Between two blocks of the order; `tx` is PostgreSQL's xid8 as text. */
export type Place = Readonly<{ tx: string; blockId: Uuid }>;

const NOWHERE: Uuid = '00000000-0000-0000-0000-000000000000' as Uuid;
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** Makes what is missing of today's and tomorrow's partitions, drops those older than it is to be kept. @returns days dropped */
export async function turnPartitions(db: Tx, keepDays: number): Promise<string[]> {
  await db`select pg_advisory_xact_lock(hashtextextended('traffic.partitions', 0))`;
  const [now] = await db<{ today: Date; there: string[] }[]>`
    select current_date::timestamptz as today, array(select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'traffic.blocks'::regclass order by 1) as there`;
  const { today, there } = now as { today: Date; there: string[] };
  const at = (days: number): string => dayOf(new Date(today.getTime() + days * 86_400_000));
  for (const days of [0, 1]) {
    const name = `blocks_${at(days).replaceAll('-', '')}`;
    if (!there.includes(name))
      await db.unsafe(`create table if not exists traffic.${name} partition of traffic.blocks for values from ('${at(days)}') to ('${at(days + 1)}')`); // prettier-ignore
  }
  const oldest = `blocks_${at(-keepDays).replaceAll('-', '')}`;
  const dropped = there.filter((name) => /^blocks_\d{8}$/.test(name) && name < oldest);
  for (const name of dropped) await db.unsafe(`drop table if exists traffic.${name}`);
  return dropped;
}

export async function insertBlock(tx: Statements, blockId: Uuid, sensor: string, index: BlockIndex, sealed: Buffer): Promise<void> {
  await tx`
    insert into traffic.blocks (day, block_id, sensor, first_at, last_at, n, classes, actors, addresses, sealed)
    values (current_date, ${blockId}, ${sensor}, ${index.firstAt}, ${index.lastAt}, ${index.n}, ${index.classes}::int[],
      ${index.actors}::text[], ${index.addresses}::text[]::inet[], ${sealed})`;
} // prettier-ignore

export type MinuteCounts = Readonly<{
  minute: Date;
  events: number;
  failed: number;
  subjects: number;
  bytes: number;
  dropped: number;
}>;

export async function addMinutes(tx: Statements, sensor: string, minutes: readonly MinuteCounts[]): Promise<void> {
  if (minutes.length === 0) return;
  await tx`
    insert into traffic.minutes (minute, sensor, events, failed, subjects, bytes, dropped)
    select m.minute, ${sensor}, m.events, m.failed, m.subjects, m.bytes, m.dropped
    from jsonb_to_recordset(${tx.json(minutes.map((each) => ({ ...each, minute: each.minute.toISOString() })) as never)})
      as m (minute timestamptz, events bigint, failed bigint, subjects bigint, bytes bigint, dropped bigint)
    on conflict (minute, sensor) do update set events = minutes.events + excluded.events, failed = minutes.failed + excluded.failed,
      subjects = minutes.subjects + excluded.subjects, bytes = minutes.bytes + excluded.bytes, dropped = minutes.dropped + excluded.dropped`;
}

export async function minutesSince(db: Statements, since: Date): Promise<(MinuteCounts & { sensor: string })[]> {
  const rows = await db<(Record<'events' | 'failed' | 'subjects' | 'bytes' | 'dropped', string> & { minute: Date; sensor: string })[]>`
    select minute, sensor, events::text, failed::text, subjects::text, bytes::text, dropped::text
    from traffic.minutes where minute >= ${since} order by minute desc, sensor limit 20000`; // prettier-ignore
  return rows.reverse().map(({ minute, sensor, ...counts }) => ({
    minute,
    sensor,
    ...(Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Number(value)])) as never as Omit<
      MinuteCounts,
      'minute'
    >),
  }));
}

export async function sweepMinutes(db: Statements, keepDays: number): Promise<void> {
  await db`delete from traffic.minutes where minute < now() - make_interval(days => ${keepDays})`;
  await db`delete from traffic.touches where day < current_date - ${keepDays}::int`;
}

/**
 * Held until the transaction ends; null while another one takes in.
 * @param how `wait`: until that has ended. Who comes by now and then would find it taken each time where events never end
 */
export async function holdCursor(tx: Tx, how: 'skip' | 'wait' = 'skip'): Promise<(Place & { at: Date | null }) | null> {
  await tx`insert into traffic.cursor (tx, block_id) values ('0', ${NOWHERE}) on conflict do nothing`;
  const [row] = await tx<{ tx: string; block_id: Uuid; at: Date | null }[]>`
    select tx::text, block_id, at from traffic.cursor for update ${how === 'skip' ? tx`skip locked` : tx``}`;
  return row === undefined ? null : { tx: row.tx, blockId: row.block_id, at: row.at };
}

/** Whether no other server looks for scrapes just now: until the transaction ends. */
export async function holdLook(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ mine: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('traffic.scrapes', 0)) as mine`;
  return row?.mine === true;
}

/** For so long a server that takes in is waited for before another one does it. */
const TURN = '20 seconds';

/**
 * Whether it is this server's turn: it was the last one's, or that one was not heard of for a while. The cursor is held.
 * Written only now and then: a turn that was noted a moment ago is long enough. One that ends later than any can is of a clock
 * that was set back.
 */
export async function takeTurn(tx: Tx, node: string): Promise<boolean> {
  const [row] = await tx<{ mine: boolean; noted: boolean }[]>`
    select holder is null or holder = ${node} or held_until < clock_timestamp()
        or held_until > clock_timestamp() + ${TURN}::interval as mine,
      holder is not distinct from ${node} and held_until > clock_timestamp() + ${TURN}::interval / 2 as noted
    from traffic.cursor`;
  if (row?.mine !== true) return false;
  if (!row.noted)
    await tx`update traffic.cursor set holder = ${node}, held_until = clock_timestamp() + ${TURN}::interval`;
  return true;
}

/** Whether it took in last, and no other has begun: until the transaction ends. */
export async function holdsTurn(tx: Tx, node: string): Promise<boolean> {
  return (
    (await tx`select from traffic.cursor where holder = ${node} and held_until > clock_timestamp() for share`).count ===
    1
  );
}

/** A server that stops lets another one begin at once. */
export async function endTurn(db: Statements, node: string): Promise<void> {
  await db`update traffic.cursor set holder = null, held_until = null where holder = ${node}`;
}

export async function moveCursor(tx: Tx, place: Place, at: Date | null): Promise<void> {
  await tx`update traffic.cursor set tx = ${place.tx}::text::xid8, block_id = ${place.blockId}, at = greatest(at, ${at}::timestamptz)`;
}

/**
 * What follows a place. Only transactions below the oldest that still runs: one that began earlier and commits later would stand
 * before what was taken already. Those that are known to be another database's are let pass, or a long one of theirs would keep
 * us from looking; what is not known, as a prepared one, is waited for.
 * @param tx read committed: its second statement sees what had ended when the first one looked
 */
export async function blocksAfter(tx: Statements, place: Place, most: number): Promise<BlockRow[]> {
  // a list of sessions that is older than the snapshot is of no harm: what was another database's is never ours
  const [bound] = await tx<{ tx: string }[]>`
    select coalesce(
      (select min(running::text::bigint) from pg_snapshot_xip(snapshot) as running where not exists (
        select from pg_stat_activity where datname <> current_database()
          and backend_xid::text::bigint = running::text::bigint & x'ffffffff'::bigint)),
      pg_snapshot_xmax(snapshot)::text::bigint)::text as tx
    from pg_current_snapshot() as snapshot`;
  return tx<BlockRow[]>`
    select block_id, tx::text, sensor, sealed from traffic.blocks
    where (tx, block_id) > (${place.tx}::text::xid8, ${place.blockId}::uuid) and tx < ${bound?.tx ?? '0'}::text::xid8
    order by tx, block_id limit ${most}`;
}

/** What was taken in between two places, with the second. */
export async function blocksBetween(tx: Statements, from: Place, to: Place, most: number): Promise<BlockRow[]> {
  return tx<BlockRow[]>`
    select block_id, tx::text, sensor, sealed from traffic.blocks
    where (tx, block_id) > (${from.tx}::text::xid8, ${from.blockId}::uuid) and (tx, block_id) <= (${to.tx}::text::xid8, ${to.blockId}::uuid)
    order by tx, block_id limit ${most}`;
}

/** What was taken in of the last while, oldest first: the window of a detection that begins anew. */
export async function blocksBefore(db: Statements, place: Place, since: Date, most: number): Promise<BlockRow[]> {
  const rows = await db<BlockRow[]>`
    select block_id, tx::text, sensor, sealed from traffic.blocks
    where last_at >= ${since} and (tx, block_id) <= (${place.tx}::text::xid8, ${place.blockId}::uuid)
    order by tx desc, block_id desc limit ${most}`;
  return rows.reverse();
}

export type EventQuery = Readonly<{
  from: Date;
  to: Date;
  actor: string | null;
  address: string | null;
  sensor: string | null;
  classUid: number | null;
}>;

/** Blocks that may hold what is asked for, newest first. @param place leaves out newer ones than this, and itself where it was read to its end */
export async function findBlocks(
  db: Statements,
  { from, to, actor, address, sensor, classUid }: EventQuery,
  place: Readonly<{ blockId: Uuid; end: number }> | null,
  most: number,
): Promise<BlockRow[]> {
  return db<BlockRow[]>`
    select block_id, tx::text, sensor, sealed from traffic.blocks
    where last_at >= ${from} and first_at <= ${to}
      ${actor === null ? db`` : db`and actors @> array[${actor}]`}
      ${address === null ? db`` : db`and addresses @> array[${address}::inet]`}
      ${sensor === null ? db`` : db`and sensor = ${sensor}`}
      ${classUid === null ? db`` : db`and classes @> array[${classUid}::int]`}
      ${place === null ? db`` : place.end === 0 ? db`and block_id < ${place.blockId}` : db`and block_id <= ${place.blockId}`}
    order by block_id desc limit ${most}`;
}
