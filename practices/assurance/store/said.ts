/** Statements on what was said in VEX. */
import type { Statements } from '#platform/db';

import type { VexStatus } from '../advisories/index.ts';

export type SaidRow = Readonly<{
  /** The package URL without its version. */
  place: string;
  version: string;
  /** A CVE, or what else the weakness is called. */
  name: string;
  status: VexStatus;
  reason: string;
  said_at: Date;
  taken_at: Date;
  taken_by: string;
}>;

/** Until the transaction ends nobody else says something, or looks at what was said: what is found now and what is said now see each other. */
export const lockSaid = async (tx: Statements): Promise<void> => {
  await tx`lock table assurance.said in share row exclusive mode`;
};

/**
 * That somebody took back what was said, by the clock of one server: it is newer than what stood there, by whichever clock.
 */
export async function takeBack(tx: Statements, rows: readonly SaidRow[]): Promise<void> {
  const names = rows.map(({ name }) => name);
  for (const row of rows) {
    const there = (await saidOf(tx, { place: row.place, names })).get(row.version);
    const isAhead = there !== undefined && there.said_at > row.said_at;
    await keepSaid(tx, [isAhead ? { ...row, said_at: there.said_at } : row]);
  }
}

/** Of several about the same the newest stays; of two that are as new, the one that came last. */
export async function keepSaid(tx: Statements, rows: readonly SaidRow[]): Promise<void> {
  if (rows.length === 0) return;
  const once = [...new Map(rows.map((row) => [JSON.stringify([row.place, row.name, row.version]), row])).values()];
  await tx`
    insert into assurance.said (place, version, name, status, reason, said_at, taken_at, taken_by)
    select * from jsonb_to_recordset(${tx.json(once)}) as each
      (place text, version text, name text, status text, reason text, said_at timestamptz, taken_at timestamptz, taken_by text)
    on conflict (place, name, version) do update set status = excluded.status, reason = excluded.reason, said_at = excluded.said_at,
      taken_at = excluded.taken_at, taken_by = excluded.taken_by
    where excluded.said_at >= said.said_at`;
}

/** What holds of each version of a part, by any of these names of the weakness; of two that are as new, that it is affected. */
export async function saidOf(
  db: Statements,
  { place, names }: Readonly<{ place: string; names: readonly string[] }>,
): Promise<Map<string, SaidRow>> {
  const rows = await db<SaidRow[]>`
    select distinct on (version) * from assurance.said where place = ${place} and name = any (${[...names]}::text[])
    order by version, said_at desc, status = 'affected' desc, taken_at desc`;
  return new Map(rows.map((row) => [row.version, row]));
}
