/** Statements on what came of a link: visits for an hour, events to the hour, marks of a person. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Beacon, Deed } from '../phishing/landing.ts';
import type { CampaignRow } from './campaigns.ts';

export type TokenRow = Readonly<{
  token_hash: Buffer;
  campaign_id: Uuid;
  person_id: Uuid | null;
  mail_id: string | null;
  role: string;
  queued_at: Date;
  sent_at: Date | null;
}>;
export type LinkRow = TokenRow & Pick<CampaignRow, 'source' | 'mode' | 'untied'>;
export type EventKind = 'fetch' | 'click' | 'submit' | 'report';
export type EventClass = 'human' | 'robot' | 'unknown';

export async function insertToken(tx: Statements, row: Omit<TokenRow, 'sent_at'>): Promise<void> {
  await tx`insert into education.phish_tokens ${tx({ ...row })}`;
}

export async function findToken(db: Statements, hash: Buffer): Promise<LinkRow | null> {
  const [row] = await db<LinkRow[]>`
    select t.*, c.source, c.mode, c.untied from education.phish_tokens t join education.campaigns c using (campaign_id)
    where token_hash = ${hash}`;
  return row ?? null;
}

export async function findTokenOfMail(db: Statements, mailId: string): Promise<LinkRow | null> {
  const [row] = await db<LinkRow[]>`
    select t.*, c.source, c.mode, c.untied from education.phish_tokens t join education.campaigns c using (campaign_id)
    where mail_id = ${mailId}`;
  return row ?? null;
}

/** More visits than people make of one mail are not kept. */
const MOST_VISITS = 40;

export async function noteVisit(tx: Statements, hash: Buffer, { visit, deed, fields, ms }: Beacon, at: Date): Promise<void> {
  // one after the other for each link: what is decided next sees all of it
  await tx`select from education.phish_tokens where token_hash = ${hash} for update`;
  await tx`
    insert into education.phish_visits (token_hash, visit, deed, fields, ms, at)
    select ${hash}, ${visit}, ${deed}, ${[...fields]}, ${ms}, ${at}
    where (select count(*) from education.phish_visits where token_hash = ${hash}) < ${MOST_VISITS * 5}
    on conflict do nothing`;
} // prettier-ignore

export type VisitRow = Readonly<{ visit: string; deed: Deed; fields: Beacon['fields']; ms: number; at: Date }>;
export async function visitsOf(tx: Statements, hash: Buffer): Promise<VisitRow[]> {
  return tx<VisitRow[]>`select visit, deed, fields, ms, at from education.phish_visits where token_hash = ${hash}`;
}

/** @returns whether it is the first of its kind */
export async function noteEvent(tx: Statements, hash: Buffer, event: Readonly<{ kind: EventKind; class: EventClass; at: Date; minutes?: number }>): Promise<boolean> {
  const { count } = await tx`
    insert into education.phish_events (token_hash, kind, class, hour, minutes)
    values (${hash}, ${event.kind}, ${event.class}, date_trunc('hour', ${event.at}::timestamptz, 'UTC'), ${event.minutes ?? null})
    on conflict do nothing`;
  return count === 1;
} // prettier-ignore

export async function noteMark(tx: Statements, person: Uuid, campaign: Uuid, kind: 'click' | 'submit' | 'report', at: Date): Promise<void> {
  await tx`
    insert into education.phish_marks (person_id, campaign_id, kind, hour)
    values (${person}, ${campaign}, ${kind}, date_trunc('hour', ${at}::timestamptz, 'UTC')) on conflict do nothing`;
} // prettier-ignore

export type MarkRow = Readonly<{ person_id: Uuid; campaign_id: Uuid; kind: 'click' | 'submit' | 'report'; hour: Date }>;
export async function marksOf(db: Statements, person: Uuid): Promise<MarkRow[]> {
  return db<MarkRow[]>`select * from education.phish_marks where person_id = ${person} order by hour`;
}
/** Of everybody who has any, for counting tiers. */
export async function allMarks(db: Statements): Promise<MarkRow[]> {
  return db<MarkRow[]>`select * from education.phish_marks order by person_id, hour`;
}

/** People of whom something is kept, or would have been. */
export async function countExercised(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(distinct person_id)::int as n from (
      select person_id from education.phish_targets join education.campaigns using (campaign_id) where mode = 'people' and phish_targets.state = 'sent'
      union all select person_id from education.phish_marks) t`;
  return row?.n ?? 0;
}

export type CountRow = Readonly<{ role: string; kind: EventKind; class: EventClass; n: number; first: number | null }>;
export async function countEvents(db: Statements, campaign: Uuid): Promise<CountRow[]> {
  return db<CountRow[]>`
    select t.role, e.kind, e.class, count(*)::int as n, min(e.minutes) as first
    from education.phish_events e join education.phish_tokens t using (token_hash)
    where t.campaign_id = ${campaign}
      -- what did not leave was followed by nobody; in groups the link does not say whether it did
      and (t.sent_at is not null or exists (select from education.campaigns c where c.campaign_id = t.campaign_id and c.mode = 'groups'))
    group by t.role, e.kind, e.class`;
}
export async function countSent(db: Statements, campaign: Uuid): Promise<{ role: string; n: number }[]> {
  return db<{ role: string; n: number }[]>`
    select role, count(*)::int as n from education.phish_targets where campaign_id = ${campaign} and state = 'sent' group by role`;
}
/** Minutes after which each of them reported, the first one first. */
export async function reportMinutes(db: Statements, campaign: Uuid): Promise<number[]> {
  const rows = await db<{ minutes: number }[]>`
    select e.minutes from education.phish_events e join education.phish_tokens t using (token_hash)
    where t.campaign_id = ${campaign} and e.minutes is not null
    union all select minutes from education.phish_minutes where campaign_id = ${campaign} order by 1`;
  return rows.map(({ minutes }) => minutes);
}

export async function sweepVisits(db: Statements, before: Date): Promise<void> {
  await db`delete from education.phish_visits where at < ${before}`;
}

/** Marks of a person go together, once the last is old: one by one, clicks would pair up anew with each other. */
export async function sweepMarks(db: Statements, before: Date): Promise<void> {
  await db`
    delete from education.phish_marks where person_id in (
      select person_id from education.phish_marks group by person_id having max(hour) < ${before})`;
}
