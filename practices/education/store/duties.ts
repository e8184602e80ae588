/** Statements on what people have to do, and on what follows for them from what they did. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type DutyKind = 'course' | 'policy' | 'drill';
type Of = Readonly<{ person_id: Uuid; kind: DutyKind; text_id: string }>;
export type AssignmentRow = Of &
  Readonly<{ role: string; came: 'had' | 'new'; assigned_at: Date; assigned_by: string }>;
/** `counts`: it is enough for a role. */
export type DoneRow = Of & Readonly<{ hash: string; at: Date; counts: boolean }>;
export type PersonRows = Readonly<{
  assignments: readonly AssignmentRow[];
  done: readonly DoneRow[];
  revoked: readonly (Of & Readonly<{ at: Date }>)[];
  exempt: readonly (Of & Readonly<{ from: Date; until: Date }>)[];
  absent: readonly Readonly<{ person_id: Uuid; from: Date; until: Date | null }>[];
  extended: readonly (Of & Readonly<{ due_at: Date }>)[];
}>;

/** All that decides how somebody stands. @param people null: of everybody */
export async function rowsOf(db: Statements, people: readonly Uuid[] | null): Promise<PersonRows> {
  const who = people === null ? db`true` : db`person_id = any(${[...people]}::uuid[])`;
  const [assignments, done, revoked, exempt, absent, extended] = await Promise.all([
    db`select * from education.assignments where ${who}`,
    db`
      select person_id, 'course' as kind, course as text_id, lesson_hash as hash, passed_at as at,
        evidence = 'graded' or coalesce((select counts from education.counting c where c.course = passes.course), false) as counts
      from education.passes where ${who}
      union all
      select person_id, 'policy', policy, hash, signed_at, true from education.acknowledgements where ${who}
      union all
      select person_id, 'drill', text_id, hash, ended_at, true
      from education.drill_people join education.drills using (drill_id) where verdict = 'passed' and ${who}`,
    // a drill that failed takes back what was passed before: who had passed nothing is no worse off for having tried
    db`
      select person_id, kind, text_id, revoked_at as at from education.revocations r where ${who}
        and not exists (select from education.revocations_lifted l where l.revocation_id = r.revocation_id)
      union all
      select person_id, 'drill', text_id, ended_at
      from education.drill_people failed join education.drills d using (drill_id) where verdict = 'failed' and ${who} and exists (
        select from education.drill_people passed join education.drills before using (drill_id)
        where passed.person_id = failed.person_id and passed.verdict = 'passed' and before.text_id = d.text_id and before.ended_at <= d.ended_at)`,
    db`
      select person_id, kind, text_id, approved_at as "from", least(until, ended_at) as until from education.exemptions
      where approved_at is not null and ${who}`,
    // told late, it runs from when it was told: nobody gets back what has run out meanwhile
    db`select person_id, greatest(from_at, told_at) as "from", until_at as until from education.absences where ${who}`,
    db`select person_id, kind, text_id, due_at from education.extensions where ${who}`,
  ]);
  return { assignments, done, revoked, exempt, absent, extended } as unknown as PersonRows;
}

/** The same rows, those of each person for themselves: looking through all of them once for each would be their square. */
export function rowsByPerson(rows: PersonRows): (person: string) => PersonRows {
  const grouped = (Object.keys(rows) as (keyof PersonRows)[]).map(
    (what) => [what, Map.groupBy(rows[what] as readonly Readonly<{ person_id: Uuid }>[], ({ person_id }) => person_id)] as const,
  );
  return (person) => Object.fromEntries(grouped.map(([what, of]) => [what, of.get(person as Uuid) ?? []])) as unknown as PersonRows;
} // prettier-ignore

/** @returns whether this installation sees it for the first time */
export async function insertRequirement(tx: Statements, row: Readonly<{ role: string; kind: DutyKind; text_id: string; since: Date }>): Promise<boolean> {
  const made = await tx`
    insert into education.requirements (role, kind, text_id, since) values (${row.role}, ${row.kind}, ${row.text_id}, ${row.since})
    on conflict do nothing`;
  return made.count === 1;
} // prettier-ignore

export async function requirementKeys(db: Statements): Promise<ReadonlySet<string>> {
  const rows = await db<{ key: string }[]>`select role || ' ' || kind || ' ' || text_id as key from education.requirements`;
  return new Set(rows.map(({ key }) => key));
} // prettier-ignore

/** Who has it already keeps it as it was. @returns those that are new */
export async function insertAssignments(tx: Statements, rows: readonly AssignmentRow[]): Promise<AssignmentRow[]> {
  if (rows.length === 0) return [];
  return tx<AssignmentRow[]>`
    insert into education.assignments (person_id, role, kind, text_id, came, assigned_at, assigned_by)
    select * from unnest(
      ${rows.map((each) => each.person_id)}::uuid[], ${rows.map((each) => each.role)}::text[], ${rows.map((each) => each.kind)}::text[],
      ${rows.map((each) => each.text_id)}::text[], ${rows.map((each) => each.came)}::text[],
      ${rows.map((each) => each.assigned_at.toISOString())}::timestamptz[], ${rows.map((each) => each.assigned_by)}::text[])
    on conflict do nothing returning *`;
}

export async function insertRevocation(
  tx: Statements,
  row: Of & Readonly<{ revocation_id: Uuid; because: string; revoked_by: string; revoked_at: Date }>,
): Promise<void> {
  await tx`
    insert into education.revocations (revocation_id, person_id, kind, text_id, because, revoked_by, revoked_at)
    values (${row.revocation_id}, ${row.person_id}, ${row.kind}, ${row.text_id}, ${row.because}, ${row.revoked_by}, ${row.revoked_at})`;
}

/** When it was last taken back, and stays so. */
export async function lastRevoked(tx: Statements, { person_id, kind, text_id }: Of): Promise<Date | null> {
  const [row] = await tx<{ at: Date | null }[]>`
    select max(revoked_at) as at from education.revocations r where person_id = ${person_id} and kind = ${kind} and text_id = ${text_id}
      and not exists (select from education.revocations_lifted l where l.revocation_id = r.revocation_id)`;
  return row?.at ?? null;
}

/** How many others of whom something was taken back since, and whether something of this one was, before `not`. */
export async function revokedSince(
  tx: Statements,
  since: Date,
  { person, not }: Readonly<{ person: Uuid; not: Uuid }>,
): Promise<Readonly<{ others: number; before: boolean }>> {
  const [row] = await tx<{ others: number; before: boolean }[]>`
    select count(distinct person_id) filter (where person_id <> ${person})::int as others,
      coalesce(bool_or(person_id = ${person}), false) as before
    from education.revocations where revoked_at > ${since} and revocation_id <> ${not}`;
  return row ?? { others: 0, before: false };
}

export type ExemptionRow = Of &
  Readonly<{
    exemption_id: Uuid;
    until: Date;
    because: string;
    asked_by: string;
    asked_at: Date;
    approved_by: string | null;
    approved_at: Date | null;
    ended_at: Date | null;
  }>;

export async function insertExemption(tx: Statements, row: ExemptionRow): Promise<void> {
  await tx`
    insert into education.exemptions (exemption_id, person_id, kind, text_id, until, because, asked_by, asked_at)
    values (${row.exemption_id}, ${row.person_id}, ${row.kind}, ${row.text_id}, ${row.until}, ${row.because}, ${row.asked_by}, ${row.asked_at})`;
}

export async function holdExemption(tx: Statements, id: Uuid): Promise<ExemptionRow | null> {
  const [row] = await tx<ExemptionRow[]>`select * from education.exemptions where exemption_id = ${id} for update`;
  return row ?? null;
}

export async function approveExemption(tx: Statements, id: Uuid, by: string, at: Date): Promise<void> {
  await tx`update education.exemptions set approved_by = ${by}, approved_at = ${at} where exemption_id = ${id}`;
}

export async function endExemption(tx: Statements, id: Uuid, at: Date): Promise<void> {
  await tx`update education.exemptions set ended_at = ${at} where exemption_id = ${id}`;
}

export async function listExemptions(db: Statements): Promise<ExemptionRow[]> {
  return db<ExemptionRow[]>`select * from education.exemptions order by asked_at desc limit 500`;
}

export type AbsenceRow = Readonly<{
  absence_id: Uuid;
  person_id: Uuid;
  from_at: Date;
  until_at: Date | null;
  told_by: string;
  told_at: Date;
}>;

export async function insertAbsence(tx: Statements, row: AbsenceRow): Promise<void> {
  await tx`
    insert into education.absences (absence_id, person_id, from_at, until_at, told_by, told_at)
    values (${row.absence_id}, ${row.person_id}, ${row.from_at}, ${row.until_at}, ${row.told_by}, ${row.told_at})`;
}

/** @returns whose it was; null when it has an end already, or is none */
export async function endAbsence(tx: Statements, id: Uuid, until: Date): Promise<Uuid | null> {
  const [row] = await tx<{ person_id: Uuid }[]>`
    update education.absences set until_at = ${until} where absence_id = ${id} and until_at is null and from_at < ${until}
    returning person_id`;
  return row?.person_id ?? null;
}

export async function insertExtensions(
  tx: Statements,
  rows: readonly (Of & Readonly<{ due_at: Date; extended_at: Date }>)[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const { count } = await tx`
    insert into education.extensions (person_id, kind, text_id, due_at, extended_at)
    select * from unnest(
      ${rows.map((each) => each.person_id)}::uuid[], ${rows.map((each) => each.kind)}::text[], ${rows.map((each) => each.text_id)}::text[],
      ${rows.map((each) => each.due_at.toISOString())}::timestamptz[], ${rows.map((each) => each.extended_at.toISOString())}::timestamptz[])
    on conflict do nothing`;
  return count;
}

export async function remindersSent(db: Statements): Promise<(Of & Readonly<{ due_at: Date; days: number }>)[]> {
  return db`select person_id, kind, text_id, due_at, days from education.reminders where due_at > now() - interval '60 days'`;
}

/** @returns false when it went out already */
export async function insertReminder(tx: Statements, row: Of & Readonly<{ due_at: Date; days: number; sent_at: Date }>): Promise<boolean> {
  const { count } = await tx`
    insert into education.reminders (person_id, kind, text_id, due_at, days, sent_at)
    values (${row.person_id}, ${row.kind}, ${row.text_id}, ${row.due_at}, ${row.days}, ${row.sent_at}) on conflict do nothing`;
  return count === 1;
} // prettier-ignore

/** When a loop ran last; locked, so that of two servers one works. */
export async function holdRun(tx: Statements, name: string, now: Date): Promise<Date> {
  await tx`insert into education.runs (name, ran_at) values (${name}, ${now}) on conflict do nothing`;
  const [row] = await tx<{ ran_at: Date }[]>`select ran_at from education.runs where name = ${name} for update`;
  return row?.ran_at ?? now;
}

/**
 * The time, as a floor that stays: a server that begins anew with a clock set back goes on from here. Never beyond the
 * database's own clock: one server whose clock is wrong must not shut everybody out on all of them.
 */
export async function raiseFloor(db: Statements, at: Date): Promise<void> {
  await db`
    insert into education.runs (name, ran_at) values ('time', least(${at}::timestamptz, clock_timestamp()))
    on conflict (name) do update set ran_at = greatest(education.runs.ran_at, excluded.ran_at)`;
}

export async function noteRun(tx: Statements, name: string, at: Date): Promise<void> {
  await tx`update education.runs set ran_at = ${at} where name = ${name}`;
}

/** Those that last, or ended within 90 days; newest first. */
export async function listAbsences(db: Statements, now: Date): Promise<AbsenceRow[]> {
  return db<AbsenceRow[]>`
    select * from education.absences where until_at is null or until_at > ${now}::timestamptz - interval '90 days'
    order by from_at desc limit 500`;
}
