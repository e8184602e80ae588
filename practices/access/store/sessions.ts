/** Statements on sessions. All times are the database's, so that servers with other clocks see the same session. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { HeldRow } from '../grants/held.ts';

export const IDLE_MINUTES = 15;
export const ABSOLUTE_HOURS = 12;

/** Older than any age of proof that a policy can name (`@stepUp`: at most six digits). */
const TOO_OLD_SECONDS = 1_000_000;

export type SessionRow = Readonly<{
  session_id: Uuid;
  person_id: Uuid;
  role: string;
  aal: number;
  amr: string[];
  auth_time: Date;
  mfa_at: Date | null;
  phishing_resistant: boolean;
  device: string;
  zone: string;
  /** How many tokens it has had before this one. */
  turn: number;
  created_at: Date;
  seen_at: Date;
  expires_at: Date;
}>;

/** A session, its person, and what held when it was found; ages in whole seconds. */
export type FoundSession = SessionRow &
  Readonly<{
    hash: Buffer;
    name: string;
    roles: string[];
    canaries_only: boolean;
    auth_age: number;
    mfa_age: number | null;
    policy_version: Uuid;
    grants: readonly HeldRow[];
    overdue: boolean;
  }>;

/**
 * Living sessions with these hashes, in one statement for all requests of a moment; person, roles and the policies that
 * hold are of the same moment, so a removed role or a disabled person is refused at the next read of any server.
 *
 * A session that was seen later than now is refused: the clock stepped back, and nobody knows how long it was idle. A
 * minute is let pass, for a standby that took over. What was seen is written down every half minute, without waiting.
 */
export async function findSessions(db: Statements, hashes: readonly Buffer[]): Promise<FoundSession[]> {
  const wanted = hashes.map((hash) => hash.toString('hex'));
  return db<FoundSession[]>`
    with found as (
      select sessions.*, people.name, people.canaries_only, people.roles || access.lent_roles(person_id, people.eligible_roles) as roles, authz.policy_version, access.held_grants(person_id) as grants, access.review_overdue(person_id, sessions.role) as overdue,
        extract(epoch from now() - auth_time)::int + case when auth_time <= proof_asked_at then ${TOO_OLD_SECONDS}::int else 0 end as auth_age,
        extract(epoch from now() - mfa_at)::int + case when mfa_at <= proof_asked_at then ${TOO_OLD_SECONDS}::int else 0 end as mfa_age
      from access.sessions join access.people using (person_id, epoch) cross join access.authz
      where authz.policy_version is not null and people.state = 'active'
        and (sessions.role = any (people.roles) or access.may_act_as(person_id, sessions.role, people.roles, people.eligible_roles))
        and hash in (select decode(h, 'hex') from unnest(${wanted}::text[]) as t (h))
        and ended_at is null and expires_at > now() and seen_at > now() - make_interval(mins => ${IDLE_MINUTES})
        and seen_at <= now() + interval '1 minute'
    ), stale as (
      select session_id from access.sessions where session_id in (select session_id from found)
        and seen_at < now() - interval '30 seconds' for update skip locked
    ), seen as (
      update access.sessions set seen_at = now() where session_id in (select session_id from stale)
    )
    select * from found`;
}

/** Whose token it is, over or not. */
export async function sessionIdOf(db: Statements, hash: Buffer): Promise<Uuid | null> {
  const [row] = await db<{ session_id: Uuid }[]>`select session_id from access.sessions where hash = ${hash}`;
  return row?.session_id ?? null;
}

/** The same by id, for what goes on after its request began. */
export async function findLivingSession(db: Statements, id: Uuid): Promise<FoundSession | null> {
  const [row] = await db<{ hash: Buffer }[]>`select hash from access.sessions where session_id = ${id}`;
  if (row === undefined) return null;
  const [found] = await findSessions(db, [row.hash]);
  return found ?? null;
}

export type NewSession = Pick<
  SessionRow,
  'session_id' | 'person_id' | 'role' | 'aal' | 'amr' | 'phishing_resistant' | 'device' | 'zone'
> &
  Readonly<{
    hash: Buffer;
    mfa: boolean;
    authAgeSeconds: number;
    issuer: string | null;
    subject: string | null;
    sid: string | null;
  }>;

/** Only for a person who is active now, in a role that is theirs. @returns when it ends, or null */
export async function insertSession(tx: Statements, session: NewSession): Promise<Date | null> {
  const [row] = await tx<{ expires_at: Date }[]>`
    insert into access.sessions (session_id, hash, person_id, epoch, role, aal, amr, auth_time, mfa_at, phishing_resistant, device, zone, issuer, subject, sid, created_at, seen_at, expires_at)
    select ${session.session_id}, ${session.hash}, person_id, epoch, ${session.role}, ${session.aal}, ${session.amr}::text[], now() - make_interval(secs => ${session.authAgeSeconds}),
      case when ${session.mfa} then now() - make_interval(secs => ${session.authAgeSeconds}) end, ${session.phishing_resistant}, ${session.device}, ${session.zone}, ${session.issuer}, ${session.subject}, ${session.sid}, now(), now(),
      now() + make_interval(hours => ${ABSOLUTE_HOURS})
    from access.people where person_id = ${session.person_id} and state = 'active'
      and (${session.role} = any (roles) or access.may_act_as(person_id, ${session.role}, roles, eligible_roles))
    returning expires_at`;
  return row?.expires_at ?? null;
}

/**
 * A full authentication again, under another token: the one before is nobody's from here on. It proves as much as it
 * proves, not less than before.
 * @param from the session as the request came with it: of two that come at once, one is under a token that is gone
 * @returns false when it is
 */
export async function renewAuthentication(
  tx: Statements,
  from: Readonly<{ session: Uuid; turn: number }>,
  hash: Buffer,
  proof: Pick<NewSession, 'amr' | 'aal' | 'phishing_resistant' | 'mfa'>,
): Promise<boolean> {
  const renewed = await tx`
    update access.sessions set hash = ${hash}, turn = turn + 1, auth_time = now(), amr = ${proof.amr}::text[], aal = ${proof.aal},
      phishing_resistant = ${proof.phishing_resistant}, mfa_at = case when ${proof.mfa} then now() else mfa_at end
    where session_id = ${from.session} and turn = ${from.turn} and ended_at is null`;
  return renewed.count === 1;
}

/** Whose last second factor is gone has shown one from now on, where the session stands on it. */
export async function forgetSecond(tx: Statements, id: Uuid): Promise<void> {
  await tx`
    update access.sessions set aal = 1, amr = array['pwd'], phishing_resistant = false, mfa_at = null
    where session_id = ${id} and not 'fed' = any (amr)`;
}

/** The one that this browser came with ends where another begins. @returns its id, where it was living */
export async function endReplaced(tx: Statements, by: Readonly<{ hash: Buffer } | { id: Uuid }>): Promise<Uuid | null> {
  const which = 'hash' in by ? tx`hash = ${by.hash}` : tx`session_id = ${by.id}`;
  const [row] = await tx<{ session_id: Uuid }[]>`
    update access.sessions set ended_at = now() where ${which} and ended_at is null returning session_id`;
  return row?.session_id ?? null;
}

/** Sessions of one person begin one after the other from here on, until the transaction ends. */
export async function lockSessionsOf(tx: Statements, personId: Uuid): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`access.sessions ${personId}`}, 0))`;
}

/** Ends those that were idle longest, so that `most` are left with the new one. */
export async function endBeyond(tx: Statements, personId: Uuid, newest: Uuid, most: number): Promise<Uuid[]> {
  const ended = await tx<{ session_id: Uuid }[]>`
    update access.sessions set ended_at = now() where session_id in (
      select session_id from access.sessions join access.people using (person_id, epoch)
      where person_id = ${personId} and ended_at is null and expires_at > now() and seen_at > now() - make_interval(mins => ${IDLE_MINUTES})
      order by session_id = ${newest} desc, seen_at desc, session_id desc offset ${most})
    returning session_id`;
  return ended.map(({ session_id }) => session_id);
}

/** @returns false when the role is not one of the person's */
export async function setSessionRole(tx: Statements, id: Uuid, role: string): Promise<boolean> {
  const changed = await tx`
    update access.sessions set role = ${role} from access.people
    where session_id = ${id} and people.person_id = sessions.person_id
      and (${role} = any (people.roles) or access.may_act_as(people.person_id, ${role}, people.roles, people.eligible_roles))`;
  return changed.count === 1;
}

export async function listSessions(db: Statements, personId: Uuid): Promise<SessionRow[]> {
  return db<SessionRow[]>`
    select sessions.* from access.sessions join access.people using (person_id, epoch)
    where person_id = ${personId} and state = 'active' and ended_at is null and expires_at > now()
      and seen_at > now() - make_interval(mins => ${IDLE_MINUTES})
    order by session_id desc limit 100`;
}

/** @param personId whose it has to be @returns false when there is none to end */
export async function endSession(tx: Statements, id: Uuid, personId: Uuid): Promise<boolean> {
  const ended = await tx`
    update access.sessions set ended_at = now() where session_id = ${id} and person_id = ${personId} and ended_at is null`;
  return ended.count === 1;
}

/**
 * What living sessions of a person have shown counts no more; they go on. An authentication that is under way began before,
 * and does not count either.
 * @returns how many
 */
export async function askProof(tx: Statements, personId: Uuid): Promise<number> {
  const asked = await tx`
    update access.sessions set proof_asked_at = clock_timestamp()
    where person_id = ${personId} and ended_at is null and expires_at > now()`;
  return asked.count;
}

/**
 * The session as a request came with it, and its person, who is locked until the transaction ends: whoever changes what
 * they sign in with, ends their sessions or disables them comes before it or after it.
 * @returns false when it has ended meanwhile, or has another token
 */
export async function holdOwnSession(
  tx: Statements,
  own: Readonly<{ session: Uuid; person: Uuid; turn: number }>,
): Promise<boolean> {
  // in a statement of its own, so that the next one sees what was done while this one waited
  await tx`select from access.people where person_id = ${own.person} for no key update`;
  const found = await tx`
    select 1 from access.sessions join access.people using (person_id, epoch)
    where session_id = ${own.session} and person_id = ${own.person} and turn = ${own.turn} and ended_at is null and people.state = 'active'`;
  return found.length === 1;
}

/** @param but the one that goes on, if any */
export async function endSessions(tx: Statements, personId: Uuid, but: Uuid | null): Promise<number> {
  const ended = await tx`
    update access.sessions set ended_at = now()
    where person_id = ${personId} and ended_at is null and session_id is distinct from ${but}`;
  return ended.count;
}

/** What is over for a month is nobody's any more; the log has who was there. */
export async function sweepSessions(db: Statements): Promise<void> {
  await db`delete from access.sessions where expires_at < now() - interval '30 days'`;
  await db`delete from access.sign_in_failures where failed_at < now() - interval '2 days' and failures < 100`;
  await db`delete from access.links where expires_at < now() - interval '30 days'`;
}
