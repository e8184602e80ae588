/**
 * Finds events again: by whom, from where, by which sensor, when. Blocks are opened one after the other, newest first, and no
 * more than it takes; where a page ends is a place in a block, so that the next one has every event that is left, and no other.
 */
import type { Db } from '#platform/db';
import type { Uuid } from '#platform/ids';
import { plainAddress } from '#platform/networks';

import { CLASSES, type ClassName, type TrafficEvent } from '../event.ts';
import { findBlocks, type BlockRow } from '../store/blocks.ts';
import { timeOf, type Sealing } from './block.ts';

export type EventSearch = Readonly<{
  from: Date;
  to: Date;
  actor?: string | undefined;
  address?: string | undefined;
  sensor?: string | undefined;
  class?: ClassName | undefined;
  /** Problem or nothing. */
  failed?: boolean | undefined;
  /** `next` of the page before. */
  before?: string | undefined;
}>;
export type FoundEvents = Readonly<{
  /** Newest first. */
  events: readonly TrafficEvent[];
  /** Where the next page begins; null: everything was looked at. */
  next: string | null;
  /** Blocks that cannot be opened: what was in them is not here. */
  unopened: number;
}>;

/** Blocks opened for one answer. */
const OPENED = 100;
const PART = 10;

export function createSearch({ db, sealing, clock }: { db: Db; sealing: Sealing; clock: () => Date }) {
  return async (ask: EventSearch, most: number): Promise<FoundEvents> => {
    const now = clock().getTime();
    const query = {
      from: ask.from,
      to: ask.to,
      actor: ask.actor === undefined ? null : sealing.termOf(ask.actor),
      address: ask.address === undefined ? null : plainAddress(ask.address),
      sensor: ask.sensor ?? null,
      classUid: ask.class === undefined ? null : CLASSES[ask.class],
    };
    // what is no address is in no event
    if (ask.address !== undefined && query.address === null) return { events: [], next: null, unopened: 0 };
    // only who asks by a term has to have it made of each name
    const isBy = (uid: string): boolean => uid === ask.actor || (query.actor === ask.actor && sealing.termOf(uid) === query.actor);
    const isAt = (ip: string | undefined): boolean => ip !== undefined && plainAddress(ip) === query.address;
    const fits = (event: TrafficEvent): boolean => {
      const time = timeOf(event, now);
      return (
        time >= ask.from.getTime() &&
        time <= ask.to.getTime() &&
        (query.actor === null || (event.actor?.user !== undefined && isBy(event.actor.user.uid))) &&
        (query.address === null || isAt(event.src_endpoint?.ip) || isAt(event.dst_endpoint?.ip)) &&
        (query.classUid === null || event.class_uid === query.classUid) &&
        (ask.failed === undefined || (event.status_id === 2) === ask.failed)
      );
    };
    const found: TrafficEvent[] = [];
    let [place, next, unopened] = [placeOf(ask.before), null as string | null, 0];
    const open = (block: BlockRow): TrafficEvent[] => {
      try {
        return sealing.open(block.block_id, block.sealed);
      } catch {
        unopened += 1;
        return [];
      }
    };
    /** @returns whether the page is full */
    const take = (block: BlockRow): boolean => {
      const events = open(block);
      const end = place?.blockId === block.block_id ? Math.min(place.end, events.length) : events.length;
      for (let at = end - 1; at >= 0; at -= 1) {
        const event = events[at] as TrafficEvent;
        if (!fits(event)) continue;
        if (found.length === most) {
          next = `${block.block_id}.${at + 1}`;
          return true;
        }
        found.push(event);
      }
      place = { blockId: block.block_id, end: 0 };
      return false;
    };
    for (let opened = 0; next === null; opened += PART) {
      const blocks: BlockRow[] = await findBlocks(db, query, place, PART);
      if (opened >= OPENED && blocks.length > 0) next = placeText(place);
      else if (blocks.some(take) || blocks.length < PART) break;
    }
    found.sort((a, b) => b.time - a.time);
    return { events: found, next, unopened };
  };
} // prettier-ignore

/** Before the event at `end` of a block, and all blocks before it. */
type Place = Readonly<{ blockId: Uuid; end: number }>;
const placeText = (place: Place | null): string | null => (place === null ? null : `${place.blockId}.${place.end}`);

function placeOf(text: string | undefined): Place | null {
  const [blockId, end] = text?.split('.') ?? [];
  return blockId === undefined ? null : { blockId: blockId as Uuid, end: Number(end) };
}
