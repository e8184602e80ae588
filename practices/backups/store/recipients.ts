/** Statements on whom backups are sealed to. */
import type { Statements } from '#platform/db';

export type RecipientRow = Readonly<{
  recipient: string;
  fingerprint: string;
  kind: 'offline' | 'drill';
  added_by: string;
  added_at: Date;
  proven_at: Date | null;
  retired_at: Date | null;
}>;

export async function livingRecipients(db: Statements): Promise<RecipientRow[]> {
  return [
    ...(await db<
      RecipientRow[]
    >`select * from backups.recipients where retired_at is null order by added_at, fingerprint`),
  ];
}

/** Without somebody who is trusted no backup is taken. */
export const isAnybodyTrusted = async (db: Statements): Promise<boolean> =>
  (await livingRecipients(db)).some(({ kind }) => kind === 'offline');

export async function allRecipients(db: Statements): Promise<RecipientRow[]> {
  return [...(await db<RecipientRow[]>`select * from backups.recipients order by added_at desc`)];
}

/** A drill's recipient replaces the one before: its identity is gone. */
export async function addRecipient(
  db: Statements,
  row: Pick<RecipientRow, 'recipient' | 'fingerprint' | 'kind' | 'added_by'>,
): Promise<void> {
  if (row.kind === 'drill')
    await db`update backups.recipients set retired_at = now() where kind = 'drill' and retired_at is null`;
  // two at once: a conflict on one of its unique columns alone would be an error on the other
  const made = await db`
    insert into backups.recipients (recipient, fingerprint, kind, added_by)
    values (${row.recipient}, ${row.fingerprint}, ${row.kind}, ${row.added_by}) on conflict do nothing`;
  if (made.count === 1) return;
  await db`
    update backups.recipients set retired_at = null, kind = ${row.kind}, added_by = ${row.added_by},
      added_at = case when retired_at is null and kind = ${row.kind} then added_at else now() end
    where recipient = ${row.recipient}`;
}

/** A drill's identity opens one backup. */
export async function retireDrills(db: Statements, fingerprints: readonly string[]): Promise<void> {
  await db`
    update backups.recipients set retired_at = now()
    where kind = 'drill' and retired_at is null and fingerprint = any(${[...fingerprints]}::text[])`;
}

export async function retireRecipient(db: Statements, fingerprint: string): Promise<boolean> {
  const gone =
    await db`update backups.recipients set retired_at = now() where fingerprint = ${fingerprint} and retired_at is null`;
  return gone.count === 1;
}

export async function provenRecipient(db: Statements, fingerprint: string): Promise<boolean> {
  const done = await db`update backups.recipients set proven_at = now() where fingerprint = ${fingerprint}`;
  return done.count === 1;
}

/** When the newest of the living offline ones was trusted: a backup of before does not open for it. Not of a clock that ran ahead. */
export async function trustedAt(db: Statements): Promise<Date> {
  const [row] = await db<{ at: Date | null }[]>`
    select max(added_at) as at from backups.recipients where kind = 'offline' and retired_at is null and added_at <= now()`;
  return row?.at ?? new Date(0);
}
