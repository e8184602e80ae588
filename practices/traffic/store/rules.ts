/** Statements on rules of this installation, on what nobody wants to hear of, and on playbooks. */
import { isLately, type Statements, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type RuleState = 'on' | 'off' | 'suspended';
export type RuleRow = Readonly<{
  rule: string;
  text: string | null;
  state: RuleState;
  reason: string;
  by: string;
  at: Date;
  /** Another one whenever something is said of the rule. */
  mark: string;
}>;

export async function listRuleRows(db: Statements): Promise<RuleRow[]> {
  return db<RuleRow[]>`select *, at::text as mark from traffic.rules order by rule`;
}

/** Of two who add one at once the second waits, and sees what the first has written. */
export async function holdRules(tx: Tx): Promise<RuleRow[]> {
  await tx`lock table traffic.rules in share row exclusive mode`;
  return listRuleRows(tx);
}

/** Changes whenever a rule does, whatever the clock says: what detections were made of. */
export async function rulesMark(db: Statements): Promise<string> {
  const [row] = await db<{ mark: string }[]>`
    select coalesce(md5(string_agg(rule || ' ' || at::text, ',' order by rule)), '') as mark from traffic.rules`;
  return row?.mark ?? '';
}

/** @param text undefined: as it is */
export async function putRule(
  tx: Statements,
  row: Omit<RuleRow, 'text' | 'at' | 'mark'> & { text?: string | null },
): Promise<void> {
  await tx`
    insert into traffic.rules (rule, text, state, reason, by, at)
    values (${row.rule}, ${row.text ?? null}, ${row.state}, ${row.reason}, ${row.by}, clock_timestamp())
    on conflict (rule) do update set state = excluded.state, reason = excluded.reason, by = excluded.by, at = excluded.at
      ${row.text === undefined ? tx`` : tx`, text = excluded.text`}`;
}

/**
 * What detections suspend; what a person has decided meanwhile stands, also that the rule goes.
 * @param seen mark of the row that the detections were made of; null: a shipped rule of which nobody had said anything
 * @returns whether it is suspended by this
 */
export async function suspendRule(tx: Statements, rule: string, reason: string, seen: string | null): Promise<boolean> {
  const done =
    seen === null
      ? await tx`
          insert into traffic.rules (rule, state, reason, by, at)
          values (${rule}, 'suspended', ${reason}, 'system', clock_timestamp()) on conflict do nothing`
      : await tx`
          update traffic.rules set state = 'suspended', reason = ${reason}, by = 'system', at = clock_timestamp()
          where rule = ${rule} and state = 'on' and at::text = ${seen}`;
  return done.count === 1;
}

/** @returns false when it was none of our own */
export async function deleteRule(tx: Statements, rule: string): Promise<boolean> {
  return (await tx`delete from traffic.rules where rule = ${rule} and text is not null`).count === 1;
}

export type SuppressionRow = Readonly<{
  suppression_id: Uuid;
  rule: string;
  about: string | null;
  until: Date;
  reason: string;
  by: string;
  made_at: Date;
  ended_at: Date | null;
  hits: bigint;
}>;

export async function insertSuppression(tx: Statements, row: Omit<SuppressionRow, 'made_at' | 'ended_at' | 'hits'>): Promise<void> {
  await tx`insert into traffic.suppressions (suppression_id, rule, about, until, reason, by, made_at)
    values (${row.suppression_id}, ${row.rule}, ${row.about}, ${row.until}, ${row.reason}, ${row.by}, clock_timestamp())`;
} // prettier-ignore

/** Counts a hit. @returns whether nobody wants to hear of it */
export async function isSuppressed(tx: Statements, rule: string, about: string): Promise<boolean> {
  const hit = await tx`
    update traffic.suppressions set hits = hits + 1
    where rule = ${rule} and (about is null or about = ${about}) and ended_at is null and until > clock_timestamp()`;
  return hit.count > 0;
}

export async function listSuppressions(db: Statements): Promise<SuppressionRow[]> {
  return db<SuppressionRow[]>`
    select * from traffic.suppressions where ended_at is null and until > clock_timestamp() order by made_at desc limit 500`;
}

export async function countSuppressions(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from traffic.suppressions where ended_at is null and until > clock_timestamp()`;
  return row?.n ?? 0;
}

/** Those that are over for so long. */
export async function sweepSuppressions(db: Statements, keepDays: number): Promise<void> {
  await db`delete from traffic.suppressions where coalesce(ended_at, until) < now() - make_interval(days => ${keepDays})`;
}

export async function endSuppression(tx: Statements, id: Uuid): Promise<boolean> {
  const ended = await tx`update traffic.suppressions set ended_at = clock_timestamp()
    where suppression_id = ${id} and ended_at is null and until > clock_timestamp()`;
  return ended.count === 1;
}

export type PlaybookRow = Readonly<{
  playbook_id: Uuid;
  rule: string | null;
  severity: number;
  action: string;
  seconds: number;
  mode: 'shadow' | 'on' | 'off';
  per_hour: number;
  by: string;
  at: Date;
}>;

export async function listPlaybooks(db: Statements): Promise<PlaybookRow[]> {
  return db<PlaybookRow[]>`select * from traffic.playbooks order by playbook_id`;
}

/** Of two who save at once the second waits, and sees what the first has written. */
export async function holdPlaybooks(tx: Tx): Promise<PlaybookRow[]> {
  await tx`lock table traffic.playbooks in share row exclusive mode`;
  return listPlaybooks(tx);
}

export async function isPlaybookOn(db: Statements, id: Uuid): Promise<boolean> {
  return (await db`select from traffic.playbooks where playbook_id = ${id} and mode = 'on'`).count === 1;
}

/** All of them, as one. They are held. */
export async function replacePlaybooks(tx: Tx, rows: readonly Omit<PlaybookRow, 'at'>[]): Promise<void> {
  await tx`delete from traffic.playbooks`;
  for (const row of rows)
    await tx`insert into traffic.playbooks (playbook_id, rule, severity, action, seconds, mode, per_hour, by, at)
      values (${row.playbook_id}, ${row.rule}, ${row.severity}, ${row.action}, ${row.seconds}, ${row.mode}, ${row.per_hour}, ${row.by}, clock_timestamp())`;
}

/** Whether a playbook said one of these of a case within so many seconds. @param what a part of its words */
export async function saidLately(tx: Statements, caseId: Uuid, playbook: Uuid, kinds: readonly string[], seconds: number, what = ''): Promise<boolean> {
  const said = await tx`
    select from traffic.case_steps where case_id = ${caseId} and by = ${`playbook ${playbook}`} and kind = any(${[...kinds]}::text[])
      and strpos(note, ${what}) > 0 and ${isLately(tx, 'at', seconds)} limit 1`;
  return said.count > 0;
} // prettier-ignore

/** How often it was done by itself within the hour: steps say so. */
export async function doneLately(tx: Statements, playbook: Uuid): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    select count(*)::int as n from traffic.case_steps where by = ${`playbook ${playbook}`} and kind = 'action' and ${isLately(tx, 'at', 3600)}`;
  return row?.n ?? 0;
}
