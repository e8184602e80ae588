/**
 * One open log file, read in batches.
 *
 * INVARIANT: a cursor is handed out only with all events before it, and only at the end of a line.
 */
import type { TrafficEvent } from '../event.ts';
import { readLines, type LineFormat } from '../formats/lines.ts';
import type { Aside, Counts } from '../formats/parser.ts';
import type { OpenLog } from './rotation.ts';
import type { TailCursor } from './tail-file.ts';

export type LogReader = Readonly<{
  log: OpenLog;
  /** To the end there is now. `cut`: it is another file by now. */
  readOn: () => Promise<'end' | 'cut' | 'stopped'>;
  /** Nobody writes into it any more: its last line may have no end. @returns false: stopped */
  end: () => Promise<boolean>;
  /** Whole lines up to here are given. */
  doneTo: () => number;
  counts: () => Counts;
  aside: () => readonly Aside[];
  close: () => Promise<void>;
}>;

type ReaderNeeds = Readonly<{
  logName: string;
  format: LineFormat;
  clock: () => number;
  batchBytes?: number;
  deliver: (events: readonly TrafficEvent[], cursor: TailCursor) => Promise<boolean>;
}>;

export function createReader(log: OpenLog, from: number, needs: ReaderNeeds): LogReader {
  const { logName, format, clock, batchBytes = 256 * 1024, deliver } = needs;
  const parser = readLines(format, { logName, clock }, { position: from });
  const buffer = Buffer.alloc(batchBytes);
  let offset = from;

  const doneTo = (): number => offset - parser.pendingBytes();
  const give = (events: readonly TrafficEvent[]): Promise<boolean> =>
    deliver(events, {
      inode: log.inode,
      offset: doneTo(),
      fingerprint: log.fingerprint(doneTo()),
      readMs: clock(),
    });

  return {
    log,
    doneTo,
    readOn: async () => {
      for (;;) {
        const length = await log.read(buffer, offset);
        // asked behind the reading: what was read of another file is thrown away
        if (await log.isCut(offset)) return 'cut';
        if (length === 0) return 'end';
        const before = doneTo();
        const events = parser.feed(buffer.subarray(0, length));
        offset += length;
        if (doneTo() !== before && !(await give(events))) return 'stopped';
      }
    },
    end: async () => {
      const events = parser.end();
      return events.length === 0 || give(events);
    },
    counts: parser.counts,
    aside: parser.aside,
    close: () => log.close(),
  };
}
