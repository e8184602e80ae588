/** Statements on access that a decision about somebody ended. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** @returns since when: of two that end the same access, the first. No role is left, of whatever making; sessions end with the epoch. The person stays active: they come in to read and appeal. */
export async function endRolesOf(tx: Statements, id: Uuid): Promise<Date> {
  const [row] = await tx<{ at: Date }[]>`
    update access.people set roles = '{}', group_roles = '{}', withheld_roles = '{}', eligible_roles = '{}', access_ended_at = coalesce(access_ended_at, now())
    where person_id = ${id} returning access_ended_at as at`;
  return row?.at ?? new Date(0);
}

/** Groups give again what they give. */
export async function openAgain(
  tx: Statements,
  id: Uuid,
  { roles, resting }: Readonly<{ roles: readonly string[]; resting: readonly string[] }>,
): Promise<void> {
  await tx`
    update access.people set access_ended_at = null, roles = ${[...roles]}::text[],
      eligible_roles = array(select unnest(${[...resting]}::text[]) except select unnest(${[...roles]}::text[]))
    where person_id = ${id}`;
}
