/** How new records go in: many by COPY, few by INSERT, and by INSERT again what COPY refused. */
import type { Tx } from '#platform/db';
import { isFailure } from '#platform/failure';

import { BULK_FROM, copyRecords, type NewRows } from './store/bulk.ts';
import { insertRecords } from './store/records.ts';
import { insertRings } from './store/rings.ts';

export type Insertion = (tx: Tx, rows: NewRows) => Promise<void>;

const UNIQUE_VIOLATION = '23505';

/**
 * One for each piece of work, shared by all its tries: COPY cannot always say what it was refused for, so the next try
 * goes by INSERT, which can.
 * @throws 40001 also when another server stored one of the unique values since they were looked up
 */
export function insertion(): Insertion {
  let mayCopy = true;
  return async (tx, rows) => {
    if (mayCopy && rows.records.length >= BULK_FROM) {
      try {
        return await copyRecords(tx, rows);
      } catch (cause) {
        if (!isFailure(cause, 'DB_COPY') && (cause as { code?: string }).code !== UNIQUE_VIOLATION) throw cause;
        mayCopy = false;
        throw again('the rows were refused as a whole', cause);
      }
    }
    await insertRings(tx, rows.rings);
    if ((await insertRecords(tx, rows.records, rows.indexEpoch)) > 0) throw again('a unique value was taken meanwhile');
  };
}

const again = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: '40001' });
