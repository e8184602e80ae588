/** Statements on how many different customers somebody touched: today's windows, and those that are over. */
import type { Statements, Tx } from '#platform/db';

export type Win = 'day' | 'week' | 'month' | 'new';
export type Lately = Readonly<{
  actor: string;
  purpose: string;
  day: number;
  week: number;
  month: number;
  unfamiliar: number;
}>;
export type Rollup = Readonly<{ actor: string; purpose: string; win: Win; ends: string; n: number }>;

/** Days before a week that a customer must not have been touched in, to be unfamiliar. */
const FAMILIAR_DAYS = 60;
const BEGIN = new Date(0);

/**
 * Windows that end now, of who touched somebody since. Days are those of UTC: a week is today and six before, so that it is
 * counted by days as those before it are.
 */
export async function latelyTouched(db: Statements, since: Date): Promise<Lately[]> {
  return db<Lately[]>`
    with today as (select (now() at time zone 'UTC')::date as d),
      who as (select distinct actor, purpose from traffic.touches, today where last_at >= ${since} and day >= (${since}::timestamptz at time zone 'UTC')::date)
    select actor, purpose,
      count(distinct subject_id) filter (where day = d)::int as day,
      count(distinct subject_id) filter (where day > d - 7)::int as week,
      count(distinct subject_id)::int as month,
      count(distinct subject_id) filter (where day > d - 7 and not exists (select from traffic.touches b
        where b.subject_id = t.subject_id and b.actor = t.actor and b.purpose = t.purpose and b.day between d - 6 - ${FAMILIAR_DAYS}::int and d - 7))::int as unfamiliar
    from traffic.touches t join who using (actor, purpose), today
    where day > d - 30
    group by actor, purpose limit 20000`;
}

/** Rolls up each day that is over and was not yet: weeks end each seventh day, months each thirtieth. @returns days done */
export async function rollUp(tx: Tx, mostDays: number): Promise<number> {
  await tx`insert into traffic.rolled (ends) values (coalesce((select min(day) - 1 from traffic.touches), (now() at time zone 'UTC')::date - 1)) on conflict do nothing`;
  // what was rolled up while the clock ran ahead was not over: each of those days will be, in its turn
  await tx`update traffic.rolled set ends = (now() at time zone 'UTC')::date - 1 where ends >= (now() at time zone 'UTC')::date`;
  const days = await tx<{ day: string; week: boolean; month: boolean }[]>`
    select g::date::text as day, (g::date - ${BEGIN}::date) % 7 = 6 as week, (g::date - ${BEGIN}::date) % 30 = 29 as month
    from (select ends from traffic.rolled for update) r, generate_series(r.ends + 1, (now() at time zone 'UTC')::date - 1, interval '1 day') g
    order by 1 limit ${mostDays}`;
  const count = async (win: 'day' | 'week' | 'month', day: string, length: number): Promise<void> => {
    await tx`
      insert into traffic.rollups (actor, purpose, win, ends, n)
      select actor, purpose, ${win}, ${day}::date, count(distinct subject_id)::int from traffic.touches
      where day > ${day}::date - ${length}::int and day <= ${day}::date group by actor, purpose
      on conflict do nothing`;
  };
  for (const { day, week, month } of days) {
    await count('day', day, 1);
    if (week) {
      await count('week', day, 7);
      await tx`
        insert into traffic.rollups (actor, purpose, win, ends, n)
        select actor, purpose, 'new', ${day}::date, count(distinct subject_id) filter (where not exists (select from traffic.touches b
          where b.subject_id = t.subject_id and b.actor = t.actor and b.purpose = t.purpose
            and b.day between ${day}::date - 6 - ${FAMILIAR_DAYS}::int and ${day}::date - 7))::int
        from traffic.touches t where day > ${day}::date - 7 and day <= ${day}::date group by actor, purpose
        on conflict do nothing`;
    }
    if (month) await count('month', day, 30);
    await tx`update traffic.rolled set ends = ${day}::date`;
  }
  return days.length;
}

/** Windows that were over before the one that ends today began, newest last; of all who act for these purposes. */
export async function rollupsOf(db: Statements, purposes: readonly string[]): Promise<Rollup[]> {
  // of too many the oldest are left out
  const rows = await db<Rollup[]>`
    select actor, purpose, win, ends::text, n from traffic.rollups, (select (now() at time zone 'UTC')::date as d) as today
    where purpose = any(${[...purposes]}::text[]) and ends > d - 200
      and ends <= d - case win when 'day' then 1 when 'month' then 30 else 7 end
    order by ends desc limit 500000`;
  return rows.toReversed();
}

/** First day that is known of; null where nobody was touched yet. */
export async function firstDay(db: Statements): Promise<Date | null> {
  const [row] = await db<{ day: Date | null }[]>`select min(ends)::timestamptz as day from traffic.rollups`;
  return row?.day ?? null;
}

export async function sweepRollups(db: Statements): Promise<void> {
  await db`delete from traffic.rollups where ends < (now() at time zone 'UTC')::date - 400`;
}
