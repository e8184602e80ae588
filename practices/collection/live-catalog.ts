/** The catalogue a running server works by, and the way to a newer one. */
import type { Catalog } from './catalog.ts';
import { diffCatalogs, type CatalogDiff } from './diff-catalogs.ts';
import { collectionFailure } from './failures.ts';
import { parseCatalog } from './parse-catalog.ts';

export type CatalogNeeds = Readonly<{
  /** Reads catalog.yaml as text. */
  readText: () => Promise<string>;
  /** Name to show in messages. */
  file: string;
}>;

export type LiveCatalog = Readonly<{
  current: () => Catalog;
  /**
   * Reads the file again and takes it over; on any failure the current one stays.
   * @throws COLLECTION_CATALOG_INVALID; COLLECTION_CATALOG_BREAKING in mode `compatible` when stored data would not fit
   */
  reload: (mode: 'compatible' | 'breaking') => Promise<CatalogDiff>;
}>;

/** @throws COLLECTION_CATALOG_INVALID */
export async function createCatalog(needs: CatalogNeeds): Promise<LiveCatalog> {
  let catalog = parseCatalog(await needs.readText(), { file: needs.file });
  return {
    current: () => catalog,
    reload: async (mode) => {
      const next = parseCatalog(await needs.readText(), { file: needs.file });
      const diff = diffCatalogs(catalog, next);
      if (mode === 'compatible' && !diff.compatible) {
        const breaking = diff.changes.filter((change) => change.effect === 'breaking');
        throw collectionFailure('CATALOG_BREAKING', {
          detail: `the new catalogue does not fit what is stored: ${breaking.map(({ path, says }) => `${path}: ${says}`).join('; ')}`,
          extra: { changes: breaking },
        });
      }
      catalog = next;
      return diff;
    },
  };
}
