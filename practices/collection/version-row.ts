/** One version as it is stored: its id, its document, and the catalogue that the document means. */
import { hash } from 'node:crypto';

import type { Statements } from '#platform/db';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import type { Catalog } from './catalog.ts';
import { collectionFailure } from './failures.ts';
import { parseCatalog } from './parse-catalog.ts';
import { findVersion, type VersionRow } from './store/versions.ts';

export const versionText = (id: Uuid): string => publicId('cat', id);

/** @throws COLLECTION_VERSION_NOT_FOUND */
export function versionUuid(id: string): Uuid {
  const uuid = parsePublicId('cat', id);
  if (uuid === null) throw collectionFailure('VERSION_NOT_FOUND');
  return uuid;
}

/** SHA-256 of the text. */
export const documentHash = (document: string): Buffer => hash('sha256', document, 'buffer');

/** @throws COLLECTION_VERSION_NOT_FOUND, COLLECTION_CATALOG_CHANGED, COLLECTION_CATALOG_INVALID */
export async function readVersion(db: Statements, id: Uuid): Promise<Catalog> {
  const row = await findVersion(db, id);
  if (row === null) throw collectionFailure('VERSION_NOT_FOUND');
  return catalogOf(row);
}

/** @throws COLLECTION_CATALOG_CHANGED, COLLECTION_CATALOG_INVALID */
export function catalogOf(row: Pick<VersionRow, 'version_id' | 'document' | 'document_hash'>): Catalog {
  // PostgreSQL checked it when it was stored; whoever changed both since is found by the log, which has the hash too
  if (!documentHash(row.document).equals(row.document_hash)) throw collectionFailure('CATALOG_CHANGED');
  return parseCatalog(row.document, { file: versionText(row.version_id) });
}
