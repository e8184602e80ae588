/** Statements on drills: who is in which, what was decided when, and what came of it. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { DrillScore } from '../drills/score.ts';

export type DrillRow = Readonly<{
  drill_id: Uuid;
  text_id: string;
  hash: string;
  led_by: string;
  made_at: Date;
  begins_at: Date;
  skipped_ms: bigint;
  ends_at: Date;
  actors: Readonly<Record<string, string>>;
  planted: readonly bigint[];
  state: 'open' | 'scored' | 'stopped';
  ended_at: Date | null;
  score: DrillScore | null;
}>;
export type DrillPerson = Readonly<{ drill_id: Uuid; person_id: Uuid; joined_at: Date | null; verdict: 'passed' | 'failed' | null }>; // prettier-ignore
export type DrillEvent = Readonly<{
  drill_id: Uuid;
  seq: number;
  kind: 'joined' | 'decided' | 'scope' | 'skipped' | 'note';
  at: Date;
  by: string;
  detail: Readonly<Record<string, unknown>>;
  sealed: Buffer | null;
}>;

/** Held until the transaction ends: two drills of one person that are begun at once are one after the other. */
export async function holdDrills(tx: Statements): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('education.drills', 0))`;
}

/** Who of these is in another one at any moment of that time. */
export async function busyIn(tx: Statements, people: readonly Uuid[], from: Date, until: Date): Promise<Uuid[]> {
  const rows = await tx<{ person_id: Uuid }[]>`
    select distinct person_id from education.drill_people join education.drills using (drill_id)
    where state = 'open' and person_id = any(${[...people]}::uuid[]) and begins_at < ${until} and ends_at > ${from}`;
  return rows.map(({ person_id }) => person_id);
}

export async function insertDrill(
  tx: Statements,
  row: Omit<DrillRow, 'skipped_ms' | 'state' | 'ended_at' | 'score' | 'planted'> &
    Readonly<{ planted: readonly number[] }>,
  people: readonly Uuid[],
): Promise<void> {
  await tx`
    insert into education.drills (drill_id, text_id, hash, led_by, made_at, begins_at, ends_at, actors, planted)
    values (${row.drill_id}, ${row.text_id}, ${row.hash}, ${row.led_by}, ${row.made_at}, ${row.begins_at}, ${row.ends_at}, ${tx.json(row.actors)},
      ${row.planted.map(String)}::text[]::bigint[])`;
  await tx`
    insert into education.drill_people (drill_id, person_id) select ${row.drill_id}, unnest(${[...people]}::uuid[])`;
}

export async function findDrill(db: Statements, id: Uuid): Promise<DrillRow | null> {
  const [row] = await db<DrillRow[]>`select * from education.drills where drill_id = ${id}`;
  return row ?? null;
}

/** Locked until the transaction ends: what is decided at once is one after the other. */
export async function holdDrill(tx: Statements, id: Uuid): Promise<DrillRow | null> {
  const [row] = await tx<DrillRow[]>`select * from education.drills where drill_id = ${id} for update`;
  return row ?? null;
}

/** The one that begins last first. @param person null: of everybody @param before of the last of the page before */
export async function drillPage(
  db: Statements,
  person: Uuid | null,
  before: Readonly<{ at: Date; id: Uuid }> | null,
  limit: number,
): Promise<DrillRow[]> {
  return db<DrillRow[]>`
    select d.* from education.drills d
    where (${before === null} or (begins_at, drill_id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::uuid))
      and (${person}::uuid is null or exists (select from education.drill_people p where p.drill_id = d.drill_id and p.person_id = ${person}))
    order by begins_at desc, drill_id desc limit ${limit}`;
}

export async function drillPeople(db: Statements, drills: readonly Uuid[]): Promise<DrillPerson[]> {
  return db<
    DrillPerson[]
  >`select * from education.drill_people where drill_id = any(${[...drills]}::uuid[]) order by person_id`;
}

export async function drillEvents(db: Statements, id: Uuid): Promise<DrillEvent[]> {
  return db<DrillEvent[]>`select * from education.drill_events where drill_id = ${id} order by seq`;
}

/** For whom all but scores it: of a question to the log, how many it found and not who. */
export async function countedEvents(db: Statements, id: Uuid): Promise<DrillEvent[]> {
  return db<DrillEvent[]>`
    select drill_id, seq, kind, at, by, sealed,
      case kind when 'scope' then detail || jsonb_build_object('subjects', jsonb_array_length(detail->'subjects')) else detail end as detail
    from education.drill_events where drill_id = ${id} order by seq`;
}

export async function insertDrillEvent(tx: Statements, row: DrillEvent): Promise<void> {
  await tx`
    insert into education.drill_events (drill_id, seq, kind, at, by, detail, sealed)
    values (${row.drill_id}, ${row.seq}, ${row.kind}, ${row.at}, ${row.by}, ${tx.json(row.detail as never)}, ${row.sealed})`;
}

export async function joinDrill(tx: Statements, id: Uuid, person: Uuid, at: Date): Promise<void> {
  await tx`update education.drill_people set joined_at = ${at} where drill_id = ${id} and person_id = ${person} and joined_at is null`;
}

export async function skipIn(tx: Statements, id: Uuid, skippedMs: number, endsAt: Date): Promise<void> {
  await tx`update education.drills set skipped_ms = ${skippedMs}, ends_at = ${endsAt} where drill_id = ${id}`;
}

export async function endDrill(
  tx: Statements,
  id: Uuid,
  { state, at, score }: Readonly<{ state: 'scored' | 'stopped'; at: Date; score: DrillScore | null }>,
): Promise<void> {
  await tx`
    update education.drills set state = ${state}, ended_at = ${at}, score = ${score === null ? null : tx.json(score)} where drill_id = ${id}`;
}

export async function giveVerdict(tx: Statements, id: Uuid, people: readonly Uuid[], verdict: 'passed' | 'failed'): Promise<void> {
  await tx`update education.drill_people set verdict = ${verdict} where drill_id = ${id} and person_id = any(${[...people]}::uuid[])`;
} // prettier-ignore

/** Who of these passed one of that text. */
export async function passedBefore(tx: Statements, text: string, people: readonly Uuid[]): Promise<Uuid[]> {
  const rows = await tx<{ person_id: Uuid }[]>`
    select distinct person_id from education.drill_people join education.drills using (drill_id)
    where text_id = ${text} and verdict = 'passed' and person_id = any(${[...people]}::uuid[])`;
  return rows.map(({ person_id }) => person_id);
}

/**
 * Who has lost a pass by a drill that failed since then, and has not passed again. Those that fail at one moment are one after
 * the other: the second counts whom the first has shut off.
 */
export async function lostSince(tx: Statements, since: Date): Promise<Uuid[]> {
  await tx`select pg_advisory_xact_lock(hashtextextended('education.drills failed', 0))`;
  const rows = await tx<{ person_id: Uuid }[]>`
    with ended as (
      select person_id, text_id, verdict, (ended_at, drill_id) as at, ended_at
      from education.drill_people join education.drills using (drill_id) where verdict is not null
    )
    select distinct person_id from ended lost where verdict = 'failed' and ended_at > ${since}
      and exists (select from ended had where had.person_id = lost.person_id and had.text_id = lost.text_id and had.verdict = 'passed' and had.at < lost.at)
      and not exists (select from ended again where again.person_id = lost.person_id and again.text_id = lost.text_id and again.verdict = 'passed' and again.at > lost.at)`;
  return rows.map(({ person_id }) => person_id);
}

/** When those of that text were begun that somebody was in alone, however they ended; the newest first. */
export async function aloneSince(tx: Statements, person: Uuid, text: string, since: Date): Promise<Date[]> {
  const rows = await tx<{ made_at: Date }[]>`
    select made_at from education.drills d join education.drill_people p using (drill_id)
    where p.person_id = ${person} and text_id = ${text} and made_at > ${since}
      and not exists (select from education.drill_people o where o.drill_id = d.drill_id and o.person_id <> p.person_id)
    order by made_at desc`;
  return rows.map(({ made_at }) => made_at);
}

/** Those whose time is over, the oldest end first. @param after the last one of those before */
export async function overdueDrills(db: Statements, at: Date, after: OverdueDrill | null): Promise<OverdueDrill[]> {
  return db<OverdueDrill[]>`
    select drill_id, ends_at::text as ends_at from education.drills
    where state = 'open' and ends_at <= ${at} and (${after === null} or (ends_at, drill_id) > (${after?.ends_at ?? null}::timestamptz, ${after?.drill_id ?? null}::uuid))
    order by ends_at, drill_id limit ${OVERDUE_AT_ONCE}`;
}
/** The time as the database writes it, to its last digit. */
export type OverdueDrill = Readonly<{ drill_id: Uuid; ends_at: string }>;
export const OVERDUE_AT_ONCE = 100;

export async function runningOf(db: Statements, person: Uuid, at: Date): Promise<DrillRow | null> {
  const [row] = await db<DrillRow[]>`
    select d.* from education.drills d join education.drill_people p using (drill_id)
    where p.person_id = ${person} and state = 'open' and begins_at <= ${at} and ends_at > ${at} limit 1`;
  return row ?? null;
}
