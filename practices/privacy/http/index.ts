/** The routes of the privacy practice, by what they are about. */
import type { HttpServer } from '#platform/http';

import { proofRoutes } from './proofs.ts';
import { requestTurnRoutes } from './request-turns.ts';
import { requestRoutes } from './requests.ts';
import { restrictionRoutes } from './restrictions.ts';
import { centerRoutes } from './center.ts';
import { choiceRoutes } from './choices.ts';
import { consentRoutes } from './consents.ts';
import type { PrivacyHttpNeeds } from './needs.ts';
import { noticeRoutes } from './notices.ts';
import { tcfRoutes } from './tcf.ts';
import { widgetRoutes } from './widget.ts';

export function privacyRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  consentRoutes(server, needs);
  choiceRoutes(server, needs);
  widgetRoutes(server, needs);
  tcfRoutes(server, needs);
  noticeRoutes(server, needs);
  requestRoutes(server, needs);
  requestTurnRoutes(server, needs);
  proofRoutes(server, needs);
  restrictionRoutes(server, needs);
  centerRoutes(server, needs);
}
