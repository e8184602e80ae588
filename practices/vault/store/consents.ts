/** Statements on what subjects said to purposes. */
import type { Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { Consents } from '../consents.ts';
import type { StoredRing } from '../subject-keys.ts';

/**
 * Puts these in place of what was said before.
 * @returns false when there is no such living subject
 */
export async function noteConsents(tx: Statements, subjectId: SubjectId, said: Consents): Promise<boolean> {
  const noted = await tx`
    update vault.keyrings
    set consents = nullif(coalesce(consents, '{}') || ${JSON.stringify(said)}::text::jsonb, '{}')
    where subject_id = ${subjectId}`;
  return noted.count === 1;
}

export type FactsRow = Readonly<{ subject_id: SubjectId; consents: Consents | null; because: string | null }>;
/** What a decision is asked with, of those who are there: nothing of their records is read. */
export async function factsOf(db: Statements, ids: readonly SubjectId[]): Promise<FactsRow[]> {
  return db<FactsRow[]>`
    select k.subject_id, k.consents, x.because
    from vault.keyrings k left join vault.restrictions x on x.subject_id = k.subject_id
    where k.subject_id = any(${[...ids]}::uuid[])`;
}

/** The keys of a living subject; null when there is none. */
export async function ringOf(db: Statements, subjectId: SubjectId): Promise<StoredRing | null> {
  type Row = { epoch: number; ring: Buffer; second_epoch: number | null; second_ring: Buffer | null };
  const [row] = await db<Row[]>`
    select epoch, ring, second_epoch, second_ring from vault.keyrings where subject_id = ${subjectId}`;
  if (row === undefined) return null;
  return { epoch: row.epoch, first: row.ring, secondEpoch: row.second_epoch, second: row.second_ring };
}
