/** Routes of traffic. */
import type { HttpServer } from '#platform/http';

import { caseRoutes } from './cases.ts';
import { guardRoutes } from './guard.ts';
import { liveRoutes } from './live.ts';
import type { TrafficHttpNeeds } from './needs.ts';
import { ruleRoutes } from './rules.ts';

export function trafficRoutes(server: HttpServer, needs: TrafficHttpNeeds): void {
  liveRoutes(server, needs);
  caseRoutes(server, needs);
  ruleRoutes(server, needs);
  guardRoutes(server, needs);
}
