/** Statements on phishing exercises: what is planned, for whom, and what became of each mail. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Level } from '../phishing/phish-scale.ts';

export type CampaignRow = Readonly<{
  campaign_id: Uuid;
  name: string;
  template: string;
  source: string;
  level: Level;
  mode: 'people' | 'groups';
  state: 'running' | 'stopped' | 'counted';
  from_at: Date;
  until_at: Date;
  made_by: string;
  made_at: Date;
  stopped_by: string | null;
  stopped_at: Date | null;
  untied: boolean;
  counts: unknown;
}>;
export type TargetState = 'planned' | 'queued' | 'sent' | 'lost' | 'stopped';
export type TargetRow = Readonly<{
  campaign_id: Uuid;
  person_id: Uuid;
  role: string;
  zone: string;
  due_at: Date;
  state: TargetState;
  mail_id: string | null;
}>;

export type QueuedRow = TargetRow & Pick<CampaignRow, 'mode'>;

/** One that plans waits for the other, so that nobody is chosen by both. */
export async function lockPlanning(tx: Statements): Promise<void> {
  await tx`lock table education.campaigns in share row exclusive mode`;
}

export async function insertCampaign(tx: Statements, row: Omit<CampaignRow, 'state' | 'stopped_by' | 'stopped_at' | 'untied' | 'counts'>): Promise<void> {
  await tx`insert into education.campaigns ${tx({ ...row })}`;
} // prettier-ignore

export async function insertTargets(tx: Statements, rows: readonly Omit<TargetRow, 'state' | 'mail_id'>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 1000)
    await tx`insert into education.phish_targets ${tx(rows.slice(at, at + 1000).map((row) => ({ ...row })))}`;
} // prettier-ignore

/** Who got a mail of an exercise within these times, or may: one that waits can be moved to the end of its exercise. */
export async function exercisedBetween(tx: Statements, from: Date, until: Date): Promise<ReadonlySet<Uuid>> {
  const rows = await tx<{ person_id: Uuid }[]>`
    select distinct t.person_id from education.phish_targets t join education.campaigns c using (campaign_id)
    where case when t.state in ('planned', 'queued') then c.until_at > ${from} and c.from_at < ${until}
      else t.state <> 'stopped' and t.due_at > ${from} and t.due_at < ${until} end`;
  return new Set(rows.map(({ person_id }) => person_id));
}

/** Newest first. */
export async function listCampaigns(db: Statements): Promise<CampaignRow[]> {
  return db<CampaignRow[]>`select * from education.campaigns order by campaign_id desc limit 500`;
}

/** What these were, as it was sent. */
export async function mailsOf(db: Statements, ids: readonly Uuid[]): Promise<Pick<CampaignRow, 'campaign_id' | 'template' | 'source'>[]> {
  return db<Pick<CampaignRow, 'campaign_id' | 'template' | 'source'>[]>`
    select campaign_id, template, source from education.campaigns where campaign_id = any(${[...ids]}::uuid[])`;
} // prettier-ignore

export async function findCampaign(db: Statements, id: Uuid): Promise<CampaignRow | null> {
  const [row] = await db<CampaignRow[]>`select * from education.campaigns where campaign_id = ${id}`;
  return row ?? null;
}

/** @returns false when it does not run any more */
export async function stopCampaign(tx: Statements, id: Uuid, by: string, at: Date): Promise<boolean> {
  const { count } = await tx`
    update education.campaigns set state = 'stopped', stopped_by = ${by}, stopped_at = ${at}
    where campaign_id = ${id} and state = 'running'`;
  return count === 1;
}

/** @returns those whose mail is with the outbox */
export async function stopTargets(tx: Statements, id: Uuid): Promise<QueuedRow[]> {
  await tx`update education.phish_targets set state = 'stopped' where campaign_id = ${id} and state = 'planned'`;
  return tx<QueuedRow[]>`
    select t.*, c.mode from education.phish_targets t join education.campaigns c using (campaign_id)
    where t.campaign_id = ${id} and t.state = 'queued' for update of t`;
}

/**
 * The next one that is due, held until the transaction ends, with its exercise: who stops that one waits, or was first and
 * then there is none.
 */
export async function claimTarget(tx: Statements, now: Date): Promise<(TargetRow & Pick<CampaignRow, 'source' | 'mode' | 'until_at'>) | null> {
  const [row] = await tx<(TargetRow & Pick<CampaignRow, 'source' | 'mode' | 'until_at'>)[]>`
    select t.*, c.source, c.mode, c.until_at from education.phish_targets t join education.campaigns c using (campaign_id)
    where t.state = 'planned' and t.due_at <= ${now} and c.state = 'running'
    order by t.due_at limit 1 for update of t skip locked for share of c`;
  return row ?? null;
} // prettier-ignore

export async function queueTarget(tx: Statements, { campaign_id, person_id }: TargetRow, mailId: string): Promise<void> {
  await tx`
    update education.phish_targets set state = 'queued', mail_id = ${mailId}
    where campaign_id = ${campaign_id} and person_id = ${person_id}`;
} // prettier-ignore

/** No row is left of who gets none after all: it would tell who is a customer. */
export async function leaveOut(tx: Statements, { campaign_id, person_id }: TargetRow): Promise<void> {
  await tx`delete from education.phish_targets where campaign_id = ${campaign_id} and person_id = ${person_id}`;
}

export async function moveTarget(tx: Statements, { campaign_id, person_id }: TargetRow, dueAt: Date): Promise<void> {
  await tx`
    update education.phish_targets set due_at = ${dueAt} where campaign_id = ${campaign_id} and person_id = ${person_id}`;
}

/** Those whose mail is with the outbox, in an order that stays. */
export async function queuedTargets(db: Statements, after: QueuedRow | null, most: number): Promise<QueuedRow[]> {
  const [campaign, person] = after === null ? [null, null] : [after.campaign_id, after.person_id];
  return db<QueuedRow[]>`
    select t.*, c.mode from education.phish_targets t join education.campaigns c using (campaign_id)
    where t.state = 'queued' and (${campaign}::uuid is null or (t.campaign_id, t.person_id) > (${campaign}::uuid, ${person}::uuid))
    order by t.campaign_id, t.person_id limit ${most}`;
} // prettier-ignore

/** Of a mail that is over. In groups its link is not touched: what changes in one transaction belongs together for ever. */
export async function settleTarget(tx: Statements, row: QueuedRow, state: TargetState, sentAt: Date | null): Promise<void> {
  const inGroups = row.mode === 'groups';
  await tx`
    update education.phish_targets t set state = ${state},
      mail_id = case when ${inGroups} then null else t.mail_id end,
      due_at = case when ${inGroups} then c.until_at else t.due_at end
    from education.campaigns c
    where c.campaign_id = t.campaign_id and t.campaign_id = ${row.campaign_id} and t.person_id = ${row.person_id} and t.state = 'queued'`;
  if (!inGroups) await tx`update education.phish_tokens set sent_at = ${sentAt} where mail_id = ${row.mail_id} and sent_at is null`;
} // prettier-ignore

export type TargetCounts = Readonly<Record<TargetState, number>>;
export async function countTargets(db: Statements, id: Uuid): Promise<TargetCounts> {
  const rows = await db<{ state: TargetState; n: number }[]>`
    select state, count(*)::int as n from education.phish_targets where campaign_id = ${id} group by state`;
  const of = (state: TargetState): number => rows.find((row) => row.state === state)?.n ?? 0;
  return { planned: of('planned'), queued: of('queued'), sent: of('sent'), lost: of('lost'), stopped: of('stopped') }; // prettier-ignore
}

/** An exercise whose rows are old enough to become counts, held until the transaction ends: no other server counts it. */
export async function claimOldCampaign(tx: Statements, before: Date): Promise<CampaignRow | null> {
  const [row] = await tx<CampaignRow[]>`
    select * from education.campaigns where state <> 'counted' and until_at < ${before}
    order by until_at limit 1 for update skip locked`;
  return row ?? null;
}

export async function keepCounts(tx: Statements, id: Uuid, counts: object): Promise<void> {
  await tx`update education.campaigns set state = 'counted', counts = ${tx.json(counts as never)} where campaign_id = ${id}`;
  await tx`delete from education.phish_minutes where campaign_id = ${id}`;
  await tx`delete from education.phish_tokens where campaign_id = ${id}`;
  await tx`delete from education.phish_targets where campaign_id = ${id}`;
}
