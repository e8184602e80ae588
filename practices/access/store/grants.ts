/**
 * Statements on grants. All times are the database's: a server whose clock is wrong, or is set back, ends and begins
 * nothing. Who comes first decides, and what has ended is ended in the same statement that notices it.
 */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { GrantKind } from '../grants/scope.ts';

export type GrantState =
  | 'pending'
  | 'approved'
  | 'denied'
  | 'cancelled'
  | 'activated'
  | 'expired'
  | 'used-up'
  | 'revoked';
export type ApprovalRow = Readonly<{ approver: string; role: string; at: string }>;
export type GrantRow = Readonly<{
  grant_id: Uuid;
  kind: GrantKind;
  holder: Uuid;
  requested_by: string;
  role: string;
  scope: string;
  scope_hash: Buffer;
  reads: number;
  seconds: number;
  reason: string;
  incident: string | null;
  needed: number;
  extends: Uuid | null;
  exercise: boolean;
  /** As it is now: what waited or ran out is expired, whether or not a sweep has said so. */
  state: GrantState;
  requested_at: Date;
  waits_until: Date;
  activated_at: Date | null;
  until: Date | null;
  reads_used: number;
  changed_by: string;
  changed_at: Date;
  note: string;
  approvals: readonly ApprovalRow[];
}>;

const columns = (db: Statements) => db`
  grant_id, kind, holder, requested_by, role, scope, scope_hash, reads, seconds, reason, incident, needed, extends, exercise,
  case when state in ('pending', 'approved') and waits_until <= clock_timestamp() then 'expired'
    when state = 'activated' and until <= clock_timestamp() then 'expired' else state end as state,
  requested_at, waits_until, activated_at, until, reads_used, changed_by, changed_at, note,
  (select coalesce(jsonb_agg(jsonb_build_object('approver', approver, 'role', a.role, 'at', approved_at) order by approved_at), '[]')
    from access.grant_approvals a where a.grant_id = grants.grant_id) as approvals`;

export type NewGrant = Pick<
  GrantRow,
  | 'grant_id'
  | 'kind'
  | 'holder'
  | 'requested_by'
  | 'role'
  | 'scope'
  | 'scope_hash'
  | 'reads'
  | 'seconds'
  | 'reason'
  | 'incident'
  | 'needed'
  | 'extends'
  | 'exercise'
> &
  Readonly<{ waitSeconds: number }>;

export async function insertGrant(tx: Statements, row: NewGrant): Promise<void> {
  await tx`
    insert into access.grants (grant_id, kind, holder, requested_by, role, scope, scope_hash, reads, seconds, reason, incident, needed, extends, exercise, state, waits_until, changed_by)
    values (${row.grant_id}, ${row.kind}, ${row.holder}, ${row.requested_by}, ${row.role}, ${row.scope}, ${row.scope_hash}, ${row.reads}, ${row.seconds},
      ${row.reason}, ${row.incident}, ${row.needed}, ${row.extends}, ${row.exercise}, 'pending', clock_timestamp() + make_interval(secs => ${row.waitSeconds}), ${row.requested_by})`;
}

/** Of two that one person asks at once, the second counts the first. */
export async function countWaiting(tx: Statements, requestedBy: string): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`access.grants ${requestedBy}`}, 0))`;
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from access.grants
    where requested_by = ${requestedBy} and kind = 'jit' and state = 'pending' and waits_until > clock_timestamp()`;
  return row?.n ?? 0;
}

export async function findGrant(db: Statements, id: Uuid): Promise<GrantRow | null> {
  const [row] = await db<GrantRow[]>`select ${columns(db)} from access.grants where grant_id = ${id}`;
  return row ?? null;
}

/** Locked until the transaction ends: of two who come at once, the second sees what the first did. */
export async function holdGrant(tx: Statements, id: Uuid): Promise<GrantRow | null> {
  // in a statement of its own, so that the next one sees what was done while this one waited
  await tx`select from access.grants where grant_id = ${id} for update`;
  return findGrant(tx, id);
}

export type GrantFilter = Readonly<{
  /** Only those of one holder; null: of all. */
  holder: Uuid | null;
  states: readonly GrantState[] | null;
  kinds?: readonly GrantKind[];
  limit: number;
}>;

/** Newest first. */
export async function listGrants(db: Statements, { holder, states, kinds, limit }: GrantFilter): Promise<GrantRow[]> {
  return db<GrantRow[]>`
    select * from (select ${columns(db)} from access.grants where (${holder}::uuid is null or holder = ${holder})) as now
    where (${states === null ? null : [...states]}::text[] is null or state = any (${[...(states ?? [])]}::text[]))
      and (${kinds === undefined ? null : [...kinds]}::text[] is null or kind = any (${[...(kinds ?? [])]}::text[]))
    order by grant_id desc limit ${limit}`;
}

/** Whatever has not ended and is about none but these. */
export async function grantsWithin(db: Statements, subjects: readonly string[]): Promise<GrantRow[]> {
  if (subjects.length === 0) return [];
  return db<GrantRow[]>`
    select ${columns(db)} from access.grants
    where state in ('pending', 'approved', 'activated') and jsonb_array_length(scope::jsonb -> 'subjects') > 0
      and scope::jsonb -> 'subjects' <@ to_jsonb(${[...subjects]}::text[])
    order by grant_id`;
}

/** @returns false when this approver has approved it before */
export async function insertApproval(
  tx: Statements,
  { grant_id, requested_by }: GrantRow,
  by: Readonly<{ approver: string; role: string; hash: Buffer }>,
): Promise<boolean> {
  const inserted = await tx`
    insert into access.grant_approvals (grant_id, requested_by, scope_hash, approver, role)
    values (${grant_id}, ${requested_by}, ${by.hash}, ${by.approver}, ${by.role}) on conflict do nothing`;
  return inserted.count === 1;
}

/** Whether who asks has approved something for this approver lately. */
export async function approvedInReturn(
  tx: Statements,
  row: GrantRow,
  approver: string,
  days: number,
): Promise<boolean> {
  const [found] = await tx<{ found: boolean }[]>`
    select exists (select from access.grant_approvals
      where approver = ${row.requested_by} and requested_by = ${approver}
        and approved_at > clock_timestamp() - make_interval(days => ${days})) as found`;
  return found?.found ?? false;
}

type Change = Readonly<{ from: readonly GrantState[]; to: GrantState; by: string; note?: string }>;

/** @returns false when it is in none of the states `from`, or has run out */
export async function moveGrant(tx: Statements, id: Uuid, { from, to, by, note = '' }: Change): Promise<boolean> {
  const moved = await tx`
    update access.grants set state = ${to}, changed_by = ${by}, changed_at = clock_timestamp(), note = ${note}
    where grant_id = ${id} and state = any (${[...from]}::text[])
      and (state not in ('pending', 'approved') or waits_until > clock_timestamp())
      and (state <> 'activated' or until > clock_timestamp())`;
  return moved.count === 1;
}

/** An approved one waits for its activation as long again. */
export async function waitOn(tx: Statements, id: Uuid, seconds: number): Promise<void> {
  await tx`update access.grants set waits_until = clock_timestamp() + make_interval(secs => ${seconds}) where grant_id = ${id}`;
}

/** The clock starts. @returns false when it is not approved, or waited too long */
export async function activateGrant(tx: Statements, id: Uuid, by: string): Promise<boolean> {
  const activated = await tx`
    update access.grants set state = 'activated', activated_at = clock_timestamp(), until = clock_timestamp() + make_interval(secs => seconds),
      changed_by = ${by}, changed_at = clock_timestamp(), note = ''
    where grant_id = ${id} and state = 'approved' and waits_until > clock_timestamp()`;
  return activated.count === 1;
}

/** Every change of what anybody may makes the epoch grow. */
export async function growEpoch(tx: Statements): Promise<void> {
  await tx`update access.authz set epoch = epoch + 1`;
}

/**
 * Counts reads under grants that are living at this very moment; each row is looked at again after waiting for its lock,
 * so that of two who come at once for the last read one gets it.
 * No reads: whether it still stands for one that was counted.
 * @returns state of each that was living and had so many reads left; fewer rows than asked for: do not read
 */
export async function spendReads(
  tx: Statements,
  reads: ReadonlyMap<Uuid, number>,
): Promise<Readonly<{ grant_id: Uuid; state: GrantState; counted: boolean }>[]> {
  return tx<{ grant_id: Uuid; state: GrantState; counted: boolean }[]>`
    update access.grants set reads_used = reads_used + asked.n,
      state = case when reads_used + asked.n = reads then 'used-up' else state end,
      changed_by = 'system', changed_at = case when reads_used + asked.n = reads then clock_timestamp() else changed_at end
    from unnest(${[...reads.keys()]}::uuid[], ${[...reads.values()]}::integer[]) as asked (id, n)
    where grant_id = asked.id and (state = 'activated' or (state = 'used-up' and asked.n = 0)) and until > clock_timestamp() and reads_used + asked.n <= reads
    returning grant_id, state, asked.n > 0 as counted`;
}

/** Says of those that ran out that they did; what has ended stays so, also when a clock is set back. */
/** Those that run, beside broken glass. */
export async function endGrants(
  tx: Statements,
  { holder, role, note }: Readonly<{ holder: Uuid | null; role: string; note: string }>,
): Promise<GrantRow[]> {
  return tx<GrantRow[]>`
    update access.grants set state = 'revoked', changed_by = 'system', changed_at = clock_timestamp(), note = ${note}
    where holder = ${holder} and role = ${role} and kind = 'jit' and state = 'activated' and until > clock_timestamp()
    returning ${columns(tx)}`;
}

export async function expireGrants(tx: Statements, limit: number): Promise<GrantRow[]> {
  return tx<GrantRow[]>`
    update access.grants set state = 'expired', changed_by = 'system', changed_at = clock_timestamp(), note = ''
    where grant_id in (
      select grant_id from access.grants
      where (state in ('pending', 'approved') and waits_until <= clock_timestamp()) or (state = 'activated' and until <= clock_timestamp())
      order by grant_id limit ${limit} for update skip locked)
    returning ${columns(tx)}`;
}

export type HistoryRow = Readonly<{ step: number; state: GrantState; by: string; note: string; at: Date }>;
export async function grantHistory(db: Statements, id: Uuid): Promise<HistoryRow[]> {
  return db<HistoryRow[]>`
    select step, state, by, note, at from access.grant_history where grant_id = ${id} order by step`;
}
