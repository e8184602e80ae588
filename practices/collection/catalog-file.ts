/**
 * What a server does with catalog.yaml when it starts: the file is the first version, and later only a proposal.
 *
 * INVARIANT: once something is stored, or somebody has proposed a version, a file on disk changes nothing by itself: whoever
 * can write to the disk would be the second person too.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';

import type { Catalog } from './catalog.ts';
import { logged, newRow, type CatalogVersion } from './catalog-versions.ts';
import { lintCatalog, parseCatalog } from './parse-catalog.ts';
import { problemText } from './catalog-problem.ts';
import { activateVersion, hasProposals, holdHead, insertVersion, isKnown } from './store/versions.ts';

export type FileNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  /** Text of catalog.yaml, or null when there is none. */
  readText: () => Promise<string | null>;
  /** Puts an example in the file's place, for an installation that has neither file nor version. @returns its text */
  example: () => Promise<string>;
  /** Name to show in messages. */
  file: string;
  /** Whether anything is stored: then a new version needs a second person. */
  isEmpty: (tx: Statements) => Promise<boolean>;
  log: (tx: Statements, verb: 'activate' | 'propose', version: CatalogVersion) => Promise<unknown>;
}>;

export type FromFile =
  /** The file means what some version means: nothing was done. */
  | Readonly<{ did: 'nothing' }>
  | Readonly<{ did: 'began' | 'took over' | 'proposed'; version: CatalogVersion }>
  /** The version that holds goes on; the file is not used. */
  | Readonly<{ did: 'refused'; problems: readonly string[] }>;

/** Servers that start at once take turns. @throws COLLECTION_CATALOG_INVALID when there is no version yet to go on with */
export async function takeInFile(needs: FileNeeds): Promise<FromFile> {
  const { db, clock, file } = needs;
  const text = await needs.readText();
  return transact(db, async (tx) => {
    const { catalog_version: active } = await holdHead(tx);
    if (active === null) {
      const document = text ?? (await needs.example());
      const catalog = parseCatalog(document, { file });
      return {
        did: 'began',
        version: await put(needs, tx, { document, catalog, basedOn: null, note: 'the first catalogue' }, 'activate'),
      };
    }
    if (text === null) return { did: 'nothing' };
    const linted = lintCatalog(text);
    if (!linted.ok) return { did: 'refused', problems: linted.problems.map((problem) => problemText(problem, file)) };
    const { catalog } = linted;
    if (await isKnown(tx, Buffer.from(catalog.version, 'hex'))) return { did: 'nothing' };
    const row = { document: text, catalog, basedOn: active, note: 'the file was changed on disk' };
    // before anything is stored and anybody has looked at it, the file is where a catalogue is written
    const begins = !(await hasProposals(tx)) && (await needs.isEmpty(tx));
    return begins
      ? { did: 'took over', version: await put(needs, tx, row, 'activate') }
      : { did: 'proposed', version: await put(needs, tx, row, 'propose') };
  });

  async function put(
    needs: FileNeeds,
    tx: Statements,
    row: Readonly<{ document: string; catalog: Catalog; basedOn: Uuid | null; note: string }>,
    verb: 'activate' | 'propose',
  ): Promise<CatalogVersion> {
    const id = uuidv7(clock().getTime());
    await insertVersion(tx, newRow(id, { ...row, by: 'system', at: clock() }));
    if (verb === 'activate') await activateVersion(tx, id, 'system', clock());
    return logged(tx, id, (_, version) => needs.log(tx, verb, version));
  }
}
