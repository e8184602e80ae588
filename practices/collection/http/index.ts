/** Routes of the collection practice. */
import type { HttpServer } from '#platform/http';

import type { Catalog } from '../catalog.ts';
import type { CatalogVersions } from '../catalog-versions.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { GateReport } from '../gate/gate-report.ts';
import type { Caller } from './caller.ts';
import { catalogRoutes } from './catalog.ts';
import { gateRoutes } from './gate.ts';
import { recordRoutes, type RecordNeeds } from './record.ts';
import { scanRoutes } from './scans.ts';
import { versionRoutes } from './versions.ts';

export type CollectionHttpNeeds = Caller &
  RecordNeeds &
  Readonly<{
    catalog: () => Catalog;
    versions: CatalogVersions;
    gateReport: (days: number) => Promise<GateReport>;
    discovery: Discovery;
  }>;

export function collectionRoutes(server: HttpServer, needs: CollectionHttpNeeds): void {
  catalogRoutes(server, needs);
  versionRoutes(server, needs);
  gateRoutes(server, needs);
  recordRoutes(server, needs);
  scanRoutes(server, needs);
}
