/**
 * Signing in by password, with a code where the person has one; and showing both again later (step-up).
 *
 * Whoever is unknown, invited, disabled or shut gets the same answer after the same work as a wrong password.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { publicId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { findTotp, takeRecoveryCode, takeStep } from '../store/factors.ts';
import { countPasskeys } from '../store/passkeys.ts';
import { findPerson, findPersonByEmail, holdPassword, replacePassword, type PersonRow } from '../store/people.ts';
import { PASSWORD_AND_CODE, PASSWORD_AND_RECOVERY, PASSWORD_ONLY, type Proof } from './assurance.ts';
import type { IdentityKeys } from './identity-keys.ts';
import type { Passwords } from './password.ts';
import { recoveryHash } from './recovery-codes.ts';
import { inSession, type BegunSession, type LogIn, type Place, type Sessions } from './sessions.ts';
import type { BeginAttempt } from './slowing.ts';
import { stepOf } from './totp.ts';

/** What somebody brings: the password, and one of the two others where the person has a second factor. */
export type Shown = Readonly<{ password: string; code?: string; recoveryCode?: string }>;
/** @param person public id, null when there is nobody of that address */
export type LogSignIn = Readonly<{
  begun: (tx: Statements, begun: BegunSession) => Promise<unknown>;
  refused: (person: string | null, code: string) => Promise<unknown>;
}>;

export type SignIn = Readonly<{
  /** @throws ACCESS_SIGN_IN_REFUSED, ACCESS_SECOND_FACTOR, ACCESS_SLOW_DOWN, ACCESS_BUSY */
  byPassword: (email: string, shown: Shown, place: Place, log: LogSignIn) => Promise<BegunSession>;
  /** Makes a session's proof fresh. @returns its new token @throws as `byPassword`, ACCESS_SESSION_NEEDED, ACCESS_UNAUTHENTICATED */
  again: (actor: Actor, shown: Shown, place: Place, log: LogIn, refused: LogSignIn['refused']) => Promise<string>;
}>;

export type SignInNeeds = Readonly<{
  db: Db;
  keys: IdentityKeys;
  passwords: Passwords;
  sessions: Sessions;
  beginAttempt: BeginAttempt;
}>;

export function createSignIn({ db, keys, passwords, sessions, beginAttempt }: SignInNeeds): SignIn {
  /** Checks all of it, and does `then` with the proof in the transaction that uses the code up. */
  const shownBy = async <T>(
    person: PersonRow | null,
    account: string,
    shown: Shown,
    place: Place,
    refused: LogSignIn['refused'],
    then: (tx: Statements, person: PersonRow, proof: Proof) => Promise<T | null>,
  ): Promise<T> => {
    const attempt = await beginAttempt(account, place.address);
    const usable = person?.state === 'active' && !attempt.shut ? person : null;
    const checked = await passwords.check(shown.password, usable?.password ?? null);
    const refuse = async (code: 'SIGN_IN_REFUSED' | 'SECOND_FACTOR') => {
      await refused(person === null ? null : publicId('per', person.person_id), code);
      return accessFailure(code);
    };
    if (usable === null || checked === 'wrong') throw await refuse('SIGN_IN_REFUSED');
    const totp = await findTotp(db, usable.person_id);
    const hasCodes = (totp?.confirmed_at ?? null) !== null;
    const second = hasCodes || (await countPasskeys(db, usable.person_id)) > 0;
    if (second && shown.code === undefined && shown.recoveryCode === undefined) throw await refuse('SECOND_FACTOR');

    const done = await transact(db, async (tx) => {
      // a hash takes a while: it may have been changed or taken away meanwhile, and the sessions that began by it ended
      if (!(await holdPassword(tx, usable.person_id, usable.password))) return null;
      const proof = await takeSecond(tx, usable, shown, hasCodes ? totp : null, second);
      return proof === null ? null : await then(tx, usable, proof);
    });
    if (done === null) throw await refuse('SIGN_IN_REFUSED');
    await attempt.succeeded();
    if (checked === 'old')
      await replacePassword(db, usable.person_id, usable.password as string, await passwords.hash(shown.password));
    return done;
  };

  const takeSecond = async (
    tx: Statements,
    { person_id: id }: PersonRow,
    { code, recoveryCode }: Shown,
    totp: Awaited<ReturnType<typeof findTotp>>,
    second: boolean,
  ): Promise<Proof | null> => {
    if (!second) return PASSWORD_ONLY;
    if (recoveryCode !== undefined)
      return (await takeRecoveryCode(tx, id, recoveryHash(recoveryCode))) ? PASSWORD_AND_RECOVERY : null;
    const secret = totp === null ? null : keys.open(id, 'totp', totp.secret);
    if (totp === null || secret === null || code === undefined) return null;
    const step = stepOf(secret, code, totp.step);
    return step !== null && (await takeStep(tx, id, totp, step)) ? PASSWORD_AND_CODE : null;
  };

  return {
    byPassword: async (email, shown, place, log) => {
      const account = email.trim().toLowerCase();
      const person = await findPersonByEmail(db, account);
      return shownBy(person, account, shown, place, log.refused, async (tx, { person_id: personId, roles }, proof) => {
        const begun = await sessions.begin(tx, { personId, role: roles[0] }, proof, place);
        if (begun !== null) await log.begun(tx, begun);
        return begun;
      });
    },
    again: async (actor, shown, place, log, refused) => {
      const own = inSession(actor);
      const person = await findPerson(db, own.person);
      return shownBy(person, person?.email ?? '', shown, place, refused, async (tx, _person, proof) => {
        const token = await sessions.rotate(tx, actor, proof);
        await log(tx);
        return token;
      });
    },
  };
}
