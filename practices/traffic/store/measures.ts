/** Statements on who is held back, on honey, and on what is to be sent to others. */
import { isReached, type Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type MeasureKind = 'throttle' | 'block-address';
export type MeasureRow = Readonly<{
  measure_id: Uuid;
  kind: MeasureKind;
  target: string;
  until: Date;
  case_id: Uuid | null;
  reason: string;
  by: string;
  made_at: Date;
  ended_at: Date | null;
  ended_by: string | null;
}>;

export async function insertMeasure(tx: Statements, row: Pick<MeasureRow, 'measure_id' | 'kind' | 'target' | 'case_id' | 'reason' | 'by'> & { seconds: number }): Promise<{ until: Date; isNew: boolean }> {
  const [made] = await tx<{ until: Date; isNew: boolean }[]>`
    insert into traffic.measures (measure_id, kind, target, until, case_id, reason, by, made_at)
    values (${row.measure_id}, ${row.kind}, ${row.target}, clock_timestamp() + make_interval(secs => ${row.seconds}), ${row.case_id}, ${row.reason}, ${row.by}, clock_timestamp())
    on conflict (measure_id) do update set measure_id = excluded.measure_id
    returning until, (xmax = 0) as "isNew"`;
  return made as { until: Date; isNew: boolean };
} // prettier-ignore

/** `leftMs`: whoever reads them may have another clock. */
export type LiveMeasure = MeasureRow & Readonly<{ leftMs: number }>;

export async function liveMeasures(db: Statements): Promise<LiveMeasure[]> {
  return db<LiveMeasure[]>`
    select *, (extract(epoch from until - clock_timestamp()) * 1000)::float8 as "leftMs" from traffic.measures where ended_at is null and until > clock_timestamp() order by made_at desc limit 20000`;
}

export async function countMeasures(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from traffic.measures where ended_at is null and until > clock_timestamp()`;
  return row?.n ?? 0;
}

export async function endMeasure(tx: Statements, id: Uuid, by: string): Promise<MeasureRow | null> {
  const [row] = await tx<MeasureRow[]>`
    update traffic.measures set ended_at = clock_timestamp(), ended_by = ${by}
    where measure_id = ${id} and ended_at is null and until > clock_timestamp() returning *`;
  return row ?? null;
}

export type HoneyRow = Readonly<{
  honey_id: Uuid;
  subject_id: SubjectId | null;
  token_hash: Buffer | null;
  note: string;
  by: string;
  planted_at: Date;
}>;

/** Measures that are over for so long. */
export async function sweepMeasures(db: Statements, keepDays: number): Promise<void> {
  await db`delete from traffic.measures where coalesce(ended_at, until) < now() - make_interval(days => ${keepDays})`;
}

export async function countHoney(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`select count(*)::int as n from traffic.honey where ended_at is null`;
  return row?.n ?? 0;
}

/** @returns false when it is honey already */
export async function insertHoney(tx: Statements, row: Omit<HoneyRow, 'planted_at'>): Promise<boolean> {
  const made = await tx`
    insert into traffic.honey (honey_id, subject_id, token_hash, note, by, planted_at)
    values (${row.honey_id}, ${row.subject_id}, ${row.token_hash}, ${row.note}, ${row.by}, clock_timestamp()) on conflict do nothing`;
  return made.count === 1;
}

export async function listHoney(db: Statements): Promise<HoneyRow[]> {
  return db<
    HoneyRow[]
  >`select honey_id, subject_id, token_hash, note, by, planted_at from traffic.honey where ended_at is null order by planted_at limit 10000`;
}

export async function deleteHoney(tx: Statements, id: Uuid): Promise<boolean> {
  return (await tx`delete from traffic.honey where honey_id = ${id}`).count === 1;
}

export type Channel = 'webhook' | 'syslog' | 'action';
export type DeliveryRow = Readonly<{
  delivery_id: Uuid;
  channel: Channel;
  sealed: Buffer;
  attempts: number;
  made_at: Date;
}>;

export async function insertDelivery(tx: Statements, id: Uuid, channel: Channel, sealed: Buffer): Promise<void> {
  await tx`insert into traffic.deliveries (delivery_id, channel, sealed, due_at, made_at)
    values (${id}, ${channel}, ${sealed}, clock_timestamp(), clock_timestamp())`;
}

/** Takes some that are due for a minute: a server that dies with them gives them back. */
export async function claimDeliveries(
  db: Statements,
  channels: readonly Channel[],
  most: number,
): Promise<DeliveryRow[]> {
  return db<DeliveryRow[]>`
    update traffic.deliveries d set due_at = clock_timestamp() + interval '1 minute', attempts = attempts + 1
    where delivery_id in (select delivery_id from traffic.deliveries where ${isReached(db, 'due_at')} and channel = any(${[...channels]}::text[])
      order by due_at limit ${most} for update skip locked)
    returning delivery_id, channel, sealed, attempts, made_at`;
}

/** Words that no server knows where to send by now: whoever does has given them up after a day. */
export async function sweepDeliveries(db: Statements): Promise<void> {
  await db`delete from traffic.deliveries where channel <> 'action' and made_at < now() - interval '2 days'`;
}

/** @returns false when it had ended: another server was given it, as this one was slow */
export async function endDelivery(db: Statements, id: Uuid): Promise<boolean> {
  return (await db`delete from traffic.deliveries where delivery_id = ${id}`).count === 1;
}

export async function putOffDelivery(db: Statements, id: Uuid, seconds: number, problem: string): Promise<void> {
  await db`update traffic.deliveries set due_at = clock_timestamp() + make_interval(secs => ${seconds}), problem = ${problem}
    where delivery_id = ${id}`;
}
