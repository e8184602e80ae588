/**
 * Sessions of people: an opaque token in a cookie, its hash in the database, over after 15 idle minutes or 12 hours.
 *
 * INVARIANT: nothing of a session is remembered between requests. Session, person, roles and policies are read in one
 * statement, so that logout, a removed role and a disabled person hold at the next read of every server.
 */
import { gather, transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { NOTHING } from '../facts.ts';
import { accessFailure } from '../failures.ts';
import { asHeld } from '../grants/held.ts';
import { findPerson } from '../store/people.ts';
import {
  askProof,
  endBeyond,
  endReplaced,
  endSession,
  endSessions,
  findLivingSession,
  findSessions,
  holdOwnSession,
  insertSession,
  listSessions,
  lockSessionsOf,
  renewAuthentication,
  sessionIdOf,
  setSessionRole,
  type FoundSession,
  type SessionRow,
} from '../store/sessions.ts';
import { assuranceOf, requireFull, type Proof } from './assurance.ts';
import { newToken, tokenHash } from './token.ts';

export type Elsewhere = Readonly<{ issuer: string; subject: string; sid: string | null }>;
/** From where somebody signs in: shown to them, and decided on. */
export type Place = Readonly<{
  device: string;
  address: string;
  zone: string;
  /** Token of the session that this browser was in: it ends when another begins. */
  before?: string | undefined;
  /** The same, where the browser was away meanwhile: its token may be another one by now. */
  beforeId?: Uuid | undefined;
}>;
export type BegunSession = Readonly<{
  id: string;
  token: string;
  person: string;
  role: string;
  expiresAt: Date;
  proof: Proof;
  /** Sessions that ended by it: the one before in this browser, and those beyond how many a person has at once. */
  ended: readonly string[];
}>;
export type SessionView = Readonly<{
  id: string;
  role: string;
  device: string;
  zone: string;
  aal: number;
  amr: readonly string[];
  createdAt: string;
  seenAt: string;
  expiresAt: string;
}>;
/** Writes the log's entry in the transaction of the change. */
export type LogIn = (tx: Statements) => Promise<unknown>;

export type Sessions = Readonly<{
  /** @param token of the cookie @throws ACCESS_UNAUTHENTICATED */
  authenticate: (token: string | undefined) => Promise<Actor>;
  /** Null: it is no session's token, or no longer. */
  idOf: (token: string) => Promise<Uuid | null>;
  /** The same actor as it is now. @throws ACCESS_UNAUTHENTICATED */
  renew: (actor: Actor) => Promise<Actor>;
  /** In the transaction of the sign-in; null when the person or the role is gone meanwhile. */
  begin: (
    tx: Statements,
    who: Readonly<{
      personId: Uuid;
      /** Without one they come in to ask for one that rests, or not at all. */ role: string | undefined;
      /** Seconds since it was proven, elsewhere. */ authAgeSeconds?: number;
      /** At another provider: who that is there, and in which session. */ elsewhere?: Elsewhere;
    }>,
    proof: Proof,
    place: Place,
  ) => Promise<BegunSession | null>;
  /**
   * In the transaction of an authentication in a session: its proof is of now, and its token another one.
   * @returns the new token @throws ACCESS_UNAUTHENTICATED when another request got one first
   */
  rotate: (tx: Statements, actor: Actor, proof: Proof) => Promise<string>;
  /**
   * All sessions of a person go on, and what they have shown counts no more: before the next thing that wants fresh proof,
   * each is asked for it. @throws ACCESS_PERSON_NOT_FOUND
   */
  proveAnew: (personId: string, log: (tx: Statements, sessions: number) => Promise<unknown>) => Promise<void>;
  list: (personId: string) => Promise<SessionView[]>;
  /** @throws ACCESS_SESSION_NOT_FOUND */
  end: (personId: string, sessionId: string, log: LogIn) => Promise<void>;
  /** One of the actor's own; another than this needs proof of the last minutes. @throws ACCESS_STEP_UP, ACCESS_SESSION_NOT_FOUND */
  endOwn: (actor: Actor, sessionId: string, log: LogIn) => Promise<void>;
  /** All but the actor's own. @returns how many @throws ACCESS_STEP_UP */
  endOthers: (actor: Actor, log: LogIn) => Promise<number>;
  /** @throws ACCESS_ROLE_UNKNOWN when it is not one of the person's */
  actAs: (actor: Actor, role: string, log: LogIn) => Promise<void>;
}>;

export type SessionNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  /** Makes the policies of a version ready to decide. @returns its public id */
  loadPolicies: (version: Uuid) => Promise<string>;
  /** How many sessions a person has at once; the one that was idle longest ends where one more begins. */
  most: number;
}>;

export function createSessions({ db, clock, loadPolicies, most }: SessionNeeds): Sessions {
  const lookUp = gather<Buffer, FoundSession | undefined>(async (hashes) => {
    const rows = new Map((await findSessions(db, hashes)).map((row) => [row.hash.toString('latin1'), row]));
    return hashes.map((hash) => rows.get(hash.toString('latin1')));
  });
  const asActor = async (row: FoundSession | null | undefined): Promise<Actor> => {
    if (row === null || row === undefined) throw accessFailure('UNAUTHENTICATED');
    const id = publicId('per', row.person_id);
    return {
      kind: 'staff',
      id,
      name: row.name,
      role: row.role,
      scope: { purposes: [], classes: [], collections: [] },
      expiresAt: row.expires_at,
      policyVersion: await loadPolicies(row.policy_version),
      person: id,
      ...(row.grants.length === 0 ? {} : { grants: row.grants.map(asHeld) }),
      ...(row.overdue ? { overdue: true } : {}),
      ...(row.canaries_only ? { canariesOnly: true } : {}),
      session: {
        id: publicId('ses', row.session_id),
        turn: row.turn,
        roles: row.roles,
        aal: row.aal,
        amr: row.amr,
        authAgeSeconds: row.auth_age,
        mfaAgeSeconds: row.mfa_age,
        assurance: assuranceOf(row.mfa_age, row.phishing_resistant),
      },
    };
  };
  const end: Sessions['end'] = async (personId, sessionId, log) => {
    const id = parsePublicId('ses', sessionId);
    if (id === null) throw accessFailure('SESSION_NOT_FOUND');
    await transact(db, async (tx) => {
      if (!(await endSession(tx, id, personUuid(personId)))) throw accessFailure('SESSION_NOT_FOUND');
      await log(tx);
    });
  };
  const endBefore = async (tx: Statements, { before, beforeId }: Place): Promise<Uuid | null> => {
    if (beforeId !== undefined) return await endReplaced(tx, { id: beforeId });
    const hash = before === undefined ? null : tokenHash('srs', before);
    return hash === null ? null : await endReplaced(tx, { hash });
  };
  return {
    idOf: async (token) => {
      const hash = tokenHash('srs', token);
      return hash === null ? null : await sessionIdOf(db, hash);
    },
    authenticate: async (token) => {
      const hash = token === undefined ? null : tokenHash('srs', token);
      return await asActor(hash === null ? null : await lookUp(hash));
    },
    renew: async (actor) => {
      const id = parsePublicId('ses', actor.session?.id ?? '');
      return await asActor(id === null ? null : await findLivingSession(db, id));
    },
    begin: async (tx, { personId, role = NOTHING, authAgeSeconds = 0, elsewhere }, proof, place) => {
      const { device, zone } = place;
      const token = newToken('srs');
      const sessionId = uuidv7(clock().getTime());
      // INVARIANT: of two that begin at once, the second counts the first
      await lockSessionsOf(tx, personId);
      const expiresAt = await insertSession(tx, {
        session_id: sessionId,
        hash: tokenHash('srs', token) as Buffer,
        person_id: personId,
        role,
        ...proof,
        authAgeSeconds,
        ...(elsewhere ?? { issuer: null, subject: null, sid: null }),
        device: shortDevice(device),
        zone,
      });
      if (expiresAt === null) return null;
      const replaced = await endBefore(tx, place);
      const beyond = await endBeyond(tx, personId, sessionId, most);
      const ended = [...(replaced === null ? [] : [replaced]), ...beyond].map((each) => publicId('ses', each));
      return {
        id: publicId('ses', sessionId),
        token,
        person: publicId('per', personId),
        role,
        expiresAt,
        proof,
        ended,
      };
    },
    rotate: async (tx, actor, proof) => {
      const token = newToken('srs');
      const from = { session: inSession(actor).session, turn: actor.session?.turn ?? -1 };
      if (!(await renewAuthentication(tx, from, tokenHash('srs', token) as Buffer, proof)))
        throw accessFailure('UNAUTHENTICATED');
      return token;
    },
    proveAnew: async (personId, log) => {
      const person = await knownPerson(db, personId);
      await transact(db, async (tx) => {
        await log(tx, await askProof(tx, person.person_id));
      });
    },
    list: async (personId) => (await listSessions(db, personUuid(personId))).map(asView),
    end,
    endOwn: async (actor, sessionId, log) => {
      inSession(actor);
      // who finds a browser open must not shut the person out elsewhere
      if (sessionId !== actor.session?.id) requireFull(actor, 'any');
      await end(actor.id, sessionId, log);
    },
    endOthers: async (actor, log) => {
      const { session } = inSession(actor);
      requireFull(actor, 'any');
      return transact(db, async (tx) => {
        const ended = await endSessions(tx, personUuid(actor.id), session);
        await log(tx);
        return ended;
      });
    },
    actAs: async (actor, role, log) => {
      const { session } = inSession(actor);
      await transact(db, async (tx) => {
        if (!(await setSessionRole(tx, session, role)))
          throw accessFailure('ROLE_UNKNOWN', { detail: 'this is none of your roles' });
        await log(tx);
      });
    },
  };
}

/** @throws ACCESS_SESSION_NEEDED for a key: what belongs to a person is not done by one */
export function inSession(actor: Actor): { session: Uuid; person: Uuid } {
  const session = parsePublicId('ses', actor.session?.id ?? '');
  if (session === null) throw accessFailure('SESSION_NEEDED');
  return { session, person: personUuid(actor.id) };
}

/**
 * First in the transaction of a change that a person makes to what is theirs: what was shown and looked at before it may
 * be of a session that ended meanwhile. @throws ACCESS_UNAUTHENTICATED
 */
export async function holdOwn(tx: Statements, actor: Actor): Promise<void> {
  if (!(await holdOwnSession(tx, { ...inSession(actor), turn: actor.session?.turn ?? -1 })))
    throw accessFailure('UNAUTHENTICATED');
}

/** @throws ACCESS_PERSON_NOT_FOUND */
export function personUuid(id: string): Uuid {
  const uuid = parsePublicId('per', id);
  if (uuid === null) throw accessFailure('PERSON_NOT_FOUND');
  return uuid;
}

/** @throws ACCESS_PERSON_NOT_FOUND when there is nobody of this id */
export async function knownPerson(db: Statements, id: string) {
  const person = await findPerson(db, personUuid(id));
  if (person === null) throw accessFailure('PERSON_NOT_FOUND');
  return person;
}

/** What a browser says of itself, cut to what fits a list; nothing that could steer a terminal. */
const shortDevice = (device: string): string => device.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 120);

const asView = (row: SessionRow): SessionView => ({
  id: publicId('ses', row.session_id),
  role: row.role,
  device: row.device,
  zone: row.zone,
  aal: row.aal,
  amr: row.amr,
  createdAt: row.created_at.toISOString(),
  seenAt: row.seen_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
});
