/** Statements on what parts of courses keep for themselves (cmi5: state, and what belongs to the learner). */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type DocumentRow = Readonly<{
  /** Of which run and part, or of which person and course. */
  shelf: string;
  name: string;
  person_id: Uuid;
  run_id: Uuid | null;
  type: string;
  bytes: Buffer;
  updated_at: Date;
}>;

/** Of all parts of a run. */
export async function documentsOfRun(tx: Statements, run: Uuid): Promise<number> {
  const [row] = await tx<{ bytes: number }[]>`
    select coalesce(sum(octet_length(bytes)), 0)::integer as bytes from education.part_documents where run_id = ${run}`;
  return row?.bytes ?? 0;
}

/** Changes of one shelf are one after the other. */
export async function holdShelf(tx: Statements, shelf: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`education shelf ${shelf}`}, 0))`;
}

export async function documentOf(db: Statements, shelf: string, name: string): Promise<DocumentRow | null> {
  const [row] = await db<DocumentRow[]>`select * from education.part_documents where shelf = ${shelf} and name = ${name}`;
  return row ?? null;
} // prettier-ignore

export async function documentNames(db: Statements, shelf: string, since: Date | null): Promise<string[]> {
  const rows = await db<{ name: string }[]>`
    select name from education.part_documents where shelf = ${shelf} and (${since}::timestamptz is null or updated_at > ${since}) order by name`;
  return rows.map(({ name }) => name);
}

export async function shelfSize(tx: Statements, shelf: string): Promise<Readonly<{ count: number; bytes: number }>> {
  const [row] = await tx<{ count: number; bytes: number }[]>`
    select count(*)::integer as count, coalesce(sum(octet_length(bytes)), 0)::integer as bytes from education.part_documents where shelf = ${shelf}`;
  return row ?? { count: 0, bytes: 0 };
}

export async function putDocument(tx: Statements, row: DocumentRow): Promise<void> {
  await tx`
    insert into education.part_documents (shelf, name, person_id, run_id, type, bytes, updated_at)
    values (${row.shelf}, ${row.name}, ${row.person_id}, ${row.run_id}, ${row.type}, ${row.bytes}, ${row.updated_at})
    on conflict (shelf, name) do update set type = excluded.type, bytes = excluded.bytes, updated_at = excluded.updated_at`;
}

export async function deleteDocument(tx: Statements, shelf: string, name: string): Promise<void> {
  await tx`delete from education.part_documents where shelf = ${shelf} and name = ${name}`;
}
export async function deleteShelf(tx: Statements, shelf: string): Promise<void> {
  await tx`delete from education.part_documents where shelf = ${shelf}`;
}
