/** Statements on what people are told. */
import { isLately, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { About, NoticeKind } from '../notices/from-entry.ts';

export type NoticeRow = Readonly<{
  notice_id: Uuid;
  person_id: Uuid;
  kind: NoticeKind;
  about: About;
  urgent: boolean;
  n: bigint;
  customers: bigint;
  first_at: Date;
  last_at: Date;
  read_at: Date | null;
}>;
export type NewNotice = Readonly<{
  notice_id: Uuid;
  person_id: Uuid;
  kind: NoticeKind;
  topic: string;
  about: About;
  urgent: boolean;
  n: number;
  customers: number;
  first_at: string;
  last_at: string;
}>;

/** Where telling begins: at what comes after now, the first time. */
export async function beginCursor(db: Statements, size: number): Promise<void> {
  await db`insert into access.notice_cursor (next) values (${String(size)}::bigint) on conflict do nothing`;
}

/** Held until the transaction ends; null while another server has it. */
export async function holdNoticeCursor(tx: Statements): Promise<number | null> {
  const [row] = await tx<{ next: bigint }[]>`select next from access.notice_cursor for update skip locked`;
  return row === undefined ? null : Number(row.next);
}

export async function moveNoticeCursor(tx: Statements, next: number): Promise<void> {
  await tx`update access.notice_cursor set next = ${String(next)}::bigint`;
}

/** People who can be told, by role; nobody who was made up. */
export async function peopleIn(
  db: Statements,
  roles: readonly string[],
): Promise<{ person_id: Uuid; roles: string[] }[]> {
  return db`
    select person_id, array(select unnest(roles) intersect select unnest(${[...roles]}::text[])) as roles
    from access.people where state = 'active' and not canaries_only and roles && ${[...roles]}::text[]`;
}

/**
 * One notice for each person and topic: what is there already is counted, and is unread again.
 * @returns those that are new
 */
export async function addNotices(tx: Statements, notices: readonly NewNotice[]): Promise<NoticeRow[]> {
  if (notices.length === 0) return [];
  return tx<NoticeRow[]>`
    insert into access.notices as o (notice_id, person_id, kind, topic, about, urgent, n, customers, first_at, last_at)
    select t.* from jsonb_to_recordset(${JSON.stringify(notices)}::text::jsonb) as t (notice_id uuid, person_id uuid, kind text, topic text,
      about jsonb, urgent boolean, n bigint, customers bigint, first_at timestamptz, last_at timestamptz)
      join access.people p on p.person_id = t.person_id and p.state = 'active'
    on conflict (person_id, topic) do update set n = o.n + excluded.n, customers = o.customers + excluded.customers,
      last_at = greatest(o.last_at, excluded.last_at), read_at = null
    returning notice_id, person_id, kind, about, urgent, n, customers, first_at, last_at, read_at, (xmax = 0) as fresh`.then(
    (rows) => rows.filter((row) => (row as unknown as { fresh: boolean }).fresh),
  );
}

/** Topics that these people were not told of yet: what the calendar says is said once. */
export async function untoldOf<T extends { person_id: Uuid; topic: string }>(
  tx: Statements,
  notices: readonly T[],
): Promise<T[]> {
  const rows = await tx<{ person_id: Uuid; topic: string }[]>`
    select person_id, topic from access.notices
    where (person_id, topic) in (select * from jsonb_to_recordset(${JSON.stringify(notices.map(({ person_id, topic }) => ({ person_id, topic })))}::text::jsonb) as t (person_id uuid, topic text))`;
  const told = new Set(rows.map(({ person_id, topic }) => `${person_id} ${topic}`));
  return notices.filter(({ person_id, topic }) => !told.has(`${person_id} ${topic}`));
}

export async function addressesOf(
  db: Statements,
  ids: readonly Uuid[],
): Promise<Map<Uuid, Readonly<{ email: string; name: string }>>> {
  const rows = await db<{ person_id: Uuid; email: string; name: string }[]>`
    select person_id, email, name from access.people where person_id = any (${[...new Set(ids)]}::uuid[]) and state = 'active'`;
  return new Map(rows.map(({ person_id, ...row }) => [person_id, row]));
}

/** What people and keys are called, by their UUIDs. */
export async function namesOf(db: Statements, ids: readonly Uuid[]): Promise<Map<Uuid, string>> {
  const wanted = [...new Set(ids)];
  const rows = await db<{ id: Uuid; name: string }[]>`
    select person_id as id, name from access.people where person_id = any (${wanted}::uuid[])
    union all select key_id, name from access.keys where key_id = any (${wanted}::uuid[])
    union all select workload_id, name from access.workloads where workload_id = any (${wanted}::uuid[])`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function markMailed(tx: Statements, ids: readonly Uuid[]): Promise<void> {
  await tx`update access.notices set mailed_at = clock_timestamp() where notice_id = any (${[...ids]}::uuid[])`;
}

/**
 * Unread notices that no mail told of, of people who got no such mail lately: each gets one with all of them.
 * Locked until the transaction ends; another server skips them.
 */
export async function takeUnmailed(
  tx: Statements,
  wait: Readonly<{ seconds: number; apartSeconds: number; people: number }>,
): Promise<NoticeRow[]> {
  return tx<NoticeRow[]>`
    select notice_id, person_id, kind, about, urgent, n, customers, first_at, last_at, read_at from access.notices
    where mailed_at is null and read_at is null and person_id in (
      select person_id from access.notices where mailed_at is null and read_at is null
      group by person_id having min(first_at) not between clock_timestamp() - make_interval(secs => ${wait.seconds})
          and clock_timestamp() + make_interval(secs => ${wait.seconds})
        and not exists (select from access.notices m where m.person_id = notices.person_id and not m.urgent
          and ${isLately(tx, 'm.mailed_at', wait.apartSeconds)})
      limit ${wait.people})
    order by last_at desc limit 5000 for update skip locked`;
}

export async function listNotices(db: Statements, person: Uuid, limit: number): Promise<NoticeRow[]> {
  return db<NoticeRow[]>`
    select notice_id, person_id, kind, about, urgent, n, customers, first_at, last_at, read_at
    from access.notices where person_id = ${person} order by last_at desc, notice_id desc limit ${limit}`;
}

export async function countUnread(db: Statements, person: Uuid): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from access.notices where person_id = ${person} and read_at is null`;
  return row?.n ?? 0;
}

/** One's own only. */
export async function markRead(db: Statements, person: Uuid, ids: readonly Uuid[]): Promise<void> {
  await db`
    update access.notices set read_at = clock_timestamp()
    where person_id = ${person} and notice_id = any (${[...ids]}::uuid[]) and read_at is null`;
}

/** The newest of each person stay, and none for longer than that. */
export async function sweepNotices(db: Statements, keep: Readonly<{ each: number; days: number }>): Promise<void> {
  await db`
    delete from access.notices where last_at < now() - make_interval(days => ${keep.days})
      or notice_id in (select notice_id from (select notice_id, row_number() over (partition by person_id order by last_at desc) as nth from access.notices) as t where nth > ${keep.each})`;
}

export type EndingRow = Readonly<{ id: Uuid; person_id: Uuid | null; role: string; until: Date; days: number }>;

/** Grants that end within the next minutes, of people; short ones are not worth a word. */
export async function endingGrants(db: Statements): Promise<EndingRow[]> {
  return db<EndingRow[]>`
    select grant_id as id, p.person_id, g.role, until, 0 as days from access.grants g join access.people p on p.person_id = g.holder
    where g.state = 'activated' and seconds >= 1800 and until between clock_timestamp() and clock_timestamp() + interval '10 minutes'`;
}

/** Keys that end in 14, 7 or 1 days; null: nobody stands behind one. */
export async function endingKeys(db: Statements): Promise<EndingRow[]> {
  return db<EndingRow[]>`
    select key_id as id, p.person_id, role, expires_at as until,
      case when expires_at < clock_timestamp() + interval '1 day' then 1 when expires_at < clock_timestamp() + interval '7 days' then 7 else 14 end as days
    from access.keys k left join access.people p on p.person_id = k.person_id and p.state = 'active'
    where revoked_at is null and expires_at between clock_timestamp() and clock_timestamp() + interval '14 days'
      and expires_at - k.created_at > interval '15 days'`;
}
