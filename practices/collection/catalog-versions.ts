/**
 * The life of a catalogue: proposed → approved by another person → active → retired.
 *
 * Only what lints is kept. Approval names the hash of what was looked at; activation needs the version that the differences
 * were shown against still to hold, and nothing stored to be orphaned. It is one transaction with the log's entry, and with
 * the beginning of the index work where a search changed: a server that is killed in between did nothing.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Actor } from '#practices/access';

import type { Catalog } from './catalog.ts';
import { diffCatalogs, needsIndex, type CatalogDiff, type CatalogPart } from './diff-catalogs.ts';
import { collectionFailure } from './failures.ts';
import type { LiveCatalog } from './live-catalog.ts';
import { lintCatalog, parseCatalog, type LintedCatalog } from './parse-catalog.ts';
import { endOrders } from './store/review.ts';
import {
  activateVersion,
  approveVersion,
  findVersion,
  holdHead,
  holdVersion,
  insertVersion,
  listVersions,
  readHead,
  type ListedVersion,
  type VersionRow,
} from './store/versions.ts';
import { catalogOf, documentHash, readVersion, versionText, versionUuid } from './version-row.ts';

export type CatalogVersion = Readonly<{
  id: string;
  /** SHA-256 of the canonical form, 64 hex digits. */
  hash: string;
  state: VersionRow['state'];
  basedOn: string | null;
  note: string;
  proposedBy: string;
  proposedAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
  activatedBy: string | null;
  activatedAt: string | null;
  retiredAt: string | null;
}>;
/** Writes the log's entry in the transaction of the change. */
export type LogVersion = (
  tx: Statements,
  version: CatalogVersion,
  more: Readonly<Record<string, string>>,
) => Promise<unknown>;

export type CatalogVersions = {
  list: () => Promise<CatalogVersion[]>;
  /** @param id a version, or `active` @throws COLLECTION_VERSION_NOT_FOUND */
  get: (id: string) => Promise<CatalogVersion & { document: string }>;
  /** What a version changes, against the one it was proposed on; null for the first. */
  diff: (id: string) => Promise<CatalogDiff | null>;
  /** What is wrong with a document and what it would change; nothing is kept. */
  lint: (document: string) => Promise<LintedCatalog & { diff: CatalogDiff | null }>;
  /** @param basedOn the version that the document was made from; null for the one that holds @throws COLLECTION_CATALOG_INVALID, _SAME, _STALE */
  propose: (
    by: Actor,
    ask: Readonly<{ document: string; note: string; basedOn: string | null }>,
    log: LogVersion,
  ) => Promise<{ version: CatalogVersion; diff: CatalogDiff }>;
  /** @param hash of what was looked at @throws COLLECTION_SELF_APPROVAL, COLLECTION_VERSION_STATE, COLLECTION_CATALOG_CHANGED, _STALE */
  approve: (by: Actor, id: string, hash: string, log: LogVersion) => Promise<CatalogVersion>;
  /** @throws COLLECTION_VERSION_STATE, COLLECTION_CATALOG_STALE, COLLECTION_CATALOG_ORPHANS */
  activate: (by: Actor, id: string, log: LogVersion) => Promise<{ version: CatalogVersion; indexWork: string | null }>;
};

export type VersionNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  live: LiveCatalog;
  /** Whether anybody can sign in: then a key that nobody stands behind does not approve. */
  arePeople: (tx: Statements) => Promise<boolean>;
  /** Of these parts, those that something is stored of. */
  storedParts: (tx: Statements, parts: readonly CatalogPart[]) => Promise<readonly CatalogPart[]>;
  /** Begins to make the index anew, in the transaction. @returns the work's id */
  beginReindex: (tx: Statements) => Promise<string>;
}>;

export function createCatalogVersions(needs: VersionNeeds): CatalogVersions {
  const { db, clock, live } = needs;
  const known = async (id: string): Promise<Uuid> => {
    if (id !== 'active') return versionUuid(id);
    return (await readHead(db)).catalog_version as Uuid;
  };
  const get = async (id: string): Promise<VersionRow> => {
    const row = await findVersion(db, await known(id));
    if (row === null) throw collectionFailure('VERSION_NOT_FOUND');
    return row;
  };

  return {
    list: async () => (await listVersions(db)).map(asVersion),
    get: async (id) => {
      const row = await get(id);
      return { ...asVersion(row), document: row.document };
    },
    diff: async (id) => {
      const row = await get(id);
      return row.based_on === null ? null : diffCatalogs(await readVersion(db, row.based_on), catalogOf(row));
    },
    lint: async (document) => {
      await live.refresh();
      const linted = lintCatalog(document);
      return { ...linted, diff: linted.ok ? diffCatalogs(live.current(), linted.catalog) : null };
    },
    propose: async (by, { document, note, basedOn }, log) => {
      const catalog = parseCatalog(document);
      return transact(db, async (tx) => {
        const active = (await readHead(tx)).catalog_version as Uuid;
        if (basedOn !== null && versionUuid(basedOn) !== active) throw collectionFailure('CATALOG_STALE');
        const diff = diffCatalogs(await readVersion(tx, active), catalog);
        if (diff.changes.length === 0) throw collectionFailure('CATALOG_SAME');
        const id = uuidv7(clock().getTime());
        const row = newRow(id, { document, catalog, basedOn: active, note, by: whoActs(by), at: clock() });
        await insertVersion(tx, row);
        return { version: await logged(tx, id, log, effects(diff)), diff };
      });
    },
    approve: async (by, id, hash, log) =>
      transact(db, async (tx) => {
        const row = await held(tx, id);
        if (row.hash.toString('hex') !== hash) throw collectionFailure('CATALOG_CHANGED');
        const whyNot = await whyNotOneOfTwo(by, row.proposed_by, () => needs.arePeople(tx));
        if (whyNot !== null) throw collectionFailure(whyNot === 'same person' ? 'SELF_APPROVAL' : 'PERSON_NEEDED');
        if (row.state !== 'proposed') throw stateFailure(row, 'proposed');
        if (row.based_on !== (await readHead(tx)).catalog_version) throw collectionFailure('CATALOG_STALE');
        await approveVersion(tx, row.version_id, whoActs(by), clock());
        return await logged(tx, row.version_id, log);
      }),
    activate: async (by, id, log) => {
      const done = await transact(db, async (tx) => {
        const { catalog_version: active } = await holdHead(tx);
        const row = await held(tx, id);
        if (row.state !== 'approved') throw stateFailure(row, 'approved');
        if (active === null || row.based_on !== active) throw collectionFailure('CATALOG_STALE');
        const [before, after] = [await readVersion(tx, active), catalogOf(row)];
        const diff = diffCatalogs(before, after);
        await refuseOrphans(tx, needs, diff);
        await activateVersion(tx, row.version_id, whoActs(by), clock());
        await endOrders(tx, fieldsGone(before, after));
        const indexWork = needsIndex(before, after) ? await needs.beginReindex(tx) : null;
        const more = { ...effects(diff), ...(indexWork === null ? {} : { work: indexWork }) };
        return { version: await logged(tx, row.version_id, log, more), indexWork };
      });
      await live.refresh();
      return done;
    },
  };
}

/** @throws COLLECTION_CATALOG_ORPHANS with the changes that something stored does not survive */
async function refuseOrphans(tx: Statements, { storedParts }: VersionNeeds, { changes }: CatalogDiff): Promise<void> {
  const parts = changes.flatMap(({ orphans }) => orphans ?? []);
  if (parts.length === 0) return;
  const stored = new Set(await storedParts(tx, parts));
  const refused = changes.filter(({ orphans }) => orphans !== null && stored.has(orphans));
  if (refused.length === 0) return;
  throw collectionFailure('CATALOG_ORPHANS', {
    detail: `something is stored that the new catalogue does not fit: ${refused.map(({ path, says }) => `${path}: ${says}`).join('; ')}`,
    extra: { changes: refused.map(({ path, kind, effect, says }) => ({ path, kind, effect, says })) },
  });
}

/** `collection field` of those that the next catalogue does not have. */
const fieldsGone = (before: Catalog, after: Catalog): string[] =>
  [...before.collections].flatMap(([name, { fields }]) =>
    [...fields.keys()].flatMap((field) =>
      after.collections.get(name)?.fields.has(field) === true ? [] : [`${name} ${field}`],
    ),
  );

/** How many changes of each effect, for the log. */
function effects({ changes }: CatalogDiff): Record<string, string> {
  const count = (effect: string): number => changes.filter((change) => change.effect === effect).length;
  return {
    effects: `breaking ${count('breaking')}, rebuild ${count('rebuild')}, notice ${count('notice')}, safe ${count('safe')}`,
  };
}

const stateFailure = (row: VersionRow, wanted: string) =>
  collectionFailure('VERSION_STATE', { detail: `the version is ${row.state}, not ${wanted}` });

export function newRow(
  id: Uuid,
  made: Readonly<{ document: string; catalog: Catalog; basedOn: Uuid | null; note: string; by: string; at: Date }>,
): Parameters<typeof insertVersion>[1] {
  return {
    version_id: id,
    document: made.document,
    document_hash: documentHash(made.document),
    hash: Buffer.from(made.catalog.version, 'hex'),
    based_on: made.basedOn,
    note: made.note,
    proposed_by: made.by,
    proposed_at: made.at,
  };
}

async function held(tx: Statements, id: string): Promise<VersionRow> {
  const row = await holdVersion(tx, versionUuid(id));
  if (row === null) throw collectionFailure('VERSION_NOT_FOUND');
  return row;
}

export async function logged(
  tx: Statements,
  id: Uuid,
  log: LogVersion,
  more: Readonly<Record<string, string>> = {},
): Promise<CatalogVersion> {
  const version = asVersion((await findVersion(tx, id)) as VersionRow);
  await log(tx, version, more);
  return version;
}

export function asVersion(row: ListedVersion): CatalogVersion {
  return {
    id: versionText(row.version_id),
    hash: row.hash.toString('hex'),
    state: row.state,
    basedOn: row.based_on === null ? null : versionText(row.based_on),
    note: row.note,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    activatedBy: row.activated_by,
    activatedAt: row.activated_at?.toISOString() ?? null,
    retiredAt: row.retired_at?.toISOString() ?? null,
  };
}
