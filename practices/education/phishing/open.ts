/** Phishing exercises as one object: planned, sent, followed or reported, counted, and forgotten. */
import { educationFailure } from '../failures.ts';
import type { By } from '../by.ts';
import { findCampaign, listCampaigns, mailsOf, type CampaignRow } from '../store/campaigns.ts';
import { marksOf } from '../store/phish-events.ts';
import {
  campaignId,
  campaignUuid,
  endCampaign,
  personUuid,
  planCampaign,
  type CampaignToPlan,
  type Planned,
} from './campaigns.ts';
import { landingServer } from './landing-server.ts';
import type { PhishingNeeds, Staff } from './needs.ts';
import { reportIntake } from './report-intake.ts';
import { createReports, type Reports, type Thanks } from './reports.ts';
import { countTiers, forgetOld, resultsOf, tierOf, untieGroups, type Results, type Tiers } from './results.ts';
import type { RiskTier } from './risk-tier.ts';
import { noteSent, sendDue } from './send.ts';
import { readPhishTemplate } from './template.ts';
import { createTemplates, type Templates } from './templates.ts';
import { createVisits } from './visits.ts';

export type Exercise = Readonly<{ id: string; campaign: CampaignRow; results: Results }>;
export type OwnHistory = Readonly<{
  tier: RiskTier;
  exercises: readonly Readonly<{ exercise: string; title: string; kind: 'click' | 'submit' | 'report'; hour: Date }>[];
}>;

export type Phishing = Readonly<{
  templates: Templates;
  isOn: boolean;
  plan: (by: By, wanted: CampaignToPlan) => Promise<Planned>;
  stop: (by: By, id: string) => Promise<{ takenBack: number }>;
  list: () => Promise<readonly Exercise[]>;
  /** @throws EDUCATION_EXERCISE_NOT_FOUND */
  get: (id: string) => Promise<Exercise>;
  /** Null: of fewer than ten people. */
  tiers: () => Promise<Tiers | null>;
  /** One's own, and nobody else's. */
  historyOf: (person: string) => Promise<OwnHistory>;
  /** What somebody's tier asks of them, asked anew each time, by primary key; null: nothing. */
  stricterOf: (
    person: string,
  ) => Promise<Readonly<{ maxAgeSeconds: number; halfRows: boolean; secondApprover: boolean }> | null>;
  reports: Reports;
  /** Hands over what is due, notes what left. */
  tick: () => Promise<void>;
  sweep: () => Promise<void>;
  landing: (onFault: (thrown: unknown) => void) => ReturnType<typeof landingServer>;
  intake: (address: string, onFault: (thrown: unknown) => void) => ReturnType<typeof reportIntake>;
}>;

/** As it was sent; its id where a newer program does not read it any more. */
function titleOf({ template, source }: Pick<CampaignRow, 'template' | 'source'>): string {
  const read = readPhishTemplate(source);
  return read.ok ? read.value.title : template;
}

export function openPhishing(needs: PhishingNeeds): Phishing {
  const { db, clock, mail } = needs;
  const visits = createVisits(needs);
  const reports = createReports(needs);
  const templates = createTemplates(needs);
  const whole = async (campaign: CampaignRow): Promise<Exercise> => ({
    id: campaignId(campaign.campaign_id),
    campaign,
    results: await resultsOf(db, campaign),
  });
  const marks = async (person: string) => {
    const uuid = personUuid(person);
    return uuid === null ? [] : marksOf(db, uuid);
  };
  const answer = async (to: Staff, thanks: Thanks): Promise<void> => {
    await mail.queue(db, {
      to: to.email, kind: 'education.thanks', subject: 'Thank you for your report',
      text: `${thanks.says}\n`,
      // once an hour: whoever sends in somebody's name would have all their other mail wait behind it
      dedupeKey: `education.thanks ${to.id} ${clock().toISOString().slice(0, 13)}`,
    });
  };
  return {
    templates,
    isOn: needs.origin !== null && needs.helpDesk !== null,
    plan: (by, wanted) => planCampaign(needs, templates, by, wanted),
    stop: (by, id) => endCampaign(needs, by, id),
    list: async () => Promise.all((await listCampaigns(db)).map(whole)),
    get: async (id) => {
      const found = await findCampaign(db, campaignUuid(id));
      if (found === null) throw educationFailure('EXERCISE_NOT_FOUND');
      return whole(found);
    },
    tiers: () => countTiers(db, clock()),
    historyOf: async (person) => {
      const own = await marks(person);
      const titles = new Map((await mailsOf(db, own.map(({ campaign_id }) => campaign_id))).map((each) => [each.campaign_id, titleOf(each)]));
      const exercises = own.map(({ campaign_id, kind, hour }) => ({ exercise: campaignId(campaign_id), kind, hour, title: titles.get(campaign_id) ?? '' }));
      return { tier: tierOf(own, clock()), exercises };
    },
    stricterOf: async (person) => {
      const { tier, maxAgeSeconds, halfRows, secondApprover } = tierOf(await marks(person), clock());
      return tier === 0 ? null : { maxAgeSeconds, halfRows, secondApprover };
    },
    reports,
    tick: async () => {
      // first, so that what cannot be handed over hides nothing
      await noteSent(needs);
      await sendDue(needs);
    },
    sweep: async () => {
      await visits.sweep();
      await reports.sweep();
      await untieGroups(db, clock());
      await forgetOld(db, clock());
    },
    landing: (onFault) => landingServer({ ...visits, onFault }),
    intake: (address, onFault) => reportIntake({ address, staff: needs.staff, report: reports.report, clock, answer, onFault }),
  };
} // prettier-ignore
