/** Statements on attempts that are counted for a while. */
import type { Statements } from '#platform/db';

export type Window = Readonly<{ most: number; seconds: number }>;
/** `until` names the window that it was counted in. */
export type Counted = Readonly<{ tries: number; seconds: number; until: string }>;

/**
 * One more, in one statement, so that attempts at once are all counted. A count that would be forgotten later than is
 * possible is from a clock that stepped back, and begins anew.
 * @returns the count, at most one more than `most`, and the seconds until it is forgotten
 */
export async function countTry(db: Statements, what: Buffer, { most, seconds }: Window): Promise<Counted> {
  const [row] = await db<Counted[]>`
    insert into access.tries as t (what, tries, forget_at) values (${what}, 1, now() + make_interval(secs => ${seconds}))
    on conflict (what) do update set
      tries = case when t.forget_at > now() and t.forget_at <= now() + make_interval(secs => ${seconds + 60})
        then least(t.tries + 1, ${most + 1}) else 1 end,
      forget_at = case when t.forget_at > now() and t.forget_at <= now() + make_interval(secs => ${seconds + 60})
        then t.forget_at else excluded.forget_at end
    returning tries, greatest(1, ceil(extract(epoch from forget_at - now())))::int as seconds, forget_at::text as until`;
  return row as Counted;
}

/** They led somewhere after all. What was counted since in another window is somebody else's. */
export async function uncountTries(db: Statements, what: Buffer, tries: number, until: string): Promise<void> {
  await db`
    update access.tries set tries = greatest(0, tries - ${tries}) where what = ${what} and forget_at = ${until}::text::timestamptz`;
}

export async function sweepTries(db: Statements): Promise<void> {
  await db`delete from access.tries where forget_at < now()`;
}
