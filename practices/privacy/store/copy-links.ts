/** Statements on links by which a copy is fetched once. Times are the database's. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import { TRIES } from './customers.ts';

/** A request has one: with a new one the one before is dead. */
export async function putCopyLink(
  tx: Statements,
  row: Readonly<{ linkId: Uuid; requestId: Uuid; subjectId: SubjectId; code: Buffer; days: number }>,
): Promise<Date> {
  await tx`delete from privacy.copy_links where request_id = ${row.requestId}`;
  const [made] = await tx<{ expires_at: Date }[]>`
    insert into privacy.copy_links (link_id, request_id, subject_id, code, expires_at)
    values (${row.linkId}, ${row.requestId}, ${row.subjectId}, ${row.code}, now() + make_interval(days => ${row.days}))
    returning expires_at`;
  return made?.expires_at as Date;
}

export type CopyLink = Readonly<{ link_id: Uuid; request_id: Uuid; subject_id: SubjectId }>;

/** One try: counted before the code is looked at. */
export async function tryCopyLink(db: Statements, linkId: Uuid, code: Buffer): Promise<CopyLink | null> {
  const tried = await db`
    update privacy.copy_links set tries = tries + 1
    where link_id = ${linkId} and expires_at > now() and used_at is null and tries < ${TRIES}`;
  if (tried.count === 0) return null;
  const [row] = await db<CopyLink[]>`
    select link_id, request_id, subject_id from privacy.copy_links
    where link_id = ${linkId} and code = ${code} and used_at is null`;
  return row ?? null;
}

/** @returns false when somebody was faster: of two who come at once, one gets it */
export async function burnCopyLink(db: Statements, linkId: Uuid): Promise<boolean> {
  const burnt = await db`update privacy.copy_links set used_at = now() where link_id = ${linkId} and used_at is null and expires_at > now()`;
  return burnt.count === 1;
} // prettier-ignore

export async function sweepCopyLinks(db: Statements): Promise<void> {
  await db`delete from privacy.copy_links where expires_at < now()`;
}
