/** Routes of the access practice. */
import type { HttpServer } from '#platform/http';

import { authzenRoutes } from './authzen.ts';
import type { AccessHttpNeeds } from './guard.ts';
import { keyRoutes } from './keys.ts';
import { policyRoutes } from './policies.ts';

export function accessRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  keyRoutes(server, needs);
  policyRoutes(server, needs);
  authzenRoutes(server, needs);
}
