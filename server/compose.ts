/**
 * The one place where things meet: reads the configuration, opens what everything stands on, wires the practices, and
 * gives a server that is ready to listen.
 */
import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';

import { auditFailure, createAudit, stallLog } from '#platform/audit';
import type { Config } from '#platform/config';
import {
  checkVersion,
  migrate,
  openDb,
  schemaMark,
  startEmbedded,
  type Db,
  type DbAddress,
  type Embedded,
  type Room,
} from '#platform/db';
import { createHttp, type HttpServer } from '#platform/http';
import { publicId, uuidv7 } from '#platform/ids';
import type { Log } from '#platform/log';
import { behindKey, createIdentity, createLeaked, openAccess, reachOf } from '#practices/access';
import { createCanarySet } from '#practices/assurance';
import { refreshPublications } from '#practices/backups';
import type { FieldReview, RetentionEngine } from '#practices/collection';
import { createVault, openFoundation, type Foundation, openIdentity, sealPersonal, type Vault } from '#practices/vault';

import { centerFiles } from './center-files.ts';
import { closeAll, type Closer } from './close-all.ts';
import { consoleFiles } from './console-files.ts';
import { keepAdministratorKey, keepFirstLink } from './first-administrator.ts';
import { measuresOf } from './measures.ts';
import { openCatalog } from './open-catalog.ts';
import { openVaultCore } from './open-core.ts';
import { openCollection } from './open-collection.ts';
import { openRetention } from './open-retention.ts';
import { openReview } from './open-review.ts';
import { openExports } from './open-exports.ts';
import { roomOf, tellNews, whileThereIsRoom } from './guard-room.ts';
import { MIGRATIONS } from './migrations.ts';
import { standingOf } from './assurance-standing.ts';
import { openAccessParts } from './open-access-parts.ts';
import { openAssurance } from './open-assurance.ts';
import { openBackups } from './open-backups.ts';
import { openDrills } from './open-drills.ts';
import { coursesOrigin, listenForCourses } from './open-courses.ts';
import { knownTexts, openEducation } from './open-education.ts';
import { openExercises } from './open-phishing.ts';
import { refuseQuarantined } from './quarantine.ts';
import { providerOf } from './oidc-provider.ts';
import { wireIncidents, wireIntake } from './open-incidents.ts';
import { openMail } from './open-mail.ts';
import { createOutages, type Outages } from './outages.ts';
import { logSigner, readWitnessPolicy } from './log-identity.ts';
import { openPrivacy } from './open-privacy.ts';
import { createRequestLooks } from './inspect-requests.ts';
import { heardBy, openTraffic, watchUnroutable } from './open-traffic.ts';
import { openTelemetry } from './open-telemetry.ts';
import { openRoots } from './open-roots.ts';
import type { Parts } from './parts.ts';
import { isThere } from './is-there.ts';
import { addRoutes } from './routes.ts';
import { readTls } from './tls.ts';
import { partsGone } from './replay-parts.ts';
import { startUpkeep } from './upkeep.ts';
import { programName, VERSION } from './version.ts';

export type System = Parts &
  Readonly<{
    http: HttpServer;
    foundation: Foundation;
    /** Token of the link for the first administrator; null when there are people. */
    firstLink: string | null;
    db: Db;
    embedded: Embedded | null;
    /** Says to balancers that it is about to stop, and goes on. */
    drain: () => void;
    close: () => Promise<void>;
  }>;

/** @param mode `quarantine`: for a restore to prove what it has restored; nothing goes on by itself, and it is not to listen */
export async function composeSystem(
  config: Config,
  log: Log,
  clock: () => Date = () => new Date(),
  mode: 'serve' | 'quarantine' = 'serve',
): Promise<System> {
  if (mode === 'serve') await refuseQuarantined(config.home);
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  // servers at work on one database tell each other's versions by it
  const applicationName = programName(await schemaMark(MIGRATIONS));
  // cut off while it proves, a restore begins anew in an empty home, as it does while it loads
  const needs = { home: config.home, durability: mode === 'quarantine' ? 'loading' : 'full', onNews: tellNews(log) } as const; // prettier-ignore
  const embedded = config.databaseUrl === null ? await startEmbedded(needs) : null;
  const address = embedded?.address ?? (config.databaseUrl as string);
  const silentMs = config.databaseSilentSeconds * 1000;
  const shared = { applicationName, silentMs, connectTimeoutMs: Math.min(10_000, silentMs) };
  // a proof counts and analyses whole tables, and nobody waits for it
  const db = openDb(address, { ...shared, connections: config.databaseConnections - SIDE_CONNECTIONS, ...(mode === 'quarantine' && { statementTimeoutMs: 0 }) }); // prettier-ignore
  const side = openDb(address, { ...shared, connections: SIDE_CONNECTIONS });
  const opened: Closer[] = [
    ...(embedded === null ? [] : [embedded.stop]),
    () => db.end({ timeout: 5 }),
    () => side.end({ timeout: 5 }),
  ];
  try {
    const outages = createOutages();
    return await wire({ config, log, clock, mode }, { db, side, room: outages.room(roomOf(config, log)), outages, address }, embedded, opened); // prettier-ignore
  } catch (thrown) {
    // why the start failed matters more than what could not be closed after it
    await closeAll(opened).catch(() => undefined);
    throw thrown;
  }
}

/**
 * What a transaction waits for while it holds a connection, the log and the key epochs, has connections of its own: out of
 * one pool, as many transactions as it has connections would wait for each other.
 */
const SIDE_CONNECTIONS = 3;

async function wire(
  { config, log, clock, mode }: { config: Config; log: Log; clock: () => Date; mode: 'serve' | 'quarantine' },
  { room, outages, address, ...pools }: { db: Db; side: Db; room: Room; outages: Outages; address: DbAddress },
  embedded: Embedded | null,
  opened: Closer[],
): Promise<System> {
  const telemetry = await openTelemetry(config, clock, mode);
  opened.push(telemetry.close);
  const [db, side] = [telemetry.watchDb(pools.db), telemetry.watchDb(pools.side)];
  await checkVersion(db);
  await migrate(db, MIGRATIONS);
  // before anything is written to a new table
  await refreshPublications(db);
  const kms = await openRoots(config, side, (close) => opened.push(close));
  const foundation = await openFoundation({ db: side, kms });
  const mail = await openMail(config, foundation, { db, log, sender: outages.sender });

  const node = publicId('node', uuidv7());
  const signer = await logSigner(foundation, config.origin);
  const policy = await readWitnessPolicy(config.auditPolicy, signer);
  const pseudonyms = createSecretKey(
    Buffer.from(hkdfSync('sha256', foundation.epochs.current('audit').key, '', 'strongroom/pseudonyms/1', 32)),
  );
  const late: {
    vault?: Vault;
    retention?: RetentionEngine;
    review?: FieldReview;
    http?: HttpServer;
    parts?: Parts;
  } & { -readonly [Part in 'privacy' | 'education' | 'traffic']?: Parts[Part] } = {};
  const audit = telemetry.watchAudit(heardBy(whileThereIsRoom(createAudit({
    db: side, clock, signer, node, pseudonymKey: pseudonyms, ...telemetry.audit,
    witnesses: policy && { policy, fetch, timeoutMs: config.auditWitnessTimeoutMs, onNews: (news) => log.warn(news, news.problem === null ? 'a witness is well again' : 'a witness does not cosign') },
    // the vault stands on the log and the log seals with the vault: the second arrow is drawn when both are there
    sealPersonal: (subjectId, bytes) => (late.vault === undefined ? Promise.reject(auditFailure('UNAVAILABLE')) : sealPersonal(late.vault.core, subjectId, bytes)),
  }), room), (event) => late.traffic?.requests.entry(event))); // prettier-ignore
  const canaries = createCanarySet(db);
  await canaries.refresh();
  const catalog = await openCatalog({ config, log, db, clock, audit });
  const access = telemetry.watchAccess(await openAccess({
    db, clock, catalog: catalog.current, audit, reach: reachOf(config), texts: async () => late.education && knownTexts(late.education),
    volume: { minutes: config.volumeMinutes, high: config.volumeHigh, extreme: config.volumeExtreme },
    logFirst: (tx, { id, hash, state }) => audit.appendIn(tx, { action: 'access.policy.activate', actor: { kind: 'system', id: 'installation' }, outcome: 'done', detail: { version: id, hash, state } }),
    onAlarm: (alarm) => log.error(alarm, 'a policy could not be evaluated: the question was denied'),
    isCanary: canaries.isCanary,
    onGlass: ({ id, requestedBy, role, incident, until }) => log.error({ grant: id, by: requestedBy, role, incident, until }, 'ALARM: glass was broken'),
  })); // prettier-ignore
  const isLeaked = createLeaked(config.leakedPasswords);
  // a file that is none of that kind stops the start, not the first person who chooses a password
  await isLeaked('password');
  const identity = createIdentity({
    isLeaked, sessionsPerPerson: config.sessionsPerPerson,
    db, clock, access, fetch, provider: providerOf(config), origin: config.publicUrl, root: createSecretKey(await openIdentity(foundation, 'access/identity', () => randomBytes(32))),
    isScope: ({ purposes, collections }) => purposes.every((each) => catalog.current().purposes.has(each)) && collections.every((each) => catalog.current().collections.has(each)),
  }); // prettier-ignore
  const { usage, reviews, resting, exportRequests, roleRequests, notices } = await openAccessParts(config, {
    db, clock, audit, access, catalog: catalog.current, mail,
    // the review of fields counts too what the log tells of: it is read once
    also: async (tx, entries) => late.review?.take(tx, entries),
  }); // prettier-ignore
  const core = telemetry.watchCore(
    await openVaultCore(config, foundation, { db, audit, access, catalog, clock, late }),
  );
  const collection = openCollection({
    db,
    clock,
    audit,
    identity,
    catalog,
    about: async () => ({
      controller: { name: config.controllerName, contact: config.controllerContact },
      measures: await measuresOf(config, audit, late.vault as Vault),
    }),
  });
  const vault = createVault(core, { ...collection.gate, onUndeclared: collection.gate.undeclared });
  catalog.beforeUse(core.numberCatalog);
  late.vault = vault;
  const retention = await openRetention(foundation, { db, audit, clock, catalog, vault, identity, signer, onWork: () => upkeep.wake() }); // prettier-ignore
  late.retention = retention;
  const review = openReview({ db, audit, clock, collection, vault });
  late.review = review;
  const exports = await openExports(foundation, { db, address, audit, clock, catalog, vault, identity });

  const privacy = await openPrivacy(config, foundation, {
    db, clock, catalog: catalog.current, audit, vault, log: audit, pseudonymKey: pseudonyms, queueMail: mail.queue, mailState: mail.stateOf, mailStates: mail.statesOf, systemActor: access.systemActor, arePeople: identity.people.areThere, behindKey, happened: retention.events.of,
  }); // prettier-ignore
  late.privacy = privacy;

  const education = await openEducation(config, foundation, { db, clock, audit, access, identity, notices, mail, log, vault, privacy, pseudonymKey: pseudonyms, isThere: (id) => isThere(late.parts as Parts, id) }); // prettier-ignore
  late.education = education;
  if (mode === 'serve') await listenForCourses(config, education, log, (close) => opened.push(close));

  const phishing = await openExercises(config, foundation, { db, clock, audit, mail, identity, privacy, log }, mode === 'serve' ? (close) => opened.push(close) : null); // prettier-ignore
  const traffic = await openTraffic(config, foundation, { db, clock, audit, access, identity, log });
  // nothing of a system that is only proven is written down; a feed that cannot begin leaves none of the others behind
  if (mode === 'serve') opened.push(traffic.close);
  if (mode === 'serve') await traffic.begin();
  late.traffic = traffic;
  const incidents = await wireIncidents(config, foundation, { db, clock, audit, identity, privacy, traffic, catalog: catalog.current, pseudonymKey: pseudonyms }); // prettier-ignore
  const intake = await wireIntake(config, foundation, { db, clock, audit, incidents });

  const backups = openBackups(config, foundation, {
    db, clock, audit, address, log, partsSince: (after, limit) => partsGone(retention, after, limit),
  }); // prettier-ignore
  opened.push(backups.close);
  const drills = openDrills(config, foundation, { db, clock, audit, backups, vault });
  opened.push(drills.close);

  const assurance = openAssurance({
    config, db, address, audit, log, clock, canaries, catalog: catalog.current, http: () => late.http as HttpServer,
    parts: () => late.parts as Parts,
    standing: (of) => standingOf(of, late.parts as Parts),
    chaos: { stall: (ms) => stallLog(side, ms), fill: outages.fill, cutMail: outages.cutMail },
    isIncidentOpen: incidents.isAnyOpen,
    foundation,
  }); // prettier-ignore
  opened.push(assurance.close);

  await keepAdministratorKey(config, access, log);
  const firstLink = await keepFirstLink(config, identity, log);
  const looks = createRequestLooks(traffic);
  const http = await createHttp({
    log,
    onUnroutable: watchUnroutable({ traffic, looks }),
    version: VERSION,
    room,
    trustedProxies: config.trustedProxies,
    ...(await readTls(config)),
  });
  opened.push(() => http.close());
  const parts: Parts = {
    access, assurance, audit, backups, canaries, clock, collection, config, drills, education, exportRequests, exports, identity, incidents, intake, log, mail, notices, phishing, privacy, resting, retention, review, reviews,
    roleRequests, traffic, usage, vault,
  }; // prettier-ignore
  late.http = http;
  late.parts = parts;
  const draining = { on: false };
  telemetry.watchHttp(http);
  await addRoutes(http, {
    ...parts,
    ...(await centerFiles()),
    looks,
    onWork: () => upkeep.wake(),
    isDraining: () => draining.on,
  });
  await consoleFiles(http, { frames: coursesOrigin(config) });
  // so that there is a checkpoint when the first one asks; a log that was changed is the upkeep's to cry about, again and again
  await audit.integrate().catch((err: unknown) => log.error({ err }, 'the log could not be taken in'));
  await http.ready();
  // the lock on the home says that no other server works on this database
  if (embedded !== null) {
    await vault.endLeases();
    await retention.engine.endLeases();
  }
  opened.splice(-1, 0, await telemetry.begin(parts, db));
  // last, so that nothing goes on behind a start that failed
  const upkeep = startUpkeep({ ...parts, ...telemetry.upkeep, mode });
  // requests end before the loops do, and both before what they stand on
  opened.splice(-1, 0, audit.endPublishing, upkeep.stop);
  return {
    ...parts,
    http,
    foundation,
    firstLink,
    db,
    embedded,
    drain: () => void (draining.on = true),
    close: () => closeAll(opened),
  };
}
