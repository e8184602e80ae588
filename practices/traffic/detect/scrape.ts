/**
 * Slow scrapes: asks the store, every few minutes, how many different customers each key and person has touched, and lets the
 * judge of behaviour say whether that is more than it has reason to. The store counts for all servers and remembers months,
 * so a scrape that takes weeks and goes over restarts is counted whole.
 */
import { transact, type Db, type Tx } from '#platform/db';
import { subjectIdText } from '#platform/ids';

import type { Alert } from '../alert.ts';
import { judgeSlowScrape, type SlowScrapeFinding, type SlowScrapeQuestion } from '../behaviour/slow-scrape.ts';
import { holdCursor, holdLook } from '../store/blocks.ts';
import { firstDay, latelyTouched, rollUp, rollupsOf, type Lately, type Rollup, type Win } from '../store/rollups.ts';
import { touchedBy } from '../store/touches.ts';

export const SLOW_SCRAPE = 'behaviour.slow-scrape';
export type ScrapeNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  countCustomers: () => Promise<number>;
  onAlerts: (tx: Tx, alerts: readonly Alert[]) => Promise<void>;
}>;

/** Whoever touched nobody since the last looks is not asked about. */
const LOOK_BACK_MS = 2 * 3_600_000;
const DAYS_AT_ONCE = 40;
/** Customers named. */
const NAMED = 10_000;
const A_DAY_MS = 86_400_000;
/** Weeks of which it is known who is unfamiliar: sixty days and the week before. */
const KNOWN_DAYS = 67;
const DAYS = { hour: 1, day: 1, week: 7, month: 30 } as const;

export function createScrapeLook({ db, clock, countCustomers, onAlerts }: ScrapeNeeds) {
  return {
    /** One server at a time; another's turn is left to it. */
    look: async (): Promise<void> => {
      await transact(db, async (tx) => {
        if (!(await holdLook(tx))) return;
        // cases are made by one at a time; whoever takes in is waited for, or a flood of events would hide a scrape
        await holdCursor(tx, 'wait');
        while ((await rollUp(tx, DAYS_AT_ONCE)) === DAYS_AT_ONCE);
        const now = clock();
        const lately = await latelyTouched(tx, new Date(now.getTime() - LOOK_BACK_MS));
        if (lately.length === 0) return;
        const past = groupPast(await rollupsOf(tx, [...new Set(lately.map(({ purpose }) => purpose))]));
        const first = await firstDay(tx);
        const isKnownLong = first !== null && now.getTime() - first.getTime() > KNOWN_DAYS * A_DAY_MS;
        const customersTotal = await countCustomers();
        const alerts: Alert[] = [];
        for (const each of lately) {
          const found = judgeSlowScrape(questionOf(each, past, customersTotal, isKnownLong));
          if (found === null) continue;
          const since = new Date(Math.floor(now.getTime() / A_DAY_MS) * A_DAY_MS - (DAYS[found.window] - 1) * A_DAY_MS);
          const subjects = await touchedBy(tx, each.actor, each.purpose, since, NAMED);
          alerts.push(alertOf(found, now, subjects.map(subjectIdText)));
        }
        await onAlerts(tx, alerts);
      });
    },
  };
} // prettier-ignore

type Past = ReadonlyMap<string, Readonly<Record<Win, readonly number[]>>>;
const nameOf = ({ actor, purpose }: { actor: string; purpose: string }): string => `${purpose} ${actor}`;

function groupPast(rollups: readonly Rollup[]): Past {
  const past = new Map<string, Record<Win, number[]>>();
  for (const { win, n, ...who } of rollups) {
    const known = past.get(nameOf(who)) ?? { day: [], week: [], month: [], new: [] };
    past.set(nameOf(who), known);
    known[win].push(n);
  }
  return past;
}

function questionOf(each: Lately, past: Past, customersTotal: number, isKnownLong: boolean): SlowScrapeQuestion {
  const own = past.get(nameOf(each)) ?? { day: [], week: [], month: [], new: [] };
  const others = [...past].filter(([name]) => name.startsWith(`${each.purpose} `) && name !== nameOf(each)).map(([, of]) => of);
  const middlesOf = (win: 'day' | 'week' | 'month'): number[] => others.flatMap((of) => (of[win].length === 0 ? [] : [middle(of[win])]));
  return {
    actor: each.actor,
    purpose: each.purpose,
    // hours are watched as they go by, in the stream
    distinctByWindow: { hour: 0, day: each.day, week: each.week, month: each.month },
    customersTotal,
    baseline: { hour: [], day: own.day, week: own.week, month: own.month },
    peers: { hour: [], day: middlesOf('day'), week: middlesOf('week'), month: middlesOf('month') },
    ...(isKnownLong ? { unfamiliar: { week: each.unfamiliar, baseline: own.new } } : {}),
  };
} // prettier-ignore

/** Of each list once: everybody who is looked at is measured against all others. */
const middles = new WeakMap<readonly number[], number>();
function middle(values: readonly number[]): number {
  const known = middles.get(values) ?? values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  middles.set(values, known);
  return known;
}

const alertOf = (found: SlowScrapeFinding, now: Date, subjects: readonly string[]): Alert => ({
  uid: `${SLOW_SCRAPE}:${found.actor}:${found.purpose}:${found.window}:${now.toISOString().slice(0, 10)}`,
  rule: SLOW_SCRAPE,
  title: 'More different customers than this actor has reason to read',
  severity: found.severity,
  key: `actor=${found.actor} purpose=${found.purpose}`,
  entity: { actor: found.actor, ...(found.actor.startsWith('key_') ? { key: found.actor } : {}) },
  time: now.getTime(),
  events: [],
  reason: found.reason,
  measure: {
    name: `different customers in a ${found.window}`,
    value: found.value,
    usual: found.usual,
    limit: found.limit,
  },
  subjects,
  ...(found.value > subjects.length ? { subjectsLeftOut: found.value - subjects.length } : {}),
  attack: ['T1213', 'T1530'],
});
