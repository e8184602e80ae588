/**
 * The learner's own entries of the log since the start of a try, page by page. What was looked through is kept as numbers of
 * entries; the entries themselves are read anew each time, so that the log alone says what was done.
 */
import type { Audit } from '#platform/audit';
import type { Statements } from '#platform/db';

import type { Exercise } from './exercise.ts';
import type { LogEntry } from './grade.ts';

export type ReadableLog = Pick<Audit, 'entriesWith' | 'read' | 'size'>;
export type Looked = Readonly<{
  /** The last entry that was looked at. */
  readTo: number;
  own: readonly number[];
  /** The log goes on. */
  isBehind: boolean;
}>;

const PAGE = 1000;
/** Who has done more than this in one try has done what a person does not do. */
export const MOST_OWN = 2000;

/** @param pages at most; null: to the end that the log has now */
export async function lookOn(
  { db, log }: Readonly<{ db: Statements; log: ReadableLog }>,
  { readTo, own }: Omit<Looked, 'isBehind'>,
  { actor, exercise, pages }: Readonly<{ actor: string; exercise: Exercise; pages: number | null }>,
): Promise<Looked> {
  const size = await log.size();
  const actions = new Set([...exercise.steps.map(({ done }) => done), ...(exercise.never ?? []).map(({ matches }) => matches)].map(({ action }) => action)); // prettier-ignore
  const found = [...own];
  const end = pages === null ? size : Math.min(size, readTo + 1 + pages * PAGE);
  let next = readTo + 1;
  while (next < end) {
    const until = Math.min(next + PAGE, end);
    // most are somebody else's: they stay in the database
    for (const { index, bytes } of await log.entriesWith(db, next, until, [actor])) {
      const entry = parse(index, bytes);
      if (entry?.actor.id === actor && actions.has(entry.action) && found.length < MOST_OWN) found.push(index);
    }
    next = until;
  }
  return { readTo: next - 1, own: found, isBehind: next < size };
}

export async function entriesAt(log: ReadableLog, own: readonly number[]): Promise<readonly LogEntry[]> {
  const found: LogEntry[] = [];
  const left = own.toSorted((a, b) => a - b);
  for (let at = 0; at < left.length;) {
    const first = left[at] as number;
    const near = left.slice(at).filter((each) => each < first + PAGE);
    const wanted = new Set(near);
    for (const { index, bytes } of await log.read(first, (near.at(-1) as number) + 1)) {
      const entry = wanted.has(index) ? parse(index, bytes) : null;
      if (entry !== null) found.push(entry);
    }
    at += near.length;
  }
  return found;
}

function parse(index: number, bytes: Buffer): LogEntry | null {
  try {
    const entry = JSON.parse(bytes.toString('utf8')) as Omit<LogEntry, 'index'>;
    return typeof entry.ts === 'string' && typeof entry.actor?.id === 'string' ? { ...entry, index } : null;
  } catch {
    return null;
  }
}
