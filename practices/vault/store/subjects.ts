/** Statements on subjects: what they have, restriction, and shredding. */
import type { Statements, Tx } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';

import { deleteAttachmentsOfSubject } from './attachments.ts';

/** Why nothing but keeping is allowed, and since when. */
export type Restriction = Readonly<{ because: string; since: Date }>;
export type SubjectView = Readonly<{
  living: boolean;
  restricted: Restriction | null;
  epoch: number;
  records: readonly bigint[];
}>;

export async function viewSubject(db: Statements, subjectId: SubjectId): Promise<SubjectView> {
  const [row] = await db<{ epoch: number | null; because: string | null; since: Date | null; records: bigint[] }[]>`
    select (select epoch from vault.keyrings where subject_id = ${subjectId}) as epoch,
      (select because from vault.restrictions where subject_id = ${subjectId}) as because,
      (select since from vault.restrictions where subject_id = ${subjectId}) as since,
      array(select record_no from vault.records where subject_id = ${subjectId} order by record_no) as records`;
  return {
    living: row?.epoch !== null && row?.epoch !== undefined,
    restricted: restrictionIn(row?.because ?? null, row?.since ?? null),
    epoch: row?.epoch ?? 0,
    records: (row?.records ?? []).map(BigInt),
  };
}

const restrictionIn = (because: string | null, since: Date | null): Restriction | null =>
  because === null || since === null ? null : { because, since };

/** Those of these subjects that are there: neither erased nor unknown. */
export async function livingOf(db: Statements, ids: readonly SubjectId[]): Promise<Set<SubjectId>> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from vault.keyrings where subject_id = any(${[...ids]}::uuid[])`;
  return new Set(rows.map(({ subject_id }) => subject_id));
}

/** A page of all who are there, in the order of their ids. */
export async function pageOfLiving(db: Statements, after: SubjectId | null, limit: number): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from vault.keyrings
    where subject_id > ${after ?? '00000000-0000-0000-0000-000000000000'} order by subject_id limit ${limit}`;
  return rows.map(({ subject_id }) => subject_id);
}

/** How many subjects there are; of many an estimate, as the planner has it. */
export async function countSubjects(db: Statements): Promise<number> {
  const [row] = await db<
    { n: number }[]
  >`select reltuples::float8 as n from pg_class where oid = 'vault.keyrings'::regclass`;
  if (row !== undefined && row.n > EXACT_BELOW) return row.n;
  const [exact] = await db<{ n: number }[]>`select count(*)::float8 as n from vault.keyrings`;
  return exact?.n ?? 0;
}
const EXACT_BELOW = 100_000;

export async function isErased(db: Statements, idHashes: readonly Buffer[]): Promise<Set<string>> {
  if (idHashes.length === 0) return new Set();
  const rows = await db<{ id_hash: Buffer }[]>`
    select id_hash from vault.tombstones
    where id_hash in (select decode(h, 'hex') from unnest(${idHashes.map((hash) => hash.toString('hex'))}::text[]) as t (h))`;
  return new Set(rows.map((row) => row.id_hash.toString('hex')));
}

export async function findReceipt(db: Statements, idHash: Buffer): Promise<unknown> {
  const [row] = await db<{ receipt: unknown }[]>`select receipt from vault.tombstones where id_hash = ${idHash}`;
  return row?.receipt ?? null;
}

/** @returns false when it was restricted already */
export async function restrictSubject(
  db: Statements,
  subjectId: SubjectId,
  because: string,
  actor: string,
): Promise<boolean> {
  const inserted = await db`
    insert into vault.restrictions (subject_id, because, actor) values (${subjectId}, ${because}, ${actor}) on conflict do nothing`;
  return inserted.count === 1;
}

export type RestrictedSubject = Restriction & Readonly<{ subjectId: SubjectId }>;
export async function restrictedSubjects(db: Statements, limit: number): Promise<RestrictedSubject[]> {
  return db<RestrictedSubject[]>`
    select subject_id as "subjectId", because, since from vault.restrictions order by since, subject_id limit ${limit}`;
}

export async function liftRestriction(db: Statements, subjectId: SubjectId): Promise<boolean> {
  const gone = await db`delete from vault.restrictions where subject_id = ${subjectId}`;
  return gone.count === 1;
}

export type ShredCounts = Readonly<{
  records: number;
  lookups: number;
  tokens: number;
  attachments: number;
  epoch: number;
  recordNos: readonly bigint[];
  attachmentIds: readonly Uuid[];
}>;

/**
 * Shreds one subject inside the caller's transaction: the tombstone first (so that two servers cannot both do it), then
 * the key ring, then everything sealed under it. Lookups are found from the records' own lists.
 * @returns null when the subject is not there, or was erased by somebody else
 */
export async function shredSubject(tx: Tx, subjectId: SubjectId, idHash: Buffer): Promise<ShredCounts | null> {
  const locked = await tx<
    { epoch: number }[]
  >`select epoch from vault.keyrings where subject_id = ${subjectId} for update`;
  const [ring] = locked;
  if (ring === undefined) return null;
  const marked = await tx`
    insert into vault.tombstones (id_hash, epoch, receipt) values (${idHash}, ${ring.epoch}, '{}') on conflict do nothing`;
  if (marked.count === 0) return null;
  await tx`delete from vault.keyrings where subject_id = ${subjectId}`;
  const records = await tx<{ record_no: bigint; lookups: Buffer }[]>`
    delete from vault.records where subject_id = ${subjectId} returning record_no, lookups`;
  let lookups = 0;
  for (const { record_no, lookups: list } of records) {
    const values: string[] = [];
    for (let at = 0; at + 16 <= list.length; at += 16) values.push(list.toString('hex', at, at + 16));
    for (const table of ['lookups', 'unique_lookups']) {
      const gone = await tx`
        delete from ${tx(`vault.${table}`)}
        where value in (select decode(v, 'hex') from unnest(${values}::text[]) as t (v))
          and subject_id = ${subjectId} and record_no = ${String(record_no)}::bigint`;
      lookups += gone.count;
    }
  }
  const tokens = await tx`delete from vault.tokens where subject_id = ${subjectId}`;
  const attachments = await deleteAttachmentsOfSubject(tx, subjectId);
  await tx`delete from vault.restrictions where subject_id = ${subjectId}`;
  await tx`delete from vault.stopped_uses where subject_id = ${subjectId}`;
  return {
    records: records.length,
    lookups,
    tokens: tokens.count,
    attachments: attachments.length,
    epoch: ring.epoch,
    attachmentIds: attachments,
    recordNos: records.map((record) => record.record_no),
  };
}

export async function lockForShred(tx: Statements, subjectId: SubjectId): Promise<void> {
  await tx`select from vault.keyrings where subject_id = ${subjectId} for update`;
}

/** Numbers of the collections that it has records in, expired ones too. */
export async function collectionsOf(db: Statements, subjectId: SubjectId): Promise<number[]> {
  const rows = await db<{ collection_no: number }[]>`
    select distinct collection_no from vault.records where subject_id = ${subjectId}`;
  return rows.map((row) => row.collection_no);
}

export async function keepReceipt(tx: Statements, idHash: Buffer, receipt: object): Promise<void> {
  await tx`update vault.tombstones set receipt = ${JSON.stringify(receipt)}::text::jsonb where id_hash = ${idHash}`;
}

/** Probe after a shred: nothing of the subject may be left. */
export async function remainsOf(db: Statements, subjectId: SubjectId): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select ((select count(*) from vault.keyrings where subject_id = ${subjectId}) +
      (select count(*) from vault.records where subject_id = ${subjectId}) +
      (select count(*) from vault.tokens where subject_id = ${subjectId}) +
      (select count(*) from vault.attachments where subject_id = ${subjectId}) +
      (select count(*) from vault.loose_attachments where subject_id = ${subjectId}) +
      (select count(*) from vault.stopped_uses where subject_id = ${subjectId}) +
      (select count(*) from vault.chunks where subject_id = ${subjectId}))::int as n`;
  return row?.n ?? 0;
}

export const asRecordIds = (subjectId: SubjectId, numbers: readonly bigint[]): RecordId[] =>
  numbers.map((recordNo) => ({ subjectId, recordNo }));

export type RecordsPage = Readonly<{
  /** The last of the page before; null for the first. */
  after: RecordId | null;
  limit: number;
  /** `with files`: those with attachments. */
  which?: 'all' | 'with files';
  /** Of one collection only. */
  collection?: string;
}>;
export async function livingRecordsOf(
  db: Statements,
  subjectId: SubjectId,
  { after, limit, which = 'all' }: RecordsPage,
  /** Null: of all collections. */
  collectionNo: number | null,
): Promise<RecordId[]> {
  const rows = await db<{ record_no: bigint }[]>`
    select record_no from vault.records r
    where subject_id = ${subjectId} and (expires_at is null or expires_at > now())
      and record_no > ${String(after?.recordNo ?? -1n)}::bigint
      and (${collectionNo}::smallint is null or collection_no = ${collectionNo}::smallint)
      and (${which === 'all'} or exists (select from vault.attachments a where a.subject_id = r.subject_id and a.record_no = r.record_no))
    order by record_no limit ${limit}`;
  return asRecordIds(subjectId, rows.map((row) => BigInt(row.record_no))); // prettier-ignore
}

export type RestingRecord = Readonly<{ id: RecordId; since: Date }>;
/** Living ones that nobody has changed for so many days, those that rest longest first. */
export async function restingRecordsOf(
  db: Statements,
  subjectId: SubjectId,
  { days, limit }: Readonly<{ days: number; limit: number }>,
  collectionNo: number,
): Promise<RestingRecord[]> {
  const rows = await db<{ record_no: bigint; updated_at: Date }[]>`
    select record_no, updated_at from vault.records
    where subject_id = ${subjectId} and collection_no = ${collectionNo}::smallint
      and (expires_at is null or expires_at > now()) and updated_at < now() - make_interval(days => ${days})
    order by updated_at, record_no limit ${limit}`;
  return rows.map((row) => ({ id: { subjectId, recordNo: BigInt(row.record_no) }, since: row.updated_at }));
}
