/**
 * Suricata's EVE JSON, a line for each event: `alert` and `anomaly` become findings, `flow`, `netflow` and `tls` network
 * activity, `dns` (both of its versions) DNS activity, `http` HTTP activity. Other kinds (`stats`, `fileinfo`, `ssh` …)
 * are ignored.
 *
 * What OCSF has no place for stays in `unmapped` under Suricata's own names: `flow_id`, `app_proto`, `in_iface`,
 * `alert.action`, `alert.category`, `alert.mitre_technique_id`, `flow.state`, `flow.reason`, `anomaly.type`, `tls.ja3.hash`.
 * Source: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
 */
import type { Endpoint, TrafficEvent } from '../event.ts';
import { amount, anyKnown, endpoint, fieldsOf, jsonLine, known, text, texts, type Fields } from './fields.ts';
import { httpActivity, httpStatus, urlOf } from './http-words.ts';
import type { AboutLine, LineFormat, Reading, Told } from './lines.ts';
import { keepableTime } from './text.ts';
import { isoTime } from './times.ts';

export const suricataEve: LineFormat = { product: 'Suricata', vendor: 'OISF', read };

function read(line: string, { loggedTime }: AboutLine): Reading {
  const eve = jsonLine(line);
  const kind = eve === null ? undefined : text(eve, 'event_type', 32);
  if (eve === null || kind === undefined) return null;
  const time = keepableTime(isoTime(text(eve, 'timestamp') ?? ''), loggedTime);
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return make === undefined ? 'ignored' : make(eve, commonOf(eve, time));
}

type Shared = Omit<Told, 'class'>;

const KINDS: Readonly<Record<string, (eve: Fields, shared: Shared) => Reading>> = {
  alert,
  anomaly,
  flow: (eve, shared) => flow(fieldsOf(eve.flow), fieldsOf(eve.tcp), shared),
  netflow: (eve, shared) => netflow(fieldsOf(eve.netflow), fieldsOf(eve.tcp), shared),
  tls: (eve, shared) => tls(fieldsOf(eve.tls), shared),
  dns: (eve, shared) => dns(fieldsOf(eve.dns), shared),
  http: (eve, shared) => http(fieldsOf(eve.http), shared),
};

function commonOf(eve: Fields, time: number): Shared {
  const flowId = text(eve, 'flow_id', 32);
  const protocol = text(eve, 'proto', 16)?.toLowerCase();
  return {
    time,
    ...known({
      src_endpoint: endpoint(eve.src_ip, eve.src_port),
      dst_endpoint: endpoint(eve.dest_ip, eve.dest_port),
      unmapped: anyKnown({
        flow_id: flowId,
        app_proto: text(eve, 'app_proto', 32),
        in_iface: text(eve, 'in_iface', 32),
      }),
      connection_info:
        protocol === undefined
          ? undefined
          : {
              protocol_name: protocol.startsWith('ipv6-icmp') ? 'icmp' : protocol,
              ...(flowId === undefined ? {} : { session: { uid: flowId } }),
            },
    }),
  };
}

const more = (shared: Shared, unmapped: Record<string, string | number | boolean | undefined>): Shared => {
  const all = anyKnown({ ...shared.unmapped, ...unmapped });
  return all === undefined ? shared : { ...shared, unmapped: all as NonNullable<TrafficEvent['unmapped']> };
};

/** Suricata: 1 is the gravest; OCSF: 4 is high. */
const SEVERITIES: Readonly<Record<number, number>> = { 1: 4, 2: 3, 3: 2 };

function alert(eve: Fields, shared: Shared): Reading {
  const said = fieldsOf(eve.alert);
  const id = amount(said, 'signature_id');
  const title = text(said, 'signature', 500);
  if (id === undefined || title === undefined) return null;
  const category = text(said, 'category', 200);
  const techniques = texts(fieldsOf(said.metadata).mitre_technique_id, 10);
  const request = fieldsOf(eve.http);
  const url = text(request, 'url');
  return {
    class: 'finding',
    activity_id: 1,
    severity_id: SEVERITIES[amount(said, 'severity') ?? 0] ?? 1,
    ...more(shared, {
      'alert.action': text(said, 'action', 32),
      'alert.category': category,
      'alert.mitre_technique_id': techniques.length === 0 ? undefined : techniques.join(','),
      'http.url': url,
      'http.hostname': text(request, 'hostname', 255),
      'tls.sni': text(fieldsOf(eve.tls), 'sni', 255),
    }),
    finding_info: {
      uid: `${amount(said, 'gid') ?? 1}:${id}:${amount(said, 'rev') ?? 0}`,
      title,
      ...(category === undefined ? {} : { types: [category] }),
    },
  };
}

function anomaly(eve: Fields, shared: Shared): Reading {
  const said = fieldsOf(eve.anomaly);
  const event = text(said, 'event', 200) ?? text(said, 'code', 200);
  if (event === undefined) return null;
  const type = text(said, 'type', 64);
  return {
    class: 'finding',
    activity_id: 1,
    severity_id: 2,
    ...more(shared, { 'anomaly.type': type, 'anomaly.layer': text(said, 'layer', 64) }),
    finding_info: { uid: `anomaly:${event}`, title: event, ...(type === undefined ? {} : { types: [type] }) },
  };
}

function flow(said: Fields, tcp: Fields, shared: Shared): Reading {
  const [begun, ended] = [isoTime(text(said, 'start') ?? ''), isoTime(text(said, 'end') ?? '')];
  return {
    class: 'network',
    activity_id: 6,
    ...more(shared, { 'flow.state': text(said, 'state', 32), 'flow.reason': text(said, 'reason', 32) }),
    ...(Number.isNaN(begun) ? {} : { time: keepableTime(begun, shared.time) }),
    ...(ended >= begun ? { duration: ended - begun } : {}),
    ...withFlags(shared, tcp),
    ...known({
      traffic: anyKnown({
        bytes_out: amount(said, 'bytes_toserver'),
        bytes_in: amount(said, 'bytes_toclient'),
        packets_out: amount(said, 'pkts_toserver'),
        packets_in: amount(said, 'pkts_toclient'),
      }),
    }),
  };
}

function netflow(said: Fields, tcp: Fields, shared: Shared): Reading {
  const [begun, ended] = [isoTime(text(said, 'start') ?? ''), isoTime(text(said, 'end') ?? '')];
  return {
    class: 'network',
    activity_id: 6,
    ...shared,
    ...(Number.isNaN(begun) ? {} : { time: keepableTime(begun, shared.time) }),
    ...(ended >= begun ? { duration: ended - begun } : {}),
    ...withFlags(shared, tcp),
    ...known({ traffic: anyKnown({ bytes_out: amount(said, 'bytes'), packets_out: amount(said, 'pkts') }) }),
  };
}

/** `tcp_flags` is written in hexadecimal. */
function withFlags(shared: Shared, tcp: Fields): Pick<Told, 'connection_info'> {
  const flags = Number.parseInt(text(tcp, 'tcp_flags', 4) ?? '', 16);
  if (shared.connection_info === undefined || !(flags >= 0 && flags < 256)) return {};
  return { connection_info: { ...shared.connection_info, tcp_flags: flags } };
}

function tls(said: Fields, shared: Shared): Reading {
  const ja4 = text(said, 'ja4', 64) ?? text(fieldsOf(said.ja4), 'hash', 64);
  const offered = texts(said.client_alpns, 10);
  return {
    class: 'network',
    activity_id: 6,
    ...more(shared, {
      'tls.subject': text(said, 'subject', 500),
      'tls.issuerdn': text(said, 'issuerdn', 500),
      'tls.fingerprint': text(said, 'fingerprint', 100),
      'tls.ja3.hash': text(fieldsOf(said.ja3), 'hash', 64),
    }),
    tls: known({
      version: text(said, 'version', 32),
      sni: text(said, 'sni', 255),
      ja4,
      cipher: text(said, 'cipher_suite', 64) ?? text(said, 'cipher_security', 64),
      alpn: offered.length === 0 ? undefined : offered,
    }),
  };
}

/** Version 1 has one record in each event, 2 has answers beside the question, 3 (Suricata 8) has lists of both. */
function dns(said: Fields, shared: Shared): Reading {
  const type = text(said, 'type', 16);
  const question = Array.isArray(said.queries) ? fieldsOf(said.queries[0]) : said;
  const name = text(question, 'rrname', 255);
  if (type === undefined) return null;
  const isAnswer = type === 'answer' || type === 'response';
  const listed = Array.isArray(said.answers) ? said.answers.slice(0, 50).map(fieldsOf) : [said];
  const answers = isAnswer ? listed.flatMap(answerOf) : [];
  const rcode = text(said, 'rcode', 32);
  return {
    class: 'dns',
    activity_id: isAnswer ? 2 : 1,
    ...(isAnswer ? turned(shared, Array.isArray(said.queries)) : shared),
    ...known({
      query: name === undefined ? undefined : { hostname: name, ...known({ type: text(question, 'rrtype', 16) }) },
      rcode,
      answers: answers.length === 0 ? undefined : answers,
      status_id: rcode === undefined ? undefined : rcode === 'NOERROR' ? (1 as const) : (2 as const),
    }),
  };
}

function answerOf(record: Fields): NonNullable<TrafficEvent['answers']>[number][] {
  const rdata = text(record, 'rdata', 500);
  return rdata === undefined ? [] : [{ rdata, ...known({ type: text(record, 'rrtype', 16) }) }];
}

/** Who asked is the source in both directions; Suricata 8 does that itself. */
function turned(shared: Shared, asWritten: boolean): Shared {
  const { src_endpoint: from, dst_endpoint: to, ...rest } = shared;
  if (asWritten || !askedAt(from)) return shared;
  return { ...rest, ...known({ src_endpoint: to, dst_endpoint: from }) };
}

const askedAt = (end: Endpoint | undefined): boolean => end?.port === 53 || end?.port === 5353;

function http(said: Fields, shared: Shared): Reading {
  const method = text(said, 'http_method', 32) ?? 'UNKNOWN';
  const code = amount(said, 'status');
  const hostname = text(said, 'hostname', 255);
  return {
    class: 'http',
    activity_id: httpActivity(method),
    ...shared,
    http_request: {
      http_method: method,
      url: urlOf(text(said, 'url') ?? '', hostname),
      ...known({
        user_agent: text(said, 'http_user_agent', 512),
        referrer: text(said, 'http_refer'),
        version: text(said, 'protocol', 16),
      }),
    },
    ...(code === undefined
      ? {}
      : {
          status_id: httpStatus(code),
          http_response: { code, ...known({ length: amount(said, 'length') }) },
        }),
  };
}
