/** Statements on passkeys and their challenges. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type PasskeyRow = Readonly<{
  passkey_id: Uuid;
  person_id: Uuid;
  credential_id: Buffer;
  public_key: Buffer;
  counter: bigint;
  transports: string[];
  backed_up: boolean;
  name: string;
  created_at: Date;
  used_at: Date | null;
}>;
export type ChallengeUse = 'register' | 'sign-in' | 'step-up';

const CHALLENGE_MINUTES = 5;

export async function insertChallenge(
  db: Statements,
  row: Readonly<{ challenge: Buffer; use: ChallengeUse; boundTo: Buffer }>,
): Promise<void> {
  await db`
    insert into access.challenges (challenge, use, bound_to, expires_at)
    values (${row.challenge}, ${row.use}, ${row.boundTo}, now() + make_interval(mins => ${CHALLENGE_MINUTES}))`;
}

/** Uses it up, whatever comes of the answer. @returns false when it is not out, or not for this one */
export async function takeChallenge(
  db: Statements,
  row: Readonly<{ challenge: Buffer; use: ChallengeUse; boundTo: Buffer }>,
): Promise<boolean> {
  const taken = await db`
    delete from access.challenges where challenge = ${row.challenge} and use = ${row.use} and bound_to = ${row.boundTo}
      and expires_at > now()`;
  return taken.count === 1;
}

/** @returns false when the credential is somebody's already */
export async function insertPasskey(tx: Statements, row: Omit<PasskeyRow, 'created_at' | 'used_at'>): Promise<boolean> {
  const inserted = await tx`
    insert into access.passkeys (passkey_id, person_id, credential_id, public_key, counter, transports, backed_up, name)
    values (${row.passkey_id}, ${row.person_id}, ${row.credential_id}, ${row.public_key}, ${row.counter}, ${row.transports}::text[],
      ${row.backed_up}, ${row.name})
    on conflict do nothing`;
  return inserted.count === 1;
}

export async function findPasskey(db: Statements, credentialId: Buffer): Promise<PasskeyRow | null> {
  const [row] = await db<PasskeyRow[]>`select * from access.passkeys where credential_id = ${credentialId}`;
  return row ?? null;
}

export async function listPasskeys(db: Statements, personId: Uuid): Promise<PasskeyRow[]> {
  return db<PasskeyRow[]>`select * from access.passkeys where person_id = ${personId} order by passkey_id`;
}

export async function countPasskeys(db: Statements, personId: Uuid): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from access.passkeys where person_id = ${personId}`;
  return row?.n ?? 0;
}

/** INVARIANT: a counter that is used only grows; of two answers with one count, one is taken. */
export async function usePasskey(tx: Statements, id: Uuid, counter: bigint, backedUp: boolean): Promise<boolean> {
  const used = await tx`
    update access.passkeys set counter = ${counter}, backed_up = ${backedUp}, used_at = now()
    where passkey_id = ${id} and (counter < ${counter} or (counter = 0 and ${counter} = 0::bigint))`;
  return used.count === 1;
}

/** @param personId whose it has to be */
export async function deletePasskey(tx: Statements, id: Uuid, personId: Uuid): Promise<boolean> {
  return (await tx`delete from access.passkeys where passkey_id = ${id} and person_id = ${personId}`).count === 1;
}

export async function sweepChallenges(db: Statements): Promise<void> {
  await db`delete from access.challenges where expires_at < now()`;
}
