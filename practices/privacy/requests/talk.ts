/** What is asked and said about a request: sealed before the transaction that it comes with, under a key of its subject. */
import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { RequestRow } from '../store/requests.ts';
import { notedBy, type Desk, type Noted, type Said } from './desk.ts';

/** @param noted by staff, for who wrote or called; left out: the customer says it themselves */
export type Words = Readonly<{ words: string; noted?: Noted | undefined }>;
export type Talk = {
  /** With what was said before. @throws PRIVACY_REQUEST_STATE where there is no more room; for taking it back there always is */
  seal: (row: RequestRow, ...more: readonly Said[]) => Promise<Buffer | null>;
  said: (what: Said['what'], text: string) => Said;
  saidBy: (what: 'again' | 'reply' | 'appeal' | 'withdrawn', by: By, words: Words) => Said;
};

/** They are of one subject, and grow. Whoever asks the same again and again takes no room from what is asked, replied and appealed. */
const MOST_AGAIN = 20;
const MOST_SAID = 40;
const isFull = (talk: readonly Said[], what: Said['what']): boolean => {
  if (what === 'withdrawn') return false;
  if (what === 'again') return talk.filter((each) => each.what === 'again').length > MOST_AGAIN;
  return talk.filter((each) => each.what !== 'again').length > MOST_SAID;
};

export function createTalk(desk: Pick<Desk, 'talk' | 'seal'>, clock: () => Date): Talk {
  const said: Talk['said'] = (what, text) => ({ what, text, at: clock().toISOString() });
  return {
    seal: async (row, ...more) => {
      const talk = [...(await desk.talk(row)), ...more];
      if (more.some(({ what }) => isFull(talk, what))) throw privacyFailure('REQUEST_STATE', { detail: 'as much was asked and said about it as there is room for' }); // prettier-ignore
      return desk.seal(row.subject_id, JSON.stringify(talk));
    },
    said,
    saidBy: (what, by, { words, noted }) => {
      const who = notedBy(by, noted);
      return { ...said(what, words), ...(who === null ? {} : { noted: who }) };
    },
  };
}
