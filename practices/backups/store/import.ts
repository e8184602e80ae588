/** Rows back into a table, in one transaction. What is there then is compared by compare.ts, once it is committed. */
import { copyTextIn, transact, type Db, type Tx } from '#platform/db';
import { uuidv7 } from '#platform/ids';

import type { Linked, TableDetails } from '../manifest.ts';
import { primaryKey } from './catalogue.ts';
import { quoted, quotedTable, settle } from './copy-out.ts';
import { emptyAnew, restIndexes } from './resting-indexes.ts';

/** With fewer rows indexes are kept: making them again would take as long. */
const MANY_ROWS = 1000;

/**
 * @param db a superuser's: triggers and foreign keys rest, since what comes was once let in by them
 * @param pieces COPY text
 * @param stop where a test may kill it: `loaded …` before the indexes are made, `indexed …` before it is committed
 */
export async function importTable(
  db: Db,
  details: TableDetails,
  pieces: () => AsyncIterable<Uint8Array>,
  stop: (at: string) => void | Promise<void> = () => {},
): Promise<void> {
  const { table, columns } = details;
  await transact(
    db,
    async (tx) => {
      await settle(tx);
      await tx`select set_config('session_replication_role', 'replica', true)`;
      const [row] = await tx<{ there: boolean }[]>`select exists (select from ${tx(table)}) as there`;
      if (row?.there === true) await mergeIn(tx, details, pieces());
      else if (details.rows > 0) {
        const makeIndexes = details.rows < MANY_ROWS ? null : await restIndexes(tx, table);
        const freeze = details.rows >= MANY_ROWS && (await emptyAnew(tx, table));
        await copyTextIn(tx, { table, columns, freeze }, pieces());
        await stop(`loaded ${table}`);
        await makeIndexes?.();
        await stop(`indexed ${table}`);
      }
    },
    { attempts: 1 },
  );
}

/** Into a table that the migrations put rows into, of which some refuse to be deleted: changed where they differ. */
async function mergeIn(tx: Tx, { table, columns }: TableDetails, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const key = await primaryKey(tx, table);
  const target = quotedTable(table);
  await tx.unsafe(`create temporary table restored_rows (like ${target} including defaults) on commit drop`);
  await copyTextIn(tx, { table: 'restored_rows', columns }, pieces);
  const same = key.map((column) => `r.${quoted(column)} = t.${quoted(column)}`).join(' and ');
  await tx.unsafe(`delete from ${target} t where not exists (select from restored_rows r where ${same})`);
  const list = columns.map(quoted).join(', ');
  const set = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const onConflict = set.length === 0 ? 'do nothing' : `do update set ${set.join(', ')}`;
  await tx.unsafe(
    `insert into ${target} (${list}) select ${list} from restored_rows on conflict (${key.map(quoted).join(', ')}) ${onConflict}`,
  );
  await tx`drop table restored_rows`;
}

/** Makes the planner know what is there now, and writes all of it to the disk, however long that takes. */
export async function settleDown(db: Db): Promise<void> {
  for (const what of ['analyze', 'checkpoint'])
    await transact(
      db,
      async (tx) => {
        await settle(tx);
        await tx.unsafe(what);
      },
      { attempts: 1 },
    );
}

/**
 * So that the next backup follows the newest there is, not the one that was restored; and so that the objects, those with
 * keys above all, are pruned in time. Which of them were pruned before is not known: they are not expected to be there.
 */
export async function adoptManifest(
  db: Db,
  { manifest, name, sha256 }: Linked,
  bytes: Buffer,
  store: string,
): Promise<void> {
  const { backup, plane, seq, previous, startedAt, objects, details } = manifest;
  await db`
    insert into backups.runs (run_id, plane, state, seq, previous, manifest_name, manifest_sha256, manifest, keys_seq, ledger_seq, started_by, started_at, finished_at)
    values (${backup}, ${plane}, 'done', ${seq}, ${previous}, ${name}, ${sha256}, ${bytes}, ${manifest.keys?.seq ?? null}, ${manifest.ledgerSeq}, 'restore', ${startedAt}, ${startedAt})
    on conflict do nothing`;
  await db`
    insert into backups.objects (name, store, run_id)
    select name, ${store}, ${backup} from unnest(${[...objects, details].map((each) => each.name)}::text[]) as t (name)
    on conflict do nothing`;
  await db`
    insert into backups.objects (name, store, run_id, sha256, size_bytes, stored_at, scrubbed_at)
    values (${name}, ${store}, ${backup}, ${sha256}, ${bytes.length}, now(), now()) on conflict do nothing`;
}

/** Segments are told by their names and when they were stored: reading each of them would take hours. */
export async function adoptSegments(
  db: Db,
  refs: readonly Readonly<{ seq: number; name: string; storedAt: Date }>[],
  lastSha256: string,
  objects: readonly Readonly<{ name: string; store: string }>[],
  store: string,
): Promise<void> {
  const last = refs.at(-1)?.seq;
  const runs = new Map<string, string>();
  for (let at = 0; at < refs.length; at += 5000) {
    const part = refs.slice(at, at + 5000).map((ref) => ({ ...ref, id: uuidv7(ref.storedAt.getTime()) }));
    for (const { name, id } of part) runs.set(name.slice(-32), id);
    await db`
      insert into backups.runs (run_id, plane, state, seq, manifest_name, manifest_sha256, started_by, started_at, finished_at)
      select id, 'segment', 'done', seq, name, case when seq = ${last ?? 0}::bigint then ${lastSha256}::text end, 'restore', at, at
      from unnest(${part.map(({ id }) => id)}::uuid[], ${part.map(({ seq }) => String(seq))}::bigint[],
        ${part.map(({ name }) => name)}::text[], ${part.map(({ storedAt }) => storedAt.toISOString())}::timestamptz[]) as t (id, seq, name, at)
      on conflict do nothing`;
  }
  const all = [
    ...refs.map(({ name }) => ({ name, store, run: runs.get(name.slice(-32)) })),
    ...objects.map((each) => ({ ...each, run: runs.get(/([0-9a-f]{32})-\d+$/.exec(each.name)?.[1] ?? '') })),
  ].filter(({ run }) => run !== undefined);
  for (let at = 0; at < all.length; at += 5000) {
    const part = all.slice(at, at + 5000);
    await db`
      insert into backups.objects (name, store, run_id)
      select * from unnest(${part.map(({ name }) => name)}::text[], ${part.map((each) => each.store)}::text[],
        ${part.map(({ run }) => run as string)}::uuid[]) as t (name, store, run)
      on conflict do nothing`;
  }
}
