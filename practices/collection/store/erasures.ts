/** Statements on the account of what went. */
import type { Statements } from '#platform/db';

export type ErasureRow = Readonly<{
  audit_index: bigint;
  n: number;
  scope: 'subject' | 'record' | 'fields';
  subject_mac: Buffer;
  record_mac: Buffer | null;
  collection: string | null;
  fields: string[];
  cause: 'request' | 'expiry' | 'retention';
  run_id: string | null;
  rule_hash: string | null;
  at: Date;
}>;

/** Of one entry of the log; several calls may tell of the same one. */
export async function insertErasures(tx: Statements, rows: readonly Omit<ErasureRow, 'n'>[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const index = String(first.audit_index);
  await tx`
    insert into collection.erasures (audit_index, n, scope, subject_mac, record_mac, collection, fields, cause, run_id, rule_hash, at)
    select ${index}::bigint,
      (select coalesce(max(n), -1) from collection.erasures where audit_index = ${index}::bigint) + row_number() over ()::int,
      scope, decode(s, 'hex'), decode(r, 'hex'), c, array(select jsonb_array_elements_text(f::jsonb)),
      ${first.cause}, ${first.run_id}, ${first.rule_hash}, ${first.at}
    from unnest(${rows.map((row) => row.scope)}::text[], ${rows.map((row) => row.subject_mac.toString('hex'))}::text[],
      ${rows.map((row) => row.record_mac?.toString('hex') ?? null)}::text[], ${rows.map((row) => row.collection)}::text[],
      ${rows.map((row) => JSON.stringify(row.fields))}::text[]) as t (scope, s, r, c, f)`;
}

/** In the order of the log. @param after exclusive */
export async function erasuresAfter(
  db: Statements,
  after: Readonly<{ auditIndex: bigint; n: number }>,
  limit: number,
): Promise<ErasureRow[]> {
  return db<ErasureRow[]>`
    select * from collection.erasures
    where (audit_index, n) > (${String(after.auditIndex)}::bigint, ${after.n}) order by audit_index, n limit ${limit}`;
}

/** Of one run, in order, a page at a time. */
export async function erasuresOfRun(
  db: Statements,
  run: string,
  after: Readonly<{ auditIndex: bigint; n: number }>,
  limit: number,
): Promise<ErasureRow[]> {
  return db<ErasureRow[]>`
    select * from collection.erasures
    where run_id = ${run} and (audit_index, n) > (${String(after.auditIndex)}::bigint, ${after.n})
    order by audit_index, n limit ${limit}`;
}
