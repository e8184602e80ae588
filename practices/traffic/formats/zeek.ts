/**
 * Zeek's JSON logs (`LogAscii::use_json=T`, or the json-streaming-logs package, which adds `_path`): `conn`, `dns`, `http`,
 * `ssl` and `notice`. Without `_path` the kind is told by fields that only one of them has. Other logs are ignored.
 *
 * `ts` may be seconds or ISO 8601. Zeek's `uid` of a connection is kept as connection_info.session.uid, `conn_state`,
 * `history`, `service` and `missed_bytes` in `unmapped`.
 * Source: https://docs.zeek.org/en/current/script-reference/log-files.html
 */
import type { TrafficEvent } from '../event.ts';
import { amount, anyKnown, endpoint, jsonLine, known, text, texts, type Fields } from './fields.ts';
import { httpActivity, httpStatus, urlOf } from './http-words.ts';
import type { AboutLine, LineFormat, Reading, Told } from './lines.ts';
import { keepableTime, plain } from './text.ts';
import { isoTime } from './times.ts';

export const zeekJson: LineFormat = { product: 'Zeek', vendor: 'Zeek', read };

type Shared = Omit<Told, 'class'>;

const KINDS: Readonly<Record<string, (log: Fields, shared: Shared) => Reading>> = { conn, dns, http, ssl, notice };

function read(line: string, { loggedTime }: AboutLine): Reading {
  const log = jsonLine(line);
  if (log === null || (log.ts === undefined && log._write_ts === undefined)) return null;
  const kind = text(log, '_path', 32) ?? kindOf(log);
  const make = kind !== undefined && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return make === undefined ? 'ignored' : make(log, commonOf(log, timeOf(log, loggedTime)));
}

function kindOf(log: Fields): string | undefined {
  if ('note' in log) return 'notice';
  if ('conn_state' in log) return 'conn';
  if ('qtype_name' in log || 'rcode_name' in log || ('query' in log && 'trans_id' in log)) return 'dns';
  if ('trans_depth' in log && ('method' in log || 'status_code' in log || 'host' in log)) return 'http';
  if ('established' in log || 'server_name' in log || 'ssl_history' in log) return 'ssl';
  return undefined;
}

function timeOf(log: Fields, otherwise: number): number {
  const { ts } = log;
  return keepableTime(
    typeof ts === 'number' ? ts * 1000 : typeof ts === 'string' ? isoTime(ts) : Number.NaN,
    otherwise,
  );
}

function commonOf(log: Fields, time: number): Shared {
  const uid = text(log, 'uid', 32);
  const protocol = text(log, 'proto', 16)?.toLowerCase();
  return {
    time,
    ...known({
      src_endpoint: endpoint(log['id.orig_h'] ?? log.src, log['id.orig_p']),
      dst_endpoint: endpoint(log['id.resp_h'] ?? log.dst, log['id.resp_p'] ?? log.p),
      connection_info:
        protocol === undefined && uid === undefined
          ? undefined
          : { protocol_name: protocol ?? 'tcp', ...(uid === undefined ? {} : { session: { uid } }) },
    }),
  };
}

/** RFC 9293's words for what Zeek's conn_state says; the rest is traffic. */
const ACTIVITIES: Readonly<Record<string, number>> = {
  SF: 2,
  RSTO: 3,
  RSTR: 3,
  RSTOS0: 3,
  RSTRH: 3,
  S0: 4,
  SH: 4,
  REJ: 5,
};

function conn(log: Fields, shared: Shared): Reading {
  const state = text(log, 'conn_state', 16) ?? '';
  const seconds = log.duration;
  const activity = Object.hasOwn(ACTIVITIES, state) ? (ACTIVITIES[state] as number) : 6;
  return {
    class: 'network',
    activity_id: activity,
    ...shared,
    ...(activity === 4 || activity === 5 ? { status_id: 2 as const } : {}),
    ...(typeof seconds === 'number' && seconds >= 0 && seconds < 1e12 ? { duration: Math.round(seconds * 1000) } : {}),
    ...known({
      traffic: anyKnown({
        bytes_out: amount(log, 'orig_ip_bytes') ?? amount(log, 'orig_bytes'),
        bytes_in: amount(log, 'resp_ip_bytes') ?? amount(log, 'resp_bytes'),
        packets_out: amount(log, 'orig_pkts'),
        packets_in: amount(log, 'resp_pkts'),
      }),
      connection_info: withDirection(shared, log),
      unmapped: anyKnown({
        conn_state: state === '' ? undefined : state,
        history: text(log, 'history', 64),
        service: text(log, 'service', 64),
        missed_bytes: amount(log, 'missed_bytes'),
      }),
    }),
  };
}

function withDirection({ connection_info: had }: Shared, log: Fields): TrafficEvent['connection_info'] {
  const { local_orig: from, local_resp: to } = log;
  if (had === undefined || typeof from !== 'boolean' || typeof to !== 'boolean') return had;
  return { ...had, direction_id: from ? (to ? 3 : 2) : to ? 1 : 0 };
}

function dns(log: Fields, shared: Shared): Reading {
  const name = text(log, 'query', 255);
  const rcode = text(log, 'rcode_name', 32);
  const answers = texts(log.answers, 50).map((rdata) => ({ rdata: plain(rdata, 500) }));
  return {
    class: 'dns',
    // a line is both question and answer
    activity_id: rcode === undefined ? 1 : 6,
    ...shared,
    ...known({
      query: name === undefined ? undefined : { hostname: name, ...known({ type: text(log, 'qtype_name', 16) }) },
      rcode,
      answers: answers.length === 0 ? undefined : answers,
      status_id: rcode === undefined ? undefined : rcode === 'NOERROR' ? (1 as const) : (2 as const),
    }),
  };
}

function http(log: Fields, shared: Shared): Reading {
  const method = text(log, 'method', 32) ?? 'UNKNOWN';
  const code = amount(log, 'status_code');
  const user = text(log, 'username', 255);
  return {
    class: 'http',
    activity_id: httpActivity(method),
    ...shared,
    http_request: {
      http_method: method,
      url: urlOf(text(log, 'uri') ?? '', text(log, 'host', 255)),
      ...known({
        user_agent: text(log, 'user_agent', 512),
        referrer: text(log, 'referrer'),
        version: text(log, 'version', 16),
        length: amount(log, 'request_body_len'),
      }),
    },
    ...(user === undefined ? {} : { actor: { user: { uid: user } } }),
    ...(code === undefined
      ? {}
      : {
          status_id: httpStatus(code),
          http_response: { code, ...known({ length: amount(log, 'response_body_len') }) },
        }),
  };
}

function ssl(log: Fields, shared: Shared): Reading {
  const alpn = text(log, 'next_protocol', 32);
  return {
    class: 'network',
    activity_id: 6,
    ...shared,
    ...(log.established === false ? { status_id: 2 as const } : {}),
    tls: known({
      version: text(log, 'version', 32),
      sni: text(log, 'server_name', 255),
      ja4: text(log, 'ja4', 64),
      cipher: text(log, 'cipher', 64),
      alpn: alpn === undefined ? undefined : [alpn],
    }),
    ...known({
      unmapped: anyKnown({
        validation_status: text(log, 'validation_status', 200),
        subject: text(log, 'subject', 500),
      }),
    }),
  };
}

function notice(log: Fields, shared: Shared): Reading {
  const note = text(log, 'note', 200);
  if (note === undefined) return null;
  return {
    class: 'finding',
    activity_id: 1,
    severity_id: 3,
    ...shared,
    finding_info: { uid: note, title: text(log, 'msg', 500) ?? note, types: [note] },
    ...known({
      unmapped: anyKnown({ sub: text(log, 'sub', 500), actions: texts(log.actions, 10).join(',') || undefined }),
    }),
  };
}
