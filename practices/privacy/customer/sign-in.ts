/**
 * Customers sign in by a code from a mail.
 *
 * INVARIANT: whether an address is known makes no difference to who asks. A request only notes that a code is wanted,
 * the same work for every address; who is known by it is looked up afterwards, in a loop of its own, and a code that was
 * never sent fails like a wrong one. It goes to the address that is stored, not to the one that was typed. Codes live ten minutes, for five tries, once.
 */
import { createHash, randomBytes, randomInt, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

import { hmacSha256 } from '#platform/crypto';
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { toBase32, type SubjectId } from '#platform/ids';
import { readAddress, type Mail } from '#platform/mail';

import { privacyFailure } from '../failures.ts';
import { isLanguage, sayIn } from '../notice/languages.ts';
import type { Proof } from '../requests/proof.ts';
import { mailboxOf } from './address.ts';
import type { Known } from './my-data.ts';
import {
  CODE_MINUTES,
  count,
  endSession,
  findSession,
  insertAttempt,
  insertSession,
  settleAttempt,
  sweepCustomers,
  tryCode,
  waitingAttempts,
  type SessionRow,
  type Waiting,
} from '../store/customers.ts';

export type SignIn = {
  /** @param from where it comes from, as it is counted @returns what the page with the code carries @throws PRIVACY_SLOW_DOWN */
  ask: (address: string, language: string, from: string) => Promise<string>;
  /** @returns the session's token; null for a wrong, used, expired or never sent code @throws PRIVACY_SLOW_DOWN */
  enter: (attempt: string, code: string, from: string) => Promise<string | null>;
  /** @param token of the cookie */
  subjectOf: (token: string | undefined) => Promise<SubjectId | null>;
  /** With what has shown it. */
  sessionOf: (token: string | undefined) => Promise<SignedIn | null>;
  /** A session of who was shown to be the subject another way. @returns its token */
  begin: (subjectId: SubjectId, proofs: readonly Proof[]) => Promise<string>;
  /** A keyed hash, by which mailboxes are compared. */
  addressHash: (address: string) => Buffer;
  end: (token: string) => Promise<void>;
  /** Counts what who is signed in does that is written down each time. @returns whether it is still little enough in a quarter of an hour */
  isCalm: (subjectId: SubjectId, what: keyof typeof PER_CUSTOMER) => Promise<boolean>;
  /** Looks up who asked, and queues their mails. @returns how many asked */
  sendCodes: () => Promise<number>;
  sweep: () => Promise<void>;
};
export type SignedIn = Readonly<{
  hash: Buffer;
  subjectId: SubjectId;
  proofs: readonly Proof[];
  address: Buffer | null;
}>;
export type SignInNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  linkKey: KeyObject;
  queueMail: Mail['queue'];
  /** Who is known by an address; one of them, or it is nobody's alone. */
  findByAddress: (address: string) => Promise<readonly Known[]>;
}>;

/** In a quarter of an hour. */
const PER_ADDRESS = 5;
const PER_SOURCE = 60;
/** Of one customer: what they open, and what they decide. */
const PER_CUSTOMER = { opens: 100, decides: 60 } as const;
const AT_ONCE = 50;
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export function createSignIn({ db, clock, linkKey, queueMail, findByAddress }: SignInNeeds): SignIn {
  const macOf = (what: string, ...parts: readonly string[]): Buffer =>
    hmacSha256(linkKey, JSON.stringify([`strongroom/sign-in/${what}/1`, ...parts]));
  const slow = async (what: string, who: string, most: number): Promise<void> => {
    if ((await count(db, macOf(what, who))) > most) throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 900 } });
  };
  const addressHash = (address: string): Buffer => macOf('address', mailboxOf(address));
  const sealKey = macOf('address-key');
  const seal = (text: string): Buffer => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  };
  const open = (sealed: Buffer): string => {
    const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString();
  };
  const sendCode = async ({ attempt, address, language }: Waiting): Promise<void> => {
    // one address may be several people's: then nobody is let in to all of them
    const [known, ...others] = await findByAddress(open(address));
    if (known === undefined || others.length > 0) return void (await settleAttempt(db, attempt, null));
    const code = String(randomInt(100_000_000)).padStart(8, '0');
    const say = sayIn(isLanguage(language) ? language : 'en');
    const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
    const mac = macOf('code', attempt.toString('hex'), code);
    await transact(db, async (tx) => {
      if (!(await settleAttempt(tx, attempt, { subjectId: known.subjectId, code: mac, address: addressHash(known.address) }))) return;
      await queueMail(tx, {
        to: known.address, kind: 'privacy.code', dedupeKey: null, priority: 'urgent',
        subject: say('mailSubject', { code: shown }), text: say('mailText', { code: shown, minutes: CODE_MINUTES }),
      }); // prettier-ignore
    });
  };
  const insert = async (row: SessionRow): Promise<string> => {
    const token = `src_${toBase32(randomBytes(32))}`;
    await insertSession(db, sha256(token), row);
    return token;
  };
  const sessionOf: SignIn['sessionOf'] = async (token) => {
    if (token === undefined || !/^src_[0-9a-z]{52}$/.test(token)) return null;
    const hash = sha256(token);
    const row = await findSession(db, hash);
    return row === null ? null : { hash, subjectId: row.subject_id, proofs: row.proofs, address: row.address };
  };
  return {
    ask: async (address, language, from) => {
      await slow('source', from, PER_SOURCE);
      // as the search has it: one domain is written in many ways
      await slow('to', (readAddress(address.trim()) ?? address.trim()).toLowerCase(), PER_ADDRESS);
      const attempt = toBase32(randomBytes(32));
      await insertAttempt(db, sha256(attempt), seal(address.trim()), language);
      return attempt;
    },
    enter: async (attempt, code, from) => {
      await slow('source', from, PER_SOURCE);
      const found = await tryCode(db, sha256(attempt), macOf('code', sha256(attempt).toString('hex'), code.replaceAll(/\s/g, '')));
      if (found === null) return null;
      return insert({ subject_id: found.subject_id, proofs: [{ means: 'mail-code', at: clock().toISOString() }], address: found.address_hash });
    },
    begin: (subjectId, proofs) => insert({ subject_id: subjectId, proofs, address: null }),
    addressHash,
    sessionOf,
    subjectOf: async (token) => (await sessionOf(token))?.subjectId ?? null,
    end: (token) => endSession(db, sha256(token)),
    isCalm: async (subjectId, what) => (await count(db, macOf(what, subjectId))) <= PER_CUSTOMER[what],
    sendCodes: async () => {
      const waiting = await waitingAttempts(db, AT_ONCE);
      const faults: unknown[] = [];
      for (const each of waiting) {
        try {
          await sendCode(each);
        } catch (thrown) {
          // no mail can go to what is stored: this one is as if nobody were known
          if (isFailure(thrown, 'MAIL_INVALID')) await settleAttempt(db, each.attempt, null);
          else faults.push(thrown);
        }
      }
      // nobody waits behind one that fails
      if (faults.length > 0) throw faults[0];
      return waiting.length;
    },
    sweep: () => sweepCustomers(db),
  };
} // prettier-ignore
