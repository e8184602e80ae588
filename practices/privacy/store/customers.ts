/** Statements on customers who sign in. Times are the database's. */
import type { Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

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
  found: Readonly<{ subjectId: SubjectId; code: Buffer }> | null,
): Promise<boolean> {
  const settled = await tx`
    update privacy.sign_ins set address = null, subject_id = ${found?.subjectId ?? null}, code = ${found?.code ?? null}
    where attempt = ${attempt} and address is not null`;
  return settled.count === 1;
}

/**
 * One try: counted before the code is looked at, and with the right one the attempt is gone, so that of two who come at
 * once with it one gets in.
 */
export async function tryCode(db: Statements, attempt: Buffer, code: Buffer): Promise<SubjectId | null> {
  const tried = await db`
    update privacy.sign_ins set tries = tries + 1
    where attempt = ${attempt} and expires_at > now() and tries < ${TRIES}`;
  if (tried.count === 0) return null;
  const [gone] = await db<{ subject_id: SubjectId }[]>`
    delete from privacy.sign_ins where attempt = ${attempt} and code = ${code} and subject_id is not null returning subject_id`;
  return gone?.subject_id ?? null;
}

export async function insertSession(db: Statements, hash: Buffer, subjectId: SubjectId): Promise<void> {
  await db`
    insert into privacy.sessions (hash, subject_id, expires_at)
    values (${hash}, ${subjectId}, now() + make_interval(mins => ${SESSION_MINUTES}))`;
}
export async function findSession(db: Statements, hash: Buffer): Promise<SubjectId | null> {
  const [row] = await db<{ subject_id: SubjectId }[]>`
    select subject_id from privacy.sessions where hash = ${hash} and expires_at > now()`;
  return row?.subject_id ?? null;
}
export async function endSession(db: Statements, hash: Buffer): Promise<void> {
  await db`delete from privacy.sessions where hash = ${hash}`;
}

export async function sweepCustomers(db: Statements): Promise<void> {
  await db`delete from privacy.sign_ins where expires_at < now()`;
  await db`delete from privacy.sessions where expires_at < now()`;
  await db`delete from privacy.counts where part < floor(extract(epoch from now()) / ${PART_SECONDS}) - 1`;
}
