/** Statements on findings and what happened to them. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { FindingState, Severity } from '../types.ts';

export type FindingRow = Readonly<{
  finding_id: Uuid;
  fingerprint: string;
  rule: string;
  title: string;
  description: string;
  severity: Severity;
  cvss: string | null;
  state: FindingState;
  asset: string;
  place: string;
  parameter: string | null;
  part_version: string | null;
  exploited: boolean;
  judged: boolean;
  first_seen_at: Date;
  last_seen_at: Date;
  due_at: Date;
  fixed_at: Date | null;
  owner: string | null;
  source: string;
  test_id: string | null;
  accepted_until: Date | null;
  reason: string | null;
  anchor: string | null;
  told_at: Date | null;
  duplicate_of: Uuid | null;
  seen: number;
  reopened: number;
  version: number;
}>;
export type FindingEventRow = Readonly<{
  seq: number;
  at: Date;
  by: string;
  what: string;
  from_state: string | null;
  to_state: string | null;
  note: string;
}>;

/** @returns false when one of its fingerprint is there */
export async function insertFinding(tx: Statements, row: FindingRow): Promise<boolean> {
  const inserted = await tx`
    insert into assurance.findings (finding_id, fingerprint, rule, title, description, severity, cvss, state, asset, place, parameter, part_version,
      exploited, first_seen_at, last_seen_at, due_at, source, test_id)
    values (${row.finding_id}, ${row.fingerprint}, ${row.rule}, ${row.title}, ${row.description}, ${row.severity}, ${row.cvss}, ${row.state},
      ${row.asset}, ${row.place}, ${row.parameter}, ${row.part_version}, ${row.exploited}, ${row.first_seen_at}, ${row.last_seen_at}, ${row.due_at},
      ${row.source}, ${row.test_id})
    on conflict (fingerprint) do nothing`;
  return inserted.count === 1;
}

/** Nobody else changes it until the transaction ends. */
export async function lockByFingerprint(tx: Statements, fingerprint: string): Promise<FindingRow | null> {
  const [row] = await tx<FindingRow[]>`select * from assurance.findings where fingerprint = ${fingerprint} for update`;
  return row ?? null;
}

export async function lockFinding(tx: Statements, id: Uuid): Promise<FindingRow | null> {
  const [row] = await tx<FindingRow[]>`select * from assurance.findings where finding_id = ${id} for update`;
  return row ?? null;
}

export async function findFinding(db: Statements, id: Uuid): Promise<FindingRow | null> {
  const [row] = await db<FindingRow[]>`select * from assurance.findings where finding_id = ${id}`;
  return row ?? null;
}

/** All that changes; the version goes up by one. */
export async function updateFinding(tx: Statements, row: FindingRow): Promise<void> {
  await tx`
    update assurance.findings set title = ${row.title}, description = ${row.description}, severity = ${row.severity}, cvss = ${row.cvss},
      state = ${row.state}, part_version = ${row.part_version}, exploited = ${row.exploited}, judged = ${row.judged},
      first_seen_at = ${row.first_seen_at}, last_seen_at = ${row.last_seen_at}, due_at = ${row.due_at}, fixed_at = ${row.fixed_at},
      owner = ${row.owner}, accepted_until = ${row.accepted_until}, reason = ${row.reason}, anchor = ${row.anchor}, told_at = ${row.told_at},
      duplicate_of = ${row.duplicate_of}, source = ${row.source}, test_id = ${row.test_id}, seen = ${row.seen}, reopened = ${row.reopened}, version = version + 1
    where finding_id = ${row.finding_id}`;
}

export async function addEvent(tx: Statements, id: Uuid, event: Omit<FindingEventRow, 'seq'>): Promise<void> {
  await tx`
    insert into assurance.finding_events (finding_id, seq, at, by, what, from_state, to_state, note)
    select ${id}, coalesce(max(seq), 0) + 1, ${event.at}, ${event.by}, ${event.what}, ${event.from_state}, ${event.to_state}, ${event.note}
    from assurance.finding_events where finding_id = ${id}`;
}

export async function eventsOf(db: Statements, id: Uuid): Promise<FindingEventRow[]> {
  return db<FindingEventRow[]>`
    select seq, at, by, what, from_state, to_state, note from assurance.finding_events where finding_id = ${id} order by seq`;
}

export type FindingAsk = Readonly<{
  states: readonly FindingState[];
  severities: readonly Severity[];
  source: string | null;
  testId: string | null;
  after: Readonly<{ dueAt: Date; id: Uuid }> | null;
  most: number;
}>;

/** By the day they are due, the first one first. */
export async function listFindings(db: Statements, ask: FindingAsk): Promise<FindingRow[]> {
  return db<FindingRow[]>`
    select * from assurance.findings
    where state = any (${[...ask.states]}::text[]) and severity = any (${[...ask.severities]}::text[])
      and (${ask.source}::text is null or source = ${ask.source}) and (${ask.testId}::text is null or test_id = ${ask.testId})
      and (${ask.after === null} or (due_at, finding_id) > (${ask.after?.dueAt ?? new Date(0)}::timestamptz, ${ask.after?.id ?? null}::uuid))
    order by due_at, finding_id limit ${ask.most}`;
}

/** Those of a tool in some places that it did not see again. */
export async function notSeenAgain(
  tx: Statements,
  { source, assets, seen }: Readonly<{ source: string; assets: readonly string[]; seen: readonly string[] }>,
): Promise<FindingRow[]> {
  return tx<FindingRow[]>`
    select * from assurance.findings where source = ${source} and asset = any (${[...assets]}::text[]) and test_id is null
      and state in ('new', 'triaged', 'in progress') and fingerprint <> all (${[...seen]}::text[])
    order by finding_id for update`;
}

/** Open or lived with: what a test that passes ends. */
export async function lockOfTest(tx: Statements, testId: string): Promise<FindingRow[]> {
  return tx<FindingRow[]>`
    select * from assurance.findings where test_id = ${testId}
      and state in ('new', 'triaged', 'in progress', 'ready for retest', 'accepted') order by finding_id for update`;
}

export async function lockOfRule(tx: Statements, rule: string, source: string): Promise<FindingRow[]> {
  return tx<FindingRow[]>`
    select * from assurance.findings where rule = ${rule} and source = ${source}
      and state in ('new', 'triaged', 'in progress', 'ready for retest', 'accepted') order by finding_id for update`;
}

export async function endedAcceptances(db: Statements, now: Date): Promise<Uuid[]> {
  const rows = await db<{ finding_id: Uuid }[]>`
    select finding_id from assurance.findings where state = 'accepted' and (accepted_until is null or accepted_until <= ${now}) limit 500`;
  return rows.map(({ finding_id }) => finding_id);
}

/** Open ones whose day is over, and nobody was told. */
export async function overdueUntold(db: Statements, now: Date): Promise<Uuid[]> {
  const rows = await db<{ finding_id: Uuid }[]>`
    select finding_id from assurance.findings
    where severity = 'critical' and state in ('new', 'triaged', 'in progress', 'ready for retest') and due_at <= ${now} and told_at is null limit 500`;
  return rows.map(({ finding_id }) => finding_id);
}

export type FindingCount = Readonly<{ state: FindingState; severity: Severity; count: number; overdue: number }>;

export async function countFindings(db: Statements, now: Date): Promise<FindingCount[]> {
  return db<FindingCount[]>`
    select state, severity, count(*)::int as count,
      count(*) filter (where due_at <= ${now} and state in ('new', 'triaged', 'in progress', 'ready for retest'))::int as overdue
    from assurance.findings group by state, severity`;
}

/** What half-lives are made of: of two years, so that one old day does not weigh for ever. */
export async function livesOf(db: Statements, since: Date): Promise<{ severity: Severity; born_at: Date; gone_at: Date | null }[]> {
  return db<{ severity: Severity; born_at: Date; gone_at: Date | null }[]>`
    select severity, first_seen_at as born_at, case when state = 'verified fixed' then fixed_at end as gone_at
    from assurance.findings
    where first_seen_at > ${since} and state not in ('not affected', 'false positive', 'duplicate') limit 100000`;
} // prettier-ignore

export type AcceptanceRow = Readonly<{
  acceptance_id: Uuid;
  finding_id: Uuid;
  until: Date;
  control: string;
  reason: string;
  severity: Severity;
  proposed_by: string;
  proposed_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  state: 'proposed' | 'approved' | 'refused' | 'replaced';
}>;

/** The one that waits, if there is one, is replaced by it. */
export async function proposeAcceptance(tx: Statements, row: AcceptanceRow): Promise<void> {
  await tx`update assurance.acceptances set state = 'replaced' where finding_id = ${row.finding_id} and state = 'proposed'`;
  await tx`
    insert into assurance.acceptances (acceptance_id, finding_id, until, control, reason, severity, proposed_by, proposed_at, state)
    values (${row.acceptance_id}, ${row.finding_id}, ${row.until}, ${row.control}, ${row.reason}, ${row.severity}, ${row.proposed_by},
      ${row.proposed_at}, 'proposed')`;
}

export async function proposedOf(db: Statements, findingId: Uuid): Promise<AcceptanceRow | null> {
  const [row] = await db<AcceptanceRow[]>`
    select * from assurance.acceptances where finding_id = ${findingId} and state = 'proposed'`;
  return row ?? null;
}

export async function decideAcceptance(
  tx: Statements,
  id: Uuid,
  { state, by, at }: Readonly<{ state: 'approved' | 'refused'; by: string; at: Date }>,
): Promise<void> {
  await tx`
    update assurance.acceptances set state = ${state}, decided_by = ${by}, decided_at = ${at}
    where acceptance_id = ${id} and state = 'proposed'`;
}

export async function acceptancesOf(db: Statements, findingId: Uuid): Promise<AcceptanceRow[]> {
  return db<AcceptanceRow[]>`
    select * from assurance.acceptances where finding_id = ${findingId} order by proposed_at desc, acceptance_id desc limit 20`;
}

/** Of these the ones in such a state. */
export async function openOf(db: Statements, fingerprints: readonly string[], states: readonly FindingState[]): Promise<string[]> {
  const rows = await db<{ fingerprint: string }[]>`
    select fingerprint from assurance.findings where fingerprint = any (${[...fingerprints]}::text[]) and state = any (${[...states]}::text[])`;
  return rows.map(({ fingerprint }) => fingerprint);
} // prettier-ignore

/** Which versions something was said of, where it ended with that. */
export async function anchorsOf(db: Statements, fingerprints: readonly string[]): Promise<{ fingerprint: string; anchor: string | null }[]> {
  return db<{ fingerprint: string; anchor: string | null }[]>`
    select fingerprint, anchor from assurance.findings where fingerprint = any (${[...fingerprints]}::text[]) and state = 'not affected'`;
} // prettier-ignore

/**
 * Those of one version of a part, by any name of the weakness; of a test none.
 * @param isHere that version is among the parts: a finding names the last one that was seen
 */
export async function lockOfPart(
  tx: Statements,
  {
    rules,
    place,
    version,
    isHere,
  }: Readonly<{ rules: readonly string[]; place: string; version: string; isHere: boolean }>,
): Promise<FindingRow[]> {
  return tx<FindingRow[]>`
    select * from assurance.findings
    where test_id is null and rule = any (${[...rules]}::text[]) and place = ${place} and (part_version = ${version} or (${isHere} and part_version is not null))
    order by finding_id for update`;
}

export async function statesOf(db: Statements, ids: readonly Uuid[]): Promise<{ finding_id: Uuid; state: FindingState }[]> {
  return db<{ finding_id: Uuid; state: FindingState }[]>`
    select finding_id, state from assurance.findings where finding_id = any (${[...ids]}::uuid[])`;
} // prettier-ignore
