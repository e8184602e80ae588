/** Statements on tests by people from outside. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { SEVERITIES } from '../types.ts';
import type { FindingRow } from './findings.ts';

export type EngagementRow = Readonly<{
  engagement_id: Uuid;
  title: string;
  tester: string;
  scope: string;
  rules: string;
  sources: string[];
  starts_at: Date;
  until: Date;
  proposed_by: string;
  proposed_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  ended_by: string | null;
  ended_at: Date | null;
  keys: string[];
  cleared_at: Date | null;
}>;
export type NewEngagement = Omit<
  EngagementRow,
  'approved_by' | 'approved_at' | 'ended_by' | 'ended_at' | 'keys' | 'cleared_at'
>;

export async function insertEngagement(tx: Statements, row: NewEngagement): Promise<void> {
  await tx`
    insert into assurance.engagements (engagement_id, title, tester, scope, rules, sources, starts_at, until, proposed_by, proposed_at)
    values (${row.engagement_id}, ${row.title}, ${row.tester}, ${row.scope}, ${row.rules}, ${row.sources}::text[], ${row.starts_at}, ${row.until},
      ${row.proposed_by}, ${row.proposed_at})`;
}

export async function findEngagement(db: Statements, id: Uuid): Promise<EngagementRow | null> {
  const [row] = await db<EngagementRow[]>`select * from assurance.engagements where engagement_id = ${id}`;
  return row ?? null;
}

export async function runningEngagements(db: Statements, now: Date): Promise<EngagementRow[]> {
  return db<EngagementRow[]>`
    select * from assurance.engagements
    where cleared_at is null and approved_at is not null and ended_at is null and starts_at <= ${now} and until > ${now} order by engagement_id`;
}

/** Locked until the transaction ends. */
export async function holdEngagement(tx: Statements, id: Uuid): Promise<EngagementRow | null> {
  const [row] = await tx<EngagementRow[]>`select * from assurance.engagements where engagement_id = ${id} for update`;
  return row ?? null;
}

export async function listEngagements(db: Statements, limit: number): Promise<EngagementRow[]> {
  return db<
    EngagementRow[]
  >`select * from assurance.engagements order by proposed_at desc, engagement_id desc limit ${limit}`;
}

export async function approveEngagement(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update assurance.engagements set approved_by = ${by}, approved_at = ${at} where engagement_id = ${id} and approved_at is null`;
}

export async function endEngagement(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update assurance.engagements set ended_by = ${by}, ended_at = ${at} where engagement_id = ${id} and ended_at is null`;
}

export async function addEngagementKey(tx: Statements, id: Uuid, key: string): Promise<void> {
  await tx`update assurance.engagements set keys = keys || ${key}::text where engagement_id = ${id}`;
}

/** Those whose time is over, and whose keys and persons are still there. */
export async function leftEngagements(db: Statements, now: Date): Promise<EngagementRow[]> {
  return db<EngagementRow[]>`
    select * from assurance.engagements where cleared_at is null and (ended_at is not null or until <= ${now}) order by until limit 50`;
}

export async function clearedEngagement(db: Statements, id: Uuid, at: Date): Promise<void> {
  await db`update assurance.engagements set cleared_at = ${at} where engagement_id = ${id}`;
}

export async function linkFindings(tx: Statements, id: Uuid, findings: readonly Uuid[]): Promise<void> {
  await tx`
    insert into assurance.engagement_findings (engagement_id, finding_id)
    select ${id}, finding from unnest(${[...findings]}::uuid[]) as t (finding) on conflict do nothing`;
}

/** The worst first. */
export async function findingsOf(db: Statements, id: Uuid, most: number): Promise<FindingRow[]> {
  return db<FindingRow[]>`
    select f.* from assurance.findings f join assurance.engagement_findings using (finding_id)
    where engagement_id = ${id} order by array_position(${[...SEVERITIES]}::text[], f.severity), f.due_at, f.finding_id limit ${most}`;
}

/** @returns false where it was linked before */
export async function linkCase(tx: Statements, id: Uuid, caseId: string): Promise<boolean> {
  const made = await tx`
    insert into assurance.engagement_cases (engagement_id, case_id) values (${id}, ${caseId}) on conflict do nothing`;
  return made.count === 1;
}

export async function casesOf(db: Statements, id: Uuid): Promise<string[]> {
  const rows = await db<{ case_id: string }[]>`
    select case_id from assurance.engagement_cases where engagement_id = ${id} order by case_id limit 1000`;
  return rows.map(({ case_id }) => case_id);
}
