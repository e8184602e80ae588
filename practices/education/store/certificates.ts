/** Statements on what a certificate can be made of: each pass and each signature is one. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { DutyKind } from './duties.ts';

export type CertificateRow = Readonly<{
  id: Uuid;
  person_id: Uuid;
  kind: Exclude<DutyKind, 'drill'>;
  text_id: string;
  hash: string;
  at: Date;
  entry: string | null;
  evidence: 'graded' | 'client';
}>;

const all = (db: Statements) => db`
  select pass_id as id, person_id, 'course' as kind, course as text_id, lesson_hash as hash, passed_at as at, entry, evidence from education.passes
  union all
  select ack_id, person_id, 'policy', policy, hash, signed_at, entry, 'graded' from education.acknowledgements`;

/** Newest first. */
export async function certificateRows(db: Statements, person: Uuid): Promise<CertificateRow[]> {
  return db<CertificateRow[]>`select * from (${all(db)}) each where person_id = ${person} order by at desc, id`;
}

export async function certificateRow(db: Statements, id: Uuid): Promise<CertificateRow | null> {
  const [row] = await db<CertificateRow[]>`select * from (${all(db)}) each where id = ${id}`;
  return row ?? null;
}
