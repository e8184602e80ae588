/**
 * Customers sign in by a code from a mail.
 *
 * INVARIANT: whether an address is known makes no difference to who asks. A request only notes that a code is wanted,
 * the same work for every address; who is known by it is looked up afterwards, in a loop of its own, and a code that was
 * never sent fails like a wrong one. Codes live ten minutes, for five tries, once.
 */
import { createHash, randomBytes, randomInt, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

import { hmacSha256 } from '#platform/crypto';
import { transact, type Db } from '#platform/db';
import { toBase32, type SubjectId } from '#platform/ids';
import type { Mail } from '#platform/mail';

import { privacyFailure } from '../failures.ts';
import { isLanguage, sayIn } from '../notice/languages.ts';
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
} from '../store/customers.ts';

export type SignIn = {
  /** @returns what the page with the code carries @throws PRIVACY_SLOW_DOWN */
  ask: (address: string, language: string, from: string) => Promise<string>;
  /** @returns the session's token; null for a wrong, used, expired or never sent code @throws PRIVACY_SLOW_DOWN */
  enter: (attempt: string, code: string, from: string) => Promise<string | null>;
  /** @param token of the cookie */
  subjectOf: (token: string | undefined) => Promise<SubjectId | null>;
  end: (token: string) => Promise<void>;
  /** Looks up who asked, and queues their mails. @returns how many asked */
  sendCodes: () => Promise<number>;
  sweep: () => Promise<void>;
};
export type SignInNeeds = Readonly<{
  db: Db;
  linkKey: KeyObject;
  queueMail: Mail['queue'];
  /** Everybody who is known by an address. */
  findByAddress: (address: string) => Promise<readonly SubjectId[]>;
}>;

/** In a quarter of an hour. */
const PER_ADDRESS = 5;
const PER_SOURCE = 60;
const AT_ONCE = 50;
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export function createSignIn({ db, linkKey, queueMail, findByAddress }: SignInNeeds): SignIn {
  const macOf = (what: string, ...parts: readonly string[]): Buffer =>
    hmacSha256(linkKey, JSON.stringify([`strongroom/sign-in/${what}/1`, ...parts]));
  const slow = async (what: string, who: string, most: number): Promise<void> => {
    if ((await count(db, macOf(what, who))) > most) throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 900 } });
  };
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
  return {
    ask: async (address, language, from) => {
      await slow('source', from, PER_SOURCE);
      await slow('to', address.trim().toLowerCase(), PER_ADDRESS);
      const attempt = toBase32(randomBytes(32));
      await insertAttempt(db, sha256(attempt), seal(address.trim()), language);
      return attempt;
    },
    enter: async (attempt, code, from) => {
      await slow('source', from, PER_SOURCE);
      const subjectId = await tryCode(db, sha256(attempt), macOf('code', sha256(attempt).toString('hex'), code.replaceAll(/\s/g, '')));
      if (subjectId === null) return null;
      const token = `src_${toBase32(randomBytes(32))}`;
      await insertSession(db, sha256(token), subjectId);
      return token;
    },
    subjectOf: async (token) => (token === undefined || !/^src_[0-9a-z]{52}$/.test(token) ? null : findSession(db, sha256(token))),
    end: (token) => endSession(db, sha256(token)),
    sendCodes: async () => {
      const waiting = await waitingAttempts(db, AT_ONCE);
      for (const { attempt, address, language } of waiting) {
        const to = open(address);
        // one address may be several people's: then nobody is let in to all of them
        const [subjectId, ...others] = new Set(await findByAddress(to));
        const code = String(randomInt(100_000_000)).padStart(8, '0');
        const say = sayIn(isLanguage(language) ? language : 'en');
        await transact(db, async (tx) => {
          const known = subjectId !== undefined && others.length === 0;
          const found = known ? { subjectId, code: macOf('code', attempt.toString('hex'), code) } : null;
          if (!(await settleAttempt(tx, attempt, found)) || !known) return;
          const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
          await queueMail(tx, {
            to, kind: 'privacy.code', dedupeKey: null, priority: 'urgent',
            subject: say('mailSubject', { code: shown }), text: say('mailText', { code: shown, minutes: CODE_MINUTES }),
          }); // prettier-ignore
        });
      }
      return waiting.length;
    },
    sweep: () => sweepCustomers(db),
  };
} // prettier-ignore
