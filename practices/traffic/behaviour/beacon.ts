/**
 * Beaconing: a machine of ours that calls the same outside place at regular intervals with the same amount of data, as
 * implants do that wait for orders. Regular is: the intervals' MAD is at most 0.15 of their median (an even jitter of 30 %
 * each way), and so are the bytes sent; over the last 24 calls, at least ten seconds apart and an hour in all.
 *
 * Honest programs call home as well, and the same way: what three machines of ours call is quiet, as are the places named in
 * `known`; everything else is told once, for as long as it is remembered.
 * False-positive budget: one for each regular place that a new program calls; 2 a month for a company of a hundred machines.
 */
import { DAY, HOUR, LATE_MS } from './clock.ts';
import { allHeld, createKeyed } from './keyed.ts';
import { remember, usualOf } from './usual.ts';
import { addressOf, alertOf, brief, isOutside, keepUid, utc, type Watch } from './watch.ts';

export type BeaconOptions = Readonly<{
  most: number;
  calls?: number;
  jitter?: number;
  /** Addresses or names of places that may be called regularly. */
  known?: readonly string[];
}>;

type Calls = { last: number; intervals: number[]; bytes: number[]; said: boolean; calls: number; uids: string[] };

const RULE = 'behaviour.beacon';
const LEAST_MS = 10_000;
const POPULAR = 3;

export function beaconWatch({ most, calls = 24, jitter = 0.15, known = [] }: BeaconOptions): Watch {
  const pairs = createKeyed<Calls>(most);
  const callers = createKeyed<string[]>(most);
  const quiet = new Set(known);
  return {
    rule: RULE,
    classes: ['network'],
    windowMs: DAY,
    feed: (event, time, say) => {
      const from = addressOf(event);
      const to = brief(event.dst_endpoint?.ip);
      if (from === undefined || to === undefined || isOutside(from) || !isOutside(to)) return;
      const name = brief(event.dst_endpoint?.hostname ?? event.tls?.sni);
      if (quiet.has(to) || (name !== undefined && quiet.has(name))) return;
      const port = event.dst_endpoint?.port ?? 0;
      const key = `${from}|${to}|${port}`;
      let state = pairs.get(key);
      if (state === undefined) {
        state = { last: time, intervals: [], bytes: [], said: false, calls: 0, uids: [] };
        pairs.set(key, state);
        const who = callers.get(to);
        if (who === undefined) callers.set(to, [from]);
        else if (who.length < POPULAR && !who.includes(from)) who.push(from);
        return;
      }
      const interval = time - state.last;
      if (interval < 0) {
        if (interval < -LATE_MS) state.last = time;
        return;
      }
      // what comes together is one call: a page and its parts
      if (interval < 1000) return;
      state.last = time;
      remember(state.intervals, interval, calls);
      remember(state.bytes, event.traffic?.bytes_out ?? 0, calls);
      keepUid(state.uids, event);
      // each eighth call is looked at: sorting at each would be most of the work
      if (state.said || (state.calls += 1) < calls || state.calls % 8 !== 0) return;
      const between = usualOf(state.intervals);
      if (between.median < LEAST_MS || between.mad > jitter * between.median) return;
      const spanMs = state.intervals.reduce((sum, each) => sum + each, 0);
      if (spanMs < HOUR) return;
      const sent = usualOf(state.bytes);
      if (sent.mad > jitter * Math.max(1, sent.median)) return;
      if ((callers.get(to)?.length ?? 0) >= POPULAR) return;
      state.said = true;
      const ratio = between.mad / between.median;
      say(
        alertOf({
          rule: RULE,
          title: 'A machine calls an outside place at regular intervals',
          severity: 'medium',
          key: `from=${from},to=${to},port=${port}`,
          entity: { host: from, address: to },
          time,
          window: 0,
          events: [...state.uids],
          reason:
            `${from} has called ${name === undefined ? to : `${name} (${to})`}, port ${port}, ${calls} times until ${utc(time)}, ` +
            `every ${Math.round(between.median / 1000)} seconds (scatter ${(100 * ratio).toFixed(1)} %), with ${Math.round(sent.median)} bytes each time; ` +
            `fewer than ${POPULAR} machines call it. A program that looks for updates does the same.`,
          measure: { name: 'scatter of intervals', value: ratio, usual: 1, limit: jitter },
          attack: ['T1071', 'T1029'],
        }),
      );
    },
    held: () => allHeld([pairs.held(), callers.held()]),
    // what was told stays told
    learned: () => [...pairs.entries()].filter(([, { said }]) => said).map(([key]) => key),
    learn: (learned) => {
      if (!Array.isArray(learned)) return;
      for (const key of learned as unknown[])
        if (typeof key === 'string')
          pairs.set(key, { last: 0, intervals: [], bytes: [], said: true, calls: 0, uids: [] });
    },
  };
}
