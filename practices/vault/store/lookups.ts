/** Statements on the lookups of many records at once, for rebuilding and verifying them. */
import type { Statements } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

export type LookupRow = Readonly<{ id: RecordId; value: Buffer }>;

const columns = (rows: readonly LookupRow[]) => ({
  values: rows.map(({ value }) => value.toString('hex')),
  subjects: rows.map(({ id }) => id.subjectId),
  numbers: rows.map(({ id }) => String(id.recordNo)),
});

export async function dropLookups(tx: Statements, rows: readonly LookupRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { values, subjects, numbers } = columns(rows);
  for (const table of ['lookups', 'unique_lookups']) {
    await tx`
      delete from ${tx(`vault.${table}`)} l
      using unnest(${values}::text[], ${subjects}::uuid[], ${numbers}::bigint[]) as t (v, s, n)
      where l.value = decode(t.v, 'hex') and l.subject_id = t.s and l.record_no = t.n`;
  }
}

/** Replaces what the records say of their lookups; box and version stay. INVARIANT: their rings are locked. */
export async function replaceLookups(tx: Statements, rows: readonly { id: RecordId; values: Buffer }[]): Promise<void> {
  await tx`
    update vault.records r set lookups = decode(t.l, 'hex')
    from unnest(${rows.map(({ id }) => id.subjectId)}::uuid[], ${rows.map(({ id }) => String(id.recordNo))}::bigint[],
      ${rows.map(({ values }) => values.toString('hex'))}::text[]) as t (s, n, l)
    where r.subject_id = t.s and r.record_no = t.n`;
}

/** So that the planner knows them: nobody else tells it while a restore goes on. */
export async function learnLookups(db: Statements): Promise<void> {
  await db`analyze vault.lookups, vault.unique_lookups, vault.records`;
}

/** How many of these values are in the tables for their record. Keys of the answer: `subject/number`. */
export async function countLookups(db: Statements, rows: readonly LookupRow[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const { values, subjects, numbers } = columns(rows);
  const found = await db<{ subject_id: SubjectId; record_no: bigint; n: number }[]>`
    with asked as (
      select decode(v, 'hex') as value, s, n from unnest(${values}::text[], ${subjects}::uuid[], ${numbers}::bigint[]) as t (v, s, n)
    ), hits as (
      select a.value, a.s, a.n from asked a join vault.lookups l on l.value = a.value and l.subject_id = a.s and l.record_no = a.n
      union
      select a.value, a.s, a.n from asked a join vault.unique_lookups u on u.value = a.value and u.subject_id = a.s and u.record_no = a.n
    )
    select s as subject_id, n as record_no, count(*)::int as n from hits group by s, n`;
  return new Map(found.map((row) => [`${row.subject_id}/${row.record_no}`, row.n]));
}
