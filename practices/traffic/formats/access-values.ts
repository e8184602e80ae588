/** The variables of one line of an access log → one HTTP event. */
import type { Endpoint } from '../event.ts';
import { endpoint, known } from './fields.ts';
import { httpActivity, httpStatus, isMethod, urlOf } from './http-words.ts';
import type { Reading } from './lines.ts';
import { keepableTime, plain } from './text.ts';
import { isoTime } from './times.ts';

export type Values = Readonly<Record<string, string>>;

/** @returns null: without a readable address or time it is no access log */
export function readAccess(values: Values, loggedTime: number, clfTime: (text: string) => number): Reading {
  const from = values.remote_addr ?? values.realip_remote_addr;
  const time = timeOf(values, clfTime);
  const code = wholeNumber(values.status);
  if (from === undefined || from === '' || from.includes(' ') || Number.isNaN(time)) return null;
  if (values.status !== undefined && (code === undefined || code > 999)) return null;
  const request = requestOf(values);
  const user = said(values.remote_user);
  const to = destinationOf(values);
  const unmapped = unmappedOf(values, request.raw);
  return {
    class: 'http',
    activity_id: httpActivity(request.method),
    time: keepableTime(time, loggedTime),
    ...(code === undefined ? {} : { status_id: httpStatus(code), http_response: responseOf(values, code) }),
    src_endpoint: endpoint(from, wholeNumber(values.remote_port)) as Endpoint,
    ...(to === undefined ? {} : { dst_endpoint: to }),
    ...(user === undefined ? {} : { actor: { user: { uid: plain(user, 255) } } }),
    http_request: httpRequestOf(values, request),
    ...(values.ssl_protocol === undefined || values.ssl_protocol === '-' ? {} : { tls: tlsOf(values) }),
    ...(unmapped === undefined ? {} : { unmapped }),
  };
}

/** `-` is how these logs write that there is nothing. */
const said = (value: string | undefined): string | undefined => (value === '-' || value === '' ? undefined : value);

function timeOf(values: Values, clfTime: (text: string) => number): number {
  if (values.time_local !== undefined) return clfTime(values.time_local);
  if (values.time_iso8601 !== undefined) return isoTime(values.time_iso8601);
  return values.msec !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(values.msec)
    ? Number(values.msec) * 1000
    : Number.NaN;
}

/** `raw`: what a client sent that is no request line; scanners and TLS on a plain port do that. */
type Request = Readonly<{ method: string; target: string; version?: string; raw?: string }>;

function requestOf(values: Values): Request {
  const { request } = values;
  if (request === undefined) {
    const args = said(values.args);
    const target = values.request_uri ?? `${values.uri ?? ''}${args === undefined ? '' : `?${args}`}`;
    const version = said(values.server_protocol);
    return { method: methodOf(values.request_method), target, ...(version === undefined ? {} : { version }) };
  }
  const [first, last] = [request.indexOf(' '), request.lastIndexOf(' ')];
  const method = first > 0 ? request.slice(0, first) : request;
  if (first < 0 || !isMethod(method)) return { method: 'UNKNOWN', target: '', raw: request };
  const hasVersion = last > first && request.startsWith('HTTP/', last + 1);
  // a target with spaces in it is one all the same
  const target = request.slice(first + 1, hasVersion ? last : undefined);
  return { method, target, ...(hasVersion ? { version: request.slice(last + 6) } : {}) };
}

const methodOf = (method: string | undefined): string =>
  method !== undefined && isMethod(method) ? method : 'UNKNOWN';

function httpRequestOf(values: Values, { method, target, version }: Request) {
  const [agent, referrer] = [said(values.http_user_agent), said(values.http_referer)];
  const length = wholeNumber(values.request_length);
  return {
    http_method: method,
    url: urlOf(target, said(values.http_host) ?? said(values.host) ?? said(values.server_name)),
    ...(agent === undefined ? {} : { user_agent: plain(agent, 512) }),
    ...(referrer === undefined ? {} : { referrer: plain(referrer) }),
    ...(version === undefined ? {} : { version: plain(version, 16) }),
    ...(length === undefined ? {} : { length }),
  };
}

function responseOf(values: Values, code: number) {
  const length = wholeNumber(values.body_bytes_sent ?? values.bytes_sent);
  const seconds = Number.parseFloat(values.request_time ?? '');
  return {
    code,
    ...(length === undefined ? {} : { length }),
    ...(seconds >= 0 && seconds < 1e9 ? { latency: Math.round(seconds * 1000) } : {}),
  };
}

function destinationOf(values: Values): Endpoint | undefined {
  const { server_addr: address, server_port: port } = values;
  return address === undefined ? undefined : endpoint(address, wholeNumber(port));
}

const tlsOf = ({ ssl_protocol: version, ssl_cipher: cipher }: Values) =>
  known({
    version: version === undefined ? undefined : plain(version, 32),
    cipher: said(cipher) === undefined ? undefined : plain(cipher as string, 64),
  });

function unmappedOf(values: Values, raw: string | undefined): Record<string, string> | undefined {
  const [forwarded, id] = [said(values.http_x_forwarded_for), said(values.request_id)];
  if (raw === undefined && forwarded === undefined && id === undefined) return undefined;
  return {
    ...(raw === undefined ? {} : { request: plain(raw, 200) }),
    ...(forwarded === undefined ? {} : { http_x_forwarded_for: plain(forwarded, 200) }),
    ...(id === undefined ? {} : { request_id: plain(id, 64) }),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.length === 0 || text.length > 15) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
