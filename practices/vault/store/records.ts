/**
 * Statements on records and lookups. Everything goes in batches: one round trip whatever their number.
 *
 * Byte strings travel as hex text arrays: postgres.js has no array type of its own for Buffers, and hex decodes natively
 * on both sides.
 */
import type { Statements, Tx } from '#platform/db';
import type { RecordId, SubjectId, Uuid } from '#platform/ids';

import type { Consents } from '../consents.ts';
import type { StoredRing } from '../subject-keys.ts';
import { deleteAttachmentsOf } from './attachments.ts';

export type StoredRecord = Readonly<{
  id: RecordId;
  collectionNo: number;
  version: number;
  box: Buffer;
  lookups: Buffer;
  expiresAt: Date | null;
  ring: StoredRing;
  /** Why processing is restricted, or null. */
  restricted: string | null;
  /** What the subject last said to each purpose; null: nothing. */
  consents: Consents | null;
  /** Uses that have ended (stopped-uses.ts). */
  stopped: readonly string[];
}>;

export type RecordRow = {
  subject_id: SubjectId;
  record_no: bigint;
  collection_no: number;
  version: number;
  box: Buffer;
  lookups: Buffer;
  expires_at: Date | null;
  epoch: number;
  ring: Buffer;
  second_epoch: number | null;
  second_ring: Buffer | null;
  because: string | null;
  consents: Consents | null;
  uses: string[] | null;
};

export const hex = (bytes: readonly Buffer[]): string[] => bytes.map((each) => each.toString('hex'));

export const asRecord = (row: RecordRow): StoredRecord => ({
  id: { subjectId: row.subject_id, recordNo: row.record_no },
  collectionNo: row.collection_no,
  version: row.version,
  box: row.box,
  lookups: row.lookups,
  expiresAt: row.expires_at,
  ring: { epoch: row.epoch, first: row.ring, secondEpoch: row.second_epoch, second: row.second_ring },
  restricted: row.because,
  consents: row.consents,
  stopped: row.uses ?? [],
});

/** All that is needed to decide and to open, of `r`: with `withRing`. */
export const recordColumns = (db: Statements) => db`
  r.subject_id, r.record_no, r.collection_no, r.version, r.box, r.lookups, r.expires_at,
  k.epoch, k.ring, k.second_epoch, k.second_ring, k.consents, x.because, u.uses`;
/** INVARIANT: ciphertext and key ring come from one statement, so from one snapshot: a shredded subject has neither. */
export const withRing = (db: Statements) => db`
  join vault.keyrings k on k.subject_id = r.subject_id
  left join vault.restrictions x on x.subject_id = r.subject_id
  left join vault.stopped_uses u on u.subject_id = r.subject_id and u.record_no = r.record_no`;

export const keyOfRecord = (subjectId: string, recordNo: bigint): string => `${subjectId}/${recordNo}`;

/** `kept`: also what has expired and is there yet, because a hold keeps it or the sweep is still to come. */
type WhichRecords = 'living' | 'kept';
const thoseThatLive = (db: Statements, which: WhichRecords) =>
  which === 'kept' ? db`` : db`and (r.expires_at is null or r.expires_at > now())`;

/** @returns in the order asked; null where there is no such record */
export async function loadRecords(
  db: Statements,
  ids: readonly RecordId[],
  which: WhichRecords = 'living',
): Promise<(StoredRecord | null)[]> {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return [await loadRecord(db, only, which)];
  const rows = await db<RecordRow[]>`
    select ${recordColumns(db)}
    from unnest(${ids.map((id) => id.subjectId)}::uuid[], ${ids.map((id) => String(id.recordNo))}::bigint[]) as q (subject_id, record_no)
    join vault.records r on r.subject_id = q.subject_id and r.record_no = q.record_no ${withRing(db)}
    where true ${thoseThatLive(db, which)}`;
  const found = new Map(rows.map((row) => [keyOfRecord(row.subject_id, row.record_no), asRecord(row)]));
  return ids.map((id) => found.get(keyOfRecord(id.subjectId, id.recordNo)) ?? null);
}

/** The same of one: a tenth of the time, and of many nodes only that of the subject is asked (docs/scaling.md). */
async function loadRecord(
  db: Statements,
  { subjectId, recordNo }: RecordId,
  which: WhichRecords,
): Promise<StoredRecord | null> {
  const [row] = await db<RecordRow[]>`
    select ${recordColumns(db)}
    from vault.records r ${withRing(db)}
    where r.subject_id = ${subjectId} and r.record_no = ${String(recordNo)}::bigint ${thoseThatLive(db, which)}`;
  return row === undefined ? null : asRecord(row);
}

/**
 * Before every subject there is: a page begins at a bound that is always there, for with `$1 is null or …` a prepared
 * statement goes over all rows before it.
 */
/** PostgreSQL's least bigint: a row that nobody of ours wrote is looked at too. */
export const BEFORE_NUMBER = -(2n ** 63n);
export const BEFORE_ALL = '00000000-0000-0000-0000-000000000000' as SubjectId;

/** A page of a collection in key order, for exports and sweeps. @param after exclusive */
export async function pageOfCollection(
  db: Statements,
  collectionNo: number,
  after: RecordId | null,
  limit: number,
): Promise<StoredRecord[]> {
  const from = after?.subjectId ?? BEFORE_ALL;
  // said of the rings too: of two indexes that are merged each begins where the page does, else a page costs all pages before it
  const rows = await db<RecordRow[]>`
    select ${recordColumns(db)}
    from vault.records r ${withRing(db)}
    where r.collection_no = ${collectionNo} and k.subject_id >= ${from}::uuid
      and (r.subject_id, r.record_no) > (${from}::uuid, ${String(after?.recordNo ?? BEFORE_NUMBER)}::bigint)
      and (r.expires_at is null or r.expires_at > now())
    order by r.subject_id, r.record_no
    limit ${limit}`;
  return rows.map(asRecord);
}

export type NewRecord = Readonly<{
  id: RecordId;
  collectionNo: number;
  box: Buffer;
  lookups: readonly Buffer[];
  uniques: readonly Buffer[];
  expiresAt: Date | null;
}>;

/** @returns the unique values that were taken by somebody else in the meantime; then the transaction must be given up */
export async function insertRecords(tx: Statements, rows: readonly NewRecord[], indexEpoch: number): Promise<number> {
  const uniques = rows.flatMap((row) => row.uniques.map((value) => ({ id: row.id, value })));
  const lookups = rows.flatMap((row) => row.lookups.map((value) => ({ id: row.id, value })));
  const [taken] = await Promise.all([
    insertLookups(tx, 'unique_lookups', uniques, indexEpoch),
    tx`
      insert into vault.records (subject_id, record_no, collection_no, version, box, lookups, expires_at)
      select s, n, c, 1, decode(b, 'hex'), decode(l, 'hex'), x
      from unnest(${rows.map((row) => row.id.subjectId)}::uuid[], ${rows.map((row) => String(row.id.recordNo))}::bigint[],
        ${rows.map((row) => row.collectionNo)}::smallint[], ${hex(rows.map((row) => row.box))}::text[],
        ${rows.map((row) => Buffer.concat([...row.uniques, ...row.lookups]).toString('hex'))}::text[],
        ${rows.map((row) => row.expiresAt?.toISOString() ?? null)}::timestamptz[]) as t (s, n, c, b, l, x)`,
    insertLookups(tx, 'lookups', lookups, indexEpoch),
  ]);
  return uniques.length - taken;
}

type Lookup = Readonly<{ id: RecordId; value: Buffer }>;

/** @returns how many rows went in */
export async function insertLookups(
  tx: Statements,
  table: 'lookups' | 'unique_lookups',
  rows: readonly Lookup[],
  epoch: number,
): Promise<number> {
  if (rows.length === 0) return 0;
  const inserted = await tx`
    insert into ${tx(`vault.${table}`)} (value, subject_id, record_no, epoch)
    select decode(v, 'hex'), s, n, ${epoch}
    from unnest(${hex(rows.map((row) => row.value))}::text[], ${rows.map((row) => row.id.subjectId)}::uuid[],
      ${rows.map((row) => String(row.id.recordNo))}::bigint[]) as t (v, s, n)
    on conflict do nothing`;
  return inserted.count;
}

export async function deleteLookups(tx: Statements, id: RecordId, values: readonly Buffer[]): Promise<void> {
  if (values.length === 0) return;
  const list = hex(values);
  for (const table of ['lookups', 'unique_lookups']) {
    await tx`
      delete from ${tx(`vault.${table}`)}
      where value in (select decode(v, 'hex') from unnest(${list}::text[]) as t (v))
        and subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint`;
  }
}

/** Who has these unique values? Keys of the answer: the value in hex. */
export async function findUniques(db: Statements, values: readonly Buffer[]): Promise<Map<string, RecordId>> {
  if (values.length === 0) return new Map();
  const rows = await db<{ value: Buffer; subject_id: SubjectId; record_no: bigint }[]>`
    select value, subject_id, record_no from vault.unique_lookups
    where value in (select decode(v, 'hex') from unnest(${hex(values)}::text[]) as t (v))`;
  return new Map(
    rows.map((row) => [row.value.toString('hex'), { subjectId: row.subject_id, recordNo: row.record_no }]),
  );
}

/** Of these records, as `subject/number`, those whose time has come and that the sweep has not taken yet. */
export async function expiredOf(db: Statements, ids: readonly RecordId[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db<{ subject_id: SubjectId; record_no: bigint }[]>`
    select r.subject_id, r.record_no
    from unnest(${ids.map((id) => id.subjectId)}::uuid[], ${ids.map((id) => String(id.recordNo))}::bigint[]) as q (subject_id, record_no)
    join vault.records r on r.subject_id = q.subject_id and r.record_no = q.record_no
    where r.expires_at <= now()`;
  return new Set(rows.map((row) => keyOfRecord(row.subject_id, row.record_no)));
}

/** @returns false when the stored version was not `seen` any more */
export async function updateRecord(
  tx: Statements,
  id: RecordId,
  seen: number,
  next: { box: Buffer; lookups: readonly Buffer[]; expiresAt: Date | null },
): Promise<boolean> {
  const updated = await tx`
    update vault.records
    set version = version + 1, box = ${next.box}, lookups = ${Buffer.concat([...next.lookups])}, expires_at = ${next.expiresAt}, updated_at = now()
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and version = ${seen}`;
  return updated.count === 1;
}

/** Replaces a box that means the same (re-encryption): the version stays. @returns false when it was changed meanwhile */
export async function replaceBox(tx: Statements, id: RecordId, version: number, box: Buffer): Promise<boolean> {
  const updated = await tx`
    update vault.records set box = ${box}
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and version = ${version}`;
  return updated.count === 1;
}

/** With its tokens and attachments. @returns the attachments that it had, or null when there was no such record */
export async function deleteRecord(tx: Tx, id: RecordId): Promise<Uuid[] | null> {
  const number = String(id.recordNo);
  const attachments = await deleteAttachmentsOf(tx, id);
  await tx`delete from vault.tokens where subject_id = ${id.subjectId} and record_no = ${number}::bigint`;
  await tx`delete from vault.stopped_uses where subject_id = ${id.subjectId} and record_no = ${number}::bigint`;
  const gone = await tx`delete from vault.records where subject_id = ${id.subjectId} and record_no = ${number}::bigint`;
  return gone.count === 1 ? attachments : null;
}
