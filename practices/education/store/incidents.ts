/** Statements on incidents and what happened in them. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type IncidentRow = Readonly<{
  incident_id: Uuid;
  receipt: string;
  kind: string;
  severity: string;
  phase: string;
  owner: string | null;
  clocks: readonly string[];
  version: number;
  reported_at: Date;
  last_at: Date;
}>;
export type EventRow = Readonly<{
  incident_id: Uuid;
  seq: number;
  kind: string;
  happened_at: Date;
  known_at: Date;
  by: string;
  who: string;
  sealed: Buffer | null;
  detail: Readonly<Record<string, unknown>>;
}>;

export async function insertIncident(tx: Statements, row: IncidentRow): Promise<void> {
  await tx`
    insert into education.incidents (incident_id, receipt, kind, severity, phase, owner, clocks, version, reported_at, last_at)
    values (${row.incident_id}, ${row.receipt}, ${row.kind}, ${row.severity}, ${row.phase}, ${row.owner}, ${[...row.clocks]}::text[], ${row.version},
      ${row.reported_at}, ${row.last_at})`;
}

/** How many somebody reported since then; their next report waits until the transaction ends. */
export async function countReportsOf(tx: Statements, who: string, since: Date): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`education.report ${who}`}, 0))`;
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from education.incident_events where seq = 1 and not detail ? 'report' and who = ${who} and known_at > ${since}`;
  return row?.n ?? 0;
}

export async function findIncident(db: Statements, id: Uuid): Promise<IncidentRow | null> {
  const [row] = await db<IncidentRow[]>`select * from education.incidents where incident_id = ${id}`;
  return row ?? null;
}

/** As `findIncident`; nobody else changes it until the transaction ends. */
export async function lockIncident(tx: Statements, id: Uuid): Promise<IncidentRow | null> {
  const [row] = await tx<IncidentRow[]>`select * from education.incidents where incident_id = ${id} for update`;
  return row ?? null;
}

export async function updateIncident(
  tx: Statements,
  { incident_id, kind, severity, phase, owner, clocks, version, last_at }: IncidentRow,
): Promise<void> {
  await tx`
    update education.incidents set kind = ${kind}, severity = ${severity}, phase = ${phase}, owner = ${owner},
      clocks = ${[...clocks]}::text[], version = ${version}, last_at = ${last_at}
    where incident_id = ${incident_id}`;
}

/** The one that moved last first. @param before `last_at` and id of the last of the page before */
export async function listIncidents(
  db: Statements,
  before: Readonly<{ at: Date; id: Uuid }> | null,
  limit: number,
): Promise<IncidentRow[]> {
  return db<IncidentRow[]>`
    select * from education.incidents
    where ${before === null} or (last_at, incident_id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::uuid)
    order by last_at desc, incident_id desc limit ${limit}`;
}

/** As they were reported, the newest first: an order that nothing changes, so that none is missed. */
export async function registerPage(db: Statements, before: Uuid | null, limit: number): Promise<IncidentRow[]> {
  return db<IncidentRow[]>`
    select * from education.incidents where ${before === null} or incident_id < ${before}::uuid
    order by incident_id desc limit ${limit}`;
}

export async function insertEvent(tx: Statements, row: EventRow): Promise<void> {
  await tx`
    insert into education.incident_events (incident_id, seq, kind, happened_at, known_at, by, who, sealed, detail)
    values (${row.incident_id}, ${row.seq}, ${row.kind}, ${row.happened_at}, ${row.known_at}, ${row.by}, ${row.who}, ${row.sealed}, ${tx.json(row.detail as never)})`;
}

export async function eventsOf(db: Statements, incidents: readonly Uuid[]): Promise<EventRow[]> {
  return db<EventRow[]>`
    select * from education.incident_events where incident_id = any(${[...incidents]}::uuid[]) order by incident_id, seq`;
}

/** One that is more than small, and not behind those who work on it. */
export async function isIncidentOpen(db: Statements): Promise<boolean> {
  const [row] = await db<{ open: boolean }[]>`
    select exists (select 1 from education.incidents where severity <> 'low' and phase not in ('learn', 'closed')) as open`;
  return row?.open === true;
}
