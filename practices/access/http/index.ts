/** Routes of the access practice. */
import type { HttpServer } from '#platform/http';

import { authzenRoutes } from './authzen.ts';
import { factorRoutes } from './factors.ts';
import type { AccessHttpNeeds } from './guard.ts';
import { glassRoutes } from './glass.ts';
import { groupRoutes } from './groups.ts';
import { grantRoutes } from './grants.ts';
import { keyRoutes } from './keys.ts';
import { noticeRoutes } from './notices.ts';
import { oidcRoutes } from './oidc.ts';
import { passkeyRoutes } from './passkeys.ts';
import { peopleRoutes } from './people.ts';
import { policyRoutes } from './policies.ts';
import { requestRoutes } from './requests.ts';
import { reviewRoutes } from './reviews.ts';
import { exportRequestRoutes } from './export-requests.ts';
import { roleRequestRoutes } from './role-requests.ts';
import { scimRoutes } from './scim.ts';
import { sessionRoutes } from './session.ts';
import { usageRoutes } from './usage.ts';
import { workloadRoutes } from './workloads.ts';

export function accessRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  keyRoutes(server, needs);
  sessionRoutes(server, needs);
  peopleRoutes(server, needs);
  factorRoutes(server, needs);
  passkeyRoutes(server, needs);
  oidcRoutes(server, needs);
  workloadRoutes(server, needs);
  scimRoutes(server, needs);
  groupRoutes(server, needs);
  policyRoutes(server, needs);
  requestRoutes(server, needs);
  grantRoutes(server, needs);
  glassRoutes(server, needs);
  usageRoutes(server, needs);
  reviewRoutes(server, needs);
  exportRequestRoutes(server, needs);
  roleRequestRoutes(server, needs);
  noticeRoutes(server, needs);
  authzenRoutes(server, needs);
}
