/** What courses made elsewhere leave behind: files of versions that were replaced, and runs that nobody ended, with all that was stated in them. */
import { transact, type Db } from '#platform/db';

import { deleteOldChunks, dropLeftRuns } from '../store/packages.ts';
import { dropLeftParts } from '../store/part-sessions.ts';
import { holdVersions } from '../store/versions.ts';

/** Who comes back later begins anew. */
const LEFT_DAYS = 90;
const DAY_MS = 86_400_000;

export async function tidyPackages(db: Db, now: Date): Promise<void> {
  await transact(db, async (tx) => {
    // one that is published again at this moment is published before, or finds that its files are gone and brings them
    await holdVersions(tx);
    const before = new Date(now.getTime() - LEFT_DAYS * DAY_MS);
    await dropLeftRuns(tx, before);
    await dropLeftParts(tx, before);
    await deleteOldChunks(tx, now);
  });
}
