/** Entries of the audit log in a time, page by page, and which of them say that data of customers left. */
import type { Audit } from '#platform/audit';

import type { LogEntry } from '../exercises/grade.ts';

/** As exercises are graded by it, with what a scope asks beyond. */
export type ScopeEntry = LogEntry &
  Readonly<{
    subjectSet?: Readonly<{ hash: string }>;
    decision?: Readonly<{ grants?: readonly string[] }>;
    requestId?: string;
    detail?: Readonly<{
      records?: number;
      collections?: readonly string[];
      clear?: readonly string[];
      masked?: readonly string[];
    }>;
  }>;
export type LogPage = Readonly<{
  entries: readonly ScopeEntry[];
  missing: number;
  unreadable: number;
  disordered: number;
}>;
export type ReadableLog = Pick<Audit, 'read' | 'size'>;

const PAGE = 1000;
/** Servers stamp an entry before they append it, each by its own clock: further apart, `audit verify` says so. */
const CLOCKS_DIFFER_MS = 15 * 60_000;
/** What is looked through beside the time that was asked for: an entry of a server whose clock was off stands there. */
const BESIDE_MS = 24 * 3_600_000;
/** Of so many entries in a row the middle one's time is taken: a few whose clock was off lead no search astray. */
const NEIGHBOURS = 15;

/** @param size of the log, so that all of a run sees the same entries. Both ends of the time are within. */
export async function* entriesIn(log: ReadableLog, from: Date, to: Date, size: number): AsyncGenerator<LogPage> {
  const first = await firstAtOrAfter(log, from.getTime() - BESIDE_MS, size);
  const end = await firstAtOrAfter(log, to.getTime() + BESIDE_MS + 1, size);
  let before = Number.NEGATIVE_INFINITY;
  for (let at = first; at < end; at += PAGE) {
    const until = Math.min(at + PAGE, end);
    const rows = await log.read(at, until);
    const read = rows.map(({ index, bytes }) => parse(index, bytes));
    const entries = read.filter((each) => each !== null);
    let disordered = 0;
    for (const { ts } of entries) {
      if (Date.parse(ts) < before - CLOCKS_DIFFER_MS) disordered += 1;
      before = Date.parse(ts);
    }
    yield {
      disordered,
      entries: entries.filter(({ ts }) => Date.parse(ts) >= from.getTime() && Date.parse(ts) <= to.getTime()),
      missing: until - at - rows.length,
      unreadable: read.length - entries.length,
    };
  }
}

/** By halves: times rise, but for what the margins allow. */
async function firstAtOrAfter(log: ReadableLog, ms: number, size: number): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const time = await timeFrom(log, middle, high);
    if (time !== null && time < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The middle one of the entry's and its next ones', of those that are there and can be read. */
async function timeFrom(log: ReadableLog, index: number, end: number): Promise<number | null> {
  for (let [at, until] = [index, Math.min(index + NEIGHBOURS, end)]; at < end; [at, until] = [until, Math.min(until + PAGE, end)]) {
    const rows = await log.read(at, until);
    const times = rows.flatMap((row) => parse(row.index, row.bytes) ?? []).slice(0, NEIGHBOURS).map(({ ts }) => Date.parse(ts)).toSorted((a, b) => a - b);
    if (times.length > 0) return times[Math.floor((times.length - 1) / 2)] as number;
  }
  return null;
} // prettier-ignore

function parse(index: number, bytes: Buffer): ScopeEntry | null {
  try {
    const entry = JSON.parse(bytes.toString('utf8')) as Omit<ScopeEntry, 'index'>;
    return typeof entry.ts === 'string' && !Number.isNaN(Date.parse(entry.ts)) && typeof entry.actor?.id === 'string'
      ? { ...entry, index }
      : null;
  } catch {
    return null;
  }
}
