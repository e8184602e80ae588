/** Reads objects back and compares them with what was written: damage is found before somebody needs them. */
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import { letGo } from './sealing/let-go.ts';
import { dueForScrub, scrubbedObject, type Fault, type ObjectRow } from './store/journal.ts';
import type { Stores } from './stores.ts';

export type Scrubbed = Readonly<{
  read: number;
  bytes: number;
  faults: readonly Readonly<{ name: string; store: string; fault: Fault }>[];
}>;

/**
 * @param limit objects, those first that were not read for the longest time
 * @throws the first failure of a store, after what is due in the others was read
 */
export async function scrub(
  { db, stores, now }: { db: Db; stores: Stores; now: () => Date },
  limit: number,
): Promise<Scrubbed> {
  const faults: { name: string; store: string; fault: Fault }[] = [];
  const failed = new Map<string, unknown>();
  let [tried, read, bytes] = [0, 0, 0];
  const readBack = async (object: ObjectRow): Promise<void> => {
    const { name, store, version, sha256, locked_until: locked } = object;
    const target = await stores.at(store);
    let fault: Fault | null = null;
    try {
      const found = await target.get(name, { version, sha256: sha256 as string });
      read += 1;
      bytes += found.length;
      letGo(found);
      const until = locked !== null && locked > now() ? await target.lockOf(name, version) : locked;
      if (locked !== null && (until === null || until.getTime() + 1000 < locked.getTime())) fault = 'unlocked';
    } catch (thrown) {
      if (isFailure(thrown, 'BACKUPS_OBJECT_DAMAGED')) fault = 'damaged';
      else if (isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) fault = 'missing';
      else throw thrown;
    }
    // also when it is faulty: the next are read too, and the status tells of this one until it is read well
    await scrubbedObject(db, object, fault);
    if (fault !== null) faults.push({ name, store, fault });
    tried += 1;
  };
  // what is due in a store that fails makes room for what is in the others
  for (let before = -1; before !== failed.size;) {
    before = failed.size;
    for (const object of await dueForScrub(db, limit - tried, [...failed.keys()]))
      if (!failed.has(object.store))
        await readBack(object).catch((thrown: unknown) => failed.set(object.store, thrown));
  }
  for (const thrown of failed.values()) throw thrown;
  return { read, bytes, faults };
}
