/** Statements on alerts and cases. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export type CaseState = 'open' | 'working' | 'closed';
export type Verdict = 'true-positive' | 'benign' | 'false-positive';
export type CaseRow = Readonly<{
  case_id: Uuid;
  about: string;
  title: string;
  severity: number;
  state: CaseState;
  verdict: Verdict | null;
  owner: string | null;
  entity: Readonly<Record<string, string>>;
  attack: string[];
  rules: string[];
  alerts: bigint;
  customers: bigint;
  opened_at: Date;
  last_at: Date;
  closed_at: Date | null;
}>;
export type AlertRow = Readonly<{
  alert_uid: string;
  case_id: Uuid;
  rule: string;
  title: string;
  severity: number;
  key: string;
  at: Date;
  found_at: Date;
  reason: string;
  measure: unknown;
  attack: string[];
}>;
export type StepRow = Readonly<{ step_id: Uuid; at: Date; by: string; kind: string; note: string }>;

export async function knownAlerts(tx: Statements, uids: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ alert_uid: string }[]>`select alert_uid from traffic.alerts where alert_uid = any(${[...uids]}::text[])`; // prettier-ignore
  return new Set(rows.map(({ alert_uid }) => alert_uid));
}

/** The open case about somebody, locked; null when there is none. */
export async function openCaseAbout(tx: Statements, about: string): Promise<CaseRow | null> {
  const [row] = await tx<
    CaseRow[]
  >`select * from traffic.cases where about = ${about} and state <> 'closed' for update`;
  return row ?? null;
}

export async function insertCase(
  tx: Statements,
  row: Pick<CaseRow, 'case_id' | 'about' | 'title' | 'severity' | 'entity' | 'attack' | 'rules'> & { at: Date },
): Promise<void> {
  await tx`
    insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
    values (${row.case_id}, ${row.about}, ${row.title}, ${row.severity}, 'open', ${tx.json(row.entity)}, ${row.attack}::text[],
      ${row.rules}::text[], 0, 0, ${row.at}, ${row.at})`;
}

export async function countAlerts(db: Statements, rule: string, from: Date, to: Date): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from traffic.alerts where rule = ${rule} and at between ${from} and ${to}`;
  return row?.n ?? 0;
}

export async function insertAlert(
  tx: Statements,
  row: Omit<AlertRow, 'found_at'> & { alertId: Uuid; evidence: Buffer; foundAt: Date },
): Promise<void> {
  await tx`
    insert into traffic.alerts (alert_uid, case_id, rule, title, severity, key, at, found_at, reason, measure, attack, alert_id, evidence)
    values (${row.alert_uid}, ${row.case_id}, ${row.rule}, ${row.title}, ${row.severity}, ${row.key}, ${row.at}, ${row.foundAt}, ${row.reason},
      ${row.measure === null ? null : tx.json(row.measure as never)}, ${row.attack}::text[], ${row.alertId}, ${row.evidence})
    on conflict (alert_uid) do nothing`;
}

/** One alert more: worse, wider, later. */
export async function growCase(
  tx: Statements,
  caseId: Uuid,
  { severity, title, entity, attack, rule, at }: Readonly<{ severity: number; title: string; entity: Readonly<Record<string, string>>; attack: readonly string[]; rule: string; at: Date }>,
): Promise<void> {
  await tx`
    update traffic.cases set alerts = alerts + 1, last_at = greatest(last_at, ${at}),
      title = case when ${severity}::smallint > severity then ${title} else title end,
      severity = greatest(severity, ${severity}::smallint), entity = ${tx.json(entity)} || entity,
      attack = array(select distinct unnest(attack || ${[...attack]}::text[]) order by 1),
      rules = array(select distinct unnest(rules || array[${rule}]) order by 1)
    where case_id = ${caseId}`;
} // prettier-ignore

/** How many customers a case would have with these. @param atLeast so many does the alert concern, some of them without a name */
export async function countCaseSubjects(tx: Statements, caseId: Uuid, subjects: readonly SubjectId[], atLeast: number): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    select greatest(${atLeast}::bigint, (select customers from traffic.cases where case_id = ${caseId}), (select count(*) from (
      select subject_id from traffic.case_subjects where case_id = ${caseId} union select unnest(${[...subjects]}::uuid[])) as t))::int as n`;
  return row?.n ?? 0;
} // prettier-ignore

/** Those whose touch is known still: one who is erased went from there. INVARIANT: `holdForgetting` was asked for. */
export async function addCaseSubjects(tx: Statements, caseId: Uuid, subjects: readonly SubjectId[], atLeast: number): Promise<void> {
  await tx`insert into traffic.case_subjects (subject_id, case_id)
    select s, ${caseId} from unnest(${[...subjects]}::uuid[]) as t (s)
    where exists (select from traffic.touches where subject_id = s) order by 1 on conflict do nothing`;
  await tx`
    update traffic.cases set customers = greatest(customers, ${atLeast}::bigint, (select count(*) from traffic.case_subjects where case_id = ${caseId}))
    where case_id = ${caseId}`;
} // prettier-ignore

export async function addStep(tx: Statements, caseId: Uuid, step: StepRow): Promise<void> {
  await tx`insert into traffic.case_steps (case_id, step_id, at, by, kind, note)
    values (${caseId}, ${step.step_id}, ${step.at}, ${step.by}, ${step.kind}, ${step.note})`;
}

/** Of the last case of a page. */
export type CasePlace = Readonly<{ lastAt: Date; caseId: Uuid }>;

export async function listCases(
  db: Statements,
  { states, about, least, before, most }: { states: readonly CaseState[]; about: string | null; least: number; before: CasePlace | null; most: number },
): Promise<CaseRow[]> {
  return db<CaseRow[]>`
    select * from traffic.cases where state = any(${[...states]}::text[]) and severity >= ${least}
      ${about === null ? db`` : db`and about = ${about}`}
      ${before === null ? db`` : db`and (last_at, case_id) < (${before.lastAt}::timestamptz, ${before.caseId}::uuid)`}
    order by last_at desc, case_id desc limit ${most}`;
} // prettier-ignore

export async function findCase(db: Statements, caseId: Uuid): Promise<CaseRow | null> {
  const [row] = await db<CaseRow[]>`select * from traffic.cases where case_id = ${caseId}`;
  return row ?? null;
}

export async function lockCase(tx: Statements, caseId: Uuid): Promise<CaseRow | null> {
  const [row] = await tx<CaseRow[]>`select * from traffic.cases where case_id = ${caseId} for update`;
  return row ?? null;
}

export async function setCase(
  tx: Statements,
  caseId: Uuid,
  { state, owner, verdict, closedAt }: Readonly<{ state: CaseState; owner: string | null; verdict: Verdict | null; closedAt: Date | null }>,
): Promise<void> {
  await tx`update traffic.cases set state = ${state}, owner = ${owner}, verdict = ${verdict}, closed_at = ${closedAt} where case_id = ${caseId}`;
} // prettier-ignore

export async function alertsOf(db: Statements, caseId: Uuid, most: number): Promise<AlertRow[]> {
  return db<AlertRow[]>`
    select alert_uid, case_id, rule, title, severity, key, at, found_at, reason, measure, attack from traffic.alerts
    where case_id = ${caseId} order by found_at desc, alert_uid limit ${most}`;
}

export async function evidenceOf(
  db: Statements,
  uid: string,
): Promise<{ case_id: Uuid; alert_id: Uuid; evidence: Buffer } | null> {
  const [row] = await db<{ case_id: Uuid; alert_id: Uuid; evidence: Buffer }[]>`
    select case_id, alert_id, evidence from traffic.alerts where alert_uid = ${uid}`;
  return row ?? null;
}

/** The newest, in order. */
export async function stepsOf(db: Statements, caseId: Uuid): Promise<StepRow[]> {
  const rows = await db<StepRow[]>`
    select step_id, at, by, kind, note from traffic.case_steps where case_id = ${caseId} order by at desc, step_id desc limit 1000`;
  return rows.reverse();
}

export async function subjectsOfCase(db: Statements, caseId: Uuid, most: number): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from traffic.case_subjects where case_id = ${caseId} order by subject_id limit ${most}`;
  return rows.map(({ subject_id }) => subject_id);
}

/** Newest alerts, for those who follow along. */
export async function alertsSince(db: Statements, since: Date, most: number): Promise<AlertRow[]> {
  return db<AlertRow[]>`
    select alert_uid, case_id, rule, title, severity, key, at, found_at, reason, measure, attack from traffic.alerts
    where found_at > ${since} order by found_at desc limit ${most}`;
}

export async function alertCounts(db: Statements, since: Date): Promise<{ rule: string; n: number; last: Date }[]> {
  return db`select rule, count(*)::int as n, max(found_at) as last from traffic.alerts where found_at > ${since} group by rule`;
}

/** Closed cases and their alerts that are older than they are kept. */
export async function sweepCases(db: Statements, keepDays: number): Promise<void> {
  await db`
    with gone as (select case_id from traffic.cases where state = 'closed' and closed_at < now() - make_interval(days => ${keepDays}) limit 500),
      a as (delete from traffic.alerts where case_id in (select case_id from gone)),
      s as (delete from traffic.case_subjects where case_id in (select case_id from gone)),
      t as (delete from traffic.case_steps where case_id in (select case_id from gone)),
      m as (update traffic.measures set case_id = null where case_id in (select case_id from gone))
    select 1`;
  await db`delete from traffic.cases c where state = 'closed' and closed_at < now() - make_interval(days => ${keepDays})
    and not exists (select from traffic.alerts a where a.case_id = c.case_id)`;
}

/** How many are not closed, by severity, 1 to 5. */
export async function countOpenCases(db: Statements): Promise<Record<string, number>> {
  const rows = await db<{ severity: number; count: number }[]>`
    select severity, count(*)::int as count from traffic.cases where state <> 'closed' group by severity`;
  const found = new Map(rows.map(({ severity, count }) => [severity, count]));
  return Object.fromEntries([1, 2, 3, 4, 5].map((severity) => [String(severity), found.get(severity) ?? 0]));
}
