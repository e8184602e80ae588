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

/** Some of them stay: a step goes on after the one before it, whether that dropped anything or not. */
async function dropLeft(db: Db, before: Date, most: number): Promise<void> {
  for (let from: Date | null = new Date(0); from !== null;) {
    const last: Date | null = await endOfLeftRuns(db, { after: from, most }, before);
    // its table knows finer times than ours
    from = last === null ? null : new Date(last.getTime() + 1);
    const until = from ?? before;
    await transact(db, (tx) => dropLeftRuns(tx, until < before ? until : before));
  }
}

async function inSteps<T>(db: Db, first: T, step: (tx: Tx, after: T) => Promise<T | null>): Promise<void> {
  for (let after: T | null = first; after !== null;) {
    const from: T = after;
    after = await transact(db, (tx) => step(tx, from));
  }
}
