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

/**
 * The first event of a chain that is not what it was, or is gone; null when the chain is whole.
 * @param end read before the events: what came meanwhile is behind it
 */
export function brokenAt(events: readonly (ChainEvent & Readonly<{ hash: Buffer }>)[], end: ChainEnd): number | null {
  let prev: Buffer = CHAIN_START;
  for (const [at, event] of events.entries()) {
    if (event.seq !== at + 1 || !event.prev.equals(prev) || !event.hash.equals(eventHash(event))) return at + 1;
    prev = event.hash;
  }
  const last = end === null ? undefined : events[end.seq - 1];
  if (end === null ? events.length === 0 : last?.hash.equals(end.hash) === true) return null;
  return events.length + 1;
}
