/** Statements on reports without a name, their links and words. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export const REPORT_KINDS = ['lost-device', 'wrong-recipient', 'clicked', 'strange', 'other'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export type ReportState = 'received' | 'looking' | 'closed';
export type Turn = 'team' | 'reporter' | 'nobody';
export type LinkRow = Readonly<{ link_id: Uuid; made_at: Date; made_by: string }>;
export type ReportRow = Readonly<{
  report_id: Uuid;
  kind: ReportKind;
  /** Where it became an incident: as that stands. */
  state: ReportState;
  turn: Turn;
  incident_id: Uuid | null;
  received_at: Date;
  moved_at: Date;
}>;
export type WordsRow = Readonly<{ seq: number; said_by: 'reporter' | 'team'; at: Date; by: string | null; sealed: Buffer }>; // prettier-ignore
export type NewWords = Omit<WordsRow, 'seq'> & Readonly<{ once: Buffer | null }>;

const PART_SECONDS = 900;

export async function livingLink(db: Statements): Promise<LinkRow | null> {
  const [row] = await db<
    LinkRow[]
  >`select link_id, made_at, made_by from education.intake_links where ended_at is null`;
  return row ?? null;
}
/** Links that are made or ended at once are one after the other. @returns the one that ended */
export async function endLink(tx: Statements, at: Date): Promise<Uuid | null> {
  await tx`select pg_advisory_xact_lock(hashtextextended('education.intake.link', 0))`;
  const [row] = await tx<{ link_id: Uuid }[]>`
    update education.intake_links set ended_at = ${at} where ended_at is null returning link_id`;
  return row?.link_id ?? null;
}
export async function insertLink(tx: Statements, { link_id, made_at, made_by }: LinkRow): Promise<void> {
  await tx`insert into education.intake_links (link_id, made_at, made_by) values (${link_id}, ${made_at}, ${made_by})`;
}
/** Nobody ends it until the transaction does. */
export async function holdLink(tx: Statements, id: Uuid): Promise<boolean> {
  const rows = await tx`select 1 from education.intake_links where link_id = ${id} and ended_at is null for share`;
  return rows.length === 1;
}

/** Counts, and says how often it was in this quarter of an hour, on all servers. */
export async function countIntake(db: Statements, what: string): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    insert into education.intake_counts (what, part, n) values (${what}, floor(extract(epoch from now()) / ${PART_SECONDS}), 1)
    on conflict (what, part) do update set n = intake_counts.n + 1 returning n`;
  return row?.n ?? 0;
}

/** That nobody has looked at, by this link: a new one is the way out of a flood. Who reports next waits until the transaction ends. */
export async function lockUnread(tx: Statements, link: Uuid): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended('education.intake', 0))`;
  const [row] = await tx<
    { n: number }[]
  >`select count(*)::int as n from education.intake_reports where state = 'received' and link_id = ${link}`;
  return row?.n ?? 0;
}
/** @returns false: there is one of this receipt already */
export async function insertReport(
  tx: Statements,
  row: ReportRow & Readonly<{ receipt: Buffer; link_id: Uuid }>,
  key: Buffer,
): Promise<boolean> {
  const made = await tx`
    insert into education.intake_reports (report_id, receipt, link_id, kind, state, turn, received_at, moved_at)
    values (${row.report_id}, ${row.receipt}, ${row.link_id}, ${row.kind}, ${row.state}, ${row.turn}, ${row.received_at}, ${row.moved_at})
    on conflict (receipt) do nothing`;
  if (made.count === 0) return false;
  await tx`insert into education.intake_keys (report_id, sealed) values (${row.report_id}, ${key})`;
  return true;
}

const selectReports = (db: Statements) => db`
  select r.report_id, r.kind, case when i.phase = 'closed' then 'closed' else r.state end as state,
    case when i.phase = 'closed' then 'nobody' else r.turn end as turn, r.incident_id, r.received_at,
    case when i.phase = 'closed' then i.last_at else r.moved_at end as moved_at
  from education.intake_reports r left join education.incidents i using (incident_id)`;

export async function findReportBy(db: Statements, receipt: Buffer): Promise<ReportRow | null> {
  const [row] = await db<ReportRow[]>`${selectReports(db)} where r.receipt = ${receipt}`;
  return row ?? null;
}
export async function findReport(db: Statements, id: Uuid): Promise<ReportRow | null> {
  const [row] = await db<ReportRow[]>`${selectReports(db)} where r.report_id = ${id}`;
  return row ?? null;
}
/** As `findReport`; nobody else moves it until the transaction ends. */
export async function lockReport(tx: Statements, id: Uuid): Promise<ReportRow | null> {
  await tx`select 1 from education.intake_reports where report_id = ${id} for update`;
  return findReport(tx, id);
}
export async function moveReport(
  tx: Statements,
  { report_id, state, turn, incident_id, moved_at }: Omit<ReportRow, 'kind' | 'received_at'>,
): Promise<void> {
  await tx`
    update education.intake_reports set state = ${state}, turn = ${turn}, incident_id = ${incident_id}, moved_at = ${moved_at}
    where report_id = ${report_id}`;
}

/** The newest first. */
export async function listReports(
  db: Statements,
  { before, limit, which }: Readonly<{ before: Uuid | null; limit: number; which: 'open' | 'all' }>,
): Promise<ReportRow[]> {
  return db<ReportRow[]>`
    ${selectReports(db)}
    where (${before === null} or r.report_id < ${before}::uuid) and (${which === 'all'} or (r.state <> 'closed' and i.phase is distinct from 'closed'))
    order by r.report_id desc limit ${limit}`;
}
/** On which the team has to say something. */
export async function countWaiting(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from education.intake_reports r left join education.incidents i using (incident_id)
    where r.turn = 'team' and i.phase is distinct from 'closed'`;
  return row?.n ?? 0;
}

export async function keyOf(db: Statements, id: Uuid): Promise<Buffer | null> {
  const [row] = await db<{ sealed: Buffer }[]>`select sealed from education.intake_keys where report_id = ${id}`;
  return row?.sealed ?? null;
}
export async function wordsOf(db: Statements, id: Uuid): Promise<WordsRow[]> {
  return db<WordsRow[]>`
    select seq, said_by, at, by, sealed from education.intake_words where report_id = ${id} order by seq`;
}
export async function wasSaid(tx: Statements, id: Uuid, once: Buffer): Promise<boolean> {
  const rows = await tx`select 1 from education.intake_words where report_id = ${id} and once = ${once}`;
  return rows.length > 0;
}
export async function insertWords(tx: Statements, id: Uuid, seq: number, words: NewWords): Promise<void> {
  await tx`
    insert into education.intake_words (report_id, seq, said_by, at, by, once, sealed)
    values (${id}, ${seq}, ${words.said_by}, ${words.at}, ${words.by}, ${words.once}, ${words.sealed})`;
}

/** Closed before then, with key and words; counts that nothing is compared with any more. @returns which reports */
export async function sweepIntake(tx: Statements, before: Date): Promise<Uuid[]> {
  await tx`delete from education.intake_counts where part < floor(extract(epoch from now()) / ${PART_SECONDS}) - 1`;
  const rows = await tx<{ report_id: Uuid }[]>`
    delete from education.intake_reports r
    where (r.state = 'closed' and r.moved_at < ${before})
      or exists (select 1 from education.incidents i where i.incident_id = r.incident_id and i.phase = 'closed' and i.last_at < ${before})
    returning report_id`;
  return rows.map(({ report_id }) => report_id);
}
