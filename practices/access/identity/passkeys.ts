/**
 * Passkeys: registered by who is signed in, used to sign in without a name, and to show proof again.
 *
 * The authenticator verifies the person (PIN, finger, face), every time: a passkey is two factors, and no page of another
 * site gets an answer out of it. Source: WebAuthn Level 3 §7.1, §7.2; NIST SP 800-63B-4 §3.2.5
 */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidBytes, uuidv7 } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { countRecoveryCodes, replaceRecoveryCodes } from '../store/factors.ts';
import {
  deletePasskey,
  findPasskey,
  insertPasskey,
  listPasskeys,
  usePasskey,
  type ChallengeUse,
  type PasskeyRow,
} from '../store/passkeys.ts';
import { findPerson } from '../store/people.ts';
import { endSessions } from '../store/sessions.ts';
import { PASSKEY } from './assurance.ts';
import type { Bound, Challenges } from './challenges.ts';
import { hasSecond, keepAuthentication, type OwnFactors } from './factors.ts';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';
import { holdOwn, inSession, type BegunSession, type LogIn, type Place, type Sessions } from './sessions.ts';
import type { LogSignIn } from './sign-in.ts';

/** Of which site, as the person sees it; `id` is its host. */
export type Site = Readonly<{ id: string; origin: string }>;
export type PasskeyView = Readonly<{
  id: string;
  name: string;
  backedUp: boolean;
  createdAt: string;
  usedAt: string | null;
}>;
export type Passkeys = Readonly<{
  list: (actor: Actor) => Promise<PasskeyView[]>;
  /** @throws ACCESS_STEP_UP */
  offer: (actor: Actor, site: Site) => Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** @returns recovery codes when this is the first second factor, null otherwise; the session's new token @throws ACCESS_PASSKEY_REFUSED */
  register: (
    actor: Actor,
    site: Site,
    named: Readonly<{ name: string; response: RegistrationResponseJSON }>,
    log: LogIn,
  ) => Promise<{ id: string; recoveryCodes: string[] | null; token: string }>;
  /** @throws ACCESS_FACTOR_NOT_FOUND, ACCESS_PASSWORD_WEAK */
  remove: (actor: Actor, id: string, log: LogIn) => Promise<void>;
  /** @param attempt token of this sign-in */
  ask: (attempt: Bound, site: Site) => Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** @throws ACCESS_PASSKEY_REFUSED */
  signIn: (
    attempt: Bound,
    site: Site,
    response: AuthenticationResponseJSON,
    place: Place,
    log: LogSignIn,
  ) => Promise<BegunSession>;
  askAgain: (actor: Actor, site: Site) => Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** @returns the session's new token @throws ACCESS_PASSKEY_REFUSED, ACCESS_UNAUTHENTICATED */
  again: (
    actor: Actor,
    site: Site,
    response: AuthenticationResponseJSON,
    log: LogIn,
    refused: LogSignIn['refused'],
  ) => Promise<string>;
}>;

export type PasskeyNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  sessions: Sessions;
  challenges: Challenges;
  ownFactors: OwnFactors;
}>;

/** Loaded when somebody comes by a passkey: a third of a second that not every start needs. */
const webauthn = () => import('@simplewebauthn/server');

/** ES256, EdDSA, RS256: what authenticators have. */
export const ALGORITHMS = [-7, -8, -257];
const MOST = 20;

export function createPasskeys({ db, clock, sessions, challenges, ownFactors }: PasskeyNeeds): Passkeys {
  const options = async (use: ChallengeUse, bound: Bound, site: Site, known: readonly PasskeyRow[] | null) =>
    (await webauthn()).generateAuthenticationOptions({
      rpID: site.id,
      challenge: fresh(await challenges.make(use, bound)),
      userVerification: 'required',
      // nobody is named before they signed in: the authenticator knows whom it holds keys of
      ...(known === null ? {} : { allowCredentials: known.map(described) }),
    });

  /** The passkey that answered, and its newest count; null whatever is wrong. */
  const answered = async (use: ChallengeUse, bound: Bound, site: Site, response: AuthenticationResponseJSON) => {
    const passkey = await findPasskey(db, Buffer.from(response.id, 'base64url'));
    // taken first: a wrong answer uses it up too
    const { challenge, framed } = clientOf(response.response.clientDataJSON);
    if (!(await challenges.take(challenge, use, bound)) || passkey === null || framed) return { passkey, use: null };
    const { verifyAuthenticationResponse } = await webauthn();
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: true,
      credential: { id: response.id, publicKey: fresh(passkey.public_key), counter: Number(passkey.counter) },
    }).catch(() => null); // an answer that does not verify is a planned outcome, and what it says is not for the caller
    return { passkey, use: verified?.verified === true ? verified.authenticationInfo : null };
  };
  const refuse = async (passkey: PasskeyRow | null, refused: LogSignIn['refused']) => {
    await refused(passkey === null ? null : publicId('per', passkey.person_id), 'PASSKEY_REFUSED');
    return accessFailure('PASSKEY_REFUSED');
  };

  return {
    list: async (actor) => (await listPasskeys(db, inSession(actor).person)).map(asView),
    offer: async (actor, site) => {
      const { person } = await ownFactors(actor);
      const known = await listPasskeys(db, person.person_id);
      return (await webauthn()).generateRegistrationOptions({
        rpName: 'Strongroom',
        rpID: site.id,
        userID: fresh(uuidBytes(person.person_id)),
        userName: person.email,
        userDisplayName: person.name,
        challenge: fresh(await challenges.make('register', actor.session?.id as string)),
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: known.map(described),
      });
    },
    register: async (actor, site, { name, response }, log) => {
      const { session, person } = await ownFactors(actor);
      const { challenge, framed } = clientOf(response.response.clientDataJSON);
      if (!(await challenges.take(challenge, 'register', actor.session?.id as string)) || framed)
        throw accessFailure('PASSKEY_REFUSED');
      const { verifyRegistrationResponse } = await webauthn();
      const verified = await verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: site.origin,
        expectedRPID: site.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch((cause: unknown) => {
        throw accessFailure('PASSKEY_REFUSED', { cause });
      });
      if (!verified.verified) throw accessFailure('PASSKEY_REFUSED');
      const { credential, credentialBackedUp } = verified.registrationInfo;
      const passkeyId = uuidv7(clock().getTime());
      return transact(db, async (tx) => {
        await holdOwn(tx, actor);
        const many = (await listPasskeys(tx, person.person_id)).length >= MOST;
        const kept = many
          ? false
          : await insertPasskey(tx, {
              passkey_id: passkeyId,
              person_id: person.person_id,
              credential_id: Buffer.from(credential.id, 'base64url'),
              public_key: Buffer.from(credential.publicKey),
              counter: BigInt(credential.counter),
              transports: [...(credential.transports ?? [])],
              backed_up: credentialBackedUp,
              name,
            });
        if (!kept) throw accessFailure('FACTOR_EXISTS', { hint: `remove one first; at most ${MOST} fit` });
        const token = await sessions.rotate(tx, actor, PASSKEY);
        await endSessions(tx, person.person_id, session);
        await log(tx);
        const first = (await countRecoveryCodes(tx, person.person_id)) === 0;
        const recoveryCodes = first ? newRecoveryCodes() : null;
        if (recoveryCodes !== null) await replaceRecoveryCodes(tx, person.person_id, recoveryCodes.map(recoveryHash));
        return { id: publicId('pky', passkeyId), recoveryCodes, token };
      });
    },
    remove: async (actor, id, log) => {
      const { session, person } = await ownFactors(actor);
      const passkeyId = parsePublicId('pky', id);
      if (passkeyId === null) throw accessFailure('FACTOR_NOT_FOUND');
      await transact(db, async (tx) => {
        await holdOwn(tx, actor);
        if (!(await deletePasskey(tx, passkeyId, person.person_id))) throw accessFailure('FACTOR_NOT_FOUND');
        await keepAuthentication(tx, session, person, await hasSecond(tx, person.person_id));
        await endSessions(tx, person.person_id, session);
        await log(tx);
      });
    },
    ask: (attempt, site) => options('sign-in', attempt, site, null),
    signIn: async (attempt, site, response, place, log) => {
      const { passkey, use } = await answered('sign-in', attempt, site, response);
      const person = passkey === null ? null : await findPerson(db, passkey.person_id);
      const begun =
        passkey === null || use === null || person?.state !== 'active'
          ? null
          : await transact(db, async (tx) => {
              if (!(await usePasskey(tx, passkey.passkey_id, BigInt(use.newCounter), use.credentialBackedUp)))
                return null;
              const role = person.roles[0];
              const session = await sessions.begin(tx, { personId: person.person_id, role }, PASSKEY, place);
              if (session !== null) await log.begun(tx, session);
              return session;
            });
      if (begun === null) throw await refuse(passkey, log.refused);
      return begun;
    },
    askAgain: async (actor, site) => {
      const { person } = inSession(actor);
      return options('step-up', actor.session?.id as string, site, await listPasskeys(db, person));
    },
    again: async (actor, site, response, log, refused) => {
      const own = inSession(actor);
      const { passkey, use } = await answered('step-up', actor.session?.id as string, site, response);
      const token =
        passkey === null || use === null || passkey.person_id !== own.person
          ? null
          : await transact(db, async (tx) => {
              if (!(await usePasskey(tx, passkey.passkey_id, BigInt(use.newCounter), use.credentialBackedUp)))
                return null;
              const rotated = await sessions.rotate(tx, actor, PASSKEY);
              await log(tx);
              return rotated;
            });
      if (token === null) throw await refuse(passkey, refused);
      return token;
    },
  };
}

/**
 * What the browser says of the ceremony: its challenge, empty where there is none to be read, since then it is none that is
 * out; and whether our page was in a frame of another site, which it never is. The library asks for that in part only.
 * Source: WebAuthn Level 3 §7.1 steps 10 and 11, §7.2 steps 13 and 14
 */
export function clientOf(clientDataJson: string): Readonly<{ challenge: string; framed: boolean }> {
  try {
    const client = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as Readonly<Record<string, unknown>>;
    const { challenge, crossOrigin = false, topOrigin } = client;
    return {
      challenge: typeof challenge === 'string' ? challenge : '',
      framed: crossOrigin !== false || topOrigin !== undefined,
    };
  } catch {
    return { challenge: '', framed: true }; // what is no JSON holds no challenge
  }
}

/** Bytes in a buffer of their own, as the library wants them. */
const fresh = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
const described = ({ credential_id: id, transports }: PasskeyRow) => ({
  id: id.toString('base64url'),
  transports: transports as never,
});
const asView = (row: PasskeyRow): PasskeyView => ({
  id: publicId('pky', row.passkey_id),
  name: row.name,
  backedUp: row.backed_up,
  createdAt: row.created_at.toISOString(),
  usedAt: row.used_at?.toISOString() ?? null,
});
