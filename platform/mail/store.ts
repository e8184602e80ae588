/** Statements of the outbox. All times are the database's, so that servers whose clocks differ agree. */
import { isLately, isReached, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

const HOUR_SECONDS = 3600;

export type MailState = 'queued' | 'held' | 'sent' | 'refused' | 'given-up';
export type MailRow = Readonly<{
  mail_id: Uuid;
  kind: string;
  state: MailState;
  urgent: boolean;
  queued_at: Date;
  due_at: Date;
  attempts: number;
  problem: string | null;
  done_at: Date | null;
}>;
export type ClaimedRow = Readonly<{ mail_id: Uuid; kind: string; sealed: Buffer; queued_at: Date; attempts: number }>;

/** @returns the mail; when one of the same `dedupe` was queued before, that one */
export async function insertMail(
  db: Statements,
  row: Readonly<{
    mail_id: Uuid;
    kind: string;
    state: 'queued' | 'held';
    urgent: boolean;
    dedupe: Buffer | null;
    recipient: Buffer;
    sealed: Buffer;
  }>,
): Promise<Uuid> {
  const inserted = await db<{ mail_id: Uuid }[]>`
    insert into mail.outbox (mail_id, kind, state, urgent, dedupe, recipient, sealed)
    values (${row.mail_id}, ${row.kind}, ${row.state}, ${row.urgent}, ${row.dedupe}, ${row.recipient}, ${row.sealed})
    on conflict (dedupe) do nothing returning mail_id`;
  if (inserted[0] !== undefined) return inserted[0].mail_id;
  const [known] = await db<{ mail_id: Uuid }[]>`select mail_id from mail.outbox where dedupe = ${row.dedupe}`;
  // deleted between the two statements: a year old, so whoever asks need not know
  return known?.mail_id ?? row.mail_id;
}

export async function isAnyDue(db: Statements): Promise<boolean> {
  const [row] = await db<{ due: boolean }[]>`
    select exists (select from mail.outbox where state = 'queued' and ${isDue(db)}) as due`;
  return row?.due ?? false;
}

export type ClaimLimits = Readonly<{
  lease: Uuid;
  leaseSeconds: number;
  most: number;
  /** Over all servers. */
  perMinute: number;
  /** To one address, in an hour. */
  perRecipient: number;
}>;

/** Due, and nobody's. */
const isDue = (db: Statements) =>
  db`${isReached(db, 'due_at')} and (leased_until is null or ${isReached(db, 'leased_until')})`;

/**
 * Takes what is due, urgent first, as many as may leave now. Of those to one address that has had too many, the rest
 * waits, all of it at once, so that nobody else's stands behind it. One server after the other: the row of the sender is
 * locked until the transaction ends.
 * @returns null when none may leave now
 */
export async function claimDue(tx: Statements, limits: ClaimLimits): Promise<ClaimedRow[] | null> {
  const { lease, leaseSeconds, most, perMinute, perRecipient } = limits;
  const [pace] = await tx<{ tokens: number }[]>`
    update mail.sender set refilled_at = clock_timestamp(),
      tokens = least(${perMinute}::float8, tokens + greatest(0, extract(epoch from clock_timestamp() - refilled_at)) * ${perMinute}::float8 / 60)
    returning tokens`;
  const may = Math.min(most, Math.floor(pace?.tokens ?? 0));
  if (may < 1) return null;
  const due = await tx<{ mail_id: Uuid; too_many: boolean }[]>`
    with due as (
      select mail_id, recipient, row_number() over (order by urgent desc, due_at, mail_id) as nth
      from mail.outbox where state = 'queued' and ${isDue(tx)}
      order by urgent desc, due_at, mail_id limit ${may})
    select mail_id, (
        select count(*) from mail.outbox o where o.recipient = due.recipient
          and (o.state = 'sent' and ${isLately(tx, 'o.done_at', HOUR_SECONDS)} or not ${isReached(tx, 'o.leased_until')}))
      + row_number() over (partition by recipient order by nth) > ${perRecipient} as too_many
    from due`;
  const later = due.flatMap(({ mail_id, too_many }) => (too_many ? [mail_id] : []));
  const now = due.flatMap(({ mail_id, too_many }) => (too_many ? [] : [mail_id]));
  if (later.length > 0)
    await tx`
      update mail.outbox set due_at = clock_timestamp() + interval '10 minutes'
      where recipient in (select recipient from mail.outbox where mail_id = any (${later}::uuid[])) and state = 'queued'
        and ${isDue(tx)} and mail_id <> all (${now}::uuid[])`;
  await tx`update mail.sender set tokens = tokens - ${now.length}`;
  return tx<ClaimedRow[]>`
    update mail.outbox set lease = ${lease}, leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1
    where mail_id = any (${now}::uuid[]) returning mail_id, kind, sealed, queued_at, attempts`;
}

/** Ends a mail for good: what was in it is gone. Whoever lost the lease meanwhile ends nothing. */
export async function endMail(
  db: Statements,
  id: Uuid,
  lease: Uuid,
  end: Readonly<{ state: 'sent' | 'refused'; problem: string | null }>,
): Promise<void> {
  await db`
    update mail.outbox set state = ${end.state}, problem = ${end.problem}, sealed = null, lease = null, leased_until = null, done_at = clock_timestamp()
    where mail_id = ${id} and lease = ${lease} and state = 'queued'`;
}

export async function putOff(db: Statements, id: Uuid, lease: Uuid, seconds: number, problem: string): Promise<void> {
  await db`
    update mail.outbox set problem = ${problem}, lease = null, leased_until = null, due_at = clock_timestamp() + make_interval(secs => ${seconds})
    where mail_id = ${id} and lease = ${lease} and state = 'queued'`;
}

/**
 * Takes one back that has not left, also from who is about to send it: whatever comes of that attempt, there is no other.
 * @returns false when it was over
 */
export async function withdrawMail(tx: Statements, id: Uuid): Promise<boolean> {
  const { count } = await tx`
    update mail.outbox set state = 'given-up', problem = 'taken back', sealed = null, lease = null, leased_until = null, done_at = clock_timestamp()
    where mail_id = ${id} and state in ('queued', 'held')`;
  return count === 1;
}

/** How it goes with the mail server. @returns whether that is news */
export async function noteSender(db: Statements, problem: string | null): Promise<boolean> {
  const [row] = await db<{ before: string | null }[]>`
    with old as (select problem from mail.sender for update)
    update mail.sender set problem = ${problem}::text, problem_at = case when ${problem}::text is null then sender.problem_at else clock_timestamp() end,
      sent_at = case when ${problem}::text is null then clock_timestamp() else sender.sent_at end
    from old returning old.problem as before`;
  return (row?.before ?? null) !== problem;
}

export type SweptMails = Readonly<{ givenUp: readonly { mail_id: Uuid; kind: string }[] }>;

/** What waited too long is given up, what is held is bounded, and what is over is forgotten in time. */
export async function sweepMails(
  db: Statements,
  keep: Readonly<{ queuedHours: number; heldDays: number; held: number; doneDays: number }>,
): Promise<SweptMails> {
  const givenUp = await db<{ mail_id: Uuid; kind: string }[]>`
    update mail.outbox set state = 'given-up', sealed = null, lease = null, leased_until = null, done_at = clock_timestamp()
    where state = 'queued' and queued_at < clock_timestamp() - make_interval(hours => ${keep.queuedHours})
      and (leased_until is null or leased_until < clock_timestamp())
    returning mail_id, kind`;
  await db`
    update mail.outbox set state = 'given-up', problem = 'no mail server was set', sealed = null, done_at = clock_timestamp()
    where state = 'held' and (queued_at < clock_timestamp() - make_interval(days => ${keep.heldDays})
      or mail_id < (select mail_id from mail.outbox where state = 'held' order by mail_id desc offset ${keep.held - 1} limit 1))`;
  await db`update mail.outbox set recipient = null where recipient is not null and not ${isLately(db, 'done_at', HOUR_SECONDS)}`;
  await db`delete from mail.outbox where done_at < clock_timestamp() - make_interval(days => ${keep.doneDays})`;
  return { givenUp };
}

const columns = (db: Statements) => db`mail_id, kind, state, urgent, queued_at, due_at, attempts, problem, done_at`;

/** Newest first. */
export async function listMails(db: Statements, limit: number): Promise<MailRow[]> {
  return db<MailRow[]>`select ${columns(db)} from mail.outbox order by mail_id desc limit ${limit}`;
}

export async function findMail(db: Statements, id: Uuid): Promise<(MailRow & { sealed: Buffer | null }) | null> {
  const [row] = await db<(MailRow & { sealed: Buffer | null })[]>`
    select ${columns(db)}, sealed from mail.outbox where mail_id = ${id}`;
  return row ?? null;
}

export async function findStates(
  db: Statements,
  ids: readonly Uuid[],
): Promise<Pick<MailRow, 'mail_id' | 'state' | 'done_at'>[]> {
  return db`select mail_id, state, done_at from mail.outbox where mail_id = any (${[...ids]}::uuid[])`;
}

export type CountsRow = Readonly<{
  queued: number;
  held: number;
  sent: number;
  refused: number;
  given_up: number;
  oldest: Date | null;
  problem: string | null;
  problem_at: Date | null;
  sent_at: Date | null;
}>;

/** What is over is counted for seven days. */
export async function countMails(db: Statements): Promise<CountsRow> {
  const [row] = await db<CountsRow[]>`
    select count(*) filter (where state = 'queued')::int as queued, count(*) filter (where state = 'held')::int as held,
      count(*) filter (where state = 'sent')::int as sent, count(*) filter (where state = 'refused')::int as refused,
      count(*) filter (where state = 'given-up')::int as given_up, min(queued_at) filter (where state = 'queued') as oldest,
      (select problem from mail.sender), (select problem_at from mail.sender), (select sent_at from mail.sender)
    from mail.outbox where done_at is null or done_at > clock_timestamp() - interval '7 days'`;
  return row as CountsRow;
}
