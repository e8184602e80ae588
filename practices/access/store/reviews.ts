/** Statements on reviews of who has a role. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ReviewRow = Readonly<{
  review_id: Uuid;
  role: string;
  owner: string;
  shows_clear: boolean;
  began_by: string;
  began_at: Date;
  due_at: Date;
  overdue: boolean;
  on_overdue: 'suspend' | 'alert';
  extended_by: string | null;
  extended_at: Date | null;
  closed_by: string | null;
  closed_at: Date | null;
  result: string | null;
  result_hash: Buffer | null;
  audit_index: bigint | null;
}>;
export type ReviewItemRow = Readonly<{
  holder: Uuid;
  holder_id: string;
  /** Who stands behind it. */
  person: string | null;
  /** Of the person or the key, as it is now. */
  name: string;
  last: Date | null;
  n: bigint;
  peers: number;
  decision: 'keep' | 'remove' | null;
  decided_by: string | null;
  decided_at: Date | null;
  note: string | null;
}>;
export type Holder = Readonly<{ holder: Uuid; id: string; person: string | null }>;

/** Living keys and workloads, with who stands behind them, and people who have a role. */
export async function holdersOf(
  tx: Statements,
  role: string,
): Promise<Readonly<{ kind: 'key' | 'wkl' | 'per'; holder: Uuid; person_id: Uuid | null }>[]> {
  return tx`
    select 'key' as kind, key_id as holder, person_id from access.keys where role = ${role} and revoked_at is null and (expires_at is null or expires_at > now())
    union all select 'wkl', workload_id, person_id from access.workloads where role = ${role} and revoked_at is null
    union all select 'per', person_id, person_id from access.people where state = 'active' and ${role} = any (roles)`;
}

/** @returns false when one of the role is open */
export async function insertReview(
  tx: Statements,
  row: Pick<ReviewRow, 'review_id' | 'role' | 'owner' | 'shows_clear' | 'began_by' | 'on_overdue'> &
    Readonly<{ dueSeconds: number }>,
  holders: readonly Holder[],
): Promise<boolean> {
  const inserted = await tx`
    insert into access.reviews (review_id, role, owner, shows_clear, began_by, on_overdue, due_at)
    values (${row.review_id}, ${row.role}, ${row.owner}, ${row.shows_clear}, ${row.began_by}, ${row.on_overdue}, clock_timestamp() + make_interval(secs => ${row.dueSeconds}))
    on conflict do nothing`;
  if (inserted.count !== 1) return false;
  await tx`
    insert into access.review_items (review_id, holder, holder_id, person, last, n, peers)
    select ${row.review_id}::uuid, t.holder, t.id, t.person, u.last, coalesce(u.n, 0), ${holders.length - 1}
    from jsonb_to_recordset(${JSON.stringify(holders)}::text::jsonb) as t (holder uuid, id text, person text)
      left join access.holder_usage u on u.holder = t.id and u.role = ${row.role}`;
  return true;
}

const columns = (db: Statements) => db`*, closed_at is null and due_at <= clock_timestamp() as overdue`;
export async function listReviews(db: Statements): Promise<ReviewRow[]> {
  return db<ReviewRow[]>`select ${columns(db)} from access.reviews order by review_id desc limit 200`;
}
export async function findReview(db: Statements, id: Uuid): Promise<ReviewRow | null> {
  const [row] = await db<ReviewRow[]>`select ${columns(db)} from access.reviews where review_id = ${id}`;
  return row ?? null;
}
/** Locked until the transaction ends. */
export async function holdReview(tx: Statements, id: Uuid): Promise<ReviewRow | null> {
  await tx`select from access.reviews where review_id = ${id} for update`;
  return findReview(tx, id);
}
export async function reviewItems(db: Statements, id: Uuid): Promise<ReviewItemRow[]> {
  return db<ReviewItemRow[]>`
    select i.holder, i.holder_id, i.person, coalesce(p.name, k.name, w.name, '') as name, i.last, i.n, i.peers, i.decision, i.decided_by, i.decided_at, i.note
    from access.review_items i left join access.people p on p.person_id = i.holder left join access.keys k on k.key_id = i.holder
      left join access.workloads w on w.workload_id = i.holder
    where i.review_id = ${id} order by i.holder_id`;
}

export async function decideItem(
  tx: Statements,
  id: Uuid,
  holderId: string,
  by: Readonly<{ decision: 'keep' | 'remove'; by: string; note: string }>,
): Promise<boolean> {
  const decided = await tx`
    update access.review_items set decision = ${by.decision}, decided_by = ${by.by}, decided_at = clock_timestamp(), note = ${by.note}
    where review_id = ${id} and holder_id = ${holderId} and decision is null`;
  return decided.count === 1;
}

/** A key or a workload ends; a person loses the role, also where it rests or is withheld, and with the last one the way in, and no group gives it back. Sessions end with the epoch. */
export async function removeRole(tx: Statements, holder: Uuid, role: string): Promise<void> {
  await tx`update access.keys set revoked_at = now() where key_id = ${holder} and role = ${role} and revoked_at is null`;
  await tx`update access.workloads set revoked_at = now() where workload_id = ${holder} and role = ${role} and revoked_at is null`;
  await tx`
    update access.people set epoch = epoch + 1, roles = array_remove(roles, ${role}), group_roles = array_remove(group_roles, ${role}),
      withheld_roles = array_remove(withheld_roles, ${role}), eligible_roles = array_remove(eligible_roles, ${role}),
      refused_roles = array_append(array_remove(refused_roles, ${role}), ${role}),
      state = case when cardinality(array_remove(roles || eligible_roles, ${role})) > 0 or exists (select from access.provisioned p where p.person_id = people.person_id) then state else 'disabled' end
    where person_id = ${holder} and ${role} = any (roles || eligible_roles || withheld_roles)`;
  await tx`update access.authz set epoch = epoch + 1`;
}

export async function closeReview(
  tx: Statements,
  id: Uuid,
  by: Readonly<{ by: string; at: string; result: string; hash: Buffer; auditIndex: bigint }>,
): Promise<void> {
  await tx`
    update access.reviews set closed_by = ${by.by}, closed_at = ${by.at}, result = ${by.result}, result_hash = ${by.hash}, audit_index = ${String(by.auditIndex)}::bigint
    where review_id = ${id}`;
}

/** More time, once. @returns false when it was given before */
export async function extendReview(
  tx: Statements,
  id: Uuid,
  by: Readonly<{ by: string; reason: string; seconds: number }>,
): Promise<boolean> {
  const extended = await tx`
    update access.reviews set due_at = greatest(due_at, clock_timestamp()) + make_interval(secs => ${by.seconds}), extended_by = ${by.by},
      extended_at = clock_timestamp(), extended_reason = ${by.reason}
    where review_id = ${id} and extended_at is null and closed_at is null`;
  return extended.count === 1;
}

/** Roles whose turn it is: somebody has them, none of theirs is open, and the last ended, or they are known, for so long. */
export async function dueRoles(
  db: Statements,
  roles: readonly Readonly<{ role: string; days: number }>[],
): Promise<string[]> {
  await db`
    insert into access.review_calendar (role) select unnest(${roles.map(({ role }) => role)}::text[]) on conflict do nothing`;
  const rows = await db<{ role: string }[]>`
    select c.role from jsonb_to_recordset(${JSON.stringify(roles)}::text::jsonb) as t (role text, days int)
      join access.review_calendar c on c.role = t.role
    where not exists (select from access.reviews r where r.role = c.role and r.closed_at is null)
      and not greatest(c.since, (select max(closed_at) from access.reviews r where r.role = c.role)) between now() - make_interval(days => t.days) and now()
      and (exists (select from access.people where state = 'active' and c.role = any (roles))
        or exists (select from access.keys where keys.role = c.role and revoked_at is null and (expires_at is null or expires_at > now()))
        or exists (select from access.workloads where workloads.role = c.role and revoked_at is null))
    order by c.role`;
  return rows.map(({ role }) => role);
}

export type LateReviewRow = Readonly<{
  review_id: Uuid;
  role: string;
  owner: string;
  due_at: Date;
  on_overdue: 'suspend' | 'alert';
  /** Days until then, rounded up to those at which somebody is reminded; 0: it is overdue. */
  days: 7 | 1 | 0;
  open: number;
  /** People among those who were not decided on. */
  people: string[];
}>;

/** Open reviews that are due within a week, or were, with what is left to decide. */
export async function lateReviews(db: Statements): Promise<LateReviewRow[]> {
  return db<LateReviewRow[]>`
    select review_id, role, owner, due_at, on_overdue,
      case when due_at <= clock_timestamp() then 0 when due_at < clock_timestamp() + interval '1 day' then 1 else 7 end as days,
      count(i.holder)::int as open, coalesce(array_agg(i.person) filter (where i.holder_id = i.person), '{}') as people
    from access.reviews r join access.review_items i using (review_id)
    where closed_at is null and i.decision is null and due_at < clock_timestamp() + interval '7 days'
    group by r.review_id`;
}
