/** Statements of the audit log. */
import type { Db, Statements } from '#platform/db';

/**
 * Appends a batch with contiguous indexes: one statement takes the head and inserts. The head's row lock is held until
 * the transaction ends, so it orders the log over all servers.
 * @returns the index of the first
 */
export async function appendEntries(db: Statements, entries: readonly Buffer[]): Promise<bigint> {
  const [row] = await db<{ first: bigint }[]>`
    with head as (update audit.head set size = size + ${entries.length} returning size),
    put as (
      insert into audit.entries (index, bytes)
      select head.size - ${entries.length} + t.n - 1, decode(t.bytes, 'hex')
      from head, unnest(${entries.map((entry) => entry.toString('hex'))}::text[]) with ordinality as t (bytes, n))
    select size - ${entries.length} as first from head`;
  return (row as { first: bigint }).first;
}

/** Entries `from` to below `to`, in order; fewer when rows are missing. */
export async function readEntries(
  db: Statements,
  from: number,
  to: number,
): Promise<{ index: number; bytes: Buffer }[]> {
  const rows = await db<{ index: bigint; bytes: Buffer }[]>`
    select index, bytes from audit.entries where index >= ${String(from)}::bigint and index < ${String(to)}::bigint order by index`;
  return rows.map((row) => ({ index: Number(row.index), bytes: row.bytes }));
}

/** Entries `from` to below `to` that hold one of these pieces of text, in order. */
export async function readEntriesWith(
  db: Statements,
  from: number,
  to: number,
  pieces: readonly string[],
): Promise<{ index: number; bytes: Buffer }[]> {
  const rows = await db<{ index: bigint; bytes: Buffer }[]>`
    select index, bytes from audit.entries
    where index >= ${String(from)}::bigint and index < ${String(to)}::bigint
      and exists (select from unnest(${[...pieces]}::text[]) as piece where position(convert_to(piece, 'UTF8') in bytes) > 0)
    order by index`;
  return rows.map((row) => ({ index: Number(row.index), bytes: row.bytes }));
}

/** As many of them as fit into `bytes` in all, one at least: the first ones, or the last. */
export async function readEntriesWithin(
  db: Statements,
  from: number,
  to: number,
  { bytes, which }: Readonly<{ bytes: number; which: 'first' | 'last' }>,
): Promise<{ index: number; bytes: Buffer }[]> {
  const [order, one] = which === 'first' ? [db`asc`, from] : [db`desc`, to - 1];
  const rows = await db<{ index: bigint; bytes: Buffer }[]>`
    select index, bytes from (
      select index, bytes, sum(octet_length(bytes)) over (order by index ${order}) as total
      from audit.entries where index >= ${String(from)}::bigint and index < ${String(to)}::bigint) as page
    where total <= ${bytes} or index = ${String(one)}::bigint order by index`;
  return rows.map((row) => ({ index: Number(row.index), bytes: row.bytes }));
}

export async function headSize(db: Statements): Promise<number> {
  const [row] = await db<{ size: bigint }[]>`select size from audit.head`;
  return Number(row?.size ?? 0n);
}

export async function readTile(db: Statements, level: number, index: number): Promise<Buffer | null> {
  const [row] = await db<
    { hashes: Buffer }[]
  >`select hashes from audit.tiles where level = ${level} and index = ${String(index)}::bigint`;
  return row?.hashes ?? null;
}

export type StoredTile = Readonly<{ level: number; index: number; hashes: Buffer }>;

/** @returns false when a tile was there already that a tree of this size cannot have */
export async function writeTiles(tx: Statements, tiles: readonly StoredTile[]): Promise<boolean> {
  for (const tile of tiles) {
    const written = await tx`
      insert into audit.tiles (level, index, hashes) values (${tile.level}, ${String(tile.index)}::bigint, ${tile.hashes})
      on conflict (level, index) do update set hashes = excluded.hashes
      where substring(excluded.hashes from 1 for octet_length(audit.tiles.hashes)) = audit.tiles.hashes`;
    if (written.count !== 1) return false;
  }
  return true;
}

type Notes = Readonly<{
  signed: string;
  published: string | null;
  /** Published last with a quorum. */
  witnessed: string | null;
  /** For witnesses that fetch. */
  offered: string | null;
  offeredAt: Date | null;
}>;
export type TreeRow = Notes & Readonly<{ size: number }>;

/** What was signed last, and the largest size of a kept checkpoint: one statement, so that both are of one moment. */
export async function readSigned(db: Statements): Promise<{ tree: TreeRow | null; kept: number }> {
  const [row] = await db<(Notes & { size: bigint | null; kept: bigint })[]>`
    select tree.size, tree.signed, tree.published, tree.witnessed, tree.offered, tree.offered_at as "offeredAt",
      (select coalesce(max(size), 0) from audit.checkpoints) as kept
    from (select 1) as one left join audit.tree on true`;
  const { size, kept, ...notes } = row as NonNullable<typeof row>;
  return { tree: size === null ? null : { ...notes, size: Number(size) }, kept: Number(kept) };
}

/** @param before what was signed until now @returns false when another server was quicker */
export async function advanceTree(tx: Statements, before: string | null, size: number, note: string): Promise<boolean> {
  const moved =
    before === null
      ? await tx`insert into audit.tree (size, signed) values (${String(size)}::bigint, ${note}) on conflict do nothing`
      : await tx`update audit.tree set size = ${String(size)}::bigint, signed = ${note} where signed = ${before}`;
  return moved.count === 1;
}

/** The notes of the tree, held until the transaction ends. */
export async function lockPublished(tx: Statements): Promise<Notes | null> {
  const [row] = await tx<Notes[]>`
    select signed, published, witnessed, offered, offered_at as "offeredAt" from audit.tree for update`;
  return row ?? null;
}

export async function setPublished(
  tx: Statements,
  { published, witnessed, offered, offeredAt }: Omit<Notes, 'signed'>,
): Promise<void> {
  await tx`
    update audit.tree
    set published = ${published}, witnessed = ${witnessed}, offered = ${offered}, offered_at = ${offeredAt}`;
}

/** One an hour; what a clock that ran ahead signed stands for no hour but its own. */
export async function keepCheckpoint(tx: Statements, size: number, at: Date, note: string): Promise<void> {
  await tx`
    insert into audit.checkpoints (size, signed_at, note)
    select ${String(size)}::bigint, ${at}, ${note}
    where not exists (select from audit.checkpoints
      where signed_at > ${at}::timestamptz - interval '1 hour' and signed_at < ${at}::timestamptz + interval '1 hour')
    on conflict do nothing`;
}

/**
 * One at a time, over all servers. A turn that ends later than one can was taken while the clock ran ahead.
 * @returns whether `holder` may ask the witnesses for `seconds` from now
 */
export async function takePublishing(db: Statements, holder: string, seconds: number): Promise<boolean> {
  const taken = await db`
    insert into audit.publisher (holder, until) values (${holder}, now() + make_interval(secs => ${seconds}))
    on conflict (only_one) do update set holder = excluded.holder, until = excluded.until
    where audit.publisher.until < now() or audit.publisher.holder = excluded.holder
      or audit.publisher.until > now() + make_interval(secs => ${seconds + 60})`;
  return taken.count === 1;
}

/** Another one may ask at once. No row of the log's tables is ever taken away: owner.sql gives nobody the right to. */
export async function endPublishing(db: Statements, holder: string): Promise<void> {
  await db`update audit.publisher set until = '-infinity' where holder = ${holder}`;
}

export type WitnessRow = Readonly<{
  url: string;
  /** What it cosigned last. */
  size: number;
  cosignedAt: Date | null;
  /** In a row, until now. */
  failures: number;
  failedAt: Date | null;
  problem: string | null;
}>;

export async function readWitnesses(db: Statements): Promise<WitnessRow[]> {
  const rows = await db<(Omit<WitnessRow, 'size'> & { size: bigint })[]>`
    select url, size, cosigned_at as "cosignedAt", failures, failed_at as "failedAt", problem
    from audit.witnesses order by url`;
  return rows.map((row) => ({ ...row, size: Number(row.size) }));
}

export async function saveWitness(db: Statements, row: WitnessRow): Promise<void> {
  await db`
    insert into audit.witnesses (url, size, cosigned_at, failures, failed_at, problem)
    values (${row.url}, ${String(row.size)}::bigint, ${row.cosignedAt}, ${row.failures}, ${row.failedAt}, ${row.problem})
    on conflict (url) do update set size = excluded.size, cosigned_at = excluded.cosigned_at,
      failures = excluded.failures, failed_at = excluded.failed_at, problem = excluded.problem`;
}

/** Could this role change the log's tables, as their owner or as a superuser? */
export async function ownsTables(db: Statements): Promise<boolean> {
  const [row] = await db<{ owns: boolean }[]>`
    select pg_has_role(current_user, relowner, 'MEMBER') as owns from pg_class where oid = 'audit.entries'::regclass`;
  return row?.owns ?? false;
}

const MOST_STALL_MS = 5000;

/** Keeps everybody from writing to the log for a while, as a disk does that stalls; who reads the log goes on. */
export async function stallLog(db: Db, ms: number): Promise<void> {
  await db.begin(async (tx) => {
    await tx`select 1 from audit.head for update`;
    await tx`select pg_sleep(${Math.min(ms, MOST_STALL_MS) / 1000})`;
  });
}
