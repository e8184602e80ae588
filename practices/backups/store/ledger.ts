/** Statements on the ledger of what must stay forgotten. */
import type { Statements, Tx } from '#platform/db';

export type LedgerWhat = 'erasure' | 'restriction' | 'lift' | 'record' | 'fields' | 'renewal';
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

/** INVARIANT: not one that is still to come, of a clock that ran ahead: who is forgotten before it would be looked for no more. */
export async function newestErasure(db: Statements): Promise<Date | null> {
  const [row] = await db<
    { at: Date | null }[]
  >`select max(at) as at from backups.ledger where what = 'erasure' and at <= now()`;
  return row?.at ?? null;
}

/** Which of these erasures are in the ledger. */
export async function knownErasures(db: Statements, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id_hash: string }[]>`
    select id_hash from backups.ledger where what = 'erasure' and id_hash = any(${[...hashes]}::text[])`;
  return new Set(rows.map((row) => row.id_hash));
}

/** Which of these parts are in the ledger: `<hash> <scope>`. */
export async function knownParts(db: Statements, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id_hash: string; scope: string }[]>`
    select id_hash, scope from backups.ledger where what in ('record', 'fields') and id_hash = any(${[...hashes]}::text[])`;
  return new Set(rows.map((row) => `${row.id_hash} ${row.scope}`));
}

/** Renewals of keys, and what of them is told: `begun`, `ended`. */
export async function knownRenewals(db: Statements): Promise<Map<string, Set<string>>> {
  const rows = await db<{ id_hash: string; scope: string }[]>`
    select id_hash, scope from backups.ledger where what = 'renewal'`;
  const known = new Map<string, Set<string>>();
  for (const { id_hash: id, scope } of rows) known.set(id, (known.get(id) ?? new Set()).add(scope));
  return known;
}

/** When the last renewal of all keys ended; null: there was none, one still goes on, or it is one of a clock that ran ahead. */
export async function renewedAt(db: Statements): Promise<Date | null> {
  const [row] = await db<{ scope: string; at: Date }[]>`
    select scope, at from backups.ledger where what = 'renewal' and at <= now() order by seq desc limit 1`;
  return row?.scope === 'ended' ? row.at : null;
}

/** Up to where the account of what went was taken in; empty: from its beginning. */
export async function fedTo(db: Statements): Promise<string> {
  const [row] = await db<{ after: string }[]>`select after from backups.ledger_fed`;
  return row?.after ?? '';
}

export async function noteFed(tx: Statements, after: string): Promise<void> {
  await tx`insert into backups.ledger_fed (after) values (${after}) on conflict (one) do update set after = excluded.after`;
}

/** Restrictions as the ledger has them: the newest of each subject. */
export async function knownRestrictions(db: Statements): Promise<Map<string, string>> {
  const rows = await db<{ id_hash: string; what: LedgerWhat; scope: string }[]>`
    select distinct on (id_hash) id_hash, what, scope from backups.ledger where what in ('restriction', 'lift') order by id_hash, seq desc`;
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

/** Entries that a store has not got yet, in order. */
export async function entriesAfter(db: Statements, seq: bigint, limit: number): Promise<LedgerRow[]> {
  return [
    ...(await db<
      LedgerRow[]
    >`select * from backups.ledger where seq > ${String(seq)}::bigint order by seq limit ${limit}`),
  ];
}

/** Up to which entry a store has all of them. */
export async function sentTo(db: Statements, store: string): Promise<bigint> {
  const [row] = await db<{ seq: bigint }[]>`select seq from backups.ledger_sent where store = ${store}`;
  return row?.seq ?? 0n;
}

export async function noteSent(db: Statements, store: string, seq: bigint): Promise<void> {
  await db`
    insert into backups.ledger_sent as s (store, seq) values (${store}, ${String(seq)}::bigint)
    on conflict (store) do update set seq = greatest(s.seq, excluded.seq)`;
}

export async function noteBeat(db: Statements, store: string): Promise<void> {
  await db`
    insert into backups.ledger_sent (store, beat) values (${store}, true) on conflict (store) do update set beat = true`;
}

/** A store without a beat gets everything again, if it ever had one. @returns whether it had */
export async function forgetSent(db: Statements, store: string): Promise<boolean> {
  return (await db`delete from backups.ledger_sent where store = ${store} and beat`).count > 0;
}

/** The newest entry that each of these stores has, with all before it. */
export async function newestSent(db: Statements, stores: readonly string[]): Promise<LedgerRow | null> {
  const [row] = await db<LedgerRow[]>`
    select * from backups.ledger where seq = (select min(coalesce(s.seq, 0))
      from unnest(${[...stores]}::text[]) as t (store) left join backups.ledger_sent s using (store))`;
  return row ?? null;
}

/** What the restore found in the stores is this database's ledger from now on. */
export async function takeOverEntries(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 5000) await appendEntries(tx, rows.slice(at, at + 5000));
}
