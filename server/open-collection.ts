/** The collection practice, put together: versions of the catalogue, the gate, what it counted. */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { Identity } from '#practices/access';
import {
  createCatalogVersions,
  createDetector,
  createGate,
  createGateCounts,
  readGateReport,
  type CatalogVersions,
  type Gate,
  type GateReport,
  type LiveCatalog,
} from '#practices/collection';
import { beginReindex, storedParts } from '#practices/vault';

export type Collection = Readonly<{
  catalog: LiveCatalog;
  versions: CatalogVersions;
  gate: Gate;
  gateReport: (days: number) => Promise<GateReport>;
  /** Adds what was counted to the day's rows. */
  flush: () => Promise<void>;
}>;

export function openCollection(
  needs: Readonly<{ db: Db; clock: () => Date; audit: Audit; identity: Identity; catalog: LiveCatalog }>,
): Collection {
  const { db, clock, audit, identity, catalog } = needs;
  const counts = createGateCounts(db, clock);
  return {
    catalog,
    versions: createCatalogVersions({
      db,
      clock,
      live: catalog,
      hasPeople: identity.people.areThere,
      storedParts,
      beginReindex: (tx) => beginReindex({ audit, clock }, tx),
    }),
    gate: createGate({ catalog: catalog.current, detect: createDetector().detectText, clock, count: counts.count }),
    gateReport: (days) => readGateReport(db, catalog.current(), days, clock()),
    flush: counts.flush,
  };
}
