/**
 * A second thing that shows who is signed in: a code that goes to another address that is held, or the company's own sign-in,
 * which says so by its key.
 *
 * INVARIANT: another mailbox counts when it is one to sign in by that nobody has changed for 30 days. What is shown of one subject counts for no other, once, and not after it is over. Following a link changes nothing.
 */
import { randomInt, type KeyObject } from 'node:crypto';

import { hmacSha256, openToken, sealToken } from '#platform/crypto';
import { transact, type Db } from '#platform/db';
import { uuidBytes, uuidText, uuidv7, type RecordId, type SubjectId } from '#platform/ids';
import { readAddress, type Mail } from '#platform/mail';
import type { Catalog } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

import { privacyFailure } from '../failures.ts';
import { sayIn, type Language } from '../notice/languages.ts';
import { RESETTABLE, type Proof } from '../requests/proof.ts';
import { addProofs, CODE_MINUTES, count, putSecondCode, trySecondCode, useAssertion } from '../store/customers.ts';
import { isPassedOver, signInFields, valuesOf } from './address.ts';
import type { SignedIn, SignIn } from './sign-in.ts';

export type Assertion = Readonly<{
  subjectId: SubjectId;
  /** How many things the company's sign-in asked for. */
  factors: 1 | 2;
  /** How many of these a mail sets anew; one when left out. @throws PRIVACY_ASSERTION_INVALID for more than there are */
  resettableByMail?: 0 | 1 | 2 | undefined;
  signedInAt: Date;
}>;
export type SecondProof = {
  /** For the company's application: the link that it sends its customer on with. @param by who says so @throws PRIVACY_ASSERTION_INVALID, PRIVACY_SUBJECT_NOT_FOUND, PRIVACY_SLOW_DOWN */
  assert: (by: string, said: Assertion) => Promise<Readonly<{ token: string; expiresAt: Date }>>;
  /** Whether it is one of ours; reads nothing and changes nothing. @throws PRIVACY_LINK_INVALID */
  check: (token: string) => void;
  /**
   * Once. Of who is signed in already it is a second proof; of anybody else a session. Every address that they are known by is
   * told: whoever took over their account there has to take over all of these too.
   * @returns the token of a new session; null: that of now goes on @throws PRIVACY_LINK_INVALID for one that was used or is over, and of another subject than who is signed in
   */
  enter: (token: string, now: SignedIn | null, language: Language) => Promise<string | null>;
  /** @returns the other address that it went to, as far as it may be shown; null: none counts @throws PRIVACY_SLOW_DOWN */
  sendCode: (by: Caller, session: SignedIn, language: Language) => Promise<string | null>;
  /** The address that they signed in by is told. @returns false for a wrong, used or expired code @throws PRIVACY_SLOW_DOWN, PRIVACY_ADDRESS_UNCLEAR when the first is held no more */
  tryCode: (by: Caller, session: SignedIn, code: string, language: Language) => Promise<boolean>;
};
export type SecondProofNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  linkKey: KeyObject;
  queueMail: Mail['queue'];
  catalog: () => Catalog;
  vault: Pick<Vault, 'read' | 'recordsOf' | 'restingOf' | 'isLiving'>;
  signIn: Pick<SignIn, 'begin' | 'addressHash'>;
  addressesOf: (subjectId: SubjectId) => Promise<readonly string[]>;
}>;

const LABEL = 'strongroom/sign-in-assertion/1';
const LIVES_MS = 5 * 60_000;
/** How long ago the company may have signed them in (11 CCR §7061(a): again, before something of them leaves). */
const FRESH_MS = 15 * 60_000;
const AHEAD_MS = 60_000;
/** id (16 B) ‖ subject (16 B) ‖ factors, and how many of them a mail sets anew (4 bits each) ‖ end (6 B, ms) */
const BYTES = 39;
/** In a quarter of an hour. */
const CODES = 5;
const TRIED = 20;
const SAID_OF_ONE = 20;
const SAID_BY_ONE = 600;
const PAGE = 100;
/** What somebody puts beside their own today, in the shop or with a code that they got hold of, shows nothing. */
export const RESTS_DAYS = 30;
const LOOKED_AT = 50;

type Resting = Awaited<ReturnType<Vault['restingOf']>>[number] & Readonly<{ names: readonly string[] }>;

type Opened = Readonly<{ id: ReturnType<typeof uuidv7>; subjectId: SubjectId; factors: 1 | 2; resettableByMail: 0 | 1 | 2; until: Date }>; // prettier-ignore

/** Enough to know one's own by. */
const hinted = (address: string): string => {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, 1)}…${address.slice(at, at + 2)}…`;
};

export function createSecondProof({ db, clock, linkKey, queueMail, catalog, vault, signIn, addressesOf }: SecondProofNeeds): SecondProof {
  const macOf = (...parts: readonly string[]): Buffer => hmacSha256(linkKey, JSON.stringify(['strongroom/second-code/1', ...parts]));
  const slow = async (what: string, of: string, most: number): Promise<void> => {
    if ((await count(db, macOf(what, of))) > most) throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 900 } });
  };
  const open = (token: string): Opened => {
    const plain = openToken(linkKey, LABEL, token, [BYTES, BYTES]);
    if (plain === null) throw privacyFailure('LINK_INVALID');
    const said = plain[32] ?? 0;
    return { id: uuidText(plain.subarray(0, 16)), subjectId: uuidText(plain.subarray(16, 32)) as SubjectId, factors: (said & 15) === 2 ? 2 : 1, resettableByMail: Math.min(said >> 4, 2) as 0 | 1 | 2, until: new Date(plain.readUIntBE(33, 6)) };
  };
  /** What they come in by: another address counts where it is one that they could have come in by too, and has been so for long. */
  const resting = async (by: Caller, subjectId: SubjectId): Promise<readonly Resting[]> => {
    const found: Resting[] = [];
    for (const spec of catalog().collections.values()) {
      const names = signInFields(spec, by.purpose).map(({ name }) => name);
      if (names.length === 0) continue;
      for (const each of await vault.restingOf(subjectId, { collection: spec.name, days: RESTS_DAYS, limit: LOOKED_AT })) found.push({ ...each, names });
    }
    return found.toSorted((one, other) => one.since.getTime() - other.since.getTime()).slice(0, LOOKED_AT);
  };
  /** One of another mailbox than they signed in by: the one that is held longest. */
  const otherOf = async (by: Caller, { subjectId, address }: SignedIn): Promise<string | null> => {
    if (address === null) return null;
    for (const { id, names } of await resting(by, subjectId))
      for (const value of await valuesOf(vault, by, [id], names, isPassedOver))
        if (typeof value === 'string' && readAddress(value) !== null && !signIn.addressHash(value).equals(address)) return value;
    return null;
  };
  /** As it is stored, however long it has been. */
  const firstOf = async (by: Caller, { subjectId, address }: SignedIn): Promise<string> => {
    if (address === null) throw privacyFailure('ADDRESS_UNCLEAR');
    for (const spec of catalog().collections.values()) {
      const names = signInFields(spec, by.purpose).map(({ name }) => name);
      let after: RecordId | null = null;
      while (names.length > 0) {
        const ids: RecordId[] = await vault.recordsOf(subjectId, { after, limit: PAGE, collection: spec.name });
        for (const value of await valuesOf(vault, by, ids, names, isPassedOver))
          if (typeof value === 'string' && readAddress(value) !== null && signIn.addressHash(value).equals(address)) return value;
        if (ids.length < PAGE) break;
        after = ids.at(-1) ?? null;
      }
    }
    throw privacyFailure('ADDRESS_UNCLEAR');
  };
  /** Before they are in, and not more than once an hour. */
  const tellEntered = async (subjectId: SubjectId, language: Language): Promise<void> => {
    const say = sayIn(language);
    const addresses = await addressesOf(subjectId);
    await transact(db, async (tx) => {
      for (const to of addresses)
        await queueMail(tx, { to, kind: 'privacy.app-entered', dedupeKey: `privacy.app-entered ${subjectId} ${to} ${clock().toISOString().slice(0, 13)}`, subject: say('appEnteredSubject'), text: say('appEnteredText') });
    });
  };
  return {
    assert: async (by, { subjectId, factors, signedInAt, resettableByMail = RESETTABLE }) => {
      await slow('said-by', by, SAID_BY_ONE);
      await slow('said-of', subjectId, SAID_OF_ONE);
      const age = clock().getTime() - signedInAt.getTime();
      if (!(age <= FRESH_MS && age >= -AHEAD_MS) || resettableByMail > factors) throw privacyFailure('ASSERTION_INVALID');
      if (!(await vault.isLiving(subjectId))) throw privacyFailure('SUBJECT_NOT_FOUND');
      const expiresAt = new Date(clock().getTime() + LIVES_MS);
      const plain = Buffer.alloc(BYTES);
      uuidBytes(uuidv7()).copy(plain, 0);
      uuidBytes(subjectId).copy(plain, 16);
      plain[32] = factors | (resettableByMail << 4);
      plain.writeUIntBE(expiresAt.getTime(), 33, 6);
      return { token: sealToken(linkKey, LABEL, plain), expiresAt };
    },
    check: (token) => void open(token),
    enter: async (token, now, language) => {
      const { id, subjectId, factors, resettableByMail, until } = open(token);
      if (until <= clock() || !(await vault.isLiving(subjectId))) throw privacyFailure('LINK_INVALID');
      // who is signed in as somebody else stays that, and gains nothing
      if (now !== null && now.subjectId !== subjectId) throw privacyFailure('LINK_INVALID');
      if (!(await useAssertion(db, id, until))) throw privacyFailure('LINK_INVALID');
      await tellEntered(subjectId, language);
      const proof: Proof = { means: 'app', factors, resettableByMail, at: clock().toISOString() };
      if (now === null) return signIn.begin(subjectId, [proof]);
      if (!(await addProofs(db, now.hash, subjectId, [proof]))) throw privacyFailure('SIGNED_OUT');
      return null;
    },
    sendCode: async (by, session, language) => {
      await slow('sent', session.subjectId, CODES);
      const to = await otherOf(by, session);
      if (to === null) return null;
      const code = String(randomInt(100_000_000)).padStart(8, '0');
      const say = sayIn(language);
      const shown = `${code.slice(0, 4)} ${code.slice(4)}`;
      await transact(db, async (tx) => {
        await putSecondCode(tx, session.hash, macOf('code', session.hash.toString('hex'), code));
        await queueMail(tx, {
          to, kind: 'privacy.second-code', dedupeKey: null, priority: 'urgent',
          subject: say('mailSubject', { code: shown }), text: say('mailText', { code: shown, minutes: CODE_MINUTES }),
        });
      });
      return hinted(to);
    },
    tryCode: async (by, session, code, language) => {
      await slow('tried', session.subjectId, TRIED);
      if (!(await trySecondCode(db, session.hash, macOf('code', session.hash.toString('hex'), code.replaceAll(/\s/g, ''))))) return false;
      // who reads the first mailbox learns that the second was used, or it is not
      const to = await firstOf(by, session);
      const say = sayIn(language);
      return transact(db, async (tx) => {
        if (!(await addProofs(tx, session.hash, session.subjectId, [{ means: 'second-code', at: clock().toISOString() }]))) return false;
        await queueMail(tx, { to, kind: 'privacy.second-proof', dedupeKey: null, subject: say('provedSubject'), text: say('provedText') });
        return true;
      });
    },
  };
} // prettier-ignore
