/**
 * The link in a mail by which somebody who asked for a copy fetches it, once.
 *
 * INVARIANT: the link alone opens nothing. The mail has the link; the code that it asks for is told another way, by who
 * answers the request, and stands in no mail. Following the link reads and changes nothing, since scanners of mail follow
 * every one; a try is counted before its code is looked at, five are all there are, and what was fetched is gone.
 */
import { randomInt, type KeyObject } from 'node:crypto';

import { hmacSha256, openToken, sealToken } from '#platform/crypto';
import type { Db, Statements } from '#platform/db';
import { parsePublicId, uuidBytes, uuidText, uuidv7, type SubjectId, type Uuid } from '#platform/ids';
import type { Mail } from '#platform/mail';

import { privacyFailure } from '../failures.ts';
import { dateIn, sayIn, type Language } from '../notice/languages.ts';
import { burnCopyLink, putCopyLink, sweepCopyLinks, tryCopyLink, type CopyLink } from '../store/copy-links.ts';
import { count } from '../store/customers.ts';
import type { Address } from './address.ts';

/** Shown once, to who tells the customer. */
export type CopyCode = Readonly<{ code: string; expiresAt: string }>;
export type CopyLinks = {
  /** In the transaction that answers the request; the one before it is dead then. @throws MAIL_INVALID */
  send: (tx: Statements, to: Readonly<{ requestId: Uuid; subjectId: SubjectId; address: string; language: Language }>) => Promise<CopyCode & Readonly<{ mail: Uuid | null }>>;
  /** @throws PRIVACY_ADDRESS_UNCLEAR */
  addressOf: (subjectId: SubjectId) => Promise<string>;
  /** Whether it is one of ours, whole; reads nothing. @throws PRIVACY_LINK_INVALID */
  check: (token: string) => void;
  /** @param from where it comes from, as it is counted @returns null for a wrong code, and for a link that was used, is over, or whose subject was erased @throws PRIVACY_LINK_INVALID, PRIVACY_SLOW_DOWN */
  enter: (token: string, code: string, from: string) => Promise<CopyLink | null>;
  /** When the copy can begin. @returns false when it was used meanwhile */
  burn: (link: CopyLink) => Promise<boolean>;
  sweep: () => Promise<void>;
}; // prettier-ignore
export type CopyLinkNeeds = Readonly<{
  db: Db;
  linkKey: KeyObject;
  queueMail: Mail['queue'];
  /** Such as https://privacy.example.org */
  publicUrl: () => string;
  addressOf: (subjectId: SubjectId) => Promise<Address>;
  isLiving: (subjectId: SubjectId) => Promise<boolean>;
}>;

const LABEL = 'strongroom/copy-link/1';
const DAYS = 14;
const CODES = 100_000_000;
/** In a quarter of an hour. */
const PER_SOURCE = 60;

export function createCopyLinks({ db, linkKey, queueMail, publicUrl, addressOf, isLiving }: CopyLinkNeeds): CopyLinks {
  const macOf = (what: string, ...parts: readonly string[]): Buffer =>
    hmacSha256(linkKey, JSON.stringify([`${LABEL}/${what}`, ...parts]));
  const idOf = (token: string): Uuid => {
    const plain = openToken(linkKey, LABEL, token, [16, 16]);
    if (plain === null) throw privacyFailure('LINK_INVALID');
    return uuidText(plain);
  };
  return {
    addressOf: async (subjectId) => {
      const found = await addressOf(subjectId);
      if (found.kind !== 'one') throw privacyFailure('ADDRESS_UNCLEAR');
      return found.address;
    },
    send: async (tx, { requestId, subjectId, address, language }) => {
      const linkId = uuidv7();
      const code = String(randomInt(CODES)).padStart(8, '0');
      const expiresAt = await putCopyLink(tx, { linkId, requestId, subjectId, code: macOf('code', linkId, code), days: DAYS });
      const say = sayIn(language);
      const url = `${publicUrl()}/center/copy/${sealToken(linkKey, LABEL, uuidBytes(linkId))}?lang=${language}`;
      const { id } = await queueMail(tx, {
        to: address, kind: 'privacy.copy-link', dedupeKey: null,
        subject: say('copyLinkSubject'), text: say('copyLinkText', { url, date: dateIn(language, expiresAt) }),
      }); // prettier-ignore
      return { code: `${code.slice(0, 4)} ${code.slice(4)}`, expiresAt: expiresAt.toISOString(), mail: parsePublicId('mail', id) };
    },
    check: (token) => void idOf(token),
    enter: async (token, code, from) => {
      const linkId = idOf(token);
      if ((await count(db, macOf('source', from))) > PER_SOURCE)
        throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 900 } });
      const link = await tryCopyLink(db, linkId, macOf('code', linkId, code.replaceAll(/\s/g, '')));
      return link !== null && (await isLiving(link.subject_id)) ? link : null;
    },
    burn: ({ link_id }) => burnCopyLink(db, link_id),
    sweep: () => sweepCopyLinks(db),
  };
} // prettier-ignore
