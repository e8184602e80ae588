/**
 * Indexes of a table that rows are loaded into: gone while the rows come, made again from all of them at once. What is made
 * again is what was there, name by name; whatever could not be made again exactly stays.
 */
import { hasCitus, type Tx } from '#platform/db';

import { quoted, quotedTable } from './copy-out.ts';

type Resting = Readonly<{ name: string; sql: string; kind: 'p' | 'u' | null; deferring: string }>;

/**
 * Takes away those that nothing else stands on: no foreign key, no replica identity, no comment.
 * @returns makes them again; to be called in the same transaction, so that nobody ever sees the table without them
 */
export async function restIndexes(tx: Tx, table: string): Promise<() => Promise<void>> {
  const resting = await tx<Resting[]>`
    select c.relname::text as name, pg_get_indexdef(i.indexrelid) as sql, k.contype::text as kind,
      case when k.condeferred then 'deferrable initially deferred' when k.condeferrable then 'deferrable' else '' end as deferring
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
    where i.indrelid = ${table}::text::regclass and i.indisvalid and not i.indisclustered and not i.indisreplident
      and (k.oid is null or (k.contype in ('p', 'u') and obj_description(k.oid, 'pg_constraint') is null))
      and obj_description(i.indexrelid, 'pg_class') is null
      and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = i.indexrelid)
    order by c.relname`;
  const target = quotedTable(table);
  const schema = target.slice(0, target.indexOf('.'));
  for (const { name, kind } of resting)
    await tx.unsafe(
      kind === null ? `drop index ${schema}.${quoted(name)}` : `alter table ${target} drop constraint ${quoted(name)}`,
    );
  return async () => {
    for (const { name, sql, kind, deferring } of resting) {
      await tx.unsafe(sql);
      if (kind !== null)
        await tx.unsafe(
          `alter table ${target} add constraint ${quoted(name)} ${kind === 'p' ? 'primary key' : 'unique'} using index ${quoted(name)} ${deferring}`,
        );
    }
  };
}

/**
 * Empties a table that is empty. Rows that come in the same transaction may come frozen then, and where PostgreSQL keeps no
 * more of its log than it needs itself, they are written once instead of twice.
 * @returns false where that cannot be done: rows are partitioned, others refer to them, or a trigger that never rests refuses it
 */
export async function emptyAnew(tx: Tx, table: string): Promise<boolean> {
  const [row] = await tx<{ may: boolean }[]>`
    select c.relkind = 'r' and not exists (select from pg_constraint where contype = 'f' and confrelid = c.oid)
      -- tgtype 32: of TRUNCATE. One that is enabled always fires in a replica too: the log lets nobody empty it
      and not exists (select from pg_trigger where tgrelid = c.oid and (tgtype & 32) <> 0 and tgenabled in ('A', 'R')) as may
    from pg_class c where c.oid = ${table}::text::regclass`;
  if (row?.may !== true || (await hasCitus(tx))) return false;
  await tx.unsafe(`truncate ${quotedTable(table)}`);
  return true;
}
