/** What goes on around decisions: how roles are used, reviewed, at rest, lent, and who is told. */
import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Mail } from '#platform/mail';
import {
  createNotices,
  createResting,
  createReviews,
  createExportRequests,
  createRoleRequests,
  createUsage,
  type Access,
  type Notices,
  type Resting,
  type Reviews,
  type ExportRequests,
  type RoleRequests,
  type Usage,
} from '#practices/access';
import type { Catalog } from '#practices/collection';

type AccessParts = Readonly<{
  usage: Usage;
  reviews: Reviews;
  resting: Resting;
  exportRequests: ExportRequests;
  roleRequests: RoleRequests;
  notices: Notices;
}>;
type Needs = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Audit;
  access: Access;
  catalog: () => Catalog;
  mail: Mail;
  also: NonNullable<Parameters<typeof createUsage>[0]['also']>;
}>;

export async function openAccessParts(config: Config, needs: Needs): Promise<AccessParts> {
  const { db, clock, audit, access, catalog, mail, also } = needs;
  const { policies, decide, notTogether, rolesThat } = access;
  const usage = createUsage({ db, audit, policies, also });
  const notices = createNotices({ db, audit, mail, usage, policies, rolesThat, origin: config.publicUrl });
  await notices.begin();
  return {
    usage,
    reviews: createReviews({ db, clock, audit, policies, rolesThat }),
    resting: createResting({ db, audit, policies, rolesThat, days: config.restingDays }),
    exportRequests: createExportRequests({ db, audit, catalog }),
    roleRequests: createRoleRequests({ db, audit, policies, decide, notTogether }),
    notices,
  };
}
