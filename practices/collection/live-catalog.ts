/**
 * The catalogue that this server works by: always the version that the database says holds.
 *
 * Which one holds is asked before every request, and held by every transaction that stores values, so that no server goes
 * on by an older one: not for a read that begins after the change, and not for a write that ends after it.
 */
import { gather, type Db, type Statements } from '#platform/db';

import type { Catalog } from './catalog.ts';
import { collectionFailure } from './failures.ts';
import { readHead, shareHead, type Head } from './store/versions.ts';
import { readVersion, versionText } from './version-row.ts';

export type LiveCatalog = Readonly<{
  /** What `refresh` found last. */
  current: () => Catalog;
  /** Its version's id. */
  versionId: () => string;
  /** After this, `current` is no older than what held when it was called. @throws COLLECTION_CATALOG_INVALID, _CHANGED */
  refresh: () => Promise<void>;
  /**
   * In a transaction that stores values, before any is checked: until its end no other version becomes active.
   * @returns false when `current` is not what holds: refresh, and begin again
   */
  hold: (tx: Statements) => Promise<boolean>;
  /** What has to be ready before a version is worked by, such as numbers for its new fields. */
  beforeUse: (prepare: (catalog: Catalog) => Promise<void>) => void;
}>;

/** @throws COLLECTION_NO_CATALOG before the first version was put there */
export async function openLiveCatalog(db: Db): Promise<LiveCatalog> {
  let prepare: (catalog: Catalog) => Promise<void> = () => Promise.resolve();
  let live = await load(db, await readHead(db));
  let adopting: Promise<void> | null = null;
  const ask = gather<null, Head>(async (asked) => {
    const head = await readHead(db);
    return asked.map(() => head);
  });

  const adopt = async (): Promise<void> => {
    const next = await load(db, await readHead(db));
    await prepare(next.catalog);
    // answers may come in another order than they were asked for
    if (next.epoch > live.epoch) live = next;
  };
  return {
    current: () => live.catalog,
    versionId: () => live.id,
    refresh: async () => {
      const { epoch } = await ask(null);
      while (epoch > live.epoch) {
        adopting ??= adopt().finally(() => {
          adopting = null;
        });
        await adopting;
      }
    },
    hold: async (tx) => (await shareHead(tx)).epoch === live.epoch,
    beforeUse: (next) => {
      prepare = next;
    },
  };
}

async function load(
  db: Db,
  { epoch, catalog_version }: Head,
): Promise<{ epoch: bigint; id: string; catalog: Catalog }> {
  if (catalog_version === null) throw collectionFailure('NO_CATALOG');
  return { epoch, id: versionText(catalog_version), catalog: await readVersion(db, catalog_version) };
}
