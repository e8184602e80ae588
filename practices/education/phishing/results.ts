/** What came of an exercise, as counts: of people who got it, reported it, followed it and filled in its form. */
import type { Db } from '#platform/db';

import { countTargets, keepCounts, oldCampaigns, type CampaignRow, type TargetCounts } from '../store/campaigns.ts';
import { allMarks, countEvents, countSent, reportMinutes, sweepMarks, type MarkRow } from '../store/phish-events.ts';
import { transact } from '#platform/db';
import { SMALLEST_GROUP } from './campaigns.ts';
import { riskTier, type RiskTier } from './risk-tier.ts';

export type Counts = Readonly<{ sent: number; reports: number; clicks: number; submits: number }>;
export type Results = Readonly<{
  targets: TargetCounts;
  /** Null: of fewer than ten people, and in groups. */
  counts: Counts | null;
  /** Minutes from its delivery to the first report; null where nobody has reported it, or it is not shown. */
  firstReportMinutes: number | null;
  medianReportMinutes: number | null;
  /** Links that nothing but programs followed: not counted as clicks. */
  programs: number | null;
  byRole: readonly Readonly<{ role: string } & Counts>[];
}>;

/** Raw rows are kept so long after an exercise, then counts. */
const RAW_DAYS = 90;
/** Longer than a tier looks back and lasts. */
const MARK_DAYS = 360;
const DAY_MS = 86_400_000;

export async function resultsOf(db: Db, campaign: CampaignRow): Promise<Results> {
  if (campaign.counts !== null) return campaign.counts as Results;
  const id = campaign.campaign_id;
  const [targets, events, sent, minutes] = await Promise.all([countTargets(db, id), countEvents(db, id), countSent(db, id), reportMinutes(db, id)]); // prettier-ignore
  const isHidden = (n: number): boolean => campaign.mode === 'groups' && n < SMALLEST_GROUP;
  const of = (role: string | null): Counts => {
    const sum = (kind: string): number =>
      events.filter((row) => row.kind === kind && (row.class === 'human') && (role === null || row.role === role)).reduce((total, { n }) => total + n, 0); // prettier-ignore
    const got = sent.filter((row) => role === null || row.role === role).reduce((total, { n }) => total + n, 0);
    return { sent: got, reports: sum('report'), clicks: sum('click'), submits: sum('submit') };
  };
  const counts = of(null);
  if (isHidden(counts.sent))
    return { targets, counts: null, firstReportMinutes: null, medianReportMinutes: null, programs: null, byRole: [] };
  const fetched = events.filter(({ kind }) => kind === 'fetch').reduce((total, { n }) => total + n, 0);
  return {
    targets,
    counts,
    firstReportMinutes: minutes[0] ?? null,
    medianReportMinutes: minutes[Math.floor((minutes.length - 1) / 2)] ?? null,
    programs: Math.max(0, fetched - counts.clicks),
    byRole: shownRoles(sent, isHidden).map((role) => ({ role, ...of(role) })),
  };
} // prettier-ignore

/** Where one small group is left out, it must not follow from the whole and the others: then the smallest other goes too. */
function shownRoles(sent: readonly Readonly<{ role: string; n: number }>[], isHidden: (n: number) => boolean): readonly string[] {
  const shown = sent.filter(({ n }) => !isHidden(n)).toSorted((a, b) => b.n - a.n);
  const rest = sent.filter(({ n }) => isHidden(n)).reduce((sum, { n }) => sum + n, 0);
  return (rest > 0 && isHidden(rest) ? shown.slice(0, -1) : shown).map(({ role }) => role).toSorted();
} // prettier-ignore

/** Rows of old exercises become counts, and marks that nothing follows from go. */
export async function forgetOld(db: Db, now: Date): Promise<void> {
  for (const campaign of await oldCampaigns(db, new Date(now.getTime() - RAW_DAYS * DAY_MS))) {
    const results = await resultsOf(db, campaign);
    await transact(db, (tx) => keepCounts(tx, campaign.campaign_id, results));
  }
  await sweepMarks(db, new Date(now.getTime() - MARK_DAYS * DAY_MS));
}

export function tierOf(marks: readonly MarkRow[], now: Date): RiskTier {
  const falls = marks.flatMap(({ campaign_id, kind, hour }) => kind === 'report' ? [] : [{ campaign: campaign_id, kind, at: hour }]); // prettier-ignore
  return riskTier(falls, marks.filter(({ kind }) => kind === 'report').map(({ hour }) => hour), now); // prettier-ignore
}

/** How many people are in each tier: never who. */
export async function countTiers(db: Db, now: Date): Promise<Readonly<{ 1: number; 2: number }>> {
  const counted = { 1: 0, 2: 0 };
  for (const marks of Map.groupBy(await allMarks(db), ({ person_id }) => person_id).values()) {
    const { tier } = tierOf(marks, now);
    if (tier !== 0) counted[tier] += 1;
  }
  return counted;
}
