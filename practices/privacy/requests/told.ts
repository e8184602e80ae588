/** Mails to customers about their requests: that something has happened, and where it is read. Nothing of it stands in a mail. */
import type { Statements } from '#platform/db';
import { parsePublicId, type SubjectId, type Uuid } from '#platform/ids';
import type { Mail } from '#platform/mail';

import type { Address } from '../customer/address.ts';
import { dateIn, isLanguage, sayIn, type Language } from '../notice/languages.ts';
import type { RequestRow } from '../store/requests.ts';

/** What they asked in. */
export const mailLanguage = ({ language }: Pick<RequestRow, 'language'>): Language =>
  isLanguage(language) ? language : 'en';
export type News = 'withdrawn' | 'asked' | 'extended' | 'appealed' | 'appealDone';
export type Teller = {
  /** Opens their address, before anything is locked. @returns null where no mail can go to them */
  reach: (subjectId: SubjectId) => Promise<string | null>;
  /** @param due of the answer, where there is one to come @returns the mail; null where none can go */
  tell: (tx: Statements, address: string | null, row: Pick<RequestRow, 'language'>, news: News, due?: Date) => Promise<Uuid | null>;
}; // prettier-ignore
export type TellerNeeds = Readonly<{
  queueMail: Mail['queue'];
  reachOf: (subjectId: SubjectId) => Promise<Address>;
  centerUrl: () => string;
}>;

export function createTeller({ queueMail, reachOf, centerUrl }: TellerNeeds): Teller {
  return {
    reach: async (subjectId) => {
      const found = await reachOf(subjectId);
      return found.kind === 'one' ? found.address : null;
    },
    tell: async (tx, address, row, news, due) => {
      if (address === null) return null;
      const language = mailLanguage(row);
      const say = sayIn(language);
      const url = `${centerUrl()}requests?lang=${language}`;
      const date = due === undefined ? '' : dateIn(language, due);
      const { id } = await queueMail(tx, {
        to: address, kind: 'privacy.request', dedupeKey: null,
        subject: say(`${news}Subject`), text: say(`${news}Text`, { url, date }),
      }); // prettier-ignore
      return parsePublicId('mail', id);
    },
  };
}
