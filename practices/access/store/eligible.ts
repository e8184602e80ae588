/** Statements on roles that stood unused, and on asking for them. Times are the database's. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** @returns false when no day has gone by; one that lies ahead is of a clock that was set back, and begins anew */
export async function beginDay(tx: Statements): Promise<boolean> {
  const [row] = await tx<{ due: boolean }[]>`
    with before as (select counted_at from access.role_days for update)
    update access.role_days set counted_at = now() from before
    where before.counted_at <= now() - interval '1 day' or before.counted_at > now() + interval '1 minute'
    returning before.counted_at <= now() as due`;
  return row?.due === true;
}

export type Standing = Readonly<{ person_id: Uuid; role: string }>;
export async function standingRoles(tx: Statements): Promise<Standing[]> {
  return tx<Standing[]>`
    select person_id, role from access.people cross join unnest(roles) as t (role) where state = 'active'`;
}

/** One more day for all who did not use what they have since the last one; what nobody has any more is forgotten. */
export async function countDay(
  tx: Statements,
  standing: readonly (Standing & Readonly<{ holder: string }>)[],
): Promise<void> {
  const all = JSON.stringify(standing);
  await tx`
    delete from access.role_standing where (person_id, role) not in (
      select person_id, role from jsonb_to_recordset(${all}::text::jsonb) as t (person_id uuid, role text))`;
  await tx`
    insert into access.role_standing as s (person_id, role, uses)
    select t.person_id, t.role, coalesce(u.n, 0) from jsonb_to_recordset(${all}::text::jsonb) as t (person_id uuid, role text, holder text)
      left join access.holder_usage u on u.holder = t.holder and u.role = t.role
    on conflict (person_id, role) do update set
      idle_days = case when s.uses = excluded.uses then s.idle_days + 1 else 0 end, uses = excluded.uses`;
}

export async function idleRoles(db: Statements, days: number): Promise<Standing[]> {
  return db<Standing[]>`
    select person_id, role from access.role_standing where idle_days >= ${days} order by person_id, role`;
}

/** Standing no more, and to be asked for. @returns false when it is used again, or not theirs any more */
export async function restRole(tx: Statements, { person_id: id, role }: Standing, days: number): Promise<boolean> {
  const idle = await tx`
    delete from access.role_standing where person_id = ${id} and role = ${role} and idle_days >= ${days} returning 1`;
  if (idle.count === 0) return false;
  const rested = await tx`
    update access.people set epoch = epoch + 1, roles = array_remove(roles, ${role}), group_roles = array_remove(group_roles, ${role}),
      eligible_roles = array_append(array_remove(eligible_roles, ${role}), ${role})
    where person_id = ${id} and state = 'active' and ${role} = any (roles)`;
  if (rested.count === 1) await tx`update access.authz set epoch = epoch + 1`;
  return rested.count === 1;
}

/** Theirs for good again. */
export async function giveBack(tx: Statements, { person_id: id, role }: Standing): Promise<void> {
  await tx`
    update access.people set epoch = epoch + 1, roles = array_append(roles, ${role}), eligible_roles = array_remove(eligible_roles, ${role})
    where person_id = ${id}`;
  await tx`update access.authz set epoch = epoch + 1`;
}

export type RoleRequestState = 'pending' | 'lent' | 'given' | 'denied' | 'ended';
export type RoleRequestRow = Readonly<{
  request_id: Uuid;
  person_id: Uuid;
  asked_by: string;
  name: string;
  role: string;
  seconds: number | null;
  reason: string;
  asked_at: Date;
  waits_until: Date;
  state: RoleRequestState;
  decided_by: string | null;
  until: Date | null;
}>;

/** @returns false when one for this role waits */
export async function insertRoleRequest(
  tx: Statements,
  row: Pick<RoleRequestRow, 'request_id' | 'person_id' | 'asked_by' | 'role' | 'seconds' | 'reason'>,
  waitSeconds: number,
): Promise<boolean> {
  const inserted = await tx`
    insert into access.role_requests (request_id, person_id, asked_by, role, seconds, reason, waits_until)
    values (${row.request_id}, ${row.person_id}, ${row.asked_by}, ${row.role}, ${row.seconds}, ${row.reason}, now() + make_interval(secs => ${waitSeconds}))
    on conflict do nothing`;
  return inserted.count === 1;
}

const requests = (db: Statements) => db`
  select r.request_id, r.person_id, asked_by, name, role, seconds, reason, asked_at, waits_until, decided_by, until,
    case when (r.state = 'lent' and until <= now()) or (r.state = 'pending' and waits_until <= now()) then 'ended' else r.state end as state
  from access.role_requests r join access.people using (person_id)`;

export async function findRoleRequest(db: Statements, id: Uuid): Promise<RoleRequestRow | null> {
  const [row] = await db<RoleRequestRow[]>`${requests(db)} where request_id = ${id}`;
  return row ?? null;
}
/** Locked until the transaction ends. */
export async function holdRoleRequest(tx: Statements, id: Uuid): Promise<RoleRequestRow | null> {
  await tx`select from access.role_requests where request_id = ${id} for update`;
  return findRoleRequest(tx, id);
}

/** Newest first: one's own, and those for roles that somebody answers for. */
export async function listRoleRequests(
  db: Statements,
  { person, roles }: Readonly<{ person: Uuid | null; roles: readonly string[] }>,
): Promise<RoleRequestRow[]> {
  return db<RoleRequestRow[]>`
    ${requests(db)} where r.person_id = ${person} or role = any (${[...roles]}::text[]) order by request_id desc limit 200`;
}

export async function decideRoleRequest(
  tx: Statements,
  { request_id: id, seconds }: Pick<RoleRequestRow, 'request_id' | 'seconds'>,
  decided: Readonly<{ state: 'lent' | 'given' | 'denied'; by: string }>,
): Promise<void> {
  await tx`
    update access.role_requests set state = ${decided.state}, decided_by = ${decided.by}, decided_at = now(),
      until = case when ${decided.state} = 'lent' then now() + make_interval(secs => ${seconds ?? 0}) end
    where request_id = ${id}`;
}

/** Roles that somebody may act in at this moment, beside those that are theirs for good. */
export async function lentRoles(tx: Statements, id: Uuid): Promise<readonly string[]> {
  const [row] = await tx<{ lent: string[] }[]>`
    select access.lent_roles(person_id, eligible_roles) as lent from access.people where person_id = ${id}`;
  return row?.lent ?? [];
}

/** Over before its time; at the next read of any server. */
export async function endRoleRequest(tx: Statements, id: Uuid): Promise<void> {
  await tx`update access.role_requests set state = 'ended', until = case when until is not null then least(until, now()) end where request_id = ${id}`;
}

/** What ran out has ended, also when a clock is set back afterwards. */
export async function sweepRoleRequests(db: Statements): Promise<void> {
  await db`
    update access.role_requests set state = 'ended' where (state = 'lent' and until <= now()) or (state = 'pending' and waits_until <= now())`;
}
