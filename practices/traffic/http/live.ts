/** Routes on what moves: live figures, sensors, events, lines that somebody sends. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { CLASSES, type ClassName } from '../event.ts';
import { readLines, lineFormat } from '../formats/index.ts';
import { trafficFailure } from '../failures.ts';
import { readTime } from '../read-time.ts';
import { askedBy, TAGS, type TrafficHttpNeeds } from './needs.ts';
import { ACTOR_DAY, CLOSED, EVENT, LIVE, NAME, SENSOR } from './shapes.ts';

const NAMES = Object.keys(CLASSES) as ClassName[];
const A_DAY_MS = 86_400_000;
const LINES = ['eve', 'zeek', 'access-log', 'syslog', 'vpc-flow'] as const;
const time = Type.String({ maxLength: 40, description: 'RFC 3339' });

export function liveRoutes(server: HttpServer, needs: TrafficHttpNeeds): void {
  const { traffic, audit } = needs;

  server.route({
    method: 'GET',
    url: '/v1/traffic/live',
    schema: {
      operationId: 'trafficLive',
      tags: TAGS,
      summary: 'What moves now: minutes, who touched most customers today, newest alerts',
      querystring: Type.Object({ minutes: Type.String({ pattern: '^[1-9][0-9]{0,3}$', default: '60' }) }, CLOSED),
      response: { 200: LIVE },
    },
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return (await traffic.live(Number(request.query.minutes))) as never;
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/sensors',
    schema: {
      operationId: 'listSensors',
      tags: TAGS,
      summary: 'Each sensor of each server: what it saw, dropped, could not read, and whether it runs',
      response: { 200: Type.Object({ sensors: Type.Array(SENSOR) }) },
    },
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return { sensors: await traffic.sensors() };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/actors/:id',
    schema: {
      operationId: 'trafficActor',
      tags: TAGS,
      summary:
        'What a key, person or workload did: events and different customers, by day (UTC) and purpose; and whether the key is revoked',
      params: Type.Object({ id: Type.String({ pattern: '^(?:key|per|wkl)_[0-9a-z]{26}$' }) }),
      querystring: Type.Object({ days: Type.String({ pattern: '^[1-9][0-9]{0,1}$', default: '30' }) }, CLOSED),
      response: {
        200: Type.Object({
          days: Type.Array(ACTOR_DAY),
          revokedAt: Type.Union([Type.String(), Type.Null()], {
            description: 'of a key: since when no server takes it',
          }),
        }),
      },
    },
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.read');
      return traffic.actor(request.params.id, Number(request.query.days));
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/traffic/events',
    config: { inspect: { data: ['query.actor'] } } as never,
    schema: {
      operationId: 'findEvents',
      tags: TAGS,
      summary: 'Events in OCSF, newest first: by whom, from where, when. Whoever asks is in the log',
      querystring: Type.Object({
        from: Type.Optional(time), to: Type.Optional(time),
        actor: Type.Optional(Type.String({ maxLength: 200, pattern: NAME })), address: Type.Optional(Type.String({ maxLength: 45, pattern: '^[0-9a-fA-F.:]+$' })),
        sensor: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9.-]{0,99}$' })), class: Type.Optional(Type.Enum([...NAMES])), failed: Type.Optional(Type.Enum(['true', 'false'])),
        before: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[.][0-9]{1,5}$', description: '`next` of the page before' })),
        limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }),
      }, CLOSED),
      response: {
        200: Type.Object({
          events: Type.Array(EVENT),
          next: Type.Union([Type.String({ description: 'where the next page begins' }), Type.Null()]),
          unopened: Type.Integer({ description: 'blocks that cannot be opened: what was in them is not here' }),
        }),
      },
    }, // prettier-ignore
    handler: async (request) => {
      const by = await askedBy(needs, request, 'traffic.read');
      const { from, to, actor, address, sensor, class: name, failed, before, limit } = request.query;
      const until = dateOf(to, new Date());
      const since = dateOf(from, new Date(until.getTime() - A_DAY_MS));
      await audit.append({ action: 'traffic.events.read', actor: by.actor, outcome: 'done', requestId: request.id,
        detail: { from: since.toISOString(), to: until.toISOString(), ...(sensor === undefined ? {} : { sensor }) } }); // prettier-ignore
      const ask = { from: since, to: until, actor, address, sensor, class: name, failed: failed === undefined ? undefined : failed === 'true', before }; // prettier-ignore
      return (await traffic.search(ask, Number(limit))) as never;
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/traffic/feeds/:name',
    schema: {
      operationId: 'sendLines',
      tags: TAGS,
      summary: 'Lines of a log that another program writes: Suricata, Zeek, a web server, sshd, a cloud’s flow log',
      params: Type.Object({ name: Type.String({ pattern: '^[a-z][a-z0-9.-]{1,59}$' }) }),
      body: Type.Object(
        {
          format: Type.Enum([...LINES]),
          declared: Type.Optional(Type.String({ maxLength: 2000, description: 'nginx log_format, or the fields of a VPC flow log' })),
          lines: Type.Array(Type.String({ maxLength: 131_072 }), { minItems: 1, maxItems: 10_000 }),
        },
        CLOSED,
      ),
      response: { 200: Type.Object({ events: Type.Integer(), ignored: Type.Integer(), malformed: Type.Integer() }) },
    }, // prettier-ignore
    handler: async (request) => {
      await askedBy(needs, request, 'traffic.send');
      const { format, declared, lines } = request.body;
      const logName = `feed.${request.params.name}`;
      const parser = readLines(formatOf(format, declared), { logName, clock: Date.now });
      const bytes = Buffer.from(`${lines.map((each) => each.replaceAll('\n', ' ')).join('\n')}\n`, 'utf8');
      const events = [...parser.feed(bytes), ...parser.end()];
      const { ignored = 0, malformed = 0 } = parser.counts();
      // also what is refused is counted: a log that changed its format is seen at its sensor
      await traffic.recorder.record(logName, null, { events, malformed });
      if (events.length === 0 && ignored === 0) throw trafficFailure('FEED_MALFORMED');
      return { events: events.length, ignored, malformed };
    },
  });
}

/** @throws TRAFFIC_FEED_MALFORMED for a declared format that is none */
function formatOf(format: (typeof LINES)[number], declared: string | undefined) {
  try {
    return lineFormat(format, declared);
  } catch (cause) {
    throw trafficFailure('FEED_MALFORMED', { detail: 'the declared format cannot be read', cause });
  }
}

const dateOf = (text: string | undefined, otherwise: Date): Date => (text === undefined ? otherwise : readTime(text));
