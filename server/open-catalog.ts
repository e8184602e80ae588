/** Which catalogue a server begins with, and what becomes of a file that was changed since. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Log } from '#platform/log';
import { openLiveCatalog, takeInFile, versionEvent, type FromFile, type LiveCatalog } from '#practices/collection';
import { isEmpty } from '#practices/vault';

import { writeWhole } from './write-whole.ts';

type CatalogNeeds = Readonly<{ config: Config; log: Log; db: Db; clock: () => Date; audit: Pick<Audit, 'appendIn'> }>;

/** @throws COLLECTION_CATALOG_INVALID when the first one is not valid */
export async function openCatalog({ config, log, db, clock, audit }: CatalogNeeds): Promise<LiveCatalog> {
  const file = config.catalog;
  const taken = await takeInFile({
    db,
    clock,
    file,
    isEmpty,
    readText: async () => (existsSync(file) ? await readFile(file, 'utf8') : null),
    example: async () => {
      const text = await readFile(new URL('../examples/catalog.yaml', import.meta.url));
      await writeWhole(file, text, 0o644);
      log.info({ file }, 'no catalogue was there: the example was put in its place, edit it to fit');
      return text.toString('utf8');
    },
    log: (tx, verb, version) => audit.appendIn(tx, versionEvent(verb, { kind: 'system', id: 'installation' }, version)),
  });
  tell(log, file, taken);
  return openLiveCatalog(db);
}

function tell(log: Log, file: string, taken: FromFile): void {
  if (taken.did === 'refused') {
    const { problems } = taken;
    log.error({ file, problems }, 'the catalogue on disk is not valid: the version that holds goes on');
  } else if (taken.did === 'proposed') {
    const { id: version, hash } = taken.version;
    log.warn({ file, version, hash }, 'the catalogue on disk was changed: it is proposed, and waits for approval');
  } else if (taken.did === 'took over') {
    const { id: version, hash } = taken.version;
    log.info({ file, version, hash }, 'nothing is stored yet: the changed catalogue holds from now on');
  }
}
