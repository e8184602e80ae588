/** Statements on who saw what: entries of the log by whom they are about. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export async function holdCursor(tx: Statements): Promise<number> {
  const [row] = await tx<{ next: bigint }[]>`select next from privacy.cursors where what = 'seen' for update`;
  return Number(row?.next ?? 0);
}
export async function moveCursor(tx: Statements, next: number): Promise<void> {
  await tx`update privacy.cursors set next = ${next} where what = 'seen'`;
}
export async function addSeen(
  tx: Statements,
  rows: readonly Readonly<{ pseudonym: Uuid; entry: number }>[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into privacy.seen (pseudonym, entry)
    select p, e from unnest(${rows.map(({ pseudonym }) => pseudonym)}::uuid[], ${rows.map(({ entry }) => entry)}::bigint[]) as t (p, e)
    on conflict do nothing`;
}
export async function addBatch(db: Statements, entry: number, pseudonyms: readonly Uuid[]): Promise<void> {
  await db`insert into privacy.batches (entry, pseudonyms) values (${entry}, ${[...pseudonyms]}::uuid[]) on conflict do nothing`;
}

/** Entries about somebody, newest first. @param before exclusive */
export async function entriesAbout(
  db: Statements,
  pseudonym: Uuid,
  before: number | null,
  limit: number,
): Promise<number[]> {
  const rows = await db<{ entry: bigint }[]>`
    select entry from (
      (select entry from privacy.seen where pseudonym = ${pseudonym} and (${before}::bigint is null or entry < ${before}::bigint) order by entry desc limit ${limit})
      union
      (select entry from privacy.batches where pseudonyms @> array[${pseudonym}::uuid] and (${before}::bigint is null or entry < ${before}::bigint) order by entry desc limit ${limit})
    ) t order by entry desc limit ${limit}`;
  return rows.map(({ entry }) => Number(entry));
}
export async function isAbout(db: Statements, pseudonym: Uuid, entry: number): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`
    select exists (select from privacy.seen where pseudonym = ${pseudonym} and entry = ${entry})
      or exists (select from privacy.batches where entry = ${entry} and pseudonyms @> array[${pseudonym}::uuid]) as found`;
  return row?.found === true;
}

/** Who stood in these entries, of those that name a number only. */
export async function batchesIn(
  db: Statements,
  entries: readonly number[],
): Promise<{ entry: bigint; pseudonyms: Uuid[] }[]> {
  return db<{ entry: bigint; pseudonyms: Uuid[] }[]>`
    select entry, pseudonyms from privacy.batches where entry = any(${entries.map(String)}::bigint[])`;
}
