/** What is asked and said about a request: sealed before the transaction that it comes with, under a key of its subject. */
import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { RequestRow } from '../store/requests.ts';
import { notedBy, type Desk, type Noted, type Said } from './desk.ts';

/** @param noted by staff, for who wrote or called; left out: the customer says it themselves */
export type Words = Readonly<{ words: string; noted?: Noted | undefined }>;
export type Talk = {
  /** With what was said before. @throws PRIVACY_REQUEST_STATE where there is no more room */
  seal: (row: RequestRow, ...more: readonly Said[]) => Promise<Buffer | null>;
  said: (what: Said['what'], text: string) => Said;
  saidBy: (what: 'again' | 'reply' | 'appeal' | 'withdrawn', by: By, words: Words) => Said;
};

/** They are of one subject, and grow. */
const MOST_SAID = 40;

export function createTalk(desk: Pick<Desk, 'talk' | 'seal'>, clock: () => Date): Talk {
  const said: Talk['said'] = (what, text) => ({ what, text, at: clock().toISOString() });
  return {
    seal: async (row, ...more) => {
      const talk = [...(await desk.talk(row)), ...more];
      if (talk.length > MOST_SAID) throw privacyFailure('REQUEST_STATE', { detail: 'as much was asked and said about it as there is room for' }); // prettier-ignore
      return desk.seal(row.subject_id, JSON.stringify(talk));
    },
    said,
    saidBy: (what, by, { words, noted }) => {
      const who = notedBy(by, noted);
      return { ...said(what, words), ...(who === null ? {} : { noted: who }) };
    },
  };
}
