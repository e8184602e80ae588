/** Statements on violations, what was said and decided in them, and what the ladder counts. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Span } from '../standing/clock.ts';
import type { Outcome, Rung } from '../violations/ladder.ts';

export type Effects = Readonly<{
  /** The course was taken back by it. */
  revocation?: string;
  /** Roles that were ended, as they were given. */
  roles?: Readonly<{ since: string; own: readonly string[]; group: readonly string[]; resting: readonly string[] }>;
}>;
export type ViolationRow = Readonly<{
  violation_id: Uuid;
  person_id: Uuid;
  policy: string;
  policy_hash: string;
  intent: boolean;
  rung: Rung;
  course: string | null;
  entry: bigint;
  entry_hash: Buffer;
  event_at: Date;
  about: readonly string[];
  apart: readonly string[];
  opened_by: string;
  opened_at: Date;
  stated_at: Date | null;
  review_told: boolean;
  /** When who may decide was told last that it waits. */
  reminded_at: Date | null;
  differs_at: Date | null;
  outcome: Outcome | null;
  decided_at: Date | null;
  effects: Effects | null;
  appealed_at: Date | null;
  appeal: 'granted' | 'refused' | null;
  answered_at: Date | null;
  version: number;
}>;
export type WordKind = 'opened' | 'statement' | 'vote' | 'appeal' | 'answer';
export type WordRow = Readonly<{
  violation_id: Uuid;
  seq: number;
  kind: WordKind;
  at: Date;
  who: string;
  choice: string | null;
  sealed: Buffer | null;
}>;
export type NewViolation = Omit<
  ViolationRow,
  'stated_at' | 'review_told' | 'reminded_at' | 'differs_at' | 'outcome' | 'decided_at' | 'effects' | 'appealed_at' | 'appeal' | 'answered_at' | 'version'
>; // prettier-ignore

/** @returns false when the same entry was held against them before, under the same policy */
export async function insertViolation(tx: Statements, row: NewViolation): Promise<boolean> {
  const made = await tx`
    insert into education.violations (violation_id, person_id, policy, policy_hash, intent, rung, course, entry, entry_hash, event_at, about, apart, opened_by, opened_at, version)
    values (${row.violation_id}, ${row.person_id}, ${row.policy}, ${row.policy_hash}, ${row.intent}, ${row.rung}, ${row.course}, ${String(row.entry)}::bigint,
      ${row.entry_hash}, ${row.event_at}, ${[...row.about]}::text[], ${[...row.apart]}::text[], ${row.opened_by}, ${row.opened_at}, 1)
    on conflict (person_id, policy, entry) do nothing`;
  return made.count === 1;
}

/** @returns false when it was tried before, also where that was forgotten since */
export async function markTried(tx: Statements, mark: Buffer, at: Date): Promise<boolean> {
  const made =
    await tx`insert into education.violations_tried (mark, at) values (${mark}, ${at}) on conflict do nothing`;
  return made.count === 1;
}

export async function findViolation(db: Statements, id: Uuid): Promise<ViolationRow | null> {
  const [row] = await db<ViolationRow[]>`select * from education.violations where violation_id = ${id}`;
  return row ?? null;
}

/**
 * Locked until the transaction ends: of two who decide at once, the second sees what the first one did. Those of one person are
 * one after the other: what one decision takes, another one may give back.
 */
export async function holdViolation(tx: Statements, id: Uuid): Promise<ViolationRow | null> {
  await tx`
    select pg_advisory_xact_lock(hashtextextended('education.violations ' || person_id::text, 0)) from education.violations where violation_id = ${id}`;
  const [row] = await tx<ViolationRow[]>`select * from education.violations where violation_id = ${id} for update`;
  return row ?? null;
}

/** Another one of the same person by which the same access ended, and that holds. @param since of the ending */
export async function holdStandingRemoval(tx: Statements, { violation_id, person_id }: Pick<ViolationRow, 'violation_id' | 'person_id'>, since: string): Promise<ViolationRow | null> {
  const [row] = await tx<ViolationRow[]>`
    select * from education.violations
    where person_id = ${person_id} and violation_id <> ${violation_id} and outcome = 'access-removal' and appeal is distinct from 'granted'
      and effects->'roles'->>'since' = ${since}
    order by decided_at limit 1 for update`;
  return row ?? null;
} // prettier-ignore

export async function violationsOf(db: Statements, person: Uuid): Promise<ViolationRow[]> {
  return db<ViolationRow[]>`select * from education.violations where person_id = ${person} order by violation_id desc`;
}

/** The one that was opened first first: an order that says nothing of people. @param after the last of the page before */
export async function violationPage(db: Statements, after: Uuid | null, limit: number): Promise<ViolationRow[]> {
  return db<ViolationRow[]>`
    select * from education.violations where ${after}::uuid is null or violation_id > ${after}::uuid order by violation_id limit ${limit}`;
}

/** Nothing of them is decided, and nobody was told that their time to speak is over. */
export async function unheard(db: Statements): Promise<ViolationRow[]> {
  return db<ViolationRow[]>`
    select * from education.violations where outcome is null and not review_told order by opened_at limit 200`;
}
/** All that is not over: what waits for whom, times.ts says. */
export async function openViolations(db: Statements): Promise<ViolationRow[]> {
  return db<ViolationRow[]>`
    select * from education.violations where outcome is null or (appealed_at is not null and appeal is null) order by violation_id`;
}
/** Two have said two things, and a third one nothing. */
export async function unsettled(db: Statements): Promise<ViolationRow[]> {
  return db<ViolationRow[]>`
    select * from education.violations where outcome is null and differs_at is not null order by differs_at limit 200`;
}

type Changed = Partial<Pick<ViolationRow, 'stated_at' | 'review_told' | 'reminded_at' | 'differs_at' | 'outcome' | 'decided_at' | 'effects' | 'appealed_at' | 'appeal' | 'answered_at' | 'version'>>; // prettier-ignore
export async function updateViolation(tx: Statements, row: ViolationRow, changed: Changed): Promise<ViolationRow> {
  const next = { ...row, ...changed };
  await tx`
    update education.violations set stated_at = ${next.stated_at}, review_told = ${next.review_told}, reminded_at = ${next.reminded_at}, differs_at = ${next.differs_at},
      outcome = ${next.outcome}, decided_at = ${next.decided_at}, effects = ${next.effects === null ? null : tx.json(next.effects)},
      appealed_at = ${next.appealed_at}, appeal = ${next.appeal}, answered_at = ${next.answered_at}, version = ${next.version}
    where violation_id = ${row.violation_id}`;
  return next;
}

export async function insertWord(tx: Statements, row: WordRow): Promise<void> {
  await tx`
    insert into education.violation_words (violation_id, seq, kind, at, who, choice, sealed)
    values (${row.violation_id}, ${row.seq}, ${row.kind}, ${row.at}, ${row.who}, ${row.choice}, ${row.sealed})`;
}

export async function wordsIn(db: Statements, ids: readonly Uuid[]): Promise<WordRow[]> {
  return db<WordRow[]>`
    select * from education.violation_words where violation_id = any(${[...ids]}::uuid[]) order by violation_id, seq`;
}

export async function noteRead(db: Statements, id: Uuid, who: string, version: number): Promise<void> {
  await db`
    insert into education.violation_reads (violation_id, who, version) values (${id}, ${who}, ${version})
    on conflict (violation_id, who) do update set version = greatest(education.violation_reads.version, excluded.version)`;
}

export async function readUpTo(db: Statements, id: Uuid, who: string): Promise<number> {
  const [row] = await db<{ version: number }[]>`
    select version from education.violation_reads where violation_id = ${id} and who = ${who}`;
  return row?.version ?? 0;
}

/**
 * How many of the same rule were confirmed before it happened, and are not too old to count. One that is under appeal, or did
 * not hold, counts for nothing.
 */
export async function confirmedBefore(
  db: Statements,
  { violation_id, person_id, policy, event_at }: Pick<ViolationRow, 'person_id' | 'policy' | 'event_at'> & Readonly<{ violation_id: Uuid | null }>,
  months: number,
): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from education.violations
    where person_id = ${person_id} and policy = ${policy} and violation_id is distinct from ${violation_id} and outcome <> 'none'
      and (appealed_at is null or appeal = 'refused')
      and decided_at < ${event_at} and decided_at > ${event_at}::timestamptz - make_interval(months => ${months})`;
  return row?.n ?? 0;
} // prettier-ignore

/** When they were away: clocks stand still for it from when it was told. */
export async function awayOf(db: Statements, person: Uuid): Promise<readonly Span[]> {
  return (await awayOfAll(db, [person])).get(person) ?? [];
}
export async function awayOfAll(db: Statements, people: readonly Uuid[]): Promise<ReadonlyMap<Uuid, readonly Span[]>> {
  const rows = await db<(Span & { person_id: Uuid })[]>`
    select person_id, greatest(from_at, told_at) as "from", until_at as until from education.absences
    where person_id = any(${[...new Set(people)]}::uuid[])`;
  return Map.groupBy(rows, ({ person_id }) => person_id);
}

/** Whether they said something themselves in that time: an incident, a mail. Who makes an incident of a report without a name reported nothing. */
export async function reportedBetween(db: Statements, person: Uuid, who: string, from: Date, until: Date): Promise<boolean> {
  const [row] = await db<{ did: boolean }[]>`
    select exists (select from education.incident_events where seq = 1 and not detail ? 'report' and who = ${who} and known_at between ${from} and ${until})
      or exists (select from education.phish_reports where reporter = ${person} and reported_at between ${from} and ${until}) as did`;
  return row?.did === true;
} // prettier-ignore

/** Who reported an incident; '': nobody who gave a name; null: there is none. */
export async function reporterOf(db: Statements, incident: Uuid): Promise<string | null> {
  const [row] = await db<{ who: string }[]>`
    select case when detail ? 'report' then '' else who end as who from education.incident_events where incident_id = ${incident} and seq = 1`;
  return row?.who ?? null;
}

/** Customers that were made up for exercises of theirs, and entries that those were graded by. */
export async function exercisedBy(
  db: Statements,
  person: Uuid,
): Promise<Readonly<{ subjects: readonly Uuid[]; entries: readonly bigint[] }>> {
  const subjects = await db<{ subject_id: Uuid }[]>`
    select subject_id from education.exercise_customers join education.exercise_tries using (try_id) where person_id = ${person}`;
  const entries = await db<{ entry: bigint }[]>`
    select unnest(own) as entry from education.exercise_tries where person_id = ${person}`;
  return { subjects: subjects.map(({ subject_id }) => subject_id), entries: entries.map(({ entry }) => entry) };
}

/** Whether an exercise of theirs was going on. */
export async function wasInExercise(db: Statements, person: Uuid, at: Date): Promise<boolean> {
  const rows = await db`
    select 1 from education.exercise_tries where person_id = ${person} and ${at} between began_at and coalesce(ended_at, ends_at) limit 1`;
  return rows.length > 0;
}

export async function liftRevocation(tx: Statements, id: Uuid, by: string, at: Date): Promise<boolean> {
  const made = await tx`
    insert into education.revocations_lifted (revocation_id, lifted_at, lifted_by)
    select revocation_id, ${at}, ${by} from education.revocations where revocation_id = ${id} on conflict do nothing`;
  return made.count === 1;
}

/** What was decided, held until the transaction ends. */
export async function lockDecided(tx: Statements): Promise<ViolationRow[]> {
  return tx<
    ViolationRow[]
  >`select * from education.violations where outcome is not null order by violation_id for update`;
}
export async function deleteViolations(tx: Statements, ids: readonly Uuid[]): Promise<void> {
  await tx`delete from education.violations where violation_id = any(${[...ids]}::uuid[])`;
}
