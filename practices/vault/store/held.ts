/** Statements on what is held of whom, without opening any of it: for retention and its proof. */
import type { Statements } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

import type { Consents } from '../consents.ts';

/** One record: what it has, not what is in it. */
export type HeldRecord = Readonly<{
  recordNo: bigint;
  collectionNo: number;
  /** Null: the catalogue does not have it. */
  collection: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** Names of the catalogue that it has a value of. */
  fields: readonly string[];
  /** Numbers of fields that it has, and that the catalogue does not. */
  undeclared: readonly number[];
  attachments: number;
  stopped: readonly string[];
}>;
export type RecordsOfSubject = Readonly<{
  subjectId: SubjectId;
  restricted: string | null;
  /** What it last said to each purpose; null: nothing. */
  consents: Consents | null;
  records: readonly HeldRecord[];
}>;

export type HeldRow = {
  subject_id: SubjectId;
  because: string | null;
  consents: Consents | null;
  record_no: bigint | null;
  collection_no: number;
  version: number;
  created_at: Date;
  updated_at: Date;
  directory: Buffer;
  attachments: number;
  uses: string[] | null;
};

/** The directory of a box: 3 bytes, then 7 for each field (docs/formats/record-box.md). */
const columns = (db: Statements) => db`
  k.subject_id, k.consents, x.because, r.record_no, r.collection_no, r.version, r.created_at, r.updated_at,
  substring(r.box for 3 + 7 * (get_byte(r.box, 1) * 256 + get_byte(r.box, 2))) as directory, u.uses,
  (select count(*) from vault.attachments a where a.subject_id = r.subject_id and a.record_no = r.record_no)::int as attachments`;

/** Subjects in key order with all their records, but not those whose time has come: the sweep takes them. @param after exclusive */
export async function pageOfHeld(db: Statements, after: string, limit: number): Promise<HeldRow[]> {
  return db<HeldRow[]>`
    select ${columns(db)}
    from (select subject_id, consents from vault.keyrings where subject_id > ${after}::uuid order by subject_id limit ${limit}) k
    left join vault.restrictions x on x.subject_id = k.subject_id
    left join vault.records r on r.subject_id = k.subject_id and (r.expires_at is null or r.expires_at > now())
    left join vault.stopped_uses u on u.subject_id = r.subject_id and u.record_no = r.record_no
    order by k.subject_id, r.record_no`;
}

export async function heldOf(db: Statements, subjectIds: readonly SubjectId[]): Promise<HeldRow[]> {
  return db<HeldRow[]>`
    select ${columns(db)}
    from vault.keyrings k
    left join vault.restrictions x on x.subject_id = k.subject_id
    left join vault.records r on r.subject_id = k.subject_id and (r.expires_at is null or r.expires_at > now())
    left join vault.stopped_uses u on u.subject_id = r.subject_id and u.record_no = r.record_no
    where k.subject_id = any(${[...subjectIds]}::uuid[])
    order by k.subject_id, r.record_no`;
}

/** Also of one that has expired and is not swept yet: a hold keeps it. @returns null where there is none */
export async function collectionNoOf(db: Statements, { subjectId, recordNo }: RecordId): Promise<number | null> {
  const [row] = await db<{ collection_no: number }[]>`
    select collection_no from vault.records where subject_id = ${subjectId} and record_no = ${String(recordNo)}::bigint`;
  return row?.collection_no ?? null;
}

/** Replaces what a record holds; nobody changed it: its age stays. @returns false when it is not at that version any more */
export async function shrinkRecord(
  tx: Statements,
  id: RecordId,
  seen: number,
  next: { box: Buffer; lookups: Buffer },
): Promise<boolean> {
  const updated = await tx`
    update vault.records set version = version + 1, box = ${next.box}, lookups = ${next.lookups}
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and version = ${seen}`;
  return updated.count === 1;
}

export async function setStopped(tx: Statements, id: RecordId, uses: readonly string[]): Promise<void> {
  const number = String(id.recordNo);
  if (uses.length === 0)
    await tx`delete from vault.stopped_uses where subject_id = ${id.subjectId} and record_no = ${number}::bigint`;
  else
    await tx`
      insert into vault.stopped_uses (subject_id, record_no, uses)
      values (${id.subjectId}, ${number}::bigint, ${[...uses]}::text[])
      on conflict (subject_id, record_no) do update set uses = excluded.uses`;
}

/** What leads to nothing, or stands for nothing: each should be 0. */
export type Remains = Readonly<{
  lookups: number;
  tokens: number;
  attachments: number;
  chunks: number;
  stops: number;
}>;

export async function remainsOfAll(db: Statements): Promise<Remains> {
  const [row] = await db<Remains[]>`
    select
      ((select count(*) from vault.lookups l left join vault.records r using (subject_id, record_no)
        where r.subject_id is null or position(l.value in r.lookups) = 0)
      + (select count(*) from vault.unique_lookups l left join vault.records r using (subject_id, record_no)
        where r.subject_id is null or position(l.value in r.lookups) = 0))::int as lookups,
      (select count(*) from vault.tokens t where not exists
        (select from vault.records r where r.subject_id = t.subject_id and r.record_no = t.record_no))::int as tokens,
      (select count(*) from vault.attachments a where not exists
        (select from vault.records r where r.subject_id = a.subject_id and r.record_no = a.record_no))::int as attachments,
      (select count(*) from (select distinct subject_id, attachment_id from vault.chunks) c where not exists
        (select from vault.attachments a where a.subject_id = c.subject_id and a.attachment_id = c.attachment_id)
        and not exists (select from vault.loose_attachments a where a.subject_id = c.subject_id and a.attachment_id = c.attachment_id))::int as chunks,
      (select count(*) from vault.stopped_uses s where not exists
        (select from vault.records r where r.subject_id = s.subject_id and r.record_no = s.record_no))::int as stops`;
  return row as Remains;
}

/** Fields that tokens stand for, of these subjects. */
export async function tokenFieldsOf(
  db: Statements,
  subjectIds: readonly SubjectId[],
): Promise<{ id: RecordId; field: string }[]> {
  const rows = await db<{ subject_id: SubjectId; record_no: bigint; field: string }[]>`
    select distinct subject_id, record_no, field from vault.tokens where subject_id = any(${[...subjectIds]}::uuid[])`;
  return rows.map((row) => ({ id: { subjectId: row.subject_id, recordNo: row.record_no }, field: row.field }));
}
