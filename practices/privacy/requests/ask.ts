/** A request is taken in: asking twice is asking once, and fields that are named later come to those that were. */
import { transact, type Db, type Tx } from '#platform/db';
import { uuidv7, type SubjectId, type Uuid } from '#platform/ids';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { Language } from '../notice/languages.ts';
import {
  countSince,
  countWithdrawn,
  findRequest,
  holdAsking,
  insertRequest,
  openOf,
  replaceCorrections,
  type RequestChange,
  type RequestKind,
  type RequestRow,
} from '../store/requests.ts';
import { clockOf, DEFAULT_REGIME, dueAt } from './clocks.ts';
import { merged, namesOf, type Correction } from './corrections.ts';
import { fresh, REACHED_BY, type Asker, type Proof } from './proof.ts';
import type { Prove } from './prove.ts';
import { isAsSeen, surestIn, type Eyes } from './other-eyes.ts';
import { guards, heard, isShownAs, isSurer, requireAsSure, shownForBoth, type Shown } from './shared.ts';
import { createTalk } from './talk.ts';
import { notedBy, requestIdText, type Desk, type Noted, type RequestView } from './desk.ts';

export type Asked = Readonly<{
  subjectId: SubjectId;
  kind: RequestKind;
  words: string | null;
  regime?: string;
  /** Of mails about it. */
  language?: Language;
  /** Of a doubt: the entry of the log. */
  entry?: number;
  /** Of a correction; they were checked. */
  corrections?: readonly Correction[];
  /** Who asks, and what has shown it; left out: the subject, and nothing. */
  asker?: Asker;
  proofs?: readonly Proof[];
  /** By which way it came to who of the staff notes it; left out: they ask it themselves. */
  how?: Noted['how'];
}>;
/** @returns the open one of the same kind (for doubts, about the same entry) when there is one @throws PRIVACY_SLOW_DOWN, PRIVACY_REGIME_UNKNOWN, PRIVACY_CORRECTION_INVALID, PRIVACY_PROOF_NEEDED, PRIVACY_REQUEST_STATE, PRIVACY_SUBJECT_NOT_FOUND */
export type Ask = (by: By, ask: Asked) => Promise<RequestView>;

/** Who said it and how, for the log. */
type About = Readonly<Partial<Record<'asker' | 'how', string>>>;
/** More than this of a kind in 30 days (GDPR art. 12(5)): no more doubts are taken, nor of what was taken back as often. */
const MANY = 20;
/** Of who asks for several corrections at once. */
const TRIES = 8;
const MOST_WORDS = 16_000;

export type AskNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  prove: Pick<Prove, 'neededFor'>;
  vault: Pick<Vault, 'isLiving'>;
  /** Of a field, as the catalogue has it. */
  typeOf: (collection: string, field: string) => string;
}> &
  Eyes;

export function createAsk({ db, clock, desk, prove, vault, typeOf, arePeople, behindKey }: AskNeeds): Ask {
  const talk = createTalk(desk, clock);
  /** The same was asked for once more. @param said with what was said before, sealed; null: nothing was said with it */
  const again = async (tx: Tx, by: By, row: RequestRow, shown: Shown, about: About, said: Buffer | null): Promise<void> => {
    // agreed to before they said this: who agrees has to have read it
    const more: RequestChange = said === null ? {} : { talk: said, first_eyes: null };
    // words change nothing of the fields that are named; of all else, whoever is less sure makes less of it, as a reply does
    const change = row.corrections === null ? heard(row, shown, clock()) : guards(row, shown, clock());
    const isNew = JSON.stringify(change) !== JSON.stringify({ nearest: row.nearest, surest: row.surest });
    const isTheirs = by.actor.kind === 'subject';
    if (isTheirs && shown.asker === row.asker && row.corrections === null && isSurer(row, shown, clock()))
      return desk.move(tx, by, row, 'prove', { proofs: shown.proofs, ...guards(row, shown, clock()), ...more }, { means: shown.proofs.map(({ means }) => means) });
    if (!isTheirs || said !== null || (isNew && shown.asker !== row.asker))
      await desk.move(tx, by, row, 'add', { ...change, ...more }, { asker: shown.asker, ...about });
  }; // prettier-ignore
  /** @returns its id; null when what is open is not what was open before */
  const takeIn = async (tx: Tx, by: By, ask: Asked, sealed: Pick<RequestRow, 'words' | 'corrections'>, shown: Shown & Pick<RequestRow, 'corrects' | 'proof_needed'>, was: RequestRow | null, said: Buffer | null): Promise<Uuid | null> => {
    const { subjectId, kind, regime = DEFAULT_REGIME, language = 'en', entry, corrections = [], how } = ask;
    const now = clock();
    await holdAsking(tx, subjectId, kind);
    const noted = notedBy(by, how === undefined ? undefined : { asker: ask.asker ?? 'subject', how });
    const about: About = noted === null ? {} : { asker: noted.asker, how: noted.how };
    const before = await openOf(tx, subjectId, kind, entry ?? null);
    if (before !== (was?.request_id ?? null)) return null;
    const row = before === null ? null : await desk.found(tx, requestIdText(before));
    if (row !== null && was !== null && !(isAsSeen(row, was) && isShownAs(row, was))) return null;
    const asked: Shown = { asker: ask.asker ?? 'subject', proofs: ask.proofs ?? [] };
    if (row !== null && corrections.length === 0) {
      await again(tx, by, row, asked, about, said);
      return before;
    }
    const names = { ...about, ...(corrections.length === 0 ? {} : { fields: namesOf(corrections) }) };
    if (row !== null) {
      // what a surer one asked for is changed by nobody who is less sure
      requireAsSure({ ...row, surest: await surestIn(row, tx, { arePeople, behindKey }) }, { ...asked, ...(by.actor.kind === 'subject' ? {} : { proofs: null }) }, 'add', now);
      if (!(await replaceCorrections(tx, row.request_id, row.corrections, { ...sealed, ...shown, ...guards({ ...row, corrects: shown.corrects }, asked, now) }))) return null;
      await desk.move(tx, by, row, 'add', { first_eyes: null }, names);
      return before;
    }
    const many = (await countSince(tx, subjectId, kind, new Date(now.getTime() - 30 * 86_400_000))) >= MANY;
    // each is a task for somebody: one customer must not bury the others
    if (many && kind === 'doubt') throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 86_400 } });
    if (by.actor.kind === 'subject' && (await countWithdrawn(tx, { subject_id: subjectId, kind }, new Date(now.getTime() - 30 * 86_400_000))) >= MANY) throw privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 86_400 } });
    const clockRow = clockOf(regime);
    if (clockRow === null) throw privacyFailure('REGIME_UNKNOWN');
    const made = {
      request_id: uuidv7(now.getTime()), subject_id: subjectId, kind, regime, state: 'received', ...sealed, answer: null,
      entry: entry === undefined ? null : BigInt(entry), duplicate_of: null, received_at: now, due_at: dueAt(clockRow, now), closed_at: null, language, noted, ...shown, nearest: shown.asker, surest: [asked],
    } as const; // prettier-ignore
    // two at once: the one that came second is the first one again
    if (!(await insertRequest(tx, made))) throw Object.assign(new Error('asked at once'), { code: '40001' });
    await desk.step(tx, by, made, 'received', names);
    return made.request_id;
  }; // prettier-ignore
  return async (by, ask) => {
    const { subjectId, kind, words, regime = DEFAULT_REGIME, corrections = [] } = ask;
    if (clockOf(regime) === null) throw privacyFailure('REGIME_UNKNOWN');
    // who was erased may still be signed in: nobody could answer it, and no key is there to keep it under
    if (!(await vault.isLiving(subjectId))) throw privacyFailure('SUBJECT_NOT_FOUND');
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const open = await openOf(db, subjectId, kind, ask.entry ?? null);
      const was = open === null ? null : await findRequest(db, open);
      const adds = was !== null && corrections.length > 0;
      const all = corrections.length === 0 ? [] : merged(was === null ? [] : ((await desk.corrections(was)) ?? []), corrections);
      // what was written before stays; bounded, since it may be added to without end
      const before = !adds || was.words === null ? null : await desk.read(subjectId, was.words);
      const said = [before, words].filter((each) => each !== null && each !== '').join('\n\n').slice(0, MOST_WORDS);
      const sealed = { words: said === '' ? null : await desk.seal(subjectId, said), corrections: all.length === 0 ? null : await desk.seal(subjectId, JSON.stringify(all)) };
      // in words it may name what somebody is reached by
      const named = adds ? was.corrects : (kind === 'correction' && all.length === 0 ? REACHED_BY : []);
      const corrects = [...new Set([...named, ...all.map(({ collection, field }) => typeOf(collection, field))])];
      // what is said with the same is kept beside it, and that staff noted it too
      const noted = ask.how === undefined ? undefined : { asker: ask.asker ?? 'subject', how: ask.how };
      const isSaid = was !== null && !adds && (noted !== undefined || (words ?? '') !== '');
      const again = isSaid ? await talk.seal(was, talk.saidBy('again', by, { words: words ?? '', noted })) : null;
      const asked = { asker: ask.asker ?? 'subject', proofs: ask.proofs ?? [] } as const;
      const both = !adds ? asked : shownForBoth({ ...was, proofs: fresh(was, clock()) }, asked, corrects);
      const shown = { ...both, corrects, proof_needed: await prove.neededFor({ subject_id: subjectId, kind, asker: both.asker, corrects }) };
      const id = await transact(db, (tx) => takeIn(tx, by, ask, sealed, shown, was, again));
      if (id !== null) return desk.shown(by, requestIdText(id));
    }
    throw privacyFailure('REQUEST_STATE');
  };
} // prettier-ignore
