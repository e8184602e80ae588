/** Incidents with what they need of the others: the log, who stood in larger reads, who lives, what alarms said. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { subjectPseudonym, type Audit } from '#platform/audit';
import { UNNAMED_CONTROLLER, type Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Identity } from '#practices/access';
import type { Catalog } from '#practices/collection';
import {
  createZone,
  openIncidents,
  openIntake,
  shippedPlaybooks,
  type Incidents,
  type Intake,
} from '#practices/education';
import type { Privacy } from '#practices/privacy';
import type { Traffic } from '#practices/traffic';
import { livingOf, openIdentity, pageOfLiving, type Foundation } from '#practices/vault';

export async function wireIncidents(
  config: Config,
  foundation: Foundation,
  needs: Readonly<{ db: Db; clock: () => Date; audit: Audit; identity: Identity; privacy: Privacy; traffic: Traffic; catalog: () => Catalog; pseudonymKey: KeyObject }>,
): Promise<Incidents> {
  const { db, audit, identity, privacy, traffic, catalog, pseudonymKey } = needs;
  return openIncidents({
    db, audit, clock: needs.clock, log: audit,
    batchesOf: privacy.seen.batchesOf,
    classOf: (collection, field) => catalog().collections.get(collection)?.fields.get(field)?.class ?? null,
    keysOf: identity.people.keysOf,
    unlogged: traffic.unlogged,
    livingAfter: (after, limit) => pageOfLiving(db, after, limit),
    livingOf: (subjects) => livingOf(db, subjects),
    noteBatch: privacy.seen.noteBatch,
    pseudonymOf: (subject) => subjectPseudonym(pseudonymKey, subject),
    wordsKey: createSecretKey(await openIdentity(foundation, 'education/incidents', () => randomBytes(32))),
    zone: createZone(config.businessHours?.timeZone ?? 'UTC'),
    arePeople: identity.people.areThere,
    playbooks: shippedPlaybooks(),
    // what is told to authorities and customers has a name, or says that one is missing
    controller: () => ({ name: config.controllerName === UNNAMED_CONTROLLER ? null : config.controllerName, contact: config.controllerContact }),
  });
} // prettier-ignore

/** Reports without a name, beside them. */
export async function wireIntake(
  { incidentCall, controllerName }: Config,
  foundation: Foundation,
  needs: Readonly<{ db: Db; clock: () => Date; audit: Audit; incidents: Incidents }>,
): Promise<Intake> {
  return openIntake({
    ...needs,
    beginIncident: needs.incidents.beginIn,
    key: createSecretKey(await openIdentity(foundation, 'education/intake', () => randomBytes(32))),
    call: incidentCall,
    // without a name of its own, the pages have theirs
    company: () => (controllerName === UNNAMED_CONTROLLER ? null : controllerName),
  });
}
