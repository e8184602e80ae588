/** Entries of the audit log in a time, page by page, and which of them say that data of customers left. */
import type { Audit } from '#platform/audit';

import type { LogEntry } from '../exercises/grade.ts';

/** As exercises are graded by it, with what a scope asks beyond. */
export type ScopeEntry = LogEntry &
  Readonly<{
    subjectSet?: Readonly<{ hash: string }>;
    decision?: Readonly<{ grants?: readonly string[] }>;
    requestId?: string;
    detail?: Readonly<{ collections?: readonly string[]; clear?: readonly string[]; masked?: readonly string[] }>;
  }>;
export type LogPage = Readonly<{ entries: readonly ScopeEntry[]; missing: number; unreadable: number }>;
export type ReadableLog = Pick<Audit, 'read' | 'size'>;

/** Values leave with these, or that somebody is known here at all. */
export const LEAVES =
  /^privacy\.(consents|request)\.read$|^vault\.(read|search|export|detokenise|tokenise|download|attachments|find|look|sample)$/;

const PAGE = 1000;
/** Servers stamp an entry before they append it, each by its own clock: further apart, `audit verify` says so. */
const CLOCKS_DIFFER_MS = 15 * 60_000;

/** @param size of the log, so that all of a run sees the same entries. Both ends of the time are within. */
export async function* entriesIn(log: ReadableLog, from: Date, to: Date, size: number): AsyncGenerator<LogPage> {
  const first = await firstAtOrAfter(log, from.getTime() - CLOCKS_DIFFER_MS, size);
  const end = await firstAtOrAfter(log, to.getTime() + CLOCKS_DIFFER_MS + 1, size);
  for (let at = first; at < end; at += PAGE) {
    const until = Math.min(at + PAGE, end);
    const rows = await log.read(at, until);
    const read = rows.map(({ index, bytes }) => parse(index, bytes));
    const entries = read.filter((each) => each !== null);
    yield {
      entries: entries.filter(({ ts }) => Date.parse(ts) >= from.getTime() && Date.parse(ts) <= to.getTime()),
      missing: until - at - rows.length,
      unreadable: read.length - entries.length,
    };
  }
}

/** By halves: times rise, but for what the margin allows. */
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

/** Of the entry, or of the next that is there and can be read. */
async function timeFrom(log: ReadableLog, index: number, end: number): Promise<number | null> {
  for (let [at, until] = [index, index + 1]; at < end; [at, until] = [until, Math.min(until + PAGE, end)]) {
    const rows = await log.read(at, until);
    const entry = rows.map((row) => parse(row.index, row.bytes)).find((each) => each !== null);
    if (entry !== undefined) return Date.parse(entry.ts);
  }
  return null;
}

function parse(index: number, bytes: Buffer): ScopeEntry | null {
  try {
    const entry = JSON.parse(bytes.toString('utf8')) as Omit<ScopeEntry, 'index'>;
    return typeof entry.ts === 'string' && typeof entry.actor?.id === 'string' ? { ...entry, index } : null;
  } catch {
    return null;
  }
}
