/** The ledger that was found becomes this database's own: the next entry follows its last. */
import { transact, type Db } from '#platform/db';

import type { LedgerEntry } from '../ledger.ts';
import { takeOverEntries } from '../store/ledger.ts';

export async function takeOver(db: Db, entries: readonly LedgerEntry[]): Promise<void> {
  await transact(db, (tx) =>
    takeOverEntries(
      tx,
      entries.map(({ seq, what, idHash, scope, at, previous, hash }) => ({
        seq: BigInt(seq),
        what,
        id_hash: idHash,
        scope,
        at: new Date(at),
        previous,
        hash,
      })),
    ),
  );
}
