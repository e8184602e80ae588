/**
 * One segment after the other, until the log is read: read it without acknowledging, store what was read, and only then
 * let PostgreSQL forget it. Killed anywhere between, the next one to come finds it again, or finds it stored.
 */
import { transact, type Db, type Tx } from '#platform/db';

import type { RunNeeds } from '../run.ts';
import { failRun } from '../store/journal.ts';
import { newestSegment, unfinishedSegment } from '../store/segments.ts';
import {
  advanceSlot,
  flushedLsn,
  lockReading,
  nextXid,
  noteRead,
  peek,
  sequenceValues,
  slotRow,
  type SlotRow,
} from '../store/slot.ts';
import { lsnText, parseLsn } from './pgoutput.ts';
import { deliverSegment, segmentBody } from './segment-body.ts';
import { keepSlot } from './slot.ts';
import { splitter } from './split.ts';

export type ReadingNeeds = Pick<
  RunNeeds,
  'db' | 'clock' | 'installation' | 'signer' | 'stores' | 'sealer' | 'takeKeys' | 'lockDays' | 'stop'
> &
  Readonly<{
    /** One connection, without limits on time. */
    reader: () => Db;
    /** So much of the log may be held back, else the slot is given up; PostgreSQL's own limit, or 4 GiB where it has none. */
    maxLagBytes?: number;
    /** A slot was lost, and with it what no segment has. */
    onLost: (because: string) => Promise<void>;
  }>;

/** `read`: everything that was committed before is stored. `waiting`: the slot is new, and somebody from before still writes. */
export type Round = Readonly<{ state: 'read' | 'more' | 'waiting' | 'busy'; segments: number }>;

/** So much in one segment, unless a transaction is larger. */
const SEGMENT_BYTES = 8 * 2 ** 20;
const SEGMENT_CHANGES = 20_000;
/** Of one call, so that others have their turn. */
const MOST_SEGMENTS = 100;

/** @throws BACKUPS_*, after noting the failure; what was read stays where it was */
export async function readChanges(needs: ReadingNeeds): Promise<Round> {
  const { db, stop = () => {} } = needs;
  return transact(
    needs.reader(),
    async (tx): Promise<Round> => {
      if (!(await lockReading(tx))) return { state: 'busy', segments: 0 };
      // first: a store that takes nothing must not keep a slot that fills the disk
      if (!(await keepSlot(needs, tx))) return { state: 'waiting', segments: 0 };
      await settleSegment(needs);
      for (let segments = 0; segments < MOST_SEGMENTS;) {
        const slot = (await slotRow(db)) as SlotRow;
        if (slot.ready_at === null) return { state: 'waiting', segments };
        const done = await oneSegment(needs, tx, slot);
        if (done.stored) segments += 1;
        // INVARIANT: noted before it is acknowledged: a slot that is ahead of this row is not the one that was read
        await noteRead(db, done.toLsn, done.at);
        await stop('read noted');
        await advanceSlot(tx, slot.name, done.toLsn);
        await stop('slot advanced');
        if (done.caughtUp) return { state: 'read', segments };
      }
      return { state: 'more', segments: MOST_SEGMENTS };
    },
    { attempts: 1 },
  );
}

/** Where nobody is trusted any more nothing is read, and yet the log is held back for no longer than the disk should bear. */
export async function watchSlot(needs: ReadingNeeds): Promise<void> {
  await transact(
    needs.reader(),
    async (tx) => {
      if (await lockReading(tx)) await keepSlot(needs, tx);
    },
    { attempts: 1 },
  );
}

/** Of whoever held the lock before, and is gone. */
async function settleSegment(needs: ReadingNeeds): Promise<void> {
  const run = await unfinishedSegment(needs.db);
  if (run === null) return;
  if (run.manifest === null) await failRun(needs.db, run.run_id, 'KILLED');
  else await deliverSegment(needs, run);
}

type Done = Readonly<{ stored: boolean; caughtUp: boolean; toLsn: string; at: Date | null }>;

async function oneSegment(needs: ReadingNeeds, tx: Tx, slot: SlotRow): Promise<Done> {
  const { db, stop = () => {} } = needs;
  const before = await newestSegment(db, slot.timeline);
  const from = max(parseLsn(slot.read_lsn), parseLsn(before?.to_lsn ?? '0/0'));
  const { lsn: upTo, at } = await flushedLsn(db);
  const split = splitter({ after: from });
  const body = segmentBody(needs);
  let [rows, bytes] = [0, 0];
  let cut = false;
  try {
    reading: for await (const page of peek(tx, slot.name, upTo, SEGMENT_CHANGES))
      for (const { data } of page) {
        rows += 1;
        const { out, whole } = split.take(data);
        for (const { plane, message } of out) {
          bytes += message.length;
          await body.add(plane, message);
        }
        if (whole && bytes >= SEGMENT_BYTES) {
          cut = true;
          break reading;
        }
      }
    await stop('changes read');
    const told = split.told(await nextXid(tx));
    const caughtUp = !cut && rows < SEGMENT_CHANGES;
    // behind the last transaction there was nothing, as far as it was read
    const to = max(max(from, told.endLsn), caughtUp ? parseLsn(upTo) : 0n);
    const toLsn = lsnText(to);
    const done = { caughtUp, toLsn, at: caughtUp ? at : null };
    if (told.firstAt === null) return { ...done, stored: false };
    const sequences = await sequenceValues(db);
    if (sequences.length > 0) await body.addFile('data', 'sequences.json', Buffer.from(JSON.stringify(sequences)));
    if (told.escrow)
      await body.addFile('key', 'keys.json', Buffer.from(JSON.stringify(await takeKeys(needs))), 'secret');
    await body.store({
      ...told,
      timeline: slot.timeline,
      fromLsn: lsnText(from),
      toLsn,
      readAt: done.at,
      newestXid: max(told.newestXid, before?.newest_xid ?? 0n),
    });
    return { ...done, stored: true };
  } catch (thrown) {
    await body.fail(thrown);
    throw thrown;
  }
}

/** After the changes were read: what they stand under is in it. */
const takeKeys = ({ db, takeKeys: take }: ReadingNeeds): Promise<object> =>
  transact(db, take, { isolation: 'repeatable read', access: 'read only' });

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
