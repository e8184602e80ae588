/** Statements on asking for somebody else's yes to exports. Times are the database's. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ExportRequestState = 'pending' | 'approved' | 'denied' | 'ended';
export type ExportRequestRow = Readonly<{
  request_id: Uuid;
  person_id: Uuid;
  name: string;
  purpose: string;
  reason: string;
  asked_at: Date;
  waits_until: Date;
  state: ExportRequestState;
  decided_by: string | null;
  until: Date | null;
}>;

/** @returns false when one for this purpose waits already */
export async function insertExportRequest(
  tx: Statements,
  row: Pick<ExportRequestRow, 'request_id' | 'person_id' | 'purpose' | 'reason'>,
  waitSeconds: number,
): Promise<boolean> {
  // what nobody answered in time makes room
  await tx`update access.export_requests set state = 'ended' where person_id = ${row.person_id} and state = 'pending' and waits_until <= now()`;
  const made = await tx`
    insert into access.export_requests (request_id, person_id, purpose, reason, waits_until)
    values (${row.request_id}, ${row.person_id}, ${row.purpose}, ${row.reason}, now() + make_interval(secs => ${waitSeconds})) on conflict do nothing`;
  return made.count === 1;
}

/** Whatever became of them. Two that one person asks at once are counted one after the other. @returns seconds until there is room; 0: now */
export async function waitToAsk(tx: Statements, person: Uuid, most: number, withinSeconds: number): Promise<number> {
  await tx`select from access.people where person_id = ${person} for no key update`;
  const [last] = await tx<{ seconds: number }[]>`
    select ceil(extract(epoch from asked_at + make_interval(secs => ${withinSeconds}) - now()))::int as seconds
    from access.export_requests where person_id = ${person} and asked_at > now() - make_interval(secs => ${withinSeconds})
    order by asked_at desc offset ${most - 1} limit 1`;
  return last?.seconds ?? 0;
}

/** Newest first. @param person null: of everybody */
export async function listExportRequests(db: Statements, person: Uuid | null): Promise<ExportRequestRow[]> {
  return db<ExportRequestRow[]>`
    select r.*, p.name, case when r.state = 'pending' and r.waits_until <= now() then 'ended' else r.state end as state
    from access.export_requests r join access.people p using (person_id)
    where ${person}::uuid is null or person_id = ${person} order by (r.state = 'pending' and r.waits_until > now()) desc, asked_at desc, request_id limit 200`;
}

/** Locked until the transaction ends. */
export async function holdExportRequest(tx: Statements, id: Uuid): Promise<ExportRequestRow | null> {
  const [row] = await tx<ExportRequestRow[]>`
    select r.*, p.name, case when r.state = 'pending' and r.waits_until <= now() then 'ended' else r.state end as state
    from access.export_requests r join access.people p using (person_id) where request_id = ${id} for update of r`;
  return row ?? null;
}

export async function decideExportRequest(
  tx: Statements,
  id: Uuid,
  { state, by, seconds }: Readonly<{ state: 'approved' | 'denied'; by: string; seconds: number }>,
): Promise<void> {
  await tx`
    update access.export_requests set state = ${state}, decided_by = ${by}, decided_at = now(),
      until = case when ${state} = 'approved' then now() + make_interval(secs => ${seconds}) end
    where request_id = ${id}`;
}

/** Purposes that somebody else has said yes to, at this moment. */
export async function approvedPurposes(db: Statements, person: Uuid): Promise<string[]> {
  const rows = await db<{ purpose: string }[]>`
    select purpose from access.export_requests where person_id = ${person} and state = 'approved' and until > now()`;
  return rows.map(({ purpose }) => purpose);
}
