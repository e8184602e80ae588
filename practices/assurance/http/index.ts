/** Routes of assurance. */
import type { HttpServer } from '#platform/http';

import { findingRoutes } from './findings.ts';
import type { AssuranceHttpNeeds } from './needs.ts';
import { runRoutes } from './runs.ts';
import { scanRoutes } from './scans.ts';
import { uploadRoutes } from './uploads.ts';

export function assuranceRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  runRoutes(server, needs);
  findingRoutes(server, needs);
  uploadRoutes(server, needs);
  scanRoutes(server, needs);
}
