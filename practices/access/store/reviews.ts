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
  closed_by: string | null;
  closed_at: Date | null;
  result: string | null;
  result_hash: Buffer | null;
  audit_index: bigint | null;
}>;
export type ReviewItemRow = Readonly<{
  holder: Uuid;
  holder_id: string;
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

/** Living keys and people who have a role. */
export async function holdersOf(
  tx: Statements,
  role: string,
): Promise<Readonly<{ key_id: Uuid | null; person_id: Uuid | null }>[]> {
  return tx`
    select key_id, person_id from access.keys where role = ${role} and revoked_at is null and (expires_at is null or expires_at > now())
    union all select null, person_id from access.people where state = 'active' and ${role} = any (roles)`;
}

/** @returns false when one of the role is open */
export async function insertReview(
  tx: Statements,
  row: Pick<ReviewRow, 'review_id' | 'role' | 'owner' | 'shows_clear' | 'began_by'> & Readonly<{ dueSeconds: number }>,
  holders: readonly Holder[],
): Promise<boolean> {
  const inserted = await tx`
    insert into access.reviews (review_id, role, owner, shows_clear, began_by, due_at)
    values (${row.review_id}, ${row.role}, ${row.owner}, ${row.shows_clear}, ${row.began_by}, clock_timestamp() + make_interval(secs => ${row.dueSeconds}))
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
    select i.holder, i.holder_id, coalesce(p.name, k.name, '') as name, i.last, i.n, i.peers, i.decision, i.decided_by, i.decided_at, i.note
    from access.review_items i left join access.people p on p.person_id = i.holder left join access.keys k on k.key_id = i.holder
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

/** A key ends; a person loses the role, and with the last one the way in, and no group gives it back. Sessions end with the epoch. */
export async function removeRole(tx: Statements, holder: Uuid, role: string): Promise<void> {
  await tx`update access.keys set revoked_at = now() where key_id = ${holder} and role = ${role} and revoked_at is null`;
  await tx`
    update access.people set epoch = epoch + 1, roles = array_remove(roles, ${role}), group_roles = array_remove(group_roles, ${role}),
      refused_roles = array_append(array_remove(refused_roles, ${role}), ${role}),
      state = case when cardinality(roles) > 1 or exists (select from access.provisioned p where p.person_id = people.person_id) then state else 'disabled' end
    where person_id = ${holder} and ${role} = any (roles)`;
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
