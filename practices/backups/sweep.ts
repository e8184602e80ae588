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
  knowObjects,
  orphans,
  removedObject,
  runsWithout,
  type ObjectRow,
  type RunPlane,
} from './store/journal.ts';
import { deliverManifest, type Stores } from './stores.ts';
import type { Target } from './targets/target.ts';

type SweepNeeds = Readonly<{ db: Db; stores: Stores; now: () => Date; lockDays: Readonly<Record<RunPlane, number>> }>;

/** Finishes runs that were cut off behind their signed manifest, and gives up the others. */
export async function settleRuns(needs: SweepNeeds): Promise<{ finished: number; abandoned: number }> {
  const done = { finished: 0, abandoned: 0 };
  const { db, stores, now, lockDays } = needs;
  for (const run of await abandonedRuns(db)) {
    if (run.manifest === null) {
      await failRun(db, run.run_id, 'KILLED');
      done.abandoned += 1;
      continue;
    }
    await deliverManifest({ db, stores: await stores.of(run.plane), now }, run, lockDays[run.plane]);
    await finishRun(db, run.run_id);
    done.finished += 1;
  }
  return done;
}

/**
 * A store that was named later gets the manifests before: without them its chain is not whole.
 * @returns how many @throws the first failure, after all stores were tried
 */
export async function completeChains({ db, stores, now, lockDays }: SweepNeeds): Promise<number> {
  let delivered = 0;
  const unless = beside();
  for (const plane of ['data', 'key'] as const)
    for (const address of stores.addresses[plane])
      await unless.failed(address, async () => {
        for (const run of await runsWithout(db, plane, address)) {
          const store = { address, target: await stores.at(address) };
          // then so has what it names, from before a restore out of another store: it goes in time here, too
          if (await deliverManifest({ db, stores: [store], now }, run, lockDays[plane]))
            await knowObjects(db, run.run_id, address);
          delivered += 1;
        }
      });
  unless.end();
  return delivered;
}

/** Deletes what failed runs left. @returns how many objects @throws the first failure, after all stores were tried */
export async function removeOrphans(needs: Pick<SweepNeeds, 'db' | 'stores'>): Promise<number> {
  let removed = 0;
  const unless = beside();
  for (const object of await orphans(needs.db))
    await unless.failed(object.store, async () => {
      if (await removeUnlocked(needs, object)) removed += 1;
    });
  unless.end();
  return removed;
}

/** One store that fails keeps nothing from the others, and is not asked again in this round. */
export function beside(): { failed: (store: string, work: () => Promise<void>) => Promise<void>; end: () => void } {
  const failures = new Map<string, unknown>();
  return {
    failed: async (store, work) => {
      if (failures.has(store)) return;
      await work().catch((thrown: unknown) => failures.set(store, thrown));
    },
    end: () => {
      for (const thrown of failures.values()) throw thrown;
    },
  };
}

/** @returns false while it is locked, or when these credentials may not delete */
export async function removeUnlocked(
  { db, stores }: Pick<SweepNeeds, 'db' | 'stores'>,
  { name, store, version }: ObjectRow,
): Promise<boolean> {
  const target = await stores.at(store);
  try {
    // all versions: a PUT that was tried twice left two, and who is killed behind one has noted none; the name is ours alone
    const listed = target.facts.versions ? await target.list(name) : [{ version }];
    const versions = new Set(listed.map((each) => each.version));
    if (version !== null) versions.add(version);
    for (const each of versions) await removeVersion(target, name, each);
  } catch (thrown) {
    if (isFailure(thrown, 'BACKUPS_OBJECT_LOCKED') || isFailure(thrown, 'BACKUPS_TARGET_DENIED')) return false;
    throw thrown;
  }
  await removedObject(db, { name, store });
  return true;
}

async function removeVersion(target: Target, name: string, version: string | null): Promise<void> {
  try {
    await target.remove(name, version);
  } catch (thrown) {
    if (!isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) throw thrown;
  }
}
