/** The routes of the education practice, by what they are about. */
import type { HttpServer } from '#platform/http';

import type { EducationHttpNeeds } from './needs.ts';
import { phishingRoutes } from './phishing.ts';
import { reportRoutes } from './reports.ts';
import { textRoutes } from './texts.ts';

export function educationRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  textRoutes(server, needs);
  phishingRoutes(server, needs);
  reportRoutes(server, needs);
}
