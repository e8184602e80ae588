/**
 * An actor at an hour that is never its own: after ten active days, five requests within an hour of the day (UTC) in which it
 * was active on no more than one day, the hours beside it (summer time, a late evening) included. Working days and weekends are counted apart.
 * One alert a day; who works at all hours, as a service, has none.
 *
 * False-positive budget: one a month for each ten people (a night on call). It is low: alone it is no more than a hint.
 */
import { DAY, HOUR, LATE_MS } from './clock.ts';
import { createKeyed } from './keyed.ts';
import { alertOf, entityOf, keepUid, utc, whoOf, type Watch } from './watch.ts';

export type OffHoursOptions = Readonly<{ most: number; days?: number; requests?: number }>;

/** `hours`: 24 of working days, 24 of weekends: on how many days it was active in each. */
type Habit = {
  hours: number[];
  days: number;
  day: number;
  hour: number;
  counted: number;
  known: number;
  /** The last hour that was learned: what is given again after a restart teaches nothing twice. */
  taught: number;
  said: number;
  uids: string[];
};

const RULE = 'behaviour.off-hours';

export function offHoursWatch({ most, days = 10, requests = 5 }: OffHoursOptions): Watch {
  const actors = createKeyed<Habit>(most);
  const begin = (): Habit => ({
    hours: Array.from({ length: 48 }, () => 0),
    days: 0,
    day: -1,
    hour: -1,
    counted: 0,
    known: 0,
    taught: -1,
    said: -1,
    uids: [],
  });
  return {
    rule: RULE,
    classes: ['api'],
    windowMs: HOUR + LATE_MS,
    feed: (event, time, say) => {
      const actor = whoOf(event);
      if (actor === undefined || event.status_id === 2) return;
      let habit = actors.get(actor);
      if (habit === undefined) actors.set(actor, (habit = begin()));
      const hour = Math.floor(time / HOUR);
      if (hour !== habit.hour) {
        if (hour < habit.hour && time >= habit.hour * HOUR - LATE_MS) return;
        const day = Math.floor(time / DAY);
        if (day !== habit.day) {
          if (isNews(habit, hour)) habit.days += 1;
          habit.day = day;
        }
        habit.hour = hour;
        habit.counted = 0;
        habit.uids = [];
      }
      habit.counted += 1;
      if (habit.counted > requests) return;
      keepUid(habit.uids, event);
      const at = (isWeekend(time) ? 24 : 0) + (hour % 24);
      // the hour that is going on is no reason for itself; one before it today is, as work goes on
      if (habit.counted === 1) {
        habit.known = knownAt(habit.hours, at);
        if (isNews(habit, hour)) {
          habit.hours[at] = (habit.hours[at] as number) + 1;
          habit.taught = hour;
        }
      }
      if (habit.counted !== requests) return;
      const { known } = habit;
      if (habit.days <= days || known > 1 || habit.said === habit.day) return;
      habit.said = habit.day;
      say(
        alertOf({
          rule: RULE,
          title: 'Work at an unusual hour',
          severity: 'low',
          key: `actor=${actor}`,
          entity: entityOf(event),
          time,
          window: hour * HOUR,
          events: [...habit.uids],
          reason:
            `${actor} made ${requests} requests in the hour from ${utc(hour * HOUR)}, ` +
            `when it was active on ${known === 0 ? 'no' : 'one'} ${isWeekend(time) ? 'weekend' : 'working'} day of ${habit.days - 1} known days before.`,
          measure: { name: 'days active at this hour before', value: known, usual: 2, limit: 1 },
          attack: ['T1078'],
        }),
      );
    },
    held: actors.held,
    learned: () =>
      [...actors.entries()].map(([actor, { hours, days: seen, taught }]) => [actor, seen, [...hours], taught]),
    learn: (learned) => {
      if (!Array.isArray(learned)) return;
      for (const row of learned as unknown[]) {
        if (!Array.isArray(row)) continue;
        const [actor, seen, hours, last] = row as unknown[];
        if (typeof actor !== 'string' || !Array.isArray(hours) || hours.length !== 48) continue;
        const taught = typeof last === 'number' ? last : -1;
        actors.set(actor, {
          ...begin(),
          days: Number(seen) || 0,
          day: Math.floor(taught / 24),
          hours: hours.map((each) => Number(each) || 0),
          taught,
        });
      }
    },
  };
}

/** Far before what was learned, the clock was set back. */
const isNews = ({ taught }: Habit, hour: number): boolean => hour > taught || hour < taught - 48;

/** On how many days it was active in this hour or one beside it; `at` is 24 more on weekends. */
function knownAt(hours: readonly number[], at: number): number {
  const week = at < 24 ? 0 : 24;
  return [23, 0, 1].reduce((most, off) => Math.max(most, hours[week + ((at + off) % 24)] as number), 0);
}

/** 1 January 1970 was a Thursday. */
function isWeekend(time: number): boolean {
  const weekday = (Math.floor(time / DAY) + 4) % 7;
  return weekday === 0 || weekday === 6;
}
