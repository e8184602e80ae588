/** What a server is made of, once it is wired: routes, loops and whoever holds the system see the same. */
import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Log } from '#platform/log';
import type { Mail } from '#platform/mail';
import type {
  Access,
  ExportRequests,
  Identity,
  Notices,
  Resting,
  Reviews,
  RoleRequests,
  Usage,
} from '#practices/access';
import type { Assurance, CanarySet } from '#practices/assurance';
import type { Backups, Drills } from '#practices/backups';
import type { Exports, FieldReview, RetentionEngine } from '#practices/collection';
import type { Education, Incidents, Intake, Phishing } from '#practices/education';
import type { Privacy } from '#practices/privacy';
import type { Traffic } from '#practices/traffic';
import type { Vault } from '#practices/vault';

import type { Collection } from './open-collection.ts';

export type Parts = Readonly<{
  access: Access;
  assurance: Assurance;
  audit: Audit;
  backups: Backups;
  canaries: CanarySet;
  clock: () => Date;
  collection: Collection;
  config: Config;
  drills: Drills;
  education: Education;
  exports: Exports;
  identity: Identity;
  incidents: Incidents;
  intake: Intake;
  log: Log;
  mail: Mail;
  notices: Notices;
  phishing: Phishing;
  privacy: Privacy;
  retention: RetentionEngine;
  review: FieldReview;
  resting: Resting;
  reviews: Reviews;
  exportRequests: ExportRequests;
  roleRequests: RoleRequests;
  traffic: Traffic;
  usage: Usage;
  vault: Vault;
}>;
