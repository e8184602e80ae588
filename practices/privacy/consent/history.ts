/** What was ever said, page by page: however much it is, one page is in memory. */
import type { Json } from '#platform/audit';
import type { Db } from '#platform/db';
import { publicId, type SubjectId, type Uuid } from '#platform/ids';
import type { Vault } from '#practices/vault';

import { isDamage } from '../customer/missing.ts';
import { endOfChain, eventsAfter, type StoredEvent } from '../store/consents.ts';
import { walkChain } from './chain.ts';
import { signReceipt, type ReceiptKey } from './receipt.ts';
import type { Said } from './said.ts';

export type Recorded = Readonly<{
  id: string;
  purpose: string;
  said: Said;
  at: string;
  expiresAt: string | null;
  /** 64 hex digits; stands in the audit entry too. */
  hash: string;
  /** For the person: JWS, to be verified with the published keys. */
  receipt: string;
}>;
export type HistoryEvent = Omit<Recorded, 'receipt'> &
  Readonly<{
    /** Null when its subject was erased, or it was changed where it is stored. */ record: Json | null;
    receipt: string | null;
  }>;
type Told = Readonly<{ kind: 'subject'; id: SubjectId } | { kind: 'anonymous'; id: Uuid }>;

export type History = {
  /**
   * @param after the `next` of the page before; 0 for the first
   * @returns at most 1,000 events; `next` null when there are no more; whether all of the chain is whole
   */
  history: (holder: Told, after?: number) => Promise<{ events: readonly HistoryEvent[]; next: number | null; chain: 'whole' | 'broken' }>;
  /** All of them, page by page. @param damaged told of each that does not open: it is shown without its record */
  pages: (holder: Told, damaged?: (id: string) => void) => AsyncGenerator<readonly HistoryEvent[]>;
}; // prettier-ignore
type HistoryNeeds = Readonly<{ db: Db; vault: Pick<Vault, 'openFor'>; receipts: ReceiptKey }>;

export const RECORD_USE = 'consent-record';
const PAGE = 1000;
export const eventIdText = (id: Uuid): string => publicId('cns', id);

type Record = { readonly [key: string]: Json | undefined };
export function createHistory({ db, vault, receipts }: HistoryNeeds): History & {
  asRecorded: (event: StoredEvent, record: Record) => Recorded;
} {
  const asRecorded = (event: StoredEvent, record: Record): Recorded => ({
    ...shownEvent(event),
    receipt: signReceipt(receipts, { ...record, ledger: { seq: event.seq, hash: event.hash.toString('hex') } }),
  });
  const openAll = async (subject: SubjectId, sealed: readonly StoredEvent[], damaged: (id: string) => void): Promise<readonly (Buffer | null)[]> => {
    try {
      return (await vault.openFor(subject, RECORD_USE, sealed.map((event) => event.record))) ?? [];
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      const [only, ...others] = sealed;
      if (only !== undefined && others.length === 0) {
        damaged(eventIdText(only.eventId));
        return [null];
      }
    }
    // one that does not open hides no other
    const each: (Buffer | null)[] = [];
    for (const event of sealed) each.push((await openAll(subject, [event], damaged))[0] ?? null);
    return each;
  }; // prettier-ignore
  const open = async (
    holder: Told,
    events: readonly StoredEvent[],
    damaged: (id: string) => void = () => undefined,
  ): Promise<HistoryEvent[]> => {
    const sealed = events.filter((event) => event.sealed);
    const opened = holder.kind === 'subject' ? await openAll(holder.id, sealed, damaged) : [];
    const records = new Map(sealed.map((event, n) => [event, opened[n] ?? null]));
    return events.map((event) => {
      const bytes = event.sealed ? (records.get(event) ?? null) : event.record;
      const made = bytes === null ? null : (JSON.parse(bytes.toString()) as { readonly [key: string]: Json });
      return made === null
        ? { ...shownEvent(event), record: null, receipt: null }
        : { ...asRecorded(event, made), record: made };
    });
  };
  const isWhole = async (holder: Uuid): Promise<boolean> => {
    const walk = walkChain(await endOfChain(db, holder));
    for (let seq = 0; ; seq += PAGE) {
      const events = await eventsAfter(db, holder, seq, PAGE);
      for (const event of events) walk.take(event);
      if (events.length < PAGE) return walk.brokenAt() === null;
    }
  };
  return {
    asRecorded,
    history: async (holder, after = 0) => {
      const chain = (await isWhole(holder.id)) ? 'whole' : 'broken';
      const events = await eventsAfter(db, holder.id, after, PAGE);
      const next = events.length === PAGE ? (events.at(-1)?.seq ?? null) : null;
      return { events: await open(holder, events), next, chain };
    },
    pages: async function* (holder, damaged) {
      let seq = 0;
      for (;;) {
        const events = await eventsAfter(db, holder.id, seq, PAGE);
        if (events.length > 0) yield await open(holder, events, damaged);
        if (events.length < PAGE) return;
        seq = events.at(-1)?.seq as number;
      }
    },
  };
}

const shownEvent = ({ eventId, purpose, what, at, expiresAt, hash }: StoredEvent): Omit<Recorded, 'receipt'> => ({
  id: eventIdText(eventId),
  purpose,
  said: what,
  at: at.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  hash: hash.toString('hex'),
});
