/** Statements on what somebody of this system did, by day and purpose. Days are those of UTC. */
import type { Statements } from '#platform/db';

export type ActorDay = Readonly<{ actor: string; day: string; purpose: string; events: number; failed: number }>;

export async function addActorDays(tx: Statements, days: readonly ActorDay[]): Promise<void> {
  if (days.length === 0) return;
  // in one order: two servers that write of the same actors wait for each other, and not for ever
  await tx`
    insert into traffic.actor_days as a (actor, day, purpose, events, failed)
    select d.actor, d.day, d.purpose, d.events, d.failed
    from jsonb_to_recordset(${tx.json(days)}) as d (actor text, day date, purpose text, events bigint, failed bigint)
    order by 1, 2, 3
    on conflict (actor, day, purpose) do update set events = a.events + excluded.events, failed = a.failed + excluded.failed`;
}

export type ActorDid = Omit<ActorDay, 'actor'> & Readonly<{ customers: number }>;

/** The newest day first; customers are those who are there still, each once for a day and purpose. */
export async function actorDays(db: Statements, actor: string, days: number): Promise<ActorDid[]> {
  const rows = await db<{ day: string; purpose: string; events: string; failed: string; customers: string }[]>`
    with since as (select (now() at time zone 'UTC')::date - ${days}::int as d)
    select day::text, purpose, coalesce(events, 0)::text as events, coalesce(failed, 0)::text as failed, coalesce(customers, 0)::text as customers
    from (select day, purpose, events, failed from traffic.actor_days, since where actor = ${actor} and day > d) as did
    full join (select day, purpose, count(*) as customers from traffic.touches, since where actor = ${actor} and day > d group by 1, 2) as touched
      using (day, purpose)
    order by day desc, purpose limit 2000`;
  return rows.map(({ day, purpose, ...counts }) => ({
    day,
    purpose,
    events: Number(counts.events),
    failed: Number(counts.failed),
    customers: Number(counts.customers),
  }));
}

export async function sweepActorDays(db: Statements, keepDays: number): Promise<void> {
  await db`delete from traffic.actor_days where day < current_date - ${keepDays}::int`;
}
