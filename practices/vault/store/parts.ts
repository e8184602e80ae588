/** Statements that say whether anything is stored of a part of the catalogue. */
import type { Statements } from '#platform/db';

const found = (rows: readonly object[]): boolean => rows.length > 0;

export async function isEmpty(db: Statements): Promise<boolean> {
  return !found(await db`select from vault.keyrings limit 1`) && !found(await db`select from vault.records limit 1`);
}

export async function hasRecords(db: Statements, collection: string): Promise<boolean> {
  return found(
    await db`
    select from vault.records r join vault.collections c using (collection_no) where c.collection = ${collection} limit 1`,
  );
}

export async function hasAttachments(db: Statements, collection: string): Promise<boolean> {
  return found(
    await db`
    select from vault.attachments a join vault.records r using (subject_id, record_no)
    join vault.collections c using (collection_no) where c.collection = ${collection} limit 1`,
  );
}

/** By the directory of each record's box, which is not sealed (docs/formats/record-box.md): 3 bytes, then 7 for each field. */
export async function hasField(db: Statements, collection: string, field: string): Promise<boolean> {
  return found(
    await db`
    select from vault.records r
    join vault.fields f on f.collection_no = r.collection_no and f.field = ${field}
    join vault.collections c on c.collection_no = r.collection_no and c.collection = ${collection}
    where exists (
      select from generate_series(0, get_byte(r.box, 1) * 256 + get_byte(r.box, 2) - 1) as at
      where get_byte(r.box, 3 + 7 * at) * 256 + get_byte(r.box, 4 + 7 * at) = f.field_no)
    limit 1`,
  );
}
