/**
 * What a person signs in with: password, authenticator app, recovery codes. Each change needs a full authentication of the
 * last five minutes, and ends the person's other sessions: one of them may be why the factor is changed.
 * Source: OWASP ASVS 5.0 7.4.3, 7.5.1; NIST SP 800-63B-4 §4.1
 */
import { randomBytes } from 'node:crypto';

import { transact, type Db, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { countRecoveryCodes, deleteTotp, findTotp, putTotp, replaceRecoveryCodes, takeStep } from '../store/factors.ts';
import { isFederated } from '../store/federated.ts';
import { countPasskeys } from '../store/passkeys.ts';
import { findPerson, holdPassword, setPassword, type PersonRow } from '../store/people.ts';
import { endSessions, forgetSecond } from '../store/sessions.ts';
import { FULL_SECONDS, PASSWORD_AND_CODE, requireFull } from './assurance.ts';
import type { IdentityKeys } from './identity-keys.ts';
import { standsAlone, type CheckChoice } from './password-choice.ts';
import type { Passwords } from './password.ts';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.ts';
import { holdOwn, inSession, type LogIn, type Place, type Sessions } from './sessions.ts';
import type { BeginAttempt } from './slowing.ts';
import { SECRET_BYTES, stepOf, totpOffer } from './totp.ts';

export type FactorsView = Readonly<{ password: boolean; totp: boolean; passkeys: number; recoveryCodes: number }>;
export type Factors = Readonly<{
  view: (actor: Actor) => Promise<FactorsView>;
  /**
   * @param old the password of now; who has none shows a passkey in the same minutes instead
   * @throws ACCESS_PASSWORD_WRONG, ACCESS_PASSWORD_WEAK, ACCESS_SLOW_DOWN, ACCESS_STEP_UP
   */
  changePassword: (
    actor: Actor,
    wanted: Readonly<{ password: string; old: string | undefined }>,
    place: Place,
    log: LogIn,
  ) => Promise<void>;
  /**
   * A secret for the app; it counts once a code of it was brought.
   * @throws ACCESS_FACTOR_EXISTS, ACCESS_PASSWORD_NEEDED
   */
  offerTotp: (actor: Actor, log: LogIn) => Promise<{ secret: string; uri: string }>;
  /**
   * @returns recovery codes, shown this once, and the session's new token where its proof is now of two factors
   * @throws ACCESS_CODE_WRONG
   */
  confirmTotp: (actor: Actor, code: string, log: LogIn) => Promise<{ recoveryCodes: string[]; token: string | null }>;
  /**
   * Without another second factor the session opens nothing but setting one up.
   * @throws ACCESS_PASSWORD_WEAK when what is left is a password too short to stand alone
   */
  removeTotp: (actor: Actor, log: LogIn) => Promise<void>;
  newRecoveryCodes: (actor: Actor, log: LogIn) => Promise<{ recoveryCodes: string[] }>;
}>;
export type FactorNeeds = Readonly<{
  db: Db;
  keys: IdentityKeys;
  passwords: Passwords;
  checkChoice: CheckChoice;
  beginAttempt: BeginAttempt;
  sessions: Pick<Sessions, 'rotate'>;
  ownFactors: OwnFactors;
}>;

/** Whose session it is, for a change of factors. @throws ACCESS_SESSION_NEEDED, ACCESS_STEP_UP */
export type OwnFactors = (actor: Actor) => Promise<{ session: Uuid; person: PersonRow; second: boolean }>;

export const hasTotp = async (db: Statements, id: Uuid): Promise<boolean> =>
  ((await findTotp(db, id))?.confirmed_at ?? null) !== null;
export const hasSecond = async (db: Statements, id: Uuid): Promise<boolean> =>
  (await hasTotp(db, id)) || (await countPasskeys(db, id)) > 0;

/** Of whatever kind: who has none begins with a link, who has some has come in before and keeps them. */
export const hasFactors = async (db: Statements, { person_id: id, password }: PersonRow): Promise<boolean> =>
  password !== null || (await hasSecond(db, id)) || (await isFederated(db, id));

export const createOwnFactors =
  (db: Db): OwnFactors =>
  async (actor) => {
    const { session, person } = inSession(actor);
    const second = await hasSecond(db, person);
    requireFull(actor, second ? 'all' : 'any');
    return { session, person: (await findPerson(db, person)) as PersonRow, second };
  };

export function createFactors(needs: FactorNeeds): Factors {
  const { db, keys, passwords, checkChoice, beginAttempt, sessions, ownFactors } = needs;
  /** The password of now is shown with the change itself, and guessing it is slowed like signing in. */
  const requireOld = async (actor: Actor, person: PersonRow, old: string | undefined, place: Place): Promise<void> => {
    if (person.password === null) {
      // nothing to ask for: a passkey was shown a moment ago, which no other site could have asked for
      if (actor.session?.assurance.phishingResistant !== true)
        throw accessFailure('STEP_UP', { extra: { maxAgeSeconds: FULL_SECONDS }, hint: 'show a passkey' });
      return requireFull(actor, 'all');
    }
    if (old === undefined) throw accessFailure('PASSWORD_WRONG');
    const attempt = await beginAttempt(person.email, place.address);
    const checked = await passwords.check(old, attempt.shut ? null : person.password);
    if (checked === 'wrong') throw accessFailure('PASSWORD_WRONG');
    await attempt.succeeded();
  };
  const freshCodes = async (tx: Statements, id: Uuid): Promise<{ recoveryCodes: string[] }> => {
    const recoveryCodes = newRecoveryCodes();
    await replaceRecoveryCodes(tx, id, recoveryCodes.map(recoveryHash));
    return { recoveryCodes };
  };
  return {
    view: async (actor) => {
      const { person } = inSession(actor);
      return {
        password: ((await findPerson(db, person))?.password ?? null) !== null,
        totp: await hasTotp(db, person),
        passkeys: await countPasskeys(db, person),
        recoveryCodes: await countRecoveryCodes(db, person),
      };
    },
    changePassword: async (actor, { password, old }, place, log) => {
      const { session, person, second } = await ownFactors(actor);
      await requireOld(actor, person, old, place);
      await checkChoice(password, [person.name, person.email], second ? 'beside' : 'alone');
      const phc = await passwords.hash(password);
      await transact(db, async (tx) => {
        await holdOwn(tx, actor);
        // another change may have been quicker, from this very session
        if (!(await holdPassword(tx, person.person_id, person.password))) throw accessFailure('PASSWORD_WRONG');
        await setPassword(tx, person.person_id, phc, standsAlone(password));
        await endSessions(tx, person.person_id, session);
        await log(tx);
      });
    },
    offerTotp: async (actor, log) => {
      const { person } = await ownFactors(actor);
      // a code alone signs nobody in: who comes by a provider would have a second factor that they can never show
      if (person.password === null) throw accessFailure('PASSWORD_NEEDED');
      const secret = randomBytes(SECRET_BYTES);
      await transact(db, async (tx) => {
        await holdOwn(tx, actor);
        if (!(await putTotp(tx, person.person_id, keys.seal(person.person_id, 'totp', secret))))
          throw accessFailure('FACTOR_EXISTS');
        await log(tx);
      });
      return totpOffer(secret, person.email);
    },
    confirmTotp: async (actor, code, log) => {
      const { session, person } = await ownFactors(actor);
      const id = person.person_id;
      const row = await findTotp(db, id);
      if (row === null) throw accessFailure('FACTOR_NOT_FOUND');
      if (row.confirmed_at !== null) throw accessFailure('FACTOR_EXISTS');
      const secret = keys.open(id, 'totp', row.secret);
      const step = secret === null ? null : stepOf(secret, code, row.step);
      if (step === null) throw accessFailure('CODE_WRONG');
      return transact(db, async (tx) => {
        await holdOwn(tx, actor);
        if (!(await takeStep(tx, id, row, step))) throw accessFailure('CODE_WRONG');
        // the password was shown minutes ago, the code just now
        const both = actor.session?.amr.includes('pwd') === true;
        const token = both ? await sessions.rotate(tx, actor, PASSWORD_AND_CODE) : null;
        await endSessions(tx, id, session);
        await log(tx);
        return { ...(await freshCodes(tx, id)), token };
      });
    },
    removeTotp: async (actor, log) => {
      const { session, person } = await ownFactors(actor);
      await transact(db, async (tx) => {
        await holdOwn(tx, actor);
        if (!(await deleteTotp(tx, person.person_id))) throw accessFailure('FACTOR_NOT_FOUND');
        await keepAuthentication(tx, session, person, await hasSecond(tx, person.person_id));
        await endSessions(tx, person.person_id, session);
        await log(tx);
      });
    },
    newRecoveryCodes: async (actor, log) => {
      const { person, second } = await ownFactors(actor);
      if (!second) throw accessFailure('FACTOR_NOT_FOUND', { detail: 'there is no second factor to recover from' });
      return transact(db, async (tx) => {
        await holdOwn(tx, actor);
        await log(tx);
        return await freshCodes(tx, person.person_id);
      });
    },
  };
}

/** What is left must be enough to sign in with, and to set up a second factor again. @throws ACCESS_PASSWORD_WEAK */
export async function keepAuthentication(
  tx: Statements,
  session: Uuid,
  person: PersonRow,
  second: boolean,
): Promise<void> {
  if (second) return;
  await replaceRecoveryCodes(tx, person.person_id, []);
  if (person.password === null || !person.stands_alone)
    throw accessFailure('PASSWORD_WEAK', {
      detail: 'without a second factor the password has to be longer: change it first',
    });
  await forgetSecond(tx, session);
}
