/** The routes of the vault, by what they are about. */
import type { HttpServer } from '#platform/http';

import { attachmentRoutes } from './attachments.ts';
import type { VaultHttpNeeds } from './caller.ts';
import { intakeRoutes } from './intake.ts';
import { keyRoutes } from './keys.ts';
import { recordRoutes } from './records.ts';
import { searchRoutes } from './search.ts';
import { subjectRoutes } from './subjects.ts';
import { tokenRoutes } from './tokens.ts';
import { verificationRoutes } from './verification.ts';

export function vaultRoutes(server: HttpServer, needs: VaultHttpNeeds): void {
  recordRoutes(server, needs);
  searchRoutes(server, needs);
  subjectRoutes(server, needs);
  attachmentRoutes(server, needs);
  intakeRoutes(server, needs);
  tokenRoutes(server, needs);
  keyRoutes(server, needs);
  verificationRoutes(server, needs);
}
