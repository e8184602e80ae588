/** Routes of assurance. */
import type { HttpServer } from '#platform/http';

import { engagementRoutes } from './engagements.ts';
import { findingRoutes } from './findings.ts';
import type { AssuranceHttpNeeds } from './needs.ts';
import { runRoutes } from './runs.ts';
import { scanRoutes } from './scans.ts';
import { securityTxtRoute } from './security-txt.ts';
import { uploadRoutes } from './uploads.ts';

export function assuranceRoutes(server: HttpServer, needs: AssuranceHttpNeeds): void {
  runRoutes(server, needs);
  findingRoutes(server, needs);
  uploadRoutes(server, needs);
  scanRoutes(server, needs);
  securityTxtRoute(server, needs);
  engagementRoutes(server, needs);
}
