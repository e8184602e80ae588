/** Statements on second factors, and on failed sign-ins. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type TotpRow = Readonly<{ secret: Buffer; confirmed_at: Date | null; last_step: bigint; step: bigint }>;

/** With the step that the database's clock is in. */
export async function findTotp(db: Statements, personId: Uuid): Promise<TotpRow | null> {
  const [row] = await db<TotpRow[]>`
    select secret, confirmed_at, last_step, floor(extract(epoch from now()) / 30)::bigint as step
    from access.totp where person_id = ${personId}`;
  return row ?? null;
}

/** A secret that nobody confirmed yet; one that was confirmed stays until it is removed. */
export async function putTotp(tx: Statements, personId: Uuid, secret: Buffer): Promise<boolean> {
  const put = await tx`
    insert into access.totp (person_id, secret) values (${personId}, ${secret})
    on conflict (person_id) do update set secret = excluded.secret, last_step = 0 where totp.confirmed_at is null`;
  return put.count === 1;
}

/**
 * Takes the code of a step.
 * @param secret that the code was made by, as it was found: another one that took its place is confirmed by no code of it
 * INVARIANT: one statement, so that of two who bring the same code one gets it; a step never goes back, nor does a clock
 * that does make an old code good again.
 */
export async function takeStep(
  tx: Statements,
  personId: Uuid,
  { secret }: Pick<TotpRow, 'secret'>,
  step: bigint,
): Promise<boolean> {
  const taken = await tx`
    update access.totp set last_step = ${step}, confirmed_at = coalesce(confirmed_at, now())
    where person_id = ${personId} and secret = ${secret} and last_step < ${step}`;
  return taken.count === 1;
}

export async function deleteTotp(tx: Statements, personId: Uuid): Promise<boolean> {
  return (await tx`delete from access.totp where person_id = ${personId}`).count === 1;
}

export async function replaceRecoveryCodes(tx: Statements, personId: Uuid, hashes: readonly Buffer[]): Promise<void> {
  await tx`delete from access.recovery_codes where person_id = ${personId}`;
  await tx`
    insert into access.recovery_codes (person_id, hash)
    select ${personId}, decode(h, 'hex') from unnest(${hashes.map((hash) => hash.toString('hex'))}::text[]) as t (h)`;
}

/** As with a step: of two, one gets it. */
export async function takeRecoveryCode(tx: Statements, personId: Uuid, hash: Buffer): Promise<boolean> {
  const taken = await tx`
    update access.recovery_codes set used_at = now() where person_id = ${personId} and hash = ${hash} and used_at is null`;
  return taken.count === 1;
}

export async function countRecoveryCodes(db: Statements, personId: Uuid): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from access.recovery_codes where person_id = ${personId} and used_at is null`;
  return row?.n ?? 0;
}

export type Slowing = Readonly<{ free: number; longestSeconds: number }>;

/**
 * Counts an attempt as failed before it is looked at, so that attempts at once cannot all be the first. After `free` of them
 * each one waits twice as long as the one before.
 * @returns null when it is counted, otherwise the seconds until the next may come
 */
export async function countAttempt(
  db: Statements,
  what: Buffer,
  { free, longestSeconds }: Slowing,
): Promise<number | null> {
  const counted = await db`
    insert into access.sign_in_failures as f (what, failures, failed_at, opens_at) values (${what}, 1, now(), now())
    on conflict (what) do update set failures = f.failures + 1, failed_at = now(),
      opens_at = now() + case when f.failures + 1 < ${free} then interval '0' else
        make_interval(secs => least(${longestSeconds}::float8, power(2, least(f.failures + 1 - ${free}, 30)))) end
    where f.opens_at <= now() or f.failed_at > now() + interval '1 minute'`;
  if (counted.count === 1) return null;
  const [row] = await db<{ seconds: number }[]>`
    select greatest(1, ceil(extract(epoch from opens_at - now())))::int as seconds from access.sign_in_failures where what = ${what}`;
  return row?.seconds ?? 1;
}

export async function failuresOf(db: Statements, what: Buffer): Promise<number> {
  const [row] = await db<{ failures: number }[]>`
    select failures from access.sign_in_failures where what = ${what}`;
  return row?.failures ?? 0;
}

export async function clearAttempts(db: Statements, what: Buffer): Promise<void> {
  await db`delete from access.sign_in_failures where what = ${what}`;
}

/** An attempt that was none after all. */
export async function uncountAttempt(db: Statements, what: Buffer): Promise<void> {
  await db`update access.sign_in_failures set failures = greatest(0, failures - 1), opens_at = now() where what = ${what}`;
}
