/** The routes of the education practice, by what they are about. */
import type { HttpServer } from '#platform/http';

import { exerciseRoutes } from './exercises.ts';
import { drillRoutes } from './drills.ts';
import { certificateRoutes } from './certificates.ts';
import { exportRoutes } from './exports.ts';
import { incidentScopeRoutes } from './incident-scopes.ts';
import { incidentRoutes } from './incidents.ts';
import { intakePages } from './intake-pages.ts';
import { intakeRoutes } from './intake.ts';
import { learnRoutes } from './learn.ts';
import { manageRoutes } from './manage.ts';
import type { EducationHttpNeeds } from './needs.ts';
import { packageRoutes } from './packages.ts';
import { phishTemplateRoutes } from './phishing-templates.ts';
import { phishingRoutes } from './phishing.ts';
import { reportRoutes } from './reports.ts';
import { signRoutes } from './sign.ts';
import { textRoutes } from './texts.ts';
import { violationRoutes } from './violations.ts';

export function educationRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  learnRoutes(server, needs);
  exerciseRoutes(server, needs);
  drillRoutes(server, needs);
  signRoutes(server, needs);
  certificateRoutes(server, needs);
  manageRoutes(server, needs);
  textRoutes(server, needs);
  packageRoutes(server, needs);
  exportRoutes(server, needs);
  phishingRoutes(server, needs);
  phishTemplateRoutes(server, needs);
  reportRoutes(server, needs);
  incidentRoutes(server, needs);
  incidentScopeRoutes(server, needs);
  intakeRoutes(server, needs);
  intakePages(server, needs);
  violationRoutes(server, needs);
}
