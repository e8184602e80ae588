/**
 * Statements of a search: who has at least one value of every group, in key order.
 *
 * The index epoch comes with the hits in one statement: a server that has not heard of a newer one would search in vain.
 */
import type { Statements } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

import { asRecord, recordColumns, withRing, type RecordRow, type StoredRecord } from './records.ts';

export type LookupGroups = readonly (readonly Buffer[])[];
export type Hit = Readonly<{
  id: RecordId;
  /** null when the record has expired. */
  stored: StoredRecord | null;
}>;

/** Before every record there is. */
const BEFORE_ALL: RecordId = { subjectId: '00000000-0000-0000-0000-000000000000' as SubjectId, recordNo: 0n };

/** @param after exclusive @param within null: anybody */
function page(db: Statements, groups: LookupGroups, after: RecordId | null, limit: number, within: Within = null) {
  const [[value, ...alternatives] = [], ...others] = groups;
  return value !== undefined && alternatives.length + others.length === 0 && within === null
    ? pageOfOne(db, value, after ?? BEFORE_ALL, limit)
    : pageOfMany(db, groups, after ?? BEFORE_ALL, limit, within);
}
type Within = ReadonlySet<SubjectId> | null;

/**
 * One value of one field, as most searches ask for. PostgreSQL keeps one plan for this, since nothing in it has to be
 * guessed; with arrays it plans every execution anew, which takes several times as long as the search.
 */
function pageOfOne(db: Statements, value: Buffer, { subjectId, recordNo }: RecordId, limit: number) {
  return db`
    page as (
      select subject_id, record_no from (
        select subject_id, record_no from vault.lookups
        where value = ${value} and (subject_id, record_no) > (${subjectId}::uuid, ${String(recordNo)}::bigint)
        union
        select subject_id, record_no from vault.unique_lookups
        where value = ${value} and (subject_id, record_no) > (${subjectId}::uuid, ${String(recordNo)}::bigint)) hits
      order by subject_id, record_no
      limit ${limit})`;
}

function pageOfMany(
  db: Statements,
  groups: LookupGroups,
  { subjectId, recordNo }: RecordId,
  limit: number,
  within: Within,
) {
  const flat = groups.flatMap((group, i) => group.map((value) => ({ i, value: value.toString('hex') })));
  return db`
    wanted as (
      select g, decode(v, 'hex') as value from unnest(${flat.map((each) => each.i)}::int[], ${flat.map((each) => each.value)}::text[]) as t (g, v)
    ), hits as (
      select w.g, l.subject_id, l.record_no from wanted w join vault.lookups l on l.value = w.value
      union all
      select w.g, u.subject_id, u.record_no from wanted w join vault.unique_lookups u on u.value = w.value
    ), page as (
      select subject_id, record_no from hits
      where (subject_id, record_no) > (${subjectId}::uuid, ${String(recordNo)}::bigint)
        and ${within === null ? db`true` : db`subject_id = any (${[...within]}::uuid[])`}
      group by subject_id, record_no
      having count(distinct g) = ${groups.length}
      order by subject_id, record_no
      limit ${limit})`;
}

/** @param after exclusive */
export async function findByLookups(
  db: Statements,
  groups: LookupGroups,
  after: RecordId | null,
  limit: number,
): Promise<{ epoch: number; ids: RecordId[] }> {
  const rows = await db<{ epoch: number; subject_id: SubjectId | null; record_no: bigint }[]>`
    with ${page(db, groups, after, limit)}
    select e.epoch, page.subject_id, page.record_no
    from vault.epochs e left join page on true
    where e.use = 'index' and e.state = 'current'
    order by subject_id, record_no`;
  return {
    epoch: rows[0]?.epoch ?? 0,
    ids: rows.flatMap((row) =>
      row.subject_id === null ? [] : [{ subjectId: row.subject_id, recordNo: row.record_no }],
    ),
  };
}

type HitRow = { hit_subject: SubjectId | null; hit_record: bigint; index_epoch: number } & (
  | RecordRow
  | { subject_id: null }
);

/**
 * The same with all that is needed to decide and to open.
 *
 * INVARIANT: as everywhere (`withRing`), ciphertext and key ring come from one snapshot.
 * @param after exclusive
 * @param within whoever else is meant is as if they were not there; null: anybody
 */
export async function loadByLookups(
  db: Statements,
  groups: LookupGroups,
  after: RecordId | null,
  limit: number,
  within: Within = null,
): Promise<{ epoch: number; hits: Hit[] }> {
  const rows = await db<HitRow[]>`
    with ${page(db, groups, after, limit, within)}
    select e.epoch as index_epoch, page.subject_id as hit_subject, page.record_no as hit_record, s.*
    from vault.epochs e left join page on true
    left join lateral (
      select ${recordColumns(db)}
      from vault.records r ${withRing(db)}
      where r.subject_id = page.subject_id and r.record_no = page.record_no
        and (r.expires_at is null or r.expires_at > now())) s on true
    where e.use = 'index' and e.state = 'current'
    order by hit_subject, hit_record`;
  return {
    epoch: rows[0]?.index_epoch ?? 0,
    hits: rows.flatMap((row) =>
      row.hit_subject === null
        ? []
        : [
            {
              id: { subjectId: row.hit_subject, recordNo: row.hit_record },
              stored: row.subject_id === null ? null : asRecord(row),
            },
          ],
    ),
  };
}
