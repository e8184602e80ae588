/** Statements on customers who sign in. Times are the database's. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import type { Proof } from '../requests/proof.ts';

export const CODE_MINUTES = 10;
export const TRIES = 5;
export const SESSION_MINUTES = 30;
export const PART_SECONDS = 900;

/** Counts, and says how often it was in this quarter of an hour. */
export async function count(db: Statements, what: Buffer): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    insert into privacy.counts (what, part, n) values (${what}, floor(extract(epoch from now()) / ${PART_SECONDS}), 1)
    on conflict (what, part) do update set n = counts.n + 1 returning n`;
  return row?.n ?? 0;
}

export async function insertAttempt(db: Statements, attempt: Buffer, address: Buffer, language: string): Promise<void> {
  await db`
    insert into privacy.sign_ins (attempt, address, language, expires_at)
    values (${attempt}, ${address}, ${language}, now() + make_interval(mins => ${CODE_MINUTES}))`;
}

export type Waiting = Readonly<{ attempt: Buffer; address: Buffer; language: string }>;
export async function waitingAttempts(db: Statements, limit: number): Promise<Waiting[]> {
  return db<Waiting[]>`
    select attempt, address, language from privacy.sign_ins
    where address is not null and expires_at > now() order by created_at limit ${limit}`;
}

/** @returns false when another server was faster */
export async function settleAttempt(
  tx: Statements,
  attempt: Buffer,
  found: Readonly<{ subjectId: SubjectId; code: Buffer; address: Buffer }> | null,
): Promise<boolean> {
  const settled = await tx`
    update privacy.sign_ins set address = null, subject_id = ${found?.subjectId ?? null}, code = ${found?.code ?? null}, address_hash = ${found?.address ?? null}
    where attempt = ${attempt} and address is not null`;
  return settled.count === 1;
}

/**
 * One try: counted before the code is looked at, and with the right one the attempt is gone, so that of two who come at
 * once with it one gets in.
 */
export async function tryCode(
  db: Statements,
  attempt: Buffer,
  code: Buffer,
): Promise<Readonly<{ subject_id: SubjectId; address_hash: Buffer | null }> | null> {
  const tried = await db`
    update privacy.sign_ins set tries = tries + 1
    where attempt = ${attempt} and expires_at > now() and tries < ${TRIES}`;
  if (tried.count === 0) return null;
  const [gone] = await db<{ subject_id: SubjectId; address_hash: Buffer | null }[]>`
    delete from privacy.sign_ins where attempt = ${attempt} and code = ${code} and subject_id is not null returning subject_id, address_hash`;
  return gone ?? null;
}

export type SessionRow = Readonly<{ subject_id: SubjectId; proofs: readonly Proof[]; address: Buffer | null }>;
export async function insertSession(db: Statements, hash: Buffer, { subject_id, proofs, address }: SessionRow): Promise<void> {
  await db`
    insert into privacy.sessions (hash, subject_id, proofs, address, expires_at)
    values (${hash}, ${subject_id}, ${JSON.stringify(proofs)}::text::jsonb, ${address}, now() + make_interval(mins => ${SESSION_MINUTES}))`;
} // prettier-ignore
export async function findSession(db: Statements, hash: Buffer): Promise<SessionRow | null> {
  const [row] = await db<SessionRow[]>`
    select subject_id, proofs, address from privacy.sessions where hash = ${hash} and expires_at > now()`;
  return row ?? null;
}
/** What shows better who it is; a session goes on as long as it would have. @returns false when it is over, or another's */
export async function addProofs(db: Statements, hash: Buffer, subjectId: SubjectId, proofs: readonly Proof[]): Promise<boolean> {
  const put = await db`
    update privacy.sessions set proofs = proofs || ${JSON.stringify(proofs)}::text::jsonb
    where hash = ${hash} and subject_id = ${subjectId} and expires_at > now()`;
  return put.count === 1;
} // prettier-ignore

/** The one before it is worth nothing any more. */
export async function putSecondCode(db: Statements, session: Buffer, code: Buffer): Promise<void> {
  await db`
    insert into privacy.second_codes (session, code, expires_at) values (${session}, ${code}, now() + make_interval(mins => ${CODE_MINUTES}))
    on conflict (session) do update set code = excluded.code, tries = 0, expires_at = excluded.expires_at`;
}
/** One try: counted before the code is looked at, and gone with the right one. */
export async function trySecondCode(db: Statements, session: Buffer, code: Buffer): Promise<boolean> {
  const tried = await db`
    update privacy.second_codes set tries = tries + 1
    where session = ${session} and expires_at > now() and tries < ${TRIES}`;
  if (tried.count === 0) return false;
  const gone = await db`delete from privacy.second_codes where session = ${session} and code = ${code}`;
  return gone.count === 1;
}
/** @returns false when it was used before */
export async function useAssertion(db: Statements, id: Uuid, expiresAt: Date): Promise<boolean> {
  const used = await db`
    insert into privacy.used_assertions (assertion, expires_at) values (${id}, ${expiresAt}) on conflict do nothing`;
  return used.count === 1;
}
export async function endSession(db: Statements, hash: Buffer): Promise<void> {
  await db`delete from privacy.sessions where hash = ${hash}`;
}

export async function sweepCustomers(db: Statements): Promise<void> {
  await db`delete from privacy.sign_ins where expires_at < now()`;
  await db`delete from privacy.sessions where expires_at < now()`;
  await db`delete from privacy.second_codes where expires_at < now()`;
  // a day longer than it could be used: clocks of servers differ
  await db`delete from privacy.used_assertions where expires_at < now() - interval '1 day'`;
  await db`delete from privacy.counts where part < floor(extract(epoch from now()) / ${PART_SECONDS}) - 1`;
}
