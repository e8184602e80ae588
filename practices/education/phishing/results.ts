/** What came of an exercise, as counts: of people who got it, reported it, followed it and filled in its form. */
import { transact, type Db, type Statements } from '#platform/db';

import { claimOldCampaign, countTargets, keepCounts, type CampaignRow, type TargetCounts } from '../store/campaigns.ts';
import {
  allMarks,
  countEvents,
  countExercised,
  countSent,
  reportMinutes,
  sweepMarks,
  type MarkRow,
} from '../store/phish-events.ts';
import { SMALLEST_GROUP } from './campaigns.ts';
import { claimTied, shuffleTargets, untieTokens } from '../store/phish-ties.ts';
import { riskTier, type RiskTier } from './risk-tier.ts';

export type Counts = Readonly<{ sent: number; reports: number; clicks: number; submits: number }>;
export type Results = Readonly<{
  targets: TargetCounts;
  /** Null: of fewer than ten people. */
  counts: Counts | null;
  /** Minutes from its delivery to the first report; null where nobody has reported it, or it is not shown. */
  firstReportMinutes: number | null;
  medianReportMinutes: number | null;
  /** Links that nothing but programs followed: not counted as clicks. */
  programs: number | null;
  byRole: readonly Readonly<{ role: string } & Counts>[];
}>;

export type Tiers = Readonly<{ 1: number; 2: number }>;

/** Raw rows are kept so long after an exercise, then counts. */
const RAW_DAYS = 90;
/** Longer than a tier looks back and lasts. */
const MARK_DAYS = 360;
const AT_ONCE = 20;
const DAY_MS = 86_400_000;

export async function resultsOf(db: Statements, campaign: CampaignRow): Promise<Results> {
  if (campaign.counts !== null) return campaign.counts as Results;
  const id = campaign.campaign_id;
  const [targets, events, sent, minutes] = await Promise.all([countTargets(db, id), countEvents(db, id), countSent(db, id), reportMinutes(db, id)]); // prettier-ignore
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
    byRole: shownRoles(sent).map((role) => ({ role, ...of(role) })),
  };
} // prettier-ignore

/** INVARIANT: whatever is kept, of fewer than ten people nothing is counted out loud: one named person would be a group. */
const isHidden = (n: number): boolean => n < SMALLEST_GROUP;

/** Where one small group is left out, it must not follow from the whole and the others: then the smallest other goes too. */
function shownRoles(sent: readonly Readonly<{ role: string; n: number }>[]): readonly string[] {
  const shown = sent.filter(({ n }) => !isHidden(n)).toSorted((a, b) => b.n - a.n);
  const rest = sent.filter(({ n }) => isHidden(n)).reduce((sum, { n }) => sum + n, 0);
  return (rest > 0 && isHidden(rest) ? shown.slice(0, -1) : shown).map(({ role }) => role).toSorted();
} // prettier-ignore

/** Of groups, from a day after their end: until then minutes of reports need the time of the mail. */
export async function untieGroups(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - DAY_MS);
  const untieOne = async (): Promise<boolean> => {
    // two transactions: rows written by one tell that they belong together
    const id = await transact(db, async (tx) => {
      const found = await claimTied(tx, before);
      if (found !== null) await shuffleTargets(tx, found);
      return found;
    });
    if (id !== null) await transact(db, (tx) => untieTokens(tx, id));
    return id !== null;
  };
  for (let each = 0; each < AT_ONCE && (await untieOne()); each += 1);
}

/** Rows of old exercises become counts, and marks that nothing follows from go. */
export async function forgetOld(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - RAW_DAYS * DAY_MS);
  // counted in the transaction that deletes: two servers that sweep at once do not count what the other took
  const countOne = (): Promise<boolean> =>
    transact(db, async (tx) => {
      const campaign = await claimOldCampaign(tx, before);
      if (campaign !== null) await keepCounts(tx, campaign.campaign_id, await resultsOf(tx, campaign));
      return campaign !== null;
    });
  for (let each = 0; each < AT_ONCE && (await countOne()); each += 1);
  await sweepMarks(db, new Date(now.getTime() - MARK_DAYS * DAY_MS));
}

export function tierOf(marks: readonly MarkRow[], now: Date): RiskTier {
  const falls = marks.flatMap(({ campaign_id, kind, hour }) => kind === 'report' ? [] : [{ campaign: campaign_id, kind, at: hour }]); // prettier-ignore
  return riskTier(falls, marks.filter(({ kind }) => kind === 'report').map(({ hour }) => hour), now); // prettier-ignore
}

/** How many people are in each tier: never who. Null: fewer than ten got exercises of which anything is kept. */
export async function countTiers(db: Db, now: Date): Promise<Tiers | null> {
  if (isHidden(await countExercised(db))) return null;
  const counted = { 1: 0, 2: 0 };
  for (const marks of Map.groupBy(await allMarks(db), ({ person_id }) => person_id).values()) {
    const { tier } = tierOf(marks, now);
    if (tier !== 0) counted[tier] += 1;
  }
  return counted;
}
