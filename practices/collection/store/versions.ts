/** Statements on versions of the catalogue, and on the one that holds. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type VersionState = 'proposed' | 'approved' | 'active' | 'retired';
export type VersionRow = Readonly<{
  version_id: Uuid;
  document: string;
  document_hash: Buffer;
  hash: Buffer;
  state: VersionState;
  based_on: Uuid | null;
  note: string;
  proposed_by: string;
  proposed_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  activated_by: string | null;
  activated_at: Date | null;
  retired_at: Date | null;
}>;
export type ListedVersion = Omit<VersionRow, 'document' | 'document_hash'>;
export type Head = Readonly<{ epoch: bigint; catalog_version: Uuid | null }>;

export async function findVersion(db: Statements, id: Uuid): Promise<VersionRow | null> {
  const [row] = await db<VersionRow[]>`select * from collection.catalog_versions where version_id = ${id}`;
  return row ?? null;
}

/** Locked until the transaction ends: of two who come at once, the second sees what the first did. */
export async function holdVersion(tx: Statements, id: Uuid): Promise<VersionRow | null> {
  const [row] = await tx<VersionRow[]>`select * from collection.catalog_versions where version_id = ${id} for update`;
  return row ?? null;
}

/** Newest first, without the documents. */
export async function listVersions(db: Statements): Promise<ListedVersion[]> {
  return db<ListedVersion[]>`
    select version_id, hash, state, based_on, note, proposed_by, proposed_at, approved_by, approved_at, activated_by, activated_at, retired_at
    from collection.catalog_versions order by version_id desc limit 1000`;
}

/** Whether any version, of any state, means this. */
export async function isKnown(db: Statements, hash: Buffer): Promise<boolean> {
  const [row] = await db`select from collection.catalog_versions where hash = ${hash} limit 1`;
  return row !== undefined;
}

/** Whether a person or a key ever proposed one. */
export async function hasProposals(db: Statements): Promise<boolean> {
  const [row] = await db`select from collection.catalog_versions where proposed_by <> 'system' limit 1`;
  return row !== undefined;
}

export async function insertVersion(
  tx: Statements,
  row: Pick<
    VersionRow,
    'version_id' | 'document' | 'document_hash' | 'hash' | 'based_on' | 'note' | 'proposed_by' | 'proposed_at'
  >,
): Promise<void> {
  await tx`
    insert into collection.catalog_versions (version_id, document, document_hash, hash, state, based_on, note, proposed_by, proposed_at)
    values (${row.version_id}, ${row.document}, ${row.document_hash}, ${row.hash}, 'proposed', ${row.based_on}, ${row.note}, ${row.proposed_by}, ${row.proposed_at})`;
}

export async function approveVersion(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`
    update collection.catalog_versions set state = 'approved', approved_by = ${by}, approved_at = ${at} where version_id = ${id}`;
}

export async function activateVersion(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update collection.catalog_versions set state = 'retired', retired_at = ${at} where state = 'active'`;
  await tx`
    update collection.catalog_versions set state = 'active', activated_by = ${by}, activated_at = ${at} where version_id = ${id}`;
  await tx`update collection.head set catalog_version = ${id}, epoch = epoch + 1`;
}

export async function readHead(db: Statements): Promise<Head> {
  const [head] = await db<Head[]>`select epoch, catalog_version from collection.head`;
  return head as Head;
}

/** Locked until the transaction ends: versions become active one after the other, and no writer is under way. */
export async function holdHead(tx: Statements): Promise<Head> {
  const [head] = await tx<Head[]>`select epoch, catalog_version from collection.head for update`;
  return head as Head;
}

/** Held with all other writers until the transaction ends: meanwhile no other version becomes active. */
export async function shareHead(tx: Statements): Promise<Head> {
  const [head] = await tx<Head[]>`select epoch, catalog_version from collection.head for share`;
  return head as Head;
}
