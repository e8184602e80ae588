/**
 * Follows a log file over rotations: renamed (a new file takes its name) or copied and truncated.
 *
 * It resumes from a cursor that its owner keeps beside the events: which file, how far, and how that file begins, since an
 * inode is used again. After a restart it looks for that file among the rotated ones and reads on from there, through those
 * between, to the one of now. What vanished unread is a gap, and said.
 *
 * What a program writes between logrotate's copy and its truncation is in neither file: nobody can read that.
 */
import type { LineFormat } from '../formats/lines.ts';
import type { Aside, Counts } from '../formats/parser.ts';
import { createReader, type LogReader } from './log-reader.ts';
import { findAfter, findUnread, openLog, type OpenLog } from './rotation.ts';
import { createDelivery, pause, sumCounts, type Delivery, type Sensor } from './sensor.ts';

export type TailCursor = Readonly<{
  inode: string;
  /** Bytes of it that are done with. */
  offset: number;
  /** How it begins: how many bytes, and their SHA-256. */
  fingerprint: string;
  /** By our clock. */
  readMs: number;
}>;

export type TailNeeds = Readonly<{
  path: string;
  logName: string;
  format: LineFormat;
  clock: () => number;
  /** null: from the beginning of the file. */
  cursor: TailCursor | null;
  pollMs?: number;
  /** Read at once, so held at once. */
  batchBytes?: number;
  retryMs?: number;
}>;

/** A writer goes on in the old file until it is told to open the new one. */
const QUIET_POLLS = 2;

export function tailFile(needs: TailNeeds): Sensor<TailCursor> {
  const { path, logName, clock, pollMs = 250, retryMs = 1000 } = needs;
  let stopping = new AbortController();
  let running: Promise<void> | null = null;
  let cursor = needs.cursor;
  let current: LogReader | null = null;
  let quietPolls = 0;
  let delivery: Delivery<TailCursor> | null = null;
  let past: Counts = {};
  let aside: readonly Aside[] = [];

  const begin = (log: OpenLog, offset: number, { deliver }: Delivery<TailCursor>): LogReader =>
    createReader(log, offset, {
      ...needs,
      deliver: async (events, next) => {
        const given = await deliver(events, next);
        if (given) cursor = next;
        return given;
      },
    });

  const finish = async (reader: LogReader): Promise<void> => {
    past = sumCounts([past, reader.counts()]);
    aside = [...aside, ...reader.aside()].slice(-20);
    await reader.close();
  };

  const tell = async (why: string, { deliver, gapEvent }: Delivery<TailCursor>): Promise<void> => {
    const event = gapEvent({ fromMs: cursor?.readMs ?? clock(), toMs: clock(), why });
    if (cursor !== null) await deliver([event], cursor);
  };

  /**
   * Rotated files, one after the other, to their ends; then the file of now is begun. Whatever happens, what is not read
   * on is closed.
   * @returns null: stopped
   */
  const readOut = async (
    { rotated, live }: Readonly<{ rotated: readonly Unread[]; live: Unread | null }>,
    to: Delivery<TailCursor>,
    isGoing = true,
  ): Promise<LogReader | null> => {
    quietPolls = 0;
    const left = new Set([...rotated, ...(live === null ? [] : [live])].map(({ log }) => log));
    try {
      let going = isGoing;
      for (const { log, offset } of rotated) {
        if (!going) return null;
        const reader = begin(log, offset, to);
        left.delete(log);
        try {
          going = (await reader.readOn()) !== 'stopped' && (await reader.end());
        } finally {
          await finish(reader);
        }
      }
      if (!going || live === null) return null;
      left.delete(live.log);
      return begin(live.log, live.offset, to);
    } finally {
      for (const log of left) await log.close();
    }
  };

  /** Where the cursor stands: in the file of now, or in a rotated one. */
  const resume = async (to: Delivery<TailCursor>): Promise<LogReader | null> => {
    if (cursor === null) {
      const log = await openLog(path);
      return log === null ? null : readOut({ rotated: [], live: { log, offset: 0 } }, to);
    }
    const found = await findUnread(path, cursor);
    if (found === null) return null;
    if (found.missing !== null) await tell(found.missing, to);
    return readOut({ rotated: found.rotated, live: { log: found.live, offset: found.liveOffset } }, to);
  };

  /** The file is another one in the same inode: the rest of what it was may be in a copy. */
  const leaveCut = async (reader: LogReader, to: Delivery<TailCursor>): Promise<LogReader | null> => {
    const offset = reader.doneTo();
    const copy = await reader.log.findCopy(path, offset);
    await finish(reader);
    current = null;
    if (copy === null) await tell('the file was cut, and no copy of it is there', to);
    const log = await openLog(path);
    const rotated = copy === null ? [] : [{ log: copy, offset: Math.min(offset, await copy.size()) }];
    return readOut({ rotated, live: log === null ? null : { log, offset: 0 } }, to);
  };

  /** Whether another file has the name by now, and the old one has been quiet for long enough. */
  const leaveRenamed = async (reader: LogReader, to: Delivery<TailCursor>): Promise<LogReader | null> => {
    const after = await findAfter(path, reader.log);
    if (after === null) return reader;
    quietPolls += 1;
    if (quietPolls < QUIET_POLLS) {
      await after.close();
      return reader;
    }
    let read: boolean;
    try {
      read = (await reader.readOn()) !== 'stopped' && (await reader.end());
    } catch (cause) {
      await after.close();
      throw cause;
    }
    await finish(reader);
    current = null;
    if (after.missing !== null) await tell(after.missing, to);
    const rotated = after.rotated.map((log) => ({ log, offset: 0 }));
    return readOut({ rotated, live: { log: after.live, offset: 0 } }, to, read);
  };

  const follow = async (to: Delivery<TailCursor>, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      current ??= await resume(to);
      const before = current;
      if (current !== null) {
        const offset = current.doneTo();
        const read = await current.readOn();
        if (read === 'stopped') return;
        if (current.doneTo() !== offset) quietPolls = 0;
        current = read === 'cut' ? await leaveCut(current, to) : await leaveRenamed(current, to);
      }
      if (current === null || current === before) await pause(pollMs, signal);
    }
  };

  const run = async (to: Delivery<TailCursor>, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await follow(to, signal);
      } catch {
        // a disk that fails is tried again from the cursor; health says how often
        to.count('readFailures');
        await pause(retryMs, signal);
      }
      if (current !== null) await finish(current);
      current = null;
    }
  };

  return {
    start: (sink) => {
      stopping = new AbortController();
      delivery = createDelivery({ logName, clock, sink, signal: stopping.signal, retryMs });
      running = run(delivery, stopping.signal);
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await running;
      running = null;
    },
    health: () => ({
      state: running === null ? 'stopped' : current === null || delivery?.isFailing() === true ? 'waiting' : 'running',
      counts: sumCounts([past, current?.counts() ?? {}, delivery?.counts() ?? {}]),
      aside: [...aside, ...(current?.aside() ?? [])].slice(-20),
      gaps: delivery?.gaps() ?? [],
    }),
  };
}

type Unread = Readonly<{ log: OpenLog; offset: number }>;
