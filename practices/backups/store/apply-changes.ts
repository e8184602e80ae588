/**
 * Changes applied to rows that came from a snapshot, in the order of their commits. Each must fit: a row that is to be
 * changed or deleted is there, exactly once, or there was a gap that nobody saw.
 */
import { copyTextIn, type Statements, type Tx } from '#platform/db';

import { UNCHANGED, type Cell, type Message, type Relation } from '../changes/pgoutput.ts';
import { backupsFailure } from '../failures.ts';
import { quoted, quotedTable, settle } from './copy-out.ts';

export type Row = Extract<Message, { is: 'insert' | 'update' | 'delete' }>;
/** Text that is waiting for its COPY. */
const BATCH_BYTES = 2 * 2 ** 20;
/** Statements under way at once. */
const PIPELINE = 64;

/** Triggers and foreign keys rest: what comes was once let in by them. */
export async function beginApplying(tx: Tx): Promise<void> {
  await settle(tx);
  await tx`select set_config('session_replication_role', 'replica', true), set_config('synchronous_commit', 'off', true)`;
}

export type Applier = Readonly<{
  apply: (relation: Relation, row: Row) => Promise<void>;
  truncate: (relation: Relation) => Promise<void>;
  /** Everything that was given is in. */
  flush: () => Promise<void>;
}>;

/** In one transaction. @throws BACKUPS_SEGMENT_DIFFERS, and what PostgreSQL said */
export function applier(tx: Tx): Applier {
  const types = new Map<string, ReadonlyMap<string, string>>();
  let batch: { relation: Relation; lines: Buffer[]; bytes: number } | null = null;
  const pipeline: Promise<void>[] = [];

  const sendBatch = async (): Promise<void> => {
    if (batch === null) return;
    const { relation, lines } = batch;
    batch = null;
    await copyTextIn(tx, { table: relation.table, columns: relation.columns }, pieces(lines));
  };
  const settlePipeline = async (): Promise<void> => {
    await Promise.all(pipeline.splice(0));
  };
  const typesOf = async (table: string): Promise<ReadonlyMap<string, string>> => {
    const known = types.get(table) ?? (await columnTypes(tx, table));
    types.set(table, known);
    return known;
  };
  const one = async (relation: Relation, text: string, values: (string | null)[]): Promise<void> => {
    const sent = tx.unsafe(text, values, { prepare: true }).then(({ count }) => {
      if (count !== 1)
        throw backupsFailure('SEGMENT_DIFFERS', { detail: `${count} rows of ${relation.table} where one is changed` });
    });
    // heard when the pipeline is settled; until then it must not count as unhandled
    sent.catch(() => undefined);
    pipeline.push(sent);
    if (pipeline.length >= PIPELINE) await settlePipeline();
  };

  return {
    apply: async (relation, row) => {
      if (row.is === 'insert') {
        await settlePipeline();
        if (batch !== null && (batch.relation !== relation || batch.bytes >= BATCH_BYTES)) await sendBatch();
        batch ??= { relation, lines: [], bytes: 0 };
        const line = copyLine(relation, row.row);
        batch.lines.push(line);
        batch.bytes += line.length;
        return;
      }
      await sendBatch();
      const known = await typesOf(relation.table);
      const values: (string | null)[] = [];
      const said = (n: number, cell: Cell): string => {
        const type = known.get(relation.columns[n] as string);
        if (type === undefined || cell === UNCHANGED) throw misfit(relation);
        values.push(cell);
        return `$${values.length}::text::${type}`;
      };
      const cells = row.is === 'delete' ? row.old : row.row;
      if (cells.length !== relation.columns.length) throw misfit(relation);
      const set =
        row.is === 'delete'
          ? []
          : cells.flatMap((cell, n) => (cell === UNCHANGED ? [] : [`${quoted(relation.columns[n] as string)} = ${said(n, cell)}`])); // prettier-ignore
      const by = row.is === 'delete' ? row.old : (row.old ?? row.row);
      const where = relation.columns.flatMap((column, n) =>
        relation.key[n] === true ? [`${quoted(column)} = ${said(n, by[n] ?? null)}`] : [],
      );
      if (where.length === 0) throw misfit(relation);
      const table = quotedTable(relation.table);
      const what = row.is === 'delete' ? `delete from ${table}` : `update ${table} set ${set.join(', ')}`;
      await one(relation, `${what} where ${where.join(' and ')}`, values);
    },
    truncate: async (relation) => {
      await sendBatch();
      await settlePipeline();
      await tx.unsafe(`truncate ${quotedTable(relation.table)}`);
    },
    flush: async () => {
      await sendBatch();
      await settlePipeline();
    },
  };
}

const misfit = ({ table }: Relation): Error =>
  backupsFailure('SEGMENT_DIFFERS', { detail: `a change of ${table} has other columns than the table` });

async function* pieces(lines: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.concat(lines));
}

/** Source: PostgreSQL documentation, COPY, "Text Format". */
function copyLine(relation: Relation, cells: readonly Cell[]): Buffer {
  if (cells.length !== relation.columns.length) throw misfit(relation);
  const text = cells.map((cell) => {
    if (cell === UNCHANGED) throw misfit(relation);
    return cell === null ? '\\N' : cell.replaceAll(/[\\\n\r\t]/g, (letter) => ESCAPED[letter] as string);
  });
  return Buffer.from(`${text.join('\t')}\n`);
}
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

async function columnTypes(db: Statements, table: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db<{ column: string; type: string }[]>`
    select attname::text as column, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${table}::text::regclass and attnum > 0 and not attisdropped`;
  return new Map(rows.map(({ column, type }) => [column, type]));
}
