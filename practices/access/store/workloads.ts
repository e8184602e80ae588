/** Statements on workloads. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';
import type { DataClass } from '#practices/collection';

export type WorkloadRow = Readonly<{
  workload_id: Uuid;
  name: string;
  issuer: string;
  subject: string;
  audience: string;
  jwks: Readonly<{ keys: readonly object[] }> | null;
  jwks_url: string | null;
  role: string;
  purposes: string[];
  classes: DataClass[];
  collections: string[];
  created_by: string;
  person_id: Uuid | null;
  created_at: Date;
  revoked_at: Date | null;
}>;
export type FoundWorkload = WorkloadRow & Readonly<{ policy_version: Uuid; overdue: boolean }>;

/** The living workload of an issuer's subject, with the policies that hold, of one moment. */
export async function findWorkload(db: Statements, issuer: string, subject: string): Promise<FoundWorkload | null> {
  const [row] = await db<FoundWorkload[]>`
    select workloads.*, authz.policy_version, access.review_overdue(workload_id, role) as overdue from access.workloads cross join access.authz
    where issuer = ${issuer} and subject = ${subject} and revoked_at is null and authz.policy_version is not null`;
  return row ?? null;
}

export async function livingWorkload(db: Statements, id: Uuid): Promise<FoundWorkload | null> {
  const [row] = await db<FoundWorkload[]>`
    select workloads.*, authz.policy_version, access.review_overdue(workload_id, role) as overdue from access.workloads cross join access.authz
    where workload_id = ${id} and revoked_at is null and authz.policy_version is not null`;
  return row ?? null;
}

/** @returns false when the issuer's subject is trusted already */
export async function insertWorkload(
  tx: Statements,
  row: Omit<WorkloadRow, 'created_at' | 'revoked_at'>,
): Promise<boolean> {
  const inserted = await tx`
    insert into access.workloads (workload_id, name, issuer, subject, audience, jwks, jwks_url, role, purposes, classes, collections, created_by, person_id)
    values (${row.workload_id}, ${row.name}, ${row.issuer}, ${row.subject}, ${row.audience},
      ${row.jwks === null ? null : JSON.stringify(row.jwks)}::text::jsonb, ${row.jwks_url}, ${row.role}, ${row.purposes}::text[],
      ${row.classes}::text[], ${row.collections}::text[], ${row.created_by}, ${row.person_id})
    on conflict do nothing`;
  return inserted.count === 1;
}

export async function listWorkloads(db: Statements): Promise<WorkloadRow[]> {
  return db<WorkloadRow[]>`select * from access.workloads order by workload_id`;
}

export async function revokeWorkload(tx: Statements, id: Uuid): Promise<boolean> {
  const revoked = await tx`
    update access.workloads set revoked_at = now() where workload_id = ${id} and revoked_at is null`;
  if (revoked.count === 1) await tx`update access.authz set epoch = epoch + 1`;
  return revoked.count === 1;
}

export async function revokeWorkloadsOf(tx: Statements, personId: Uuid): Promise<void> {
  await tx`update access.workloads set revoked_at = now() where person_id = ${personId} and revoked_at is null`;
}
