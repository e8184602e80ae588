/** Which routes a server has, and how each of them learns who asks. */
import { auditRoutes } from '#platform/audit';
import type { Config } from '#platform/config';
import { createCertificateOf, type HttpServer } from '#platform/http';
import { mailRoutes } from '#platform/mail';
import {
  accessFailure,
  accessRoutes,
  requireFull,
  allowedActor,
  createCallers,
  createSurroundings,
  type Actor,
  type Training,
} from '#practices/access';
import { assuranceRoutes } from '#practices/assurance';
import { backupsRoutes } from '#practices/backups';
import { collectionRoutes, exportRoutes, holdRoutes, retentionRoutes, reviewRoutes } from '#practices/collection';
import { educationRoutes } from '#practices/education';
import { privacyRoutes } from '#practices/privacy';
import { trafficRoutes } from '#practices/traffic';
import { sealTo, vaultRoutes } from '#practices/vault';

import { exerciseRequests } from './exercise-stage.ts';
import { lookAtRequests, refuseAttacks, refuseUnknownParts, type RequestLooks } from './inspect-requests.ts';
import { watchRequests } from './open-traffic.ts';
import type { Parts } from './parts.ts';
import type { SiteScripts } from './center-files.ts';
import { VERSION } from './version.ts';
import { systemRoutes } from './system-routes.ts';

export async function addRoutes(
  http: HttpServer,
  needs: Parts &
    Readonly<{ looks: RequestLooks; centerCss: string; onWork: () => void; isDraining: () => boolean }> &
    SiteScripts,
): Promise<void> {
  const {
    config,
    clock,
    access,
    usage,
    reviews,
    exportRequests,
    roleRequests,
    notices,
    identity,
    audit,
    vault,
    mail,
    privacy,
    centerCss,
    widgetScript,
    tcfScript,
    tcfStub,
    gppScript,
    gppStub,
    collection,
    backups,
    drills,
    onWork,
  } = needs;
  const site = siteOf(config);
  const surroundings = createSurroundings({ ...config, clock });
  const certificateOf = createCertificateOf({ accepts: config.tlsClientCa === null ? 'any' : 'issued', clock });
  const trainingOf = async (actor: Actor): Promise<Training> => {
    // asked with each request of a person, so that what was passed before it began counts in it
    await needs.education.gate.refresh();
    return needs.education.gate.trainingOf(actor.id, actor.role, access.askedOf(actor));
  };
  const trainingOfAsked = async (actor: Actor): Promise<Training> => {
    await needs.education.gate.refresh();
    return needs.education.gate.wouldBe(actor.id, actor.role, access.askedOf(actor));
  };
  const callers = createCallers({
    access,
    identity,
    site,
    audit,
    certificateOf,
    surroundings,
    stricterOf: async (person) => {
      const found = await needs.phishing.stricterOf(person);
      if (found === null) return null;
      const { secondApprover, ...stricter } = found;
      return secondApprover ? { ...stricter, exportsApproved: await exportRequests.approvedFor(person) } : stricter;
    },
    trainingOf,
  });
  const actors = new WeakMap<object, Actor>();
  const actorOf = (request: object): Actor => {
    const actor = actors.get(request);
    if (actor === undefined) throw accessFailure('UNAUTHENTICATED');
    return actor;
  };
  // before anybody is asked who they are, a blocked address is sent away
  const whoAsks = (request: object): Actor | null => actors.get(request) ?? null;
  refuseUnknownParts(http);
  watchRequests(http, { traffic: needs.traffic, looks: needs.looks, actorOf: whoAsks });
  lookAtRequests(http, needs.looks);
  http.addHook('onRequest', async (request) => {
    const { public: open, limited } = request.routeOptions.config as { public?: boolean; limited?: boolean };
    if (open === true || request.is404) return;
    // beside each other: which catalogue holds is asked in the time that it takes to learn who asks
    const [actor] = await Promise.all([
      callers.authenticate(request, limited === true ? 'limited' : 'whole'),
      collection.catalog.refresh(),
    ]);
    actors.set(request, actor);
    needs.traffic.measures.afterDoor(actor.person === undefined ? [actor.id] : [actor.id, actor.person]);
  });
  refuseAttacks(http, { looks: needs.looks, audit, actorOf: whoAsks });
  systemRoutes(http, { version: VERSION, vault, audit, access, mail, actorOf, isDraining: needs.isDraining });
  accessRoutes(http, {
    access,
    usage,
    reviews,
    exportRequests,
    roleRequests,
    notices,
    identity,
    site,
    surroundings,
    trainingOf,
    trainingOfAsked,
    onPolicies: needs.education.sync,
    audit,
    actorOf,
    asksForCertificates: config.tlsClients === 'request' && config.tlsCert !== null,
    catalog: collection.catalog.current,
  });
  vaultRoutes(http, { vault, actorOf, renew: callers.renew, epochDays: config.epochDays, version: VERSION, onWork });
  const allowed: Parameters<typeof retentionRoutes>[1]['allowed'] = (request, action) =>
    allowedActor({ access, audit, actorOf }, request, action);
  collectionRoutes(http, { ...collection, catalog: collection.catalog.current, audit, actorOf, allowed });
  retentionRoutes(http, { retention: needs.retention, allowed, onWork });
  holdRoutes(http, { retention: needs.retention, allowed, onWork });
  reviewRoutes(http, { review: needs.review, allowed, onWork });
  exportRoutes(http, {
    exports: needs.exports,
    allowed,
    renew: callers.renew,
    sealTo: (recipient, lines) => sealTo(vault.core, recipient, lines),
  });
  mailRoutes(http, {
    mail,
    requireReader: async (request) => {
      const { kind, id, role } = await allowed(request, 'mail.read');
      return { kind, id, role };
    },
    append: audit.append,
  });
  backupsRoutes(http, {
    backups,
    drills,
    allowedActor: (request, action) => allowedActor({ access, audit, actorOf }, request, action),
  });
  privacyRoutes(http, {
    privacy,
    audit,
    site,
    sites: config.sites,
    centerCss,
    widgetScript,
    tcfScript,
    tcfStub,
    gppScript,
    gppStub,
    onWork,
    renew: callers.renew,
    ...exerciseRequests({ access, audit, education: needs.education, privacy, actorOf }),
  });
  educationRoutes(http, {
    education: needs.education,
    phishing: needs.phishing,
    incidents: needs.incidents,
    intake: needs.intake,
    site,
    pageCss: centerCss,
    actorOf,
    allowed,
    may: (actor, action) => access.decide({ actor, action }).allow,
    askedOf: access.askedOf,
    consoleOrigin: (request) => site.origin ?? originOf(request as { protocol: string; host: string }),
    learner: (request) => {
      const actor = actorOf(request);
      const { person, session } = actor;
      if (person === undefined || session === undefined) throw accessFailure('SESSION_NEEDED');
      return { ...actor, person, session };
    },
    requireFresh: (actor) => requireFull(actor, 'all'),
  });
  assuranceRoutes(http, {
    assurance: needs.assurance,
    audit,
    allowed,
    clock: needs.clock,
    security: {
      contacts: config.securityContacts,
      expires: config.securityExpires,
      policy: config.securityPolicy,
      origin: config.publicUrl,
    },
  });
  trafficRoutes(http, { traffic: needs.traffic, audit, allowed });
  await auditRoutes(http, {
    audit,
    requireReader: (request) => allowedActor({ access, audit, actorOf }, request, 'audit.read'),
  });
}

/** As the browser named it: of what is no host, nothing is made. */
const originOf = ({ protocol, host }: Readonly<{ protocol: string; host: string }>): string => {
  const url = URL.parse(`${protocol}://${host}`);
  if (url === null || url.host !== host) throw accessFailure('SESSION_NEEDED');
  return url.origin;
};

/** Whose pages may use a session's cookie. */
const siteOf = ({ publicUrl, tlsCert }: Config): { origin: string | null; secure: boolean } => ({
  origin: publicUrl,
  secure: tlsCert !== null || publicUrl?.startsWith('https:') === true,
});
