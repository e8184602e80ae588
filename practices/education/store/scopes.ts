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

/** Without the numbers of their entries, which may be many. Newest first. */
export type ScopeLine = Omit<ScopeRow, 'entries'>;
export async function scopesOf(db: Statements, incidents: readonly Uuid[]): Promise<ScopeLine[]> {
  return db<ScopeLine[]>`
    select scope_id, incident_id, criteria, log_size, asked_by, asked_at, hash, totals, unknown
    from education.scopes where incident_id = any(${[...incidents]}::uuid[]) order by asked_at desc, scope_id desc`;
}

/** Of all scopes of an incident together, each person and each entry once. */
export type EffectsRow = Readonly<{ incident_id: Uuid; subjects: number; in_clear: number; masked_only: number; entries: number; first_at: string | null; last_at: string | null }>; // prettier-ignore
export async function effectsOf(db: Statements, incidents: readonly Uuid[]): Promise<EffectsRow[]> {
  return db<EffectsRow[]>`
    with ours as (select * from education.scopes where incident_id = any(${[...incidents]}::uuid[])),
    people as (
      select incident_id, pseudonym,
        bool_or(jsonb_array_length(found -> 'clear') + jsonb_array_length(found -> 'classes' -> 'clear') > 0) as clear,
        bool_or(jsonb_array_length(found -> 'masked') > 0) as masked,
        min(found ->> 'firstAt' collate "C") as first_at, max(found ->> 'lastAt' collate "C") as last_at
      from ours join education.scope_subjects using (scope_id) group by 1, 2
    )
    select incident_id, count(pseudonym)::int as subjects, count(pseudonym) filter (where clear)::int as in_clear,
      count(pseudonym) filter (where masked and not clear)::int as masked_only,
      (select count(distinct entry)::int from ours o, unnest(o.entries) as entry where o.incident_id = i.incident_id) as entries,
      min(first_at collate "C") as first_at, max(last_at collate "C") as last_at
    from (select distinct incident_id from ours) i left join people using (incident_id) group by 1`;
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

export async function pseudonymsOf(db: Statements, scopeId: Uuid): Promise<Uuid[]> {
  const rows = await db<
    { pseudonym: Uuid }[]
  >`select pseudonym from education.scope_subjects where scope_id = ${scopeId}`;
  return rows.map(({ pseudonym }) => pseudonym);
}
