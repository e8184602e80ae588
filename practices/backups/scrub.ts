/** Reads objects back and compares them with what was written: damage is found before somebody needs them. */
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import { dueForScrub, scrubbedObject } from './store/journal.ts';
import type { Stores } from './stores.ts';

export type Scrubbed = Readonly<{
  read: number;
  bytes: number;
  faults: readonly Readonly<{ name: string; store: string; fault: 'damaged' | 'missing' | 'unlocked' }>[];
}>;

/** @param limit objects, those first that were not read for the longest time */
export async function scrub(
  { db, stores, now }: { db: Db; stores: Stores; now: () => Date },
  limit: number,
): Promise<Scrubbed> {
  const faults: { name: string; store: string; fault: 'damaged' | 'missing' | 'unlocked' }[] = [];
  let [read, bytes] = [0, 0];
  for (const object of await dueForScrub(db, limit)) {
    const { name, store, version, sha256, locked_until: locked } = object;
    const target = await stores.at(store);
    try {
      const found = await target.get(name, { version, sha256: sha256 as string });
      read += 1;
      bytes += found.length;
      const until = locked !== null && locked > now() ? await target.lockOf(name, version) : locked;
      if (locked !== null && (until === null || until.getTime() + 1000 < locked.getTime()))
        faults.push({ name, store, fault: 'unlocked' });
      else await scrubbedObject(db, object);
    } catch (thrown) {
      if (isFailure(thrown, 'BACKUPS_OBJECT_DAMAGED')) faults.push({ name, store, fault: 'damaged' });
      else if (isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) faults.push({ name, store, fault: 'missing' });
      else throw thrown;
    }
  }
  return { read, bytes, faults };
}
