/** Statements on versions of policies, and on what holds now. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type PolicyState = 'draft' | 'validated' | 'approved' | 'active' | 'retired';
export type VersionRow = Readonly<{
  version_id: Uuid;
  document: string;
  hash: Buffer;
  state: PolicyState;
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

export async function findVersion(db: Statements, id: Uuid): Promise<VersionRow | null> {
  const [row] = await db<VersionRow[]>`select * from access.policy_versions where version_id = ${id}`;
  return row ?? null;
}

/** Locked until the transaction ends: of two who come at once, the second sees what the first did. */
export async function holdVersion(tx: Statements, id: Uuid): Promise<VersionRow | null> {
  const [row] = await tx<VersionRow[]>`select * from access.policy_versions where version_id = ${id} for update`;
  return row ?? null;
}

/** Newest first, without the documents. */
export async function listVersions(db: Statements): Promise<Omit<VersionRow, 'document'>[]> {
  return db<Omit<VersionRow, 'document'>[]>`
    select version_id, hash, state, based_on, note, proposed_by, proposed_at, approved_by, approved_at, activated_by, activated_at, retired_at
    from access.policy_versions order by version_id desc limit 1000`;
}

export async function insertVersion(
  db: Statements,
  row: Pick<
    VersionRow,
    'version_id' | 'document' | 'hash' | 'state' | 'based_on' | 'note' | 'proposed_by' | 'proposed_at'
  >,
): Promise<void> {
  await db`
    insert into access.policy_versions (version_id, document, hash, state, based_on, note, proposed_by, proposed_at)
    values (${row.version_id}, ${row.document}, ${row.hash}, ${row.state}, ${row.based_on}, ${row.note}, ${row.proposed_by}, ${row.proposed_at})`;
}

export async function approveVersion(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update access.policy_versions set state = 'approved', approved_by = ${by}, approved_at = ${at} where version_id = ${id}`;
}

export async function activeVersion(db: Statements): Promise<Uuid | null> {
  const [row] = await db<{ policy_version: Uuid | null }[]>`select policy_version from access.authz`;
  return row?.policy_version ?? null;
}

/** Locked until the transaction ends: versions become active one after the other. */
export async function holdActive(tx: Statements): Promise<Uuid | null> {
  const [row] = await tx<{ policy_version: Uuid | null }[]>`select policy_version from access.authz for update`;
  return row?.policy_version ?? null;
}

export async function activateVersion(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update access.policy_versions set state = 'retired', retired_at = ${at} where state = 'active'`;
  await tx`update access.policy_versions set state = 'active', activated_by = ${by}, activated_at = ${at} where version_id = ${id}`;
  await tx`update access.authz set policy_version = ${id}, epoch = epoch + 1`;
}
