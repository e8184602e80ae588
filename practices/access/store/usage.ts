/** Statements on what permissions were used for. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type UsageKey = Readonly<{ role: string; action: string; class: string; purpose: string }>;
export type Used = UsageKey & Readonly<{ last: string; n: number }>;
export type HolderUsed = Readonly<{ holder: string; role: string; last: string; n: number }>;
export type Permitted = UsageKey & Readonly<{ outcome: 'clear' | 'masked' }>;
export type UnusedRow = Permitted & Readonly<{ since: Date; last: Date | null; n: bigint; days: number }>;
type Cursor = Readonly<{ next: bigint; policy_version: Uuid | null }>;

export async function readCursor(db: Statements): Promise<Cursor> {
  const [row] = await db<Cursor[]>`select next, policy_version from access.usage_cursor`;
  return row as Cursor;
}

/** Held until the transaction ends. */
export async function holdCursor(tx: Statements): Promise<Cursor> {
  const [row] = await tx<Cursor[]>`select next, policy_version from access.usage_cursor for update`;
  return row as Cursor;
}

export async function moveCursor(tx: Statements, next: number, version: Uuid | null): Promise<void> {
  await tx`update access.usage_cursor set next = ${String(next)}::bigint, policy_version = ${version}`;
}

export async function addUsage(tx: Statements, used: readonly Used[], holders: readonly HolderUsed[]): Promise<void> {
  await tx`
    insert into access.grant_usage as g (role, action, class, purpose, last, n)
    select * from jsonb_to_recordset(${JSON.stringify(used)}::text::jsonb) as t (role text, action text, class text, purpose text, last timestamptz, n bigint)
    on conflict (role, action, class, purpose) do update set last = greatest(g.last, excluded.last), n = g.n + excluded.n`;
  await tx`
    insert into access.holder_usage as h (holder, role, last, n)
    select * from jsonb_to_recordset(${JSON.stringify(holders)}::text::jsonb) as t (holder text, role text, last timestamptz, n bigint)
    on conflict (holder, role) do update set last = greatest(h.last, excluded.last), n = h.n + excluded.n`;
}

/** What the policies permit now; what comes anew is unused from now on, and what is gone is not looked for. */
export async function setPermitted(tx: Statements, permitted: readonly Permitted[]): Promise<void> {
  await tx`
    with now as (
      select * from jsonb_to_recordset(${JSON.stringify(permitted)}::text::jsonb) as t (role text, action text, class text, purpose text, outcome text)
    ), gone as (
      update access.grant_usage g set outcome = null
      where outcome is not null and not exists (select from now where (now.role, now.action, now.class, now.purpose) = (g.role, g.action, g.class, g.purpose))
    )
    insert into access.grant_usage as g (role, action, class, purpose, outcome) select * from now
    on conflict (role, action, class, purpose) do update
      set outcome = excluded.outcome, since = case when g.outcome is null then clock_timestamp() else g.since end`;
}

/** Permitted, and not used for so many days; a purpose is used by what is done for one below it. */
export async function findUnused(db: Statements, days: number): Promise<UnusedRow[]> {
  return db<UnusedRow[]>`
    select role, action, class, purpose, outcome, since, used.last, used.n,
      floor(extract(epoch from clock_timestamp() - greatest(since, used.last)) / 86400)::int as days
    from access.grant_usage g cross join lateral (
      select max(u.last) as last, coalesce(sum(u.n), 0)::bigint as n from access.grant_usage u
      where (u.role, u.action, u.class) = (g.role, g.action, g.class) and (u.purpose = g.purpose or starts_with(u.purpose, g.purpose || '.'))
    ) as used
    where outcome is not null and greatest(since, used.last) <= clock_timestamp() - make_interval(days => ${days})
    -- what is seen in clear first, and of that the most sensitive
    order by outcome = 'clear' desc, array_position(array['special', 'sensitive', 'personal', 'internal', 'public'], class), role, action, purpose`;
}
