/** Traffic as the settings say, and the taps that its sensor listens at: the audit log, and the end of each request. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

import type { Audit } from '#platform/audit';
import { configFailure, type Config } from '#platform/config';
import { hkdfSha256 } from '#platform/crypto';
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { addressOf, problemCodeOf, type HttpServer, type RouteConfig } from '#platform/http';
import type { Log } from '#platform/log';
import { behindKey, keyOf, type Access, type Actor, type Identity } from '#practices/access';
import { createTraffic, readFeeds, type DeclaredFeeds, type Traffic } from '#practices/traffic';
import { countSubjects, livingOf, openIdentity, type Foundation, type Keepers } from '#practices/vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';

import type { RequestLooks } from './inspect-requests.ts';
import { VERSION } from './version.ts';

export async function openTraffic(
  config: Config,
  foundation: Foundation,
  { db, clock, audit, access, identity, log }: { db: Db; clock: () => Date; audit: Audit; access: Access; identity: Identity; log: Log },
): Promise<Traffic> {
  const root = await openIdentity(foundation, 'traffic/events', () => randomBytes(32));
  const secret = config.secret('STRONGROOM_TRAFFIC_WEBHOOK_SECRET');
  if (config.trafficWebhook !== null && secret === null)
    throw configFailure('MALFORMED', { detail: 'STRONGROOM_TRAFFIC_WEBHOOK needs STRONGROOM_TRAFFIC_WEBHOOK_SECRET' });
  return createTraffic({
    db,
    audit,
    clock,
    node: `${hostname()}:${config.port}`,
    key: hkdfSha256(root, Buffer.alloc(0), 'strongroom/traffic/events/1', 32),
    version: VERSION,
    fetch,
    webhook: config.trafficWebhook === null || secret === null ? null : { url: config.trafficWebhook, secret },
    syslog: config.trafficSyslog,
    protectedNetworks: [...config.trustedProxies, ...config.neverBlock],
    keep: { eventDays: config.trafficDays, caseDays: config.caseDays },
    feeds: await declaredFeeds(config),
    inspect: config.inspection,
    spawn,
    // tcpdump gives up root as soon as it has the interface
    captureUser: process.getuid?.() === 0 ? 'nobody' : null,
    countCustomers: () => countSubjects(db),
    living: livingOf,
    ownerOf: async (statements, keyId) => ((await keyOf(statements, keyId))?.kind === 'staff' ? behindKey(statements, keyId) : null),
    revokedAt: async (keyId) => (await keyOf(db, keyId))?.revokedAt ?? null,
    revokeKey: ({ actor, requestId }, keyId, detail) =>
      access.revokeKey(keyId, (tx, key) =>
        audit.appendIn(tx, { action: 'access.key.revoke', actor, outcome: 'done', requestId, detail: { key, ...detail } }),
      ),
    endSessions: async ({ actor, requestId }, personId, detail) => {
      for (const { id } of await identity.sessions.list(personId))
        await identity.sessions
          .end(personId, id, (tx) => audit.appendIn(tx, { action: 'access.session.end', actor, outcome: 'done', requestId, detail: { session: id, ...detail } }))
          .catch((thrown: unknown) => {
            // one that ended by itself meanwhile keeps none of the others open
            if (!isFailure(thrown) || thrown.code !== 'ACCESS_SESSION_NOT_FOUND') throw thrown;
          });
    },
    stepUp: ({ actor, requestId }, person, detail) =>
      identity.sessions.proveAnew(person, (tx, sessions) =>
        audit.appendIn(tx, { action: 'access.session.prove-anew', actor, outcome: 'done', requestId, detail: { person, sessions, ...detail } }),
      ),
    onTrouble: (what, detail) => log.error(detail, what),
  });
} // prettier-ignore

async function declaredFeeds({ feeds: path }: Config): Promise<DeclaredFeeds['feeds']> {
  if (path === null) return [];
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw configFailure('MALFORMED', { detail: `STRONGROOM_FEEDS: ${path} cannot be read`, cause });
  });
  const { feeds, faults } = readFeeds(text);
  if (faults.length > 0) throw configFailure('MALFORMED', { detail: `STRONGROOM_FEEDS: ${faults.join('; ')}` });
  return feeds;
}

/** What is in the log is what happened: whoever writes an entry need not think of the sensor. */
export function heardBy(audit: Audit, heard: (event: Parameters<Audit['append']>[0]) => void): Audit {
  return {
    ...audit,
    append: async (event) => {
      const entry = await audit.append(event);
      heard(event);
      return entry;
    },
    appendIn: async (tx, event) => {
      const entry = await audit.appendIn(tx, event);
      heard(event);
      return entry;
    },
  };
}

/** A customer who is erased goes from traffic in the same transaction. */
export const alsoGone = (keepers: Keepers, traffic: () => Traffic | undefined): Keepers => ({
  ...keepers,
  gone: async (tx, gone) => {
    await keepers.gone(tx, gone);
    if (gone.scope === 'subject') await traffic()?.forget(tx, gone.subjectId);
  },
});

/** As nginx writes it: the client went before there was an answer. */
const CLIENT_WENT = 499;

export type Watched = Readonly<{
  traffic: Pick<Traffic, 'requests' | 'inspections' | 'measures'>;
  looks: Pick<RequestLooks, 'of'>;
  actorOf: (request: object) => Actor | null;
}>;

/** What became of a request, once its answer has left. */
function createTell({ traffic, looks, actorOf }: Watched) {
  return (request: FastifyRequest, reply: FastifyReply, sentBytes: number): void => {
    if (!traffic.requests.isOn()) return;
    const isWhole = reply.raw.writableFinished;
    const actor = actorOf(request);
    const code = problemCodeOf(request);
    const looked = looks.of(request);
    const options = request.routeOptions as { url?: string; config?: RouteConfig } | undefined;
    // INVARIANT: that somebody reported without a name is an event; who it was is not in it
    const nameless = options?.config?.nameless === true;
    const finished = {
      id: request.id,
      method: request.method,
      route: request.is404 ? '' : (options?.url ?? ''),
      address: nameless ? '' : addressOf(request),
      status: isWhole || reply.raw.headersSent ? reply.statusCode : CLIENT_WENT,
      // a stream says no length, and one that was cut short says too much: what its connection took is near enough
      bytes: (isWhole && Number(reply.getHeader('content-length') ?? 0)) || sentBytes,
      ms: reply.elapsedTime,
      // what an attack says of itself is no browser's name, and nothing of an attack is kept
      userAgent: looked === null && !nameless ? String(request.headers['user-agent'] ?? '') : '',
      actor:
        actor === null ? null : { id: actor.id, role: actor.role, person: actor.person, session: actor.session?.id },
      ...(code === undefined ? {} : { code }),
    };
    traffic.requests.finished(finished);
    if (looked !== null) traffic.inspections.found(finished, looked);
  };
}

/** Of a request whose address is none, to which no hook listens. @returns for `onUnroutable` of createHttp */
export function watchUnroutable(needs: Pick<Watched, 'traffic'> & { looks: RequestLooks }) {
  const tell = createTell({ ...needs, actorOf: () => null });
  return (request: FastifyRequest, reply: FastifyReply): void => {
    needs.looks.atNoDoor(request);
    reply.raw.once('close', () => tell(request, reply, 0));
  };
}

/** Every request passes here twice: at the door, and when its answer has left. */
export function watchRequests(http: HttpServer, needs: Watched): void {
  const { traffic } = needs;
  const watched = new WeakSet<object>();
  const tell = createTell(needs);
  http.addHook('onRequest', (request, reply, done) => {
    if (traffic.requests.isOn()) {
      const { socket } = request.raw;
      const before = socket.bytesWritten;
      // Fastify says nothing of an answer that the client cut short: what it had read by then has left all the same
      reply.raw.once('close', () => tell(request, reply, Math.max(0, socket.bytesWritten - before) || 0));
      watched.add(request);
    }
    try {
      traffic.measures.atDoor(addressOf(request));
    } catch (thrown) {
      return done(thrown as Error);
    }
    done();
  });
  // of what was refused before it came here
  http.addHook('onResponse', (request, reply, done) => {
    if (!watched.has(request)) tell(request, reply, 0);
    done();
  });
}
