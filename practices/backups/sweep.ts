/**
 * What is left over: runs whose server was killed are finished or given up, and what they put into stores is deleted once
 * its lock ends. Call it at start and now and then; every step may run twice.
 */
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import {
  abandonedRuns,
  failRun,
  finishRun,
  newestRun,
  orphans,
  removedObject,
  type ObjectRow,
  type RunRow,
} from './store/journal.ts';
import type { Stores } from './stores.ts';

type SweepNeeds = Readonly<{ db: Db; stores: Stores; now: () => Date }>;

/**
 * @param alone no other server is on this database
 * @returns how many runs were finished (their manifest was in the stores), given up, and how many objects were deleted
 */
export async function sweepRuns(
  needs: SweepNeeds,
  alone: boolean,
): Promise<{ finished: number; abandoned: number; removed: number }> {
  const done = { finished: 0, abandoned: 0, removed: 0 };
  for (const run of await abandonedRuns(needs.db, alone)) {
    if (await hasManifest(needs, run)) {
      const keys = run.plane === 'data' ? await newestRun(needs.db, 'key') : null;
      await finishRun(needs.db, run.run_id, {
        manifestSha256: run.manifest_sha256 as string,
        keysSeq: keys?.seq ?? null,
        ledgerSeq: run.ledger_seq,
      });
      done.finished += 1;
    } else {
      await failRun(needs.db, run.run_id, 'KILLED');
      done.abandoned += 1;
    }
  }
  for (const object of await orphans(needs.db)) if (await removeUnlocked(needs, object)) done.removed += 1;
  return done;
}

/** In every store, and the one that was signed: only then was it a backup. */
async function hasManifest({ stores }: SweepNeeds, run: RunRow): Promise<boolean> {
  if (run.manifest_sha256 === null) return false;
  for (const { target } of await stores.of(run.plane)) {
    const found = await target.get(run.manifest_name, { sha256: run.manifest_sha256 }).catch((thrown: unknown) => {
      if (isFailure(thrown, 'BACKUPS_OBJECT_MISSING') || isFailure(thrown, 'BACKUPS_OBJECT_DAMAGED')) return null;
      throw thrown;
    });
    if (found === null) return false;
  }
  return true;
}

/** @returns false while it is locked */
export async function removeUnlocked({ db, stores }: SweepNeeds, object: ObjectRow): Promise<boolean> {
  const target = await stores.at(object.store);
  try {
    // killed between PUT and journal: the version is not known, the name is, and it is ours alone
    const versions =
      object.version === null ? (await target.list(object.name)).map(({ version }) => version) : [object.version];
    for (const version of versions) await target.remove(object.name, version);
  } catch (thrown) {
    if (isFailure(thrown, 'BACKUPS_OBJECT_LOCKED')) return false;
    if (!isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) throw thrown;
  }
  await removedObject(db, object);
  return true;
}
