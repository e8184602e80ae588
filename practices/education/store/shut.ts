/** Statements on whom training has shut off, as it was told. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ShutRow = Readonly<{ person_id: Uuid; role: string; since: Date; because: 'lapsed' | 'revoked' | 'away' }>;

export const allShut = (db: Statements): Promise<ShutRow[]> => db<ShutRow[]>`select * from education.shut`;

/** @returns false when another server was first */
export async function insertShut(tx: Statements, row: ShutRow): Promise<boolean> {
  const { count } = await tx`
    insert into education.shut (person_id, role, since, because) values (${row.person_id}, ${row.role}, ${row.since}, ${row.because})
    on conflict do nothing`;
  return count === 1;
}

/** @returns false when another server was first */
export async function deleteShut(tx: Statements, { person_id, role }: ShutRow): Promise<boolean> {
  const { count } = await tx`delete from education.shut where person_id = ${person_id} and role = ${role}`;
  return count === 1;
}
