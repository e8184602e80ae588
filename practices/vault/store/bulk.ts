/**
 * A batch of new records by COPY: rings, records and lookups, a stream each (platform/db/copy.ts).
 *
 * It cannot say which unique value was taken meanwhile, as the INSERT of store/records.ts can: on any failure the
 * caller gives the transaction up and does it again by INSERT.
 */
import { copyIn, copyRows, type Statements } from '#platform/db';

import type { NewRecord } from './records.ts';
import type { NewRing } from './rings.ts';

/** Fewer than this go in by pipelined INSERTs: four COPYs are eight trips. */
export const BULK_FROM = 32;

export type NewRows = Readonly<{
  rings: readonly NewRing[];
  records: readonly NewRecord[];
  indexEpoch: number;
}>;

export async function copyRecords(tx: Statements, { rings, records, indexEpoch }: NewRows): Promise<void> {
  await copyRings(tx, rings);
  await copyLookups(tx, 'vault.unique_lookups', records, (record) => record.uniques, indexEpoch);
  const columns = ['subject_id', 'record_no', 'collection_no', 'version', 'box', 'lookups', 'expires_at'];
  const rows = copyRows(columns.length, sizeOf(records));
  for (const { id, collectionNo, box, uniques, lookups, expiresAt } of records) {
    rows.row();
    rows.uuid(id.subjectId);
    rows.int64(id.recordNo);
    rows.int16(collectionNo);
    rows.int32(1);
    rows.bytes(box);
    rows.bytes(...uniques, ...lookups);
    if (expiresAt === null) rows.nothing();
    else rows.timestamp(expiresAt);
  }
  await copyIn(tx, { table: 'vault.records', columns, rows });
  await copyLookups(tx, 'vault.lookups', records, (record) => record.lookups, indexEpoch);
}

const sizeOf = (records: readonly NewRecord[]): number =>
  records.reduce(
    (total, { box, uniques, lookups }) => total + box.length + 16 * (uniques.length + lookups.length) + 80,
    64,
  );

async function copyRings(tx: Statements, rings: readonly NewRing[]): Promise<void> {
  if (rings.length === 0) return;
  const columns = ['subject_id', 'epoch', 'ring', 'second_epoch', 'second_ring', 'seals'];
  const rows = copyRows(columns.length, rings.length * 512);
  for (const { subjectId, ring, seals } of rings) {
    rows.row();
    rows.uuid(subjectId);
    rows.int32(ring.epoch);
    rows.bytes(ring.first);
    if (ring.secondEpoch === null || ring.second === null) {
      rows.nothing();
      rows.nothing();
    } else {
      rows.int32(ring.secondEpoch);
      rows.bytes(ring.second);
    }
    rows.int64(seals);
  }
  await copyIn(tx, { table: 'vault.keyrings', columns, rows });
}

async function copyLookups(
  tx: Statements,
  table: string,
  records: readonly NewRecord[],
  valuesOf: (record: NewRecord) => readonly Buffer[],
  epoch: number,
): Promise<void> {
  const columns = ['value', 'subject_id', 'record_no', 'epoch'];
  const rows = copyRows(columns.length, records.length * 200);
  let count = 0;
  for (const record of records) {
    for (const value of valuesOf(record)) {
      rows.row();
      rows.bytes(value);
      rows.uuid(record.id.subjectId);
      rows.int64(record.id.recordNo);
      rows.int16(epoch);
      count += 1;
    }
  }
  if (count > 0) await copyIn(tx, { table, columns, rows });
}
