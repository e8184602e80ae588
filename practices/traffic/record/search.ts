/** Finds events again: by whom, from where, by which sensor, when. Blocks are opened one after the other, newest first, and no more than it takes. */
import type { Db } from '#platform/db';
import type { Uuid } from '#platform/ids';
import { plainAddress } from '#platform/networks';

import { CLASSES, type ClassName, type TrafficEvent } from '../event.ts';
import { findBlocks } from '../store/blocks.ts';
import { actorTerm, timeOf, type Sealing } from './block.ts';

export type EventSearch = Readonly<{
  from: Date;
  to: Date;
  actor?: string | undefined;
  address?: string | undefined;
  sensor?: string | undefined;
  class?: ClassName | undefined;
  /** Problem or nothing. */
  failed?: boolean | undefined;
}>;
export type FoundEvents = Readonly<{
  /** Newest first. */
  events: readonly TrafficEvent[];
  /** More was not looked at: ask again with `to` before the oldest of these. */
  more: boolean;
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
      actor: ask.actor === undefined ? null : actorTerm(ask.actor),
      address: ask.address === undefined ? null : plainAddress(ask.address),
      sensor: ask.sensor ?? null,
      classUid: ask.class === undefined ? null : CLASSES[ask.class],
    };
    // what is no address is in no event
    if (ask.address !== undefined && query.address === null) return { events: [], more: false };
    const isAt = (ip: string | undefined): boolean => ip !== undefined && plainAddress(ip) === query.address;
    const fits = (event: TrafficEvent): boolean => {
      const time = timeOf(event, now);
      return (
        time >= ask.from.getTime() &&
        time <= ask.to.getTime() &&
        (query.actor === null || (event.actor?.user !== undefined && actorTerm(event.actor.user.uid) === query.actor)) &&
        (query.address === null || isAt(event.src_endpoint?.ip) || isAt(event.dst_endpoint?.ip)) &&
        (query.classUid === null || event.class_uid === query.classUid) &&
        (ask.failed === undefined || (event.status_id === 2) === ask.failed)
      );
    };
    const found: TrafficEvent[] = [];
    let before: Uuid | null = null;
    for (let opened = 0; opened < OPENED; opened += PART) {
      const blocks: Awaited<ReturnType<typeof findBlocks>> = await findBlocks(db, query, before, PART);
      for (const { block_id, sealed } of blocks) found.push(...sealing.open(block_id, sealed).filter(fits));
      before = blocks.at(-1)?.block_id ?? null;
      if (blocks.length < PART || found.length > most) {
        found.sort((a, b) => b.time - a.time);
        return { events: found.slice(0, most), more: found.length > most };
      }
    }
    found.sort((a, b) => b.time - a.time);
    return { events: found.slice(0, most), more: true };
  };
} // prettier-ignore
