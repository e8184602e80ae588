/** What courses made elsewhere leave behind: files of versions that were replaced, runs that nobody ended, and what was stated and kept in any. */
import { transact, type Db, type Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { dropAllowed, dropProfiles, dropStates, endOfLeftRuns, FIRST_RUN } from '../store/left.ts';
import { deleteOldChunks, dropLeftRuns } from '../store/packages.ts';
import { holdVersions } from '../store/versions.ts';

/** Who comes back later begins anew. */
const LEFT_DAYS = 90;
const DAY_MS = 86_400_000;
const AT_ONCE = 200;

/** Each step by itself: whoever learns waits for none of them, and what one did is done whatever comes of the next. */
export async function tidyPackages(db: Db, now: Date, most = AT_ONCE): Promise<void> {
  const before = new Date(now.getTime() - LEFT_DAYS * DAY_MS);
  await dropLeft(db, before, most);
  await inSteps<Uuid>(db, FIRST_RUN, (tx, after) => dropAllowed(tx, { after, most }, before));
  await inSteps<Uuid>(db, FIRST_RUN, (tx, after) => dropStates(tx, { after, most }));
  await inSteps<string>(db, '', (tx, after) => dropProfiles(tx, { after, most }, before));
  await transact(db, async (tx) => {
    // one that is published again at this moment is published before, or finds that its files are gone and brings them
    await holdVersions(tx);
    await deleteOldChunks(tx, now);
  });
}

async function dropLeft(db: Db, before: Date, most: number): Promise<void> {
  for (let more = true; more;) {
    const last = await endOfLeftRuns(db, before, most);
    // its table knows finer times than ours
    const until = last === null ? before : new Date(Math.min(before.getTime(), last.getTime() + 1));
    more = (await transact(db, (tx) => dropLeftRuns(tx, until))) > 0 && last !== null;
  }
}

async function inSteps<T>(db: Db, first: T, step: (tx: Tx, after: T) => Promise<T | null>): Promise<void> {
  for (let after: T | null = first; after !== null;) {
    const from: T = after;
    after = await transact(db, (tx) => step(tx, from));
  }
}
