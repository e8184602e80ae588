/** Statements on events of subjects. */
import type { Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { Happened } from '../retention/due.ts';

export type NewEvent = Happened & Readonly<{ subjectId: SubjectId }>;

/** @returns for each whether it was new */
export async function insertEvents(
  tx: Statements,
  events: readonly NewEvent[],
  { at, by }: Readonly<{ at: Date; by: string }>,
): Promise<boolean[]> {
  if (events.length === 0) return [];
  const rows = await tx<{ place: number }[]>`
    with asked as (
      select s, e, p, a, st, row_number() over () as place
      from unnest(${events.map((each) => each.subjectId)}::uuid[], ${events.map((each) => each.event)}::text[],
        ${events.map((each) => each.purpose ?? '')}::text[], ${events.map((each) => each.at.toISOString())}::timestamptz[],
        ${events.map((each) => each.state)}::text[]) as t (s, e, p, a, st)
    ), added as (
      insert into collection.subject_events (subject_id, event, purpose, at, state, recorded_at, recorded_by)
      select distinct s, e, p, a, st, ${at}::timestamptz, ${by} from asked
      on conflict do nothing returning subject_id, event, purpose, at, state
    )
    select min(place)::int as place from asked join added on s = subject_id and e = event and p = purpose and a = at and st = state
    group by subject_id, event, purpose, at, state`;
  const fresh = new Set(rows.map(({ place }) => place));
  return events.map((_, at) => fresh.has(at + 1));
}

/** Of each subject, each event and purpose the newest word; at one instant, what takes back is the newer. */
export async function eventsOf(
  db: Statements,
  subjectIds: readonly SubjectId[],
): Promise<ReadonlyMap<SubjectId, Happened[]>> {
  const found = new Map<SubjectId, Happened[]>();
  if (subjectIds.length === 0) return found;
  const rows = await db<
    { subject_id: SubjectId; event: string; purpose: string; at: Date; state: 'happened' | 'undone' }[]
  >`
    select distinct on (subject_id, event, purpose) subject_id, event, purpose, at, state
    from collection.subject_events where subject_id = any(${[...subjectIds]}::uuid[])
    order by subject_id, event, purpose, at desc, state desc`;
  for (const { subject_id, purpose, ...row } of rows) {
    const list = found.get(subject_id) ?? [];
    list.push({ ...row, purpose: purpose === '' ? null : purpose });
    found.set(subject_id, list);
  }
  return found;
}

const EVENTS_AT_ONCE = 500;
export type NotedEvent = Readonly<{ event: string; purpose: string | null; at: Date; state: 'happened' | 'undone' }>;
/** Every word on one subject, the oldest first, however many: a page of them is in memory, and no connection waits for who takes them. */
export async function* allEventsOf(db: Statements, subjectId: SubjectId): AsyncGenerator<NotedEvent> {
  let last: { at: Date; event: string; purpose: string; state: NotedEvent['state'] } | undefined;
  do {
    const { at = new Date(0), event = '', purpose = '', state = '' } = last ?? {};
    const page: (typeof last & {})[] = await db<(typeof last & {})[]>`
      select at, event, purpose, state from collection.subject_events
      where subject_id = ${subjectId} and (${last === undefined} or (at, event, purpose, state) > (${at}::timestamptz, ${event}, ${purpose}, ${state}))
      order by at, event, purpose, state limit ${EVENTS_AT_ONCE}`;
    for (const row of page) yield { ...row, purpose: row.purpose === '' ? null : row.purpose };
    last = page.length === EVENTS_AT_ONCE ? page.at(-1) : undefined;
  } while (last !== undefined);
}

/** With all that retention noted of a subject. */
export async function forgetSubject(tx: Statements, subjectId: SubjectId): Promise<void> {
  await tx`delete from collection.subject_events where subject_id = ${subjectId}`;
  await tx`delete from collection.coarse_fields where subject_id = ${subjectId}`;
  await tx`delete from collection.retention_items where subject_id = ${subjectId}`;
}

/** Subjects that something is noted of, in key order, by no more rows than a page takes: the proof compares them with those that live. */
export async function pageOfNoted(db: Statements, after: string, limit: number): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select distinct subject_id from (
      (select distinct subject_id from collection.subject_events where subject_id > ${after}::uuid order by subject_id limit ${limit})
      union all (select distinct subject_id from collection.coarse_fields where subject_id > ${after}::uuid order by subject_id limit ${limit})
      union all (select distinct subject_id from collection.retention_items where subject_id > ${after}::uuid order by subject_id limit ${limit})) n
    order by subject_id limit ${limit}`;
  return rows.map((row) => row.subject_id);
}
