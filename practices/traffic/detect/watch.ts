/**
 * Takes events through the detections, in the order of the store and once each: one server does it as long as it runs, so that
 * no other spends time on them, and the place moves in the transaction that keeps the alerts. A server that takes over first
 * shows the detections what others took in since, one that begins anew the window that they need; it says nothing of what it
 * finds there.
 */
import { setImmediate as others } from 'node:timers/promises';

import { transact, type Db, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Alert, Detector } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { timeOf, type Sealing } from '../record/block.ts';
import {
  blocksAfter,
  blocksBefore,
  blocksBetween,
  endTurn,
  holdCursor,
  moveCursor,
  takeTurn,
  type BlockRow,
  type Place,
} from '../store/blocks.ts';

export type Watch = Readonly<{
  /** @returns whether there may be more */
  takeIn: () => Promise<boolean>;
  /** Another server may begin at once. */
  stop: () => Promise<void>;
  health: () => Readonly<{ events: number; unopened: number; keys: number; rebuilt: number; behind: boolean }>;
}>;
export type WatchNeeds = Readonly<{
  db: Db;
  sealing: Sealing;
  clock: () => Date;
  /** Of this server. */
  node: string;
  /** Of a block that need not be opened. */
  recent: (blockId: Uuid) => readonly TrafficEvent[] | undefined;
  /** Each round: whether this server takes in, or another one does. */
  onTurn: (isMine: boolean) => void;
  /** Fresh ones: they know nothing. */
  detectors: () => Promise<readonly Detector[]>;
  /** Changes when they are to be made anew, as when a rule does. */
  mark: () => Promise<string>;
  onAlerts: (tx: Tx, alerts: readonly Alert[], find: (uid: string) => TrafficEvent | undefined) => Promise<void>;
  /** A block that cannot be opened keeps no other from being looked at. */
  onUnopened: (blockId: string) => void;
  /** An event that a detection stumbles over keeps no other from being looked at. @param kind of the error, not its words */
  onStumble: (kind: string, times: number) => void;
}>;

/** Blocks of one round: 1,000 events each at most. */
const ROUND = 20;
/** Blocks that are shown again at a start: what is more is the nearest of them. */
const SHOWN_AGAIN = 200;
/** Blocks at hand for alerts that point back. */
const AT_HAND = 30;

const isAt = (one: Place, other: Place): boolean => one.tx === other.tx && one.blockId === other.blockId;

export function createWatch(needs: WatchNeeds): Watch {
  const { db, sealing, clock, onAlerts, onUnopened, onStumble } = needs;
  let detectors: readonly Detector[] = [];
  /** Up to where the detections have seen all; null: they know nothing. */
  let mine: Place | null = null;
  let mark = '';
  let [events, unopened, rebuilt, behind] = [0, 0, 0, false];
  let stumbled: { kind: string; times: number } | null = null;
  const atHand: { events: readonly TrafficEvent[]; byUid: Map<string, TrafficEvent> | null }[] = [];

  const open = (block: BlockRow): TrafficEvent[] => {
    try {
      return sealing.open(block.block_id, block.sealed);
    } catch {
      unopened += 1;
      onUnopened(block.block_id);
      return [];
    }
  };
  const opened = (block: BlockRow): readonly TrafficEvent[] => {
    const found = needs.recent(block.block_id) ?? open(block);
    if (atHand.length >= AT_HAND) atHand.shift();
    atHand.push({ events: found, byUid: null });
    return found;
  };
  /** Few events are ever asked for: what finds them is made for a block when one is. */
  const find = (uid: string): TrafficEvent | undefined => {
    for (const block of atHand) {
      block.byUid ??= new Map(block.events.map((event) => [event.metadata.uid, event]));
      const event = block.byUid.get(uid);
      if (event !== undefined) return event;
    }
    return undefined;
  };
  const feed = (event: TrafficEvent): Alert[] => {
    return detectors.flatMap((each) => {
      try {
        return [...each.feed(event)];
      } catch (thrown) {
        stumbled = { kind: thrown instanceof Error ? thrown.name : 'unknown', times: (stumbled?.times ?? 0) + 1 };
        return [];
      }
    });
  };
  /** A block at a time: between them the server answers others. The cursor is held, so nobody comes in between. */
  const feedAll = async (block: BlockRow): Promise<void> => {
    for (const event of opened(block)) feed(event);
    await others();
  };
  const rebuild = async (tx: Tx, place: Place & { at: Date | null }, wanted: string): Promise<void> => {
    detectors = await needs.detectors();
    mark = wanted;
    rebuilt += 1;
    atHand.length = 0;
    const windowMs = Math.max(0, ...detectors.map((each) => each.windowMs));
    // what a source claims may be a day ahead
    const since = new Date(Math.min(place.at?.getTime() ?? Infinity, clock().getTime()) - windowMs);
    for (const block of await blocksBefore(tx, place, since, SHOWN_AGAIN)) await feedAll(block);
    for (const each of detectors) each.begun?.();
  };

  /** What another server has taken in since, and said: seen, so that nothing is made anew. @returns false: it is too much, or the place is another */
  const catchUp = async (tx: Tx, place: Place): Promise<boolean> => {
    if (mine === null) return false;
    if (isAt(mine, place)) return true;
    const blocks = await blocksBetween(tx, mine, place, SHOWN_AGAIN + 1);
    const last = blocks.at(-1);
    if (last === undefined || blocks.length > SHOWN_AGAIN || !isAt({ tx: last.tx, blockId: last.block_id }, place)) return false;
    for (const block of blocks) await feedAll(block);
    return true;
  };

  return {
    takeIn: async () => {
      try {
        return await transact(
          db,
          async (tx) => {
            const place = await holdCursor(tx);
            if (place === null) return false;
            const isMine = await takeTurn(tx, needs.node);
            needs.onTurn(isMine);
            if (!isMine) return false;
            const blocks = await blocksAfter(tx, place, ROUND);
            // asked after them: a rule that was switched on before an event is there when the event is looked at
            const wanted = await needs.mark();
            if (mark !== wanted || !(await catchUp(tx, place))) await rebuild(tx, place, wanted);
            const last = blocks.at(-1);
            behind = blocks.length === ROUND;
            if (last === undefined) {
              mine = place;
              return false;
            }
            const now = clock().getTime();
            let newest = 0;
            const alerts: Alert[] = [];
            for (const block of blocks) {
              for (const event of opened(block)) {
                newest = Math.max(newest, timeOf(event, now));
                events += 1;
                alerts.push(...feed(event));
              }
              await others();
            }
            await onAlerts(tx, alerts, find);
            const next = { tx: last.tx, blockId: last.block_id };
            await moveCursor(tx, next, newest === 0 ? null : new Date(newest));
            // where the commit fails they are made anew
            mine = next;
            return behind;
          },
          // detections have seen these events then: the next round makes them anew
          { attempts: 1 },
        );
      } catch (thrown) {
        mine = null;
        throw thrown;
      } finally {
        if (stumbled !== null) onStumble(stumbled.kind, stumbled.times);
        stumbled = null;
      }
    },
    stop: () => endTurn(db, needs.node),
    health: () => ({ events, unopened, rebuilt, behind, keys: detectors.reduce((sum, each) => sum + each.held().keys, 0) }),
  };
} // prettier-ignore
