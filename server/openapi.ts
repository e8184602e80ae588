/** The OpenAPI document, from the routes themselves; no database is needed for it. */
import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';
import { accessRoutes } from '#practices/access';
import { auditRoutes } from '#platform/audit';
import { mailRoutes } from '#platform/mail';
import { assuranceRoutes } from '#practices/assurance';
import { backupsRoutes } from '#practices/backups';
import { collectionRoutes, exportRoutes, holdRoutes, retentionRoutes, reviewRoutes } from '#practices/collection';
import { educationRoutes } from '#practices/education';
import { privacyRoutes } from '#practices/privacy';
import { trafficRoutes } from '#practices/traffic';
import { vaultRoutes } from '#practices/vault';

import { VERSION } from './version.ts';
import { systemRoutes } from './system-routes.ts';

export async function openApiDocument(): Promise<object> {
  const http = await createHttp({ log: createLog('silent'), version: VERSION, compile: 'at once' });
  // routes only look at their needs when they are called, and none is called here
  const needs = {} as never;
  systemRoutes(http, needs);
  accessRoutes(http, needs);
  vaultRoutes(http, needs);
  collectionRoutes(http, needs);
  mailRoutes(http, needs);
  privacyRoutes(http, needs);
  educationRoutes(http, needs);
  retentionRoutes(http, needs);
  holdRoutes(http, needs);
  reviewRoutes(http, needs);
  exportRoutes(http, needs);
  backupsRoutes(http, needs);
  trafficRoutes(http, needs);
  assuranceRoutes(http, needs);
  await auditRoutes(http, needs);
  await http.ready();
  const document = http.swagger();
  await http.close();
  return document;
}
