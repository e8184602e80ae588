/**
 * Names of fields: OCSF paths as they are, and those of Sigma's taxonomy (appendix 2.1), of Zeek's and Suricata's logs and
 * of W3C logs that the community's rules use. A name that is in no table is looked for among what the source said besides.
 */
import { bytesMoved, decodedUri, dnsParent, longestLabel, nameLength, uri, uriLength, whoever } from './derived.ts';
import { readerOf, type Field } from './field.ts';

type Read = Field['read'];

/** OCSF's object of bytes and packets; by itself, since a path that begins with it looks like an audit event of this practice. */
const MOVED = 'traffic';

/** INVARIANT: every path that event.ts has and that sensors fill; a typing mistake near one of them is told. */
const OCSF: Readonly<Record<string, Read>> = {
  class_uid: (e) => e.class_uid,
  activity_id: (e) => e.activity_id,
  time: (e) => e.time,
  severity_id: (e) => e.severity_id,
  status_id: (e) => e.status_id,
  status_code: (e) => e.status_code,
  duration: (e) => e.duration,
  rcode: (e) => e.rcode,
  'metadata.log_name': (e) => e.metadata.log_name,
  'metadata.product.name': (e) => e.metadata.product.name,
  'metadata.product.vendor_name': (e) => e.metadata.product.vendor_name,
  'src_endpoint.ip': (e) => e.src_endpoint?.ip,
  'src_endpoint.port': (e) => e.src_endpoint?.port,
  'src_endpoint.hostname': (e) => e.src_endpoint?.hostname,
  'src_endpoint.location.country': (e) => e.src_endpoint?.location?.country,
  'dst_endpoint.ip': (e) => e.dst_endpoint?.ip,
  'dst_endpoint.port': (e) => e.dst_endpoint?.port,
  'dst_endpoint.hostname': (e) => e.dst_endpoint?.hostname,
  'dst_endpoint.location.country': (e) => e.dst_endpoint?.location?.country,
  'actor.user.uid': (e) => e.actor?.user?.uid,
  'actor.user.type': (e) => e.actor?.user?.type,
  'actor.session.uid': (e) => e.actor?.session?.uid,
  'http_request.http_method': (e) => e.http_request?.http_method,
  'http_request.url.path': (e) => e.http_request?.url.path,
  'http_request.url.query_string': (e) => e.http_request?.url.query_string,
  'http_request.url.hostname': (e) => e.http_request?.url.hostname,
  'http_request.user_agent': (e) => e.http_request?.user_agent,
  'http_request.referrer': (e) => e.http_request?.referrer,
  'http_request.version': (e) => e.http_request?.version,
  'http_request.length': (e) => e.http_request?.length,
  'http_response.code': (e) => e.http_response?.code,
  'http_response.length': (e) => e.http_response?.length,
  'http_response.latency': (e) => e.http_response?.latency,
  'api.operation': (e) => e.api?.operation,
  'api.request.uid': (e) => e.api?.request?.uid,
  'connection_info.protocol_name': (e) => e.connection_info?.protocol_name,
  'connection_info.direction_id': (e) => e.connection_info?.direction_id,
  'connection_info.tcp_flags': (e) => e.connection_info?.tcp_flags,
  'connection_info.session.uid': (e) => e.connection_info?.session?.uid,
  [`${MOVED}.bytes_in`]: (e) => e.traffic?.bytes_in,
  [`${MOVED}.bytes_out`]: (e) => e.traffic?.bytes_out,
  [`${MOVED}.packets_in`]: (e) => e.traffic?.packets_in,
  [`${MOVED}.packets_out`]: (e) => e.traffic?.packets_out,
  'query.hostname': (e) => e.query?.hostname,
  'query.type': (e) => e.query?.type,
  'answers.rdata': (e) => e.answers?.map(({ rdata }) => rdata),
  'answers.type': (e) => e.answers?.map(({ type }) => type ?? null),
  'tls.version': (e) => e.tls?.version,
  'tls.sni': (e) => e.tls?.sni,
  'tls.ja4': (e) => e.tls?.ja4,
  'tls.cipher': (e) => e.tls?.cipher,
  'tls.alpn': (e) => e.tls?.alpn,
  'finding_info.uid': (e) => e.finding_info?.uid,
  'finding_info.title': (e) => e.finding_info?.title,
  'finding_info.types': (e) => e.finding_info?.types,
  'strongroom.action': (e) => e.strongroom?.action,
  'strongroom.role': (e) => e.strongroom?.role,
  'strongroom.purpose': (e) => e.strongroom?.purpose,
  'strongroom.classes': (e) => e.strongroom?.classes,
  'strongroom.subjects': (e) => e.strongroom?.subjects,
  'strongroom.code': (e) => e.strongroom?.code,
  'strongroom.refused_by': (e) => e.strongroom?.refused_by,
};

/** The community's `cs-uri-query` holds the query or, in most rules, path and query: both are offered. */
const queryOrUri: Read = (event) => {
  const [query, whole] = [event.http_request?.url.query_string, uri(event)];
  return query === undefined || query === '' ? whole : [query, whole ?? null];
};
const wholeUrl: Read = (event) => {
  const [host, whole] = [event.http_request?.url.hostname, uri(event)];
  return host === undefined
    ? whole
    : [whole ?? null, `${host}${whole}`, `https://${host}${whole}`, `http://${host}${whole}`];
};
const extension: Read = ({ http_request: request }) => {
  const file = request?.url.path.slice(request.url.path.lastIndexOf('/') + 1);
  return file?.includes('.') ? file.slice(file.lastIndexOf('.') + 1) : undefined;
};
const seconds: Read = ({ duration }) => (duration === undefined ? undefined : duration / 1000);

const DERIVED: Readonly<Record<string, Read>> = {
  uri,
  uri_decoded: decodedUri,
  uri_length: uriLength,
  dns_parent: dnsParent,
  dns_label_longest: longestLabel,
  dns_name_length: nameLength,
  bytes_moved: bytesMoved,
  whoever,
  'cs-uri-query': queryOrUri,
  'c-uri-query': queryOrUri,
  'c-uri': wholeUrl,
  'cs-uri': wholeUrl,
  'c-uri-extension': extension,
  'event.duration': seconds,
};

/** Other names of OCSF paths, wherever the rule looks. */
const NAMES: Readonly<Record<string, string>> = {
  'c-uri-stem': 'http_request.url.path', 'cs-uri-stem': 'http_request.url.path', 'cs-method': 'http_request.http_method',
  'c-useragent': 'http_request.user_agent', 'cs-user-agent': 'http_request.user_agent', 'cs-host': 'http_request.url.hostname',
  'r-dns': 'http_request.url.hostname', 'cs-referrer': 'http_request.referrer', 'cs-referer': 'http_request.referrer',
  'cs-version': 'http_request.version', 'sc-status': 'http_response.code', 'sc-bytes': 'http_response.length',
  'cs-bytes': 'http_request.length', 'time-taken': 'http_response.latency', 'c-ip': 'src_endpoint.ip', 's-ip': 'dst_endpoint.ip',
  's-port': 'dst_endpoint.port', 's-computername': 'dst_endpoint.hostname', 'cs-username': 'actor.user.uid',
  src_ip: 'src_endpoint.ip', src_port: 'src_endpoint.port', dst_ip: 'dst_endpoint.ip', dst_port: 'dst_endpoint.port',
  username: 'actor.user.uid', User: 'actor.user.uid', SourceIp: 'src_endpoint.ip', SourcePort: 'src_endpoint.port',
  SourceHostname: 'src_endpoint.hostname', DestinationIp: 'dst_endpoint.ip', DestinationPort: 'dst_endpoint.port',
  DestinationHostname: 'dst_endpoint.hostname', Protocol: 'connection_info.protocol_name', QueryName: 'query.hostname',
  QueryResults: 'answers.rdata', query: 'query.hostname', record_type: 'query.type', answer: 'answers.rdata', answers: 'answers.rdata',
  'source.ip': 'src_endpoint.ip', 'source.port': 'src_endpoint.port', 'destination.ip': 'dst_endpoint.ip',
  'destination.port': 'dst_endpoint.port', 'source.bytes': `${MOVED}.bytes_out`, 'destination.bytes': `${MOVED}.bytes_in`,
  'source.packets': `${MOVED}.packets_out`, 'destination.packets': `${MOVED}.packets_in`,
  'network.transport': 'connection_info.protocol_name', 'dns.question.name': 'query.hostname', 'dns.question.type': 'query.type',
  'dns.answers.data': 'answers.rdata', 'dns.answers.type': 'answers.type', 'dns.response.code': 'rcode',
}; // prettier-ignore

/** Zeek's own names, of rules with `product: zeek`. */
const ZEEK: Readonly<Record<string, string>> = {
  'id.orig_h': 'src_endpoint.ip', 'id.orig_p': 'src_endpoint.port', 'id.resp_h': 'dst_endpoint.ip', 'id.resp_p': 'dst_endpoint.port',
  proto: 'connection_info.protocol_name', orig_bytes: `${MOVED}.bytes_out`, resp_bytes: `${MOVED}.bytes_in`,
  qtype_name: 'query.type', rcode_name: 'rcode', host: 'http_request.url.hostname', method: 'http_request.http_method',
  uri: 'uri', user_agent: 'http_request.user_agent', referrer: 'http_request.referrer', status_code: 'http_response.code',
  request_body_len: 'http_request.length', response_body_len: 'http_response.length', server_name: 'tls.sni', version: 'tls.version',
  cipher: 'tls.cipher', next_protocol: 'tls.alpn', note: 'finding_info.title', msg: 'finding_info.types',
}; // prettier-ignore

/** Suricata's, of rules with `product: suricata`. */
const SURICATA: Readonly<Record<string, string>> = {
  dest_ip: 'dst_endpoint.ip', dest_port: 'dst_endpoint.port', proto: 'connection_info.protocol_name', 'alert.signature': 'finding_info.title',
  'alert.signature_id': 'finding_info.uid', 'alert.category': 'finding_info.types', 'http.url': 'uri',
  'http.hostname': 'http_request.url.hostname', 'http.http_method': 'http_request.http_method',
  'http.http_user_agent': 'http_request.user_agent', 'http.status': 'http_response.code', 'dns.rrname': 'query.hostname',
  'dns.rrtype': 'query.type', 'dns.rcode': 'rcode', 'tls.version': 'tls.version', 'tls.sni': 'tls.sni',
}; // prettier-ignore

export const knownNames = (): string[] => [...Object.keys(OCSF), ...Object.keys(DERIVED), ...Object.keys(NAMES)];

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** @returns `known: false` where it can only be something that the source said besides */
export function fieldOf(name: string, product: string | null): Readonly<{ field: Field; known: boolean }> {
  const other = product === 'zeek' ? own(ZEEK, name) : product === 'suricata' ? own(SURICATA, name) : undefined;
  const path = other ?? own(NAMES, name) ?? name;
  const read = own(OCSF, path) ?? own(DERIVED, path);
  if (read !== undefined) return { field: { path, read }, known: true };
  if (name.startsWith('unmapped.'))
    return { field: { path: name, read: besides(name.slice('unmapped.'.length)) }, known: true };
  // a path that begins as OCSF's do is looked for as it is written
  const root = name.split('.')[0] as string;
  const rooted = Object.keys(OCSF).some((path) => path === root || path.startsWith(`${root}.`));
  return rooted && name.includes('.')
    ? { field: { path: name, read: readerOf(name) }, known: false }
    : { field: { path: `unmapped.${name}`, read: besides(name) }, known: false };
}

const besides =
  (name: string): Read =>
  ({ unmapped }) =>
    unmapped !== undefined && Object.hasOwn(unmapped, name) ? unmapped[name] : undefined;
