/**
 * Restrictions of processing, as their subjects know of them (GDPR art. 18).
 *
 * INVARIANT: a restriction is lifted after its subject was told, when the time has come that they were told, and not before:
 * `lifting` is asked by the vault in the transaction that lifts it, whichever way it is lifted. A mail that has not left has
 * told nobody.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { parsePublicId, publicId, subjectIdText, type SubjectId } from '#platform/ids';
import type { Mail } from '#platform/mail';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import type { Address } from '../customer/address.ts';
import { privacyFailure } from '../failures.ts';
import { dateIn, sayIn, type Language } from '../notice/languages.ts';
import { dropLift, liftsOf, lockLift, putLift, type LiftRow } from '../store/lifts.ts';
import type { Desk } from './desk.ts';

type End = Readonly<{
  toldAt: string;
  endsAt: string;
  how: 'mail' | 'otherwise';
  /** Of the mail: queued, held, sent, refused, given-up; null: told otherwise. */
  mail: string | null;
}>;
export type RestrictionView = Readonly<{
  subject: string;
  because: string;
  since: string;
  /** Null: they were not told that it ends. */
  end: End | null;
  /** Whether it can be lifted now. */
  liftable: boolean;
}>;
export type EndAsk = Readonly<{
  /** Why it ends: read in the center. */
  words: string;
  /** `otherwise`: by letter or telephone, which is done when this is called. */
  how: 'mail' | 'otherwise';
  /** From now, until it can be lifted. */
  days: number;
  language: Language;
}>;
export type Restrictions = {
  /** The longest first, at most 500. */
  list: () => Promise<readonly RestrictionView[]>;
  /** For its subject, with the words. */
  of: (subjectId: SubjectId) => Promise<(RestrictionView & Readonly<{ words: string | null }>) | null>;
  /** Tells its subject; what was told last counts. @throws PRIVACY_NOT_RESTRICTED, PRIVACY_ADDRESS_UNCLEAR */
  end: (by: By, subjectId: SubjectId, ask: EndAsk) => Promise<RestrictionView>;
  /** @returns null when they were told and the time has come; else why not */
  lifting: (tx: Tx, subjectId: SubjectId, since: Date) => Promise<string | null>;
};
export type RestrictionNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'appendIn'>;
  vault: Pick<Vault, 'restrictionOf' | 'restricted'>;
  queueMail: Mail['queue'];
  mailState: Mail['stateOf'];
  addressOf: (subjectId: SubjectId) => Promise<Address>;
  centerUrl: () => string;
}>;

const AT_MOST = 500;
const DAY_MS = 86_400_000;

export function createRestrictions(needs: RestrictionNeeds & Readonly<{ desk: Pick<Desk, 'seal' | 'read'> }>): Restrictions {
  const { db, clock, audit, vault, queueMail, mailState, addressOf, centerUrl, desk } = needs;
  const mailOf = ({ mail_id }: LiftRow): string | null => (mail_id === null ? null : publicId('mail', mail_id));
  /** Of a restriction that was lifted and put on again, nobody was told the end. */
  const toldOf = (row: LiftRow | null | undefined, since: Date): LiftRow | null =>
    row === null || row === undefined || row.told_at < since ? null : row;
  /** One that left after the day that it names told of nothing before it. */
  const leftInTime = (left: Awaited<ReturnType<Mail['stateOf']>>, { ends_at }: LiftRow): boolean =>
    left?.state === 'sent' && left.doneAt !== null && left.doneAt <= ends_at;
  const viewOf = async (subjectId: SubjectId, { because, since }: Readonly<{ because: string; since: Date }>, row: LiftRow | undefined): Promise<RestrictionView> => {
    const told = toldOf(row, since);
    const id = told === null ? null : mailOf(told);
    const left = id === null ? null : await mailState(db, id);
    const mail = id === null ? null : (left?.state ?? 'given-up');
    const end: End | null = told === null ? null : { toldAt: told.told_at.toISOString(), endsAt: told.ends_at.toISOString(), how: id === null ? 'otherwise' : 'mail', mail };
    return { subject: subjectIdText(subjectId), because, since: since.toISOString(), end, liftable: told !== null && told.over && (id === null || leftInTime(left, told)) };
  }; // prettier-ignore
  const of: Restrictions['of'] = async (subjectId) => {
    const restriction = await vault.restrictionOf(subjectId);
    if (restriction === null) return null;
    const row = (await liftsOf(db, [subjectId])).get(subjectId);
    const told = toldOf(row, restriction.since);
    const words = told === null ? null : await desk.read(subjectId, told.words);
    return { ...(await viewOf(subjectId, restriction, row)), words };
  };
  return {
    of,
    list: async () => {
      const restricted = await vault.restricted(AT_MOST);
      const told = await liftsOf(db, restricted.map(({ subjectId }) => subjectId)); // prettier-ignore
      const views: RestrictionView[] = [];
      for (const each of restricted) views.push(await viewOf(each.subjectId, each, told.get(each.subjectId)));
      return views;
    },
    end: async (by, subjectId, { words, how, days, language }) => {
      if ((await vault.restrictionOf(subjectId)) === null) throw privacyFailure('NOT_RESTRICTED');
      const address = how === 'mail' ? await addressOf(subjectId) : null;
      if (address !== null && address.kind !== 'one') throw privacyFailure('ADDRESS_UNCLEAR');
      const sealed = (await desk.seal(subjectId, words)) as Buffer;
      await transact(db, async (tx) => {
        // why it ends is personal, and a mail is none of the places where that stands
        const say = sayIn(language);
        const date = dateIn(language, new Date(clock().getTime() + days * DAY_MS));
        const mail = address === null ? null : await queueMail(tx, {
          to: address.address, kind: 'privacy.restriction', dedupeKey: null,
          subject: say('endSubject', { date }), text: say('endText', { date, url: centerUrl() }),
        }); // prettier-ignore
        await putLift(tx, { subjectId, days, words: sealed, actor: by.actor.id, mailId: mail === null ? null : parsePublicId('mail', mail.id) });
        await audit.appendIn(tx, {
          action: 'privacy.restriction.end', actor: by.actor, subjects: [subjectId], outcome: 'done', detail: { told: how, days },
          ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
        }); // prettier-ignore
      });
      const told = await of(subjectId);
      if (told === null) throw privacyFailure('NOT_RESTRICTED');
      const { subject, because, since, end, liftable } = told;
      return { subject, because, since, end, liftable };
    },
    lifting: async (tx, subjectId, since) => {
      const told = toldOf(await lockLift(tx, subjectId), since);
      if (told === null) return 'nobody has told them that it ends';
      const id = mailOf(told);
      const left = id === null ? null : await mailState(tx, id);
      if (id !== null && left?.state !== 'sent') return `the mail that tells them has not left (${left?.state ?? 'given-up'})`;
      if (id !== null && !leftInTime(left, told)) return 'the mail left after the day that it names: tell them again';
      if (!told.over) return `they were told that it ends at ${told.ends_at.toISOString()}`;
      await dropLift(tx, subjectId);
      return null;
    },
  };
} // prettier-ignore
