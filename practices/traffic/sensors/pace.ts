/**
 * How long a feed's silences usually are, and whether the one that goes on is much longer: whoever switches a sensor off, or
 * a log's format on the way, is not noticed by what then comes, as nothing does.
 *
 * Silent is who brought events in twenty hours and then nothing for three times as long as the longest silence of fourteen
 * days, an hour at least. A feed that knows hours of silence (nights) may know weekends: until it was watched for
 * eight days it has three days. What was said to be too long teaches half as much again as was usual, so that one failure
 * does not make the next one go unnoticed, and a change of habits is learnt after some.
 *
 * Time in which nobody watched (a server that stood, a machine that slept, a step of the clock) is neither silence nor usual.
 */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEPT_DAYS = 14;
const ARRIVALS = 20;
const LEARNED_MS = 8 * DAY;
const WEEKEND_MS = 3 * DAY;
const UNWATCHED_MS = MINUTE;

/** As it is kept: plain JSON. Milliseconds. */
export type PaceState = Readonly<{
  watchedMs: number;
  /** Since the last event, as far as it was watched. */
  quietMs: number;
  /** Hours in which events came, at most as many as are asked for. */
  arrivals: number;
  /** Longest silences by day (days since 1970), the newest last. */
  longest: readonly (readonly [day: number, ms: number])[];
  /** When the last event came; null: none has. */
  eventAtMs: number | null;
}>;

export type Silence = Readonly<{ eventAtMs: number; quietMs: number; usualMs: number }>;

export type Pace = Readonly<{
  /** Events came. */
  seen: (nowMs: number) => void;
  /** To be asked every few seconds. @returns null while it is no longer quiet than usual */
  look: (nowMs: number) => Silence | null;
  state: () => PaceState;
}>;

export function createPace(before: unknown, startMs: number): Pace {
  const known = readState(before);
  let { watchedMs, quietMs, arrivals, eventAtMs } = known;
  const longest = new Map(known.longest);
  let lookedMs = startMs;

  const goOn = (nowMs: number): void => {
    const since = nowMs - lookedMs;
    lookedMs = nowMs;
    if (since < 0 || since > UNWATCHED_MS) return;
    watchedMs += since;
    quietMs += since;
  };
  const usual = (): number => Math.max(0, ...longest.values());
  const allowed = (): number => {
    const most = Math.max(HOUR, 3 * usual());
    return usual() >= HOUR && watchedMs < LEARNED_MS ? Math.max(most, WEEKEND_MS) : most;
  };
  const isTooLong = (): boolean =>
    eventAtMs !== null && arrivals >= ARRIVALS && watchedMs >= DAY && quietMs > allowed();

  return {
    seen: (nowMs) => {
      goOn(nowMs);
      const day = Math.floor(nowMs / DAY);
      const taught = isTooLong() ? Math.max(HOUR / 3, usual()) * 1.5 : quietMs;
      longest.set(day, Math.max(longest.get(day) ?? 0, taught));
      for (const each of longest.keys()) if (each <= day - KEPT_DAYS || each > day) longest.delete(each);
      // what comes at once, as a log that is read from its beginning, says nothing of how often it speaks
      if (eventAtMs === null || Math.floor(nowMs / HOUR) !== Math.floor(eventAtMs / HOUR))
        arrivals = Math.min(arrivals + 1, ARRIVALS);
      quietMs = 0;
      eventAtMs = nowMs;
    },
    look: (nowMs) => {
      goOn(nowMs);
      return eventAtMs !== null && isTooLong() ? { eventAtMs, quietMs, usualMs: usual() } : null;
    },
    state: () => ({ watchedMs, quietMs, arrivals, longest: [...longest], eventAtMs }),
  };
}

/** What is not of this shape is as if it were new. */
function readState(state: unknown): PaceState {
  const fresh: PaceState = { watchedMs: 0, quietMs: 0, arrivals: 0, longest: [], eventAtMs: null };
  if (typeof state !== 'object' || state === null) return fresh;
  const { watchedMs, quietMs, arrivals, longest, eventAtMs } = state as Record<string, unknown>;
  if (!isAmount(watchedMs) || !isAmount(quietMs) || !isAmount(arrivals) || !Array.isArray(longest)) return fresh;
  return {
    watchedMs,
    quietMs,
    arrivals,
    longest: longest.filter((each): each is [number, number] => Array.isArray(each) && each.every(isAmount)).slice(-KEPT_DAYS),
    eventAtMs: isAmount(eventAtMs) ? eventAtMs : null,
  };
} // prettier-ignore

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** As people say it: 90 minutes, 5 hours, 3 days. */
export function lengthWords(ms: number): string {
  const [size, name] = ms >= 3 * DAY ? [DAY, 'days'] : ms >= 3 * HOUR ? [HOUR, 'hours'] : [MINUTE, 'minutes'];
  return `${Math.max(1, Math.round(ms / size))} ${name}`;
}
