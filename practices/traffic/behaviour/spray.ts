/**
 * Password spray: many accounts, few tries at each, over hours and from however many addresses. Counted by source and day:
 * accounts that failed one to three times and have not got in since, against the source's own days.
 *
 * Five days make a baseline; before, 30 accounts a day are the floor: a site with thousands of people has more honest ones,
 * and says so once a day until then. Accounts that failed more often are brute-force.ts's.
 * False-positive budget: one in two months for each source, beside the first five days.
 */
import { DAY, LATE_MS } from './clock.ts';
import { attemptOf } from './attempts.ts';
import { allHeld, createKeyed, type Keyed } from './keyed.ts';
import { limitOf, remember, usualOf } from './usual.ts';
import { alertOf, keepUid, utc, type Watch } from './watch.ts';

export type SprayOptions = Readonly<{ most: number; floor?: number; tries?: number }>;

type Today = {
  day: number;
  failed: Keyed<number>;
  lonely: number;
  said: boolean;
  uids: string[];
  ring: number[];
  /** The last day that the ring has: what is given again after a restart teaches nothing twice. */
  taught: number;
  limit: number;
};

const RULE = 'behaviour.password-spray';
const HISTORY = 30;
const WARM = 5;
const SOURCES = 20;

export function sprayWatch({ most, floor = 30, tries = 3 }: SprayOptions): Watch {
  const sources = createKeyed<Today>(2 * SOURCES);
  const begin = (day: number, ring: number[], taught: number): Today => ({
    day,
    failed: createKeyed(most),
    lonely: 0,
    said: false,
    uids: [],
    ring,
    taught,
    limit: limitFor(ring),
  });
  const limitFor = (ring: readonly number[]): number =>
    ring.length < WARM ? floor : Math.max(floor, limitOf(usualOf(ring), 6, 2));

  const teach = ({ ring, taught, day, lonely, limit }: Today): Pick<Today, 'ring' | 'taught'> => {
    // far before it, the clock was set back
    if (day <= taught && day > taught - HISTORY) return { ring, taught };
    remember(ring, ring.length < WARM ? lonely : Math.min(lonely, Math.ceil(limit)), HISTORY);
    return { ring, taught: day };
  };

  return {
    rule: RULE,
    classes: ['authentication'],
    windowMs: DAY + LATE_MS,
    feed: (event, time, say) => {
      const attempt = attemptOf(event);
      if (attempt?.account === undefined) return;
      const { source, account, worked } = attempt;
      const day = Math.floor(time / DAY);
      let today = sources.get(source);
      if (today === undefined || day > today.day || time < today.day * DAY - LATE_MS) {
        const { ring, taught } = today === undefined ? { ring: [], taught: -1 } : teach(today);
        today = begin(day, ring, taught);
        sources.set(source, today);
      }
      const failed = today.failed.get(account) ?? 0;
      const wasLonely = failed >= 1 && failed <= tries;
      const now = worked ? 0 : failed + 1;
      if (worked && failed === 0) return;
      today.failed.set(account, now);
      const isLonely = now >= 1 && now <= tries;
      today.lonely += Number(isLonely) - Number(wasLonely);
      if (!isLonely) return;
      keepUid(today.uids, event);
      const { limit } = today;
      if (today.said || today.lonely <= limit) return;
      today.said = true;
      const usual = usualOf(today.ring).median;
      const warm = today.ring.length >= WARM;
      say(
        alertOf({
          rule: RULE,
          title: 'Many accounts tried a few times each',
          severity: warm ? 'high' : 'medium',
          key: `source=${source}`,
          entity: {},
          time,
          window: day * DAY,
          events: [...today.uids],
          reason:
            `${today.lonely} accounts in ${source} failed one to ${tries} times since ${utc(day * DAY)} and did not get in since; ` +
            `usual is ${Math.round(usual)} a day, unusual above ${Math.round(limit)} ` +
            `(${warm ? `by its last ${today.ring.length} days` : 'a floor, as there is no baseline yet'}).`,
          measure: { name: 'accounts that failed a few times in a day', value: today.lonely, usual, limit },
          attack: ['T1110.003'],
        }),
      );
    },
    held: () => allHeld([sources.held(), ...[...sources.entries()].map(([, { failed }]) => failed.held())]),
    learned: () => [...sources.entries()].map(([source, { ring, taught }]) => [source, [...ring], taught]),
    learn: (learned) => {
      if (!Array.isArray(learned)) return;
      for (const row of learned.slice(0, SOURCES) as unknown[]) {
        if (!Array.isArray(row) || typeof row[0] !== 'string' || !Array.isArray(row[1])) continue;
        const ring = (row[1] as unknown[]).filter((value) => Number.isFinite(value)) as number[];
        const taught = typeof row[2] === 'number' ? row[2] : -1;
        sources.set(row[0], begin(taught, ring.slice(-HISTORY), taught));
      }
    },
  };
}
