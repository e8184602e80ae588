/** The collection practice, put together: versions of the catalogue, the gate, what it counted. */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { Identity } from '#practices/access';
import {
  createCatalogVersions,
  createDetector,
  createDiscovery,
  createGate,
  createGateCounts,
  dataMap,
  readGateReport,
  recordOfProcessing,
  type CatalogVersions,
  type DataMap,
  type Discovery,
  type Gate,
  type GateReport,
  type LiveCatalog,
  type RecordOfProcessing,
} from '#practices/collection';
import { beginReindex, storedParts } from '#practices/vault';

/** Asked when the record is written: it says how the system is set up then. */
type About = () => Promise<Pick<RecordOfProcessing, 'controller' | 'measures'>>;
export type Collection = Readonly<{
  catalog: LiveCatalog;
  versions: CatalogVersions;
  gate: Gate;
  gateReport: (days: number) => Promise<GateReport>;
  discovery: Discovery;
  record: () => Promise<RecordOfProcessing>;
  dataMap: () => DataMap;
  /** Adds what was counted to the day's rows. */
  flush: () => Promise<void>;
}>;

export function openCollection(
  needs: Readonly<{ db: Db; clock: () => Date; audit: Audit; identity: Identity; catalog: LiveCatalog; about: About }>,
): Collection {
  const { db, clock, audit, identity, catalog, about } = needs;
  const counts = createGateCounts(db, clock);
  const detect = createDetector().detectText;
  return {
    catalog,
    versions: createCatalogVersions({
      db,
      clock,
      live: catalog,
      arePeople: identity.people.areThere,
      storedParts,
      beginReindex: (tx) => beginReindex({ audit, clock }, tx),
    }),
    gate: createGate({ catalog: catalog.current, detect, clock, count: counts.count }),
    discovery: createDiscovery({ db, audit, clock, catalog: catalog.current, detect }),
    gateReport: (days) => readGateReport(db, catalog.current(), days, clock()),
    record: async () =>
      recordOfProcessing(catalog.current(), { ...(await about()), version: catalog.versionId(), generatedAt: clock() }),
    dataMap: () => dataMap(catalog.current()),
    flush: counts.flush,
  };
}
