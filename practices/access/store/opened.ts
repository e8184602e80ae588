/** Statements on whom somebody opened a while ago. Times are the database's. */
import type { Statements } from '#platform/db';

/** @property most nothing is counted beyond */
export type OpenedWindow = Readonly<{ seconds: number; slotSeconds: number; most: number }>;

const since = (db: Statements, { seconds, slotSeconds }: OpenedWindow) =>
  db`now() - make_interval(secs => ${seconds + slotSeconds})`;
const lately = (db: Statements, { slotSeconds }: OpenedWindow) => db`now() - make_interval(secs => ${slotSeconds})`;
const bytes = (whats: readonly string[]): string[] => [...whats];

/**
 * What would be counted with these, each named once; nothing is written.
 * @param whats in hex
 * @returns whether all of them are written down, and need not be anew
 */
export async function foreseeOpened(
  db: Statements,
  who: string,
  whats: readonly string[],
  window: OpenedWindow,
): Promise<Readonly<{ opened: number; noted: boolean }>> {
  const [row] = await db<{ opened: number; among: number; lately: number }[]>`
    with among as (
      select at from unnest(${bytes(whats)}::text[]) as t (h) join access.opened on actor = ${who} and what = decode(h, 'hex')
      where at > ${since(db, window)}
    )
    select (select count(*) from (select from access.opened where actor = ${who} and at > ${since(db, window)} limit ${window.most}) as t)::int as opened,
      (select count(*) from among)::int as among, (select count(*) from among where at > ${lately(db, window)})::int as lately`;
  const { opened, among, lately: noted } = row as { opened: number; among: number; lately: number };
  return { opened: opened + whats.length - among, noted: noted === whats.length };
}

/** Writes them down, and counts with all that others wrote meanwhile. */
export async function noteOpened(
  db: Statements,
  who: string,
  whats: readonly string[],
  window: OpenedWindow,
): Promise<number> {
  const [row] = await db<{ opened: number }[]>`
    select access.note_opened(${who}, array(select decode(h, 'hex') from unnest(${bytes(whats)}::text[]) as t (h) order by 1),
      ${since(db, window)}, ${lately(db, window)}, ${window.most}) as opened`;
  return (row as { opened: number }).opened;
}

/** Forgets what does not count any more; what lies ahead of a clock that was set back counts as of now, and not for longer. */
export async function sweepOpened(db: Statements, window: OpenedWindow): Promise<void> {
  await db`delete from access.opened where at <= ${since(db, window)}`;
  await db`update access.opened set at = now() where at > now() + make_interval(secs => 60)`;
}
