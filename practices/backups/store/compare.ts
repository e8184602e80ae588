/** What tables hold now, read back out of the database, against what was backed up. */
import { transact, type Db, type Tx } from '#platform/db';

import { backupsFailure } from '../failures.ts';
import type { TableDetails } from '../manifest.ts';
import { rowSums, type RowSums } from '../sealing/row-sums.ts';
import { allTables } from './catalogue.ts';
import { copyOut, partsOf, settle } from './copy-out.ts';

type Summing = (text: Buffer<ArrayBuffer>) => Promise<{ rows: number; sum: string; spent: ArrayBuffer }>;
type Held = { rows: number; sums: RowSums; parts: number };

/** Connections at a time: one reads while the rows of another are summed. */
const READERS = 2;

/**
 * Nobody else may write meanwhile. A large table is read in parts, so that no table holds up the others.
 * @param onTable is told of each table that is the same
 * @throws BACKUPS_CONTENT_DIFFERS for the first one with other rows than were backed up
 */
export async function compareTables(
  db: Db,
  wanted: readonly TableDetails[],
  { sum, onTable, partPages }: { sum: Summing; onTable: (details: TableDetails) => void | Promise<void>; partPages?: number }, // prettier-ignore
): Promise<void> {
  const shapes = new Map((await allTables(db)).map((shape) => [shape.table, shape]));
  const details = new Map(wanted.map((each) => [each.table, each]));
  const queue = partsOf(
    wanted.map(({ table, columns }) => ({
      table,
      columns,
      pages: shapes.get(table)?.pages ?? null,
      bytes: shapes.get(table)?.bytes ?? 0,
    })),
    partPages,
  );
  const held = new Map<string, Held>();
  for (const { shape } of queue) {
    const one = held.get(shape.table) ?? { rows: 0, sums: rowSums(), parts: 0 };
    one.parts += 1;
    held.set(shape.table, one);
  }
  const readAll = async (tx: Tx): Promise<void> => {
    await settle(tx);
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const one = held.get(part.shape.table) as Held;
      await copyOut(tx, part, async (text) => {
        const found = await sum(text);
        one.rows += found.rows;
        one.sums.merge(found.sum);
        return found.spent;
      });
      one.parts -= 1;
      if (one.parts > 0) continue;
      const same = details.get(part.shape.table) as TableDetails;
      if (one.rows !== same.rows || one.sums.value() !== same.sum)
        throw backupsFailure('CONTENT_DIFFERS', {
          detail: `${same.table} has ${one.rows} rows where ${same.rows} were backed up, or others`,
        });
      await onTable(same);
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: READERS }, () =>
      transact(db, readAll, { isolation: 'repeatable read', access: 'read only', attempts: 1 }),
    ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
