/** Statements on sessions that began at an OpenID Connect provider, and on its logout tokens. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** Whom a logout token means; `sid` or `subject` is there. */
export type LogoutToken = Readonly<{
  issuer: string;
  jti: string;
  expiresAtSeconds: number;
  issuedAtSeconds: number;
  subject: string | null;
  sid: string | null;
}>;

/** @returns false when it was taken before: of two who bring it at once one gets it */
export async function takeLogoutToken(tx: Statements, token: LogoutToken): Promise<boolean> {
  // behind whoever is just coming in: their sessions are there to be ended then
  await tx`select pg_advisory_xact_lock(${LOGOUTS}, hashtext(${token.issuer}))`;
  const taken = await tx`
    insert into access.logout_tokens (issuer, jti, subject, sid, issued_at, expires_at)
    values (${token.issuer}, ${token.jti}, ${token.subject}, ${token.sid}, to_timestamp(${token.issuedAtSeconds}), to_timestamp(${token.expiresAtSeconds}))
    on conflict do nothing`;
  return taken.count === 1;
}

/** Class of advisory locks: sign-ins by one issuer share it, its logout tokens have it alone. */
const LOGOUTS = 0x6c6f676f;

/**
 * Whether a logout token was taken for who is just coming in: for their session there, whenever; for the person, after
 * they showed who they are. INVARIANT: in the transaction that begins the session, so that none slips in between.
 */
export async function isLoggedOut(
  tx: Statements,
  who: Readonly<{ issuer: string; subject: string; sid: string | null; authTimeSeconds: number }>,
): Promise<boolean> {
  await tx`select pg_advisory_xact_lock_shared(${LOGOUTS}, hashtext(${who.issuer}))`;
  const found = await tx`
    select 1 from access.logout_tokens where issuer = ${who.issuer} and sid = ${who.sid}::text and coalesce(subject, ${who.subject}) = ${who.subject}
    union all
    select 1 from access.logout_tokens where issuer = ${who.issuer} and sid is null and subject = ${who.subject}
      and issued_at >= to_timestamp(${who.authTimeSeconds})
    limit 1`;
  return found.length > 0;
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
