/**
 * What follows for somebody who fell for exercises: signing in a little more strictly, for a time. It ends by itself, and
 * sooner by good reports. It never blocks, ranks, or is told to anybody's superior.
 */
export type Fall = Readonly<{ campaign: string; kind: 'click' | 'submit'; at: Date }>;

export type RiskTier = Readonly<{
  tier: 0 | 1 | 2;
  /** null at tier 0. */
  until: Date | null;
  /** How fresh the second factor is for reading in clear. */
  maxAgeSeconds: number;
  halfRows: boolean;
  secondApprover: boolean;
}>;

const DAY_MS = 86_400_000;
const REMEMBERED_DAYS = 180;
const LASTS_DAYS = { 1: 30, 2: 90 } as const;
const REPORTS_FOR_LESS = 2;
const LESS_DAYS = 30;

/**
 * One form sent or two clicks make tier 1; this twice within 180 days, tier 2. Of one campaign the worst counts, once.
 * @param falls all there were: clicks pair up from the first on, so that time passing pairs none anew
 * @param reports when this person reported a mail that was one
 */
export function riskTier(falls: readonly Fall[], reports: readonly Date[], now: Date): RiskTier {
  const counted = falls.filter(({ at }) => at <= now);
  const worst = [...Map.groupBy(counted, ({ campaign }) => campaign).values()].map(
    (all) => all.find(({ kind }) => kind === 'submit') ?? (all[0] as Fall),
  );
  const byTime = worst.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const steps: Fall[] = [];
  let waiting: Fall | null = null;
  for (const each of byTime) {
    if (each.kind === 'click' && (waiting === null || !isNear(waiting, each))) waiting = each;
    else {
      steps.push(each);
      if (each.kind === 'click') waiting = null;
    }
  }
  const [before, last] = [steps.at(-2), steps.at(-1)];
  const none: RiskTier = { tier: 0, until: null, maxAgeSeconds: 900, halfRows: false, secondApprover: false };
  if (last === undefined) return none;
  const tier = before !== undefined && isNear(before, last) ? 2 : 1;
  const good = reports.filter((at) => at > last.at && at <= now).length;
  const days = LASTS_DAYS[tier] - Math.floor(good / REPORTS_FOR_LESS) * LESS_DAYS;
  const until = new Date(last.at.getTime() + Math.max(0, days) * DAY_MS);
  if (now >= until) return none;
  return { tier, until, maxAgeSeconds: 300, halfRows: tier === 2, secondApprover: tier === 2 };
}

const isNear = (first: Fall, second: Fall): boolean =>
  second.at.getTime() - first.at.getTime() < REMEMBERED_DAYS * DAY_MS;
