/** Statements on sessions that began at an OpenID Connect provider, and on its logout tokens. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** @returns false when it was taken before: of two who bring it at once one gets it */
export async function takeLogoutToken(
  tx: Statements,
  issuer: string,
  jti: string,
  expiresAtSeconds: number,
): Promise<boolean> {
  const taken = await tx`
    insert into access.logout_tokens (issuer, jti, expires_at) values (${issuer}, ${jti}, to_timestamp(${expiresAtSeconds}))
    on conflict do nothing`;
  return taken.count === 1;
}

/** @param subject where the token names one too: both have to be right */
export async function endSessionsOfSid(
  tx: Statements,
  issuer: string,
  sid: string,
  subject: string | null,
): Promise<Uuid[]> {
  const ended = await tx<{ session_id: Uuid }[]>`
    update access.sessions set ended_at = now()
    where issuer = ${issuer} and sid = ${sid} and ended_at is null and (${subject}::text is null or subject = ${subject})
    returning session_id`;
  return ended.map(({ session_id }) => session_id);
}

/** All of whoever this is there, however each one began. */
export async function endSessionsOfPerson(tx: Statements, issuer: string, subject: string): Promise<Uuid[]> {
  const ended = await tx<{ session_id: Uuid }[]>`
    update access.sessions set ended_at = now() from access.federated f
    where f.issuer = ${issuer} and f.subject = ${subject} and sessions.person_id = f.person_id and ended_at is null
    returning session_id`;
  return ended.map(({ session_id }) => session_id);
}

export async function sessionIssuer(db: Statements, session: Uuid): Promise<string | null> {
  const [row] = await db<{ issuer: string | null }[]>`select issuer from access.sessions where session_id = ${session}`;
  return row?.issuer ?? null;
}

export async function sweepLogoutTokens(db: Statements): Promise<void> {
  await db`delete from access.logout_tokens where expires_at < now() - interval '1 hour'`;
}
