/** The chain of one holder's events: each hash covers the stored bytes and the hash before, so that erasing what the bytes say leaves it provable. */
import { createHash } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import { uuidBytes, type Uuid } from '#platform/ids';

import type { Said } from './said.ts';

export const CHAIN_START = Buffer.alloc(32);

export type ChainEvent = Readonly<{
  holder: Uuid;
  seq: number;
  eventId: Uuid;
  what: Said;
  purpose: string;
  at: Date;
  expiresAt: Date | null;
  /** As it is stored: sealed, or of nobody known. */
  record: Buffer;
  prev: Buffer;
}>;

/** SHA-256 (docs/formats/consent-event.md §2). */
export function eventHash(event: ChainEvent): Buffer {
  const record = createHash('sha256').update(event.record).digest();
  return createHash('sha256')
    .update(
      lengthPrefixed(
        'strongroom/consent/1', event.prev, uuidBytes(event.holder), String(event.seq), uuidBytes(event.eventId),
        event.what, event.purpose, event.at.toISOString(), event.expiresAt?.toISOString() ?? '', record,
      ), // prettier-ignore
    )
    .digest();
}

/** Where a chain ended when it was last added to; null: there is none. */
export type ChainEnd = Readonly<{ seq: number; hash: Buffer }> | null;

export type ChainWalk = Readonly<{
  take: (event: ChainEvent & Readonly<{ hash: Buffer }>) => void;
  /** The first event that is not what it was, or is gone; null when the chain is whole. */
  brokenAt: () => number | null;
}>;

/**
 * Walks along a chain of any length, event by event.
 * @param end read before the events: what came meanwhile is behind it
 */
export function walkChain(end: ChainEnd): ChainWalk {
  let [seq, prev, broken, isEndSeen]: [number, Buffer, number | null, boolean] = [0, CHAIN_START, null, end === null];
  return {
    take: (event) => {
      seq += 1;
      if (event.seq !== seq || !event.prev.equals(prev) || !event.hash.equals(eventHash(event))) broken ??= seq;
      prev = event.hash;
      if (seq === end?.seq) isEndSeen = event.hash.equals(end.hash);
    },
    brokenAt: () => broken ?? (isEndSeen && (end !== null || seq === 0) ? null : seq + 1),
  };
}
