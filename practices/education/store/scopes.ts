/** Statements on what was found in the log about incidents, kept as it was found. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ScopeRow = Readonly<{
  scope_id: Uuid;
  incident_id: Uuid;
  criteria: Readonly<Record<string, unknown>>;
  log_size: bigint;
  asked_by: string;
  asked_at: Date;
  hash: string;
  totals: Readonly<Record<string, unknown>>;
  unknown: Readonly<Record<string, unknown>>;
  entries: readonly bigint[];
}>;
export type ScopeSubjectRow = Readonly<{ pseudonym: Uuid; found: unknown }>;

const BATCH = 2000;

export async function insertScope(
  tx: Statements,
  row: Omit<ScopeRow, 'log_size' | 'entries'> & Readonly<{ log_size: number; entries: readonly number[] }>,
  subjects: readonly ScopeSubjectRow[],
): Promise<void> {
  await tx`
    insert into education.scopes (scope_id, incident_id, criteria, log_size, asked_by, asked_at, hash, totals, unknown, entries)
    values (${row.scope_id}, ${row.incident_id}, ${tx.json(row.criteria as never)}, ${row.log_size}, ${row.asked_by}, ${row.asked_at}, ${row.hash},
      ${tx.json(row.totals as never)}, ${tx.json(row.unknown as never)}, ${row.entries.map(String)}::bigint[])`;
  for (let at = 0; at < subjects.length; at += BATCH)
    await tx`
      insert into education.scope_subjects (scope_id, pseudonym, found)
      select ${row.scope_id}, pseudonym, found from jsonb_to_recordset(${tx.json(subjects.slice(at, at + BATCH) as never)}) as t (pseudonym uuid, found jsonb)`;
}

/** Newest first. */
export async function scopesOf(db: Statements, incidentId: Uuid): Promise<ScopeRow[]> {
  return db<ScopeRow[]>`
    select * from education.scopes where incident_id = ${incidentId} order by asked_at desc, scope_id desc`;
}

export async function findScopeRow(db: Statements, incidentId: Uuid, scopeId: Uuid): Promise<ScopeRow | null> {
  const [row] = await db<ScopeRow[]>`
    select * from education.scopes where incident_id = ${incidentId} and scope_id = ${scopeId}`;
  return row ?? null;
}

export async function scopeSubjects(
  db: Statements,
  scopeId: Uuid,
  after: Uuid | null,
  limit: number,
): Promise<ScopeSubjectRow[]> {
  return db<ScopeSubjectRow[]>`
    select pseudonym, found from education.scope_subjects
    where scope_id = ${scopeId} and pseudonym > ${after ?? '00000000-0000-0000-0000-000000000000'} order by pseudonym limit ${limit}`;
}
