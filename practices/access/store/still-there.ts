/** Statements on who asked, after they were let in at the door. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type Asking = Readonly<{ session: Uuid | null; key: Uuid | null; workload: Uuid | null }>;

/** Whether they were let in by what has ended meanwhile: a session that is over, or of somebody disabled or in other roles; a key or a workload that was revoked. */
export async function hasEnded(tx: Statements, by: Asking): Promise<boolean> {
  const [row] = await tx<{ ended: boolean }[]>`
    select exists (select from access.sessions s left join access.people p using (person_id, epoch)
        where session_id = ${by.session}::uuid and (ended_at is not null or p.state is distinct from 'active'))
      or exists (select from access.keys where key_id = ${by.key}::uuid and (revoked_at is not null or expires_at <= now()))
      or exists (select from access.workloads where workload_id = ${by.workload}::uuid and revoked_at is not null) as ended`;
  return row?.ended === true;
}
