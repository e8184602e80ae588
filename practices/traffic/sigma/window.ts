/**
 * What one key of a correlation remembers, in the order of the events' clock.
 *
 * INVARIANT: no entry is forgotten because of what a clock says, only because there are too many; then the one farthest from the
 * newcomer goes. So an event from a clock that is a year ahead neither ends a window nor blinds it.
 */
import type { Bound, Correlation } from './correlation.ts';

export type Entry = {
  readonly time: number;
  readonly uid: string;
  readonly stage: number;
  readonly value: string | null;
  sum: number;
  count: number;
};
export type Window = { entries: Entry[]; byValue: Map<string, Entry> | null };
export type Fired = Readonly<{ value: number; uids: readonly string[]; from: number; to: number }>;

const OF_A_STAGE = 8;
const PARTS_OF_SUM = 32;
const MOST_UIDS = 100;

export const emptyWindow = (): Window => ({ entries: [], byValue: null });

/** Puts an entry in. @returns what fires with it, null where nothing does */
export function enter(window: Window, entry: Entry, correlation: Correlation): Fired | null {
  const { type } = correlation;
  if (type === 'temporal' || type === 'temporal_ordered') {
    put(window.entries, entry, OF_A_STAGE, (other) => other.stage === entry.stage);
    return type === 'temporal'
      ? together(window.entries, entry, correlation)
      : inOrder(window.entries, entry, correlation);
  }
  if (type === 'value_sum' || type === 'value_avg') return summed(window, entry, correlation);
  const most = Math.max(8, 2 * neededFor(correlation.bounds));
  if (type === 'event_count') put(window.entries, entry, most, null);
  else putValue(window, entry, most);
  return counted(window.entries, entry, correlation);
}

/** How many must be held to know whether the bounds are met. */
function neededFor(bounds: readonly Bound[]): number {
  return bounds.reduce((most, { value }) => Math.max(most, Math.ceil(value) + 1), 1);
}

export const isMet = (bounds: readonly Bound[], value: number): boolean =>
  bounds.every(({ op, value: limit }) =>
    op === 'gt'
      ? value > limit
      : op === 'gte'
        ? value >= limit
        : op === 'lt'
          ? value < limit
          : op === 'lte'
            ? value <= limit
            : value === limit,
  );

/** Number of entries whose time is `time` or less. */
function upTo(entries: readonly Entry[], time: number): number {
  let [low, high] = [0, entries.length];
  if (high > 0 && (entries[high - 1] as Entry).time <= time) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).time <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @returns what had to go for it */
function put(entries: Entry[], entry: Entry, most: number, alike: ((other: Entry) => boolean) | null): Entry | null {
  entries.splice(upTo(entries, entry.time), 0, entry);
  const count = alike === null ? entries.length : entries.reduce((sum, other) => sum + (alike(other) ? 1 : 0), 0);
  if (count <= most) return null;
  const first = alike === null ? 0 : entries.findIndex(alike);
  const last = alike === null ? entries.length - 1 : entries.findLastIndex(alike);
  const farther =
    Math.abs((entries[first] as Entry).time - entry.time) >= Math.abs((entries[last] as Entry).time - entry.time)
      ? first
      : last;
  return entries.splice(farther, 1)[0] as Entry;
}

/** Each value stands once, at its latest time. */
function putValue(window: Window, entry: Entry, most: number): void {
  const byValue = (window.byValue ??= new Map<string, Entry>());
  const value = entry.value as string;
  const known = byValue.get(value);
  if (known !== undefined) {
    if (known.time >= entry.time) return;
    window.entries.splice(window.entries.indexOf(known, Math.max(0, upTo(window.entries, known.time - 1))), 1);
  }
  byValue.set(value, entry);
  const gone = put(window.entries, entry, most, null);
  if (gone !== null) byValue.delete(gone.value as string);
}

/** The fullest stretch of a timespan's length that the entry lies in. */
function counted(entries: readonly Entry[], { time }: Entry, { timespanMs, bounds }: Correlation): Fired | null {
  let best: Fired | null = null;
  let left = upTo(entries, time - timespanMs);
  for (let right = Math.max(0, upTo(entries, time) - 1); right < entries.length; right += 1) {
    const end = (entries[right] as Entry).time;
    if (end >= time + timespanMs && end !== time) break;
    while ((entries[left] as Entry).time <= end - timespanMs) left += 1;
    const value = right - left + 1;
    if (isMet(bounds, value) && (best === null || value > best.value)) best = fired(entries, value, left, right + 1);
  }
  return best;
}

function together(
  entries: readonly Entry[],
  { time }: Entry,
  { timespanMs, bounds, rules }: Correlation,
): Fired | null {
  for (let right = Math.max(0, upTo(entries, time) - 1); right < entries.length; right += 1) {
    const end = (entries[right] as Entry).time;
    if (end >= time + timespanMs && end !== time) break;
    const within = entries.slice(upTo(entries, end - timespanMs), right + 1);
    const stages = new Set(within.map(({ stage }) => stage)).size;
    if (bounds.length === 0 ? stages === rules.length : isMet(bounds, stages)) return fired(within, stages);
  }
  return null;
}

/** The latest beginning from which the stages up to each were gone through. */
function inOrder(entries: readonly Entry[], { time }: Entry, { timespanMs, bounds, rules }: Correlation): Fired | null {
  const needed =
    rules.findIndex((_, index) =>
      isMet(bounds.length === 0 ? [{ op: 'gte', value: rules.length }] : bounds, index + 1),
    ) + 1;
  const chains: (readonly Entry[] | undefined)[] = [];
  for (const entry of entries) {
    const before = entry.stage === 0 ? [] : chains[entry.stage - 1];
    const start = before?.[0]?.time ?? entry.time;
    if (before === undefined || entry.time - start >= timespanMs) continue;
    const chain = [...before, entry];
    if (chain.length === needed && start <= time && time <= entry.time) return fired(chain, needed);
    chains[entry.stage] = chain;
  }
  return null;
}

/** Sums are held by parts of the timespan: exact to a 32nd of it, in the memory of 64 parts. */
function summed({ entries }: Window, entry: Entry, { type, timespanMs, bounds }: Correlation): Fired | null {
  const part = Math.max(1, Math.floor(timespanMs / PARTS_OF_SUM));
  const start = Math.floor(entry.time / part) * part;
  const known = entries[upTo(entries, start) - 1];
  if (known?.time === start) {
    known.sum += entry.sum;
    known.count += 1;
  } else put(entries, { ...entry, time: start }, PARTS_OF_SUM * 2, null);
  const within = entries.slice(upTo(entries, start - timespanMs), upTo(entries, start));
  const sum = within.reduce((total, each) => total + each.sum, 0);
  const value = type === 'value_sum' ? sum : sum / within.reduce((total, each) => total + each.count, 0);
  return isMet(bounds, value) ? fired([...within, entry], value) : null;
}

function fired(entries: readonly Entry[], value: number, from = 0, to = entries.length): Fired {
  const uids = entries.slice(Math.max(from, to - MOST_UIDS), to).map(({ uid }) => uid);
  return { value, uids: [...new Set(uids)], from: (entries[from] as Entry).time, to: (entries[to - 1] as Entry).time };
}
