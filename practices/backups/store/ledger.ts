/** Statements on the ledger of what must stay forgotten. */
import type { Statements, Tx } from '#platform/db';

export type LedgerWhat = 'erasure' | 'restriction' | 'lift';
export type LedgerRow = Readonly<{
  seq: bigint;
  what: LedgerWhat;
  id_hash: string;
  scope: string;
  at: Date;
  previous: string;
  hash: string;
}>;

/** One server at a time; the newest entry. */
export async function lockLedger(tx: Tx): Promise<LedgerRow | null> {
  await tx`lock table backups.ledger in exclusive mode`;
  return newestEntry(tx);
}

export async function newestEntry(db: Statements): Promise<LedgerRow | null> {
  const [row] = await db<LedgerRow[]>`select * from backups.ledger order by seq desc limit 1`;
  return row ?? null;
}

export async function newestErasure(db: Statements): Promise<Date | null> {
  const [row] = await db<{ at: Date | null }[]>`select max(at) as at from backups.ledger where what = 'erasure'`;
  return row?.at ?? null;
}

/** Which of these erasures are in the ledger. */
export async function knownErasures(db: Statements, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id_hash: string }[]>`
    select id_hash from backups.ledger where what = 'erasure' and id_hash = any(${[...hashes]}::text[])`;
  return new Set(rows.map((row) => row.id_hash));
}

/** Restrictions as the ledger has them: the newest of each subject. */
export async function knownRestrictions(db: Statements): Promise<Map<string, string>> {
  const rows = await db<{ id_hash: string; what: LedgerWhat; scope: string }[]>`
    select distinct on (id_hash) id_hash, what, scope from backups.ledger where what <> 'erasure' order by id_hash, seq desc`;
  return new Map(rows.filter(({ what }) => what === 'restriction').map((row) => [row.id_hash, row.scope]));
}

export async function appendEntries(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into backups.ledger (seq, what, id_hash, scope, at, previous, hash)
    select * from unnest(${rows.map(({ seq }) => String(seq))}::bigint[], ${rows.map(({ what }) => what)}::text[],
      ${rows.map(({ id_hash }) => id_hash)}::text[], ${rows.map(({ scope }) => scope)}::text[],
      ${rows.map(({ at }) => at.toISOString())}::timestamptz[], ${rows.map(({ previous }) => previous)}::text[],
      ${rows.map(({ hash }) => hash)}::text[])`;
}

export async function unsentEntries(db: Statements, limit: number): Promise<LedgerRow[]> {
  return [...(await db<LedgerRow[]>`select * from backups.ledger where sent_at is null order by seq limit ${limit}`)];
}

export async function sentEntries(db: Statements, upTo: bigint): Promise<void> {
  await db`update backups.ledger set sent_at = now() where sent_at is null and seq <= ${String(upTo)}::bigint`;
}

/** The newest entry that is in the stores, and all before it. */
export async function newestSent(db: Statements): Promise<LedgerRow | null> {
  const [row] = await db<LedgerRow[]>`
    select * from backups.ledger where sent_at is not null
    and seq < coalesce((select min(seq) from backups.ledger where sent_at is null), 9223372036854775807) order by seq desc limit 1`;
  return row ?? null;
}

/** What the restore found in the stores is this database's ledger from now on. */
export async function takeOverEntries(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 5000) await appendEntries(tx, rows.slice(at, at + 5000));
  await tx`update backups.ledger set sent_at = now()`;
}
