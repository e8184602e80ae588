/** Statements on who was forgotten or restricted, and on doing it again to rows that came back from a backup. */
import type { Statements, Tx } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type ErasedRow = Readonly<{ idHash: string; at: Date; epoch: number }>;

export async function erasuresSince(db: Statements, since: Date): Promise<ErasedRow[]> {
  const rows = await db<{ id_hash: Buffer; erased_at: Date; epoch: number }[]>`
    select id_hash, erased_at, epoch from vault.tombstones where erased_at >= ${since} order by erased_at, id_hash`;
  return rows.map((row) => ({ idHash: row.id_hash.toString('hex'), at: row.erased_at, epoch: row.epoch }));
}

/** Renewals of all subjects' keys that run, or ended since. */
export async function renewalsSince(
  db: Statements,
  since: Date,
): Promise<{ id: string; begunAt: Date; endedAt: Date | null }[]> {
  const rows = await db<{ work_id: string; started_at: Date; finished_at: Date | null }[]>`
    select work_id, started_at, finished_at from vault.works
    where what = 'keys' and (finished_at is null or finished_at >= ${since})`;
  return rows.map((row) => ({ id: row.work_id, begunAt: row.started_at, endedAt: row.finished_at }));
}

/** Another one whenever anybody was restricted or let go since: worked out where the rows are, so that none of them travels. */
export async function restrictionsMark(db: Statements): Promise<string> {
  const [row] = await db<{ mark: string }[]>`
    select count(*)::text || ' ' || coalesce(sum(hash_record_extended((subject_id, because, since), 0)::numeric), 0)::text as mark
    from vault.restrictions`;
  return row?.mark ?? '';
}

export async function restrictionRows(
  db: Statements,
): Promise<{ subjectId: SubjectId; because: string; since: Date }[]> {
  const rows = await db<{ subject_id: SubjectId; because: string; since: Date }[]>`
    select subject_id, because, since from vault.restrictions`;
  return rows.map((row) => ({ subjectId: row.subject_id, because: row.because, since: row.since }));
}

/** Tables with rows of subjects; what one of them has, an erased subject has too much. */
const SUBJECT_TABLES = ['keyrings', 'records', 'lookups', 'unique_lookups', 'tokens', 'attachments', 'loose_attachments', 'chunks', 'restrictions', 'stopped_uses'] as const; // prettier-ignore

/** Everybody who has a row anywhere, a page at a time. */
export async function pageOfSubjects(db: Statements, after: SubjectId | null, limit: number): Promise<SubjectId[]> {
  const parts = await Promise.all(
    SUBJECT_TABLES.map(
      (table) => db<{ subject_id: SubjectId }[]>`
        select distinct subject_id from ${db(`vault.${table}`)}
        where subject_id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by subject_id limit ${limit}`,
    ),
  );
  // beyond the last of any full page there may be others in that table
  const ends = parts.filter(({ length }) => length === limit).map((rows) => rows.at(-1)?.subject_id as SubjectId);
  const end = ends.toSorted()[0];
  const all = new Set(parts.flatMap((rows) => rows.map((row) => row.subject_id)));
  return [...all].filter((id) => end === undefined || id <= end).toSorted();
}

export type Forgotten = Readonly<{ subjectId: SubjectId; recordNos: bigint[]; attachmentIds: Uuid[]; tokens: number }>;

/** Takes away every row of these subjects. Each table is asked by itself: they do not all lie together. @returns what there was, for the log */
export async function forgetSubjects(tx: Tx, subjects: readonly SubjectId[]): Promise<Forgotten[]> {
  const these = [...subjects];
  const [records, attachments, tokens] = await Promise.all([
    tx<{ subject_id: SubjectId; record_no: bigint }[]>`
      select subject_id, record_no from vault.records where subject_id = any(${these}::uuid[]) order by subject_id, record_no`,
    tx<{ subject_id: SubjectId; attachment_id: Uuid }[]>`
      select subject_id, attachment_id from vault.attachments where subject_id = any(${these}::uuid[])`,
    tx<{ subject_id: SubjectId; n: number }[]>`
      select subject_id, count(*)::int as n from vault.tokens where subject_id = any(${these}::uuid[]) group by subject_id`,
  ]);
  for (const table of SUBJECT_TABLES)
    await tx`delete from ${tx(`vault.${table}`)} where subject_id = any(${these}::uuid[])`;
  const recordsOf = Map.groupBy(records, (row) => row.subject_id);
  const attachmentsOf = Map.groupBy(attachments, (row) => row.subject_id);
  const tokensOf = new Map(tokens.map((row) => [row.subject_id, row.n]));
  return these.map((subjectId) => ({
    subjectId,
    recordNos: (recordsOf.get(subjectId) ?? []).map((row) => row.record_no),
    attachmentIds: (attachmentsOf.get(subjectId) ?? []).map((row) => row.attachment_id),
    tokens: tokensOf.get(subjectId) ?? 0,
  }));
}

export async function rowsOfSubjects(db: Statements, subjects: readonly SubjectId[]): Promise<number> {
  let rows = 0;
  for (const table of SUBJECT_TABLES) {
    const [row] = await db<{ n: number }[]>`
      select count(*)::int as n from ${db(`vault.${table}`)} where subject_id = any(${[...subjects]}::uuid[])`;
    rows += row?.n ?? 0;
  }
  return rows;
}

export async function buryAgain(
  tx: Statements,
  idHash: Buffer,
  epoch: number,
  at: Date,
  receipt: object,
): Promise<void> {
  await tx`
    insert into vault.tombstones (id_hash, erased_at, epoch, receipt)
    values (${idHash}, ${at}, ${epoch}, ${JSON.stringify(receipt)}::text::jsonb) on conflict do nothing`;
}

/** Subjects that have sealed rows and no key: nobody can open them any more. */
export async function countKeyless(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(distinct subject_id)::int as n from vault.records r
    where not exists (select from vault.keyrings k where k.subject_id = r.subject_id)`;
  return row?.n ?? 0;
}
