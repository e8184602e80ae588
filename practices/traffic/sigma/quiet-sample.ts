/**
 * Events of an ordinary day: a rule that alerts of half of those of its classes would alert of everything, and waits suspended for a
 * person to say that this is meant.
 */
import { eventOf, type ClassName, type Observed, type TrafficEvent } from '../event.ts';
import { compileDetection } from './compile.ts';
import type { SingleRule } from './rule.ts';
import { createSlots, View } from './view.ts';

const NOON = Date.UTC(2026, 2, 11, 12);
const SOURCE = { log_name: 'sample', product: 'sample' };

const http = (http_method: string, path: string, code: number, user_agent: string): Partial<Observed> => ({
  status_id: code < 400 ? 1 : 2,
  src_endpoint: { ip: '198.51.100.7', port: 51_000 },
  dst_endpoint: { ip: '192.0.2.10', port: 443 },
  http_request: {
    http_method,
    url: { path, query_string: 'page=2', hostname: 'www.example.org' },
    user_agent,
    version: '1.1',
  },
  http_response: { code, length: 5120, latency: 12 },
});
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

const api = (http_method: string, path: string, code: number, action: string): Partial<Observed> => ({
  ...http(http_method, path, code, 'strongroom-sdk/1'),
  actor: { user: { uid: 'key_support', type: 'service' } },
  api: { operation: `${http_method} ${path}` },
  strongroom: { action, role: 'support', purpose: 'support', classes: ['personal'], subjects: 1 },
});

const flow = (port: number, direction_id: 1 | 2 | 3, bytes: number): Partial<Observed> => ({
  src_endpoint: { ip: '192.0.2.20', port: 40_000 },
  dst_endpoint: { ip: '192.0.2.10', port },
  connection_info: { protocol_name: 'tcp', direction_id },
  traffic: { bytes_in: bytes, bytes_out: 900, packets_in: 12, packets_out: 10 },
  duration: 850,
});

const dns = (hostname: string, type: string, rcode: string): Partial<Observed> => ({
  src_endpoint: { ip: '192.0.2.20', port: 53_000 },
  dst_endpoint: { ip: '192.0.2.53', port: 53 },
  query: { hostname, type },
  rcode,
  answers: rcode === 'NOERROR' ? [{ rdata: '203.0.113.5', type }] : [],
});

const logon = (uid: string, status_id: 1 | 2): Partial<Observed> => ({
  activity_id: 1,
  status_id,
  src_endpoint: { ip: '198.51.100.9' },
  actor: { user: { uid } },
});

const finding = (title: string): Partial<Observed> => ({
  severity_id: 2,
  src_endpoint: { ip: '198.51.100.9' },
  dst_endpoint: { ip: '192.0.2.10', port: 443 },
  finding_info: { uid: '2210000', title, types: ['Generic Protocol Command Decode'] },
});

function quietEvents(): TrafficEvent[] {
  const events: [ClassName, Partial<Observed>][] = [
    ['http', http('GET', '/', 200, FIREFOX)],
    ['http', http('GET', '/assets/app.css', 304, FIREFOX)],
    ['http', http('POST', '/basket', 201, FIREFOX)],
    ['http', http('GET', '/missing.png', 404, 'curl/8.5.0')],
    ['api', api('GET', '/v1/vault/records/{id}', 200, 'vault.read')],
    ['api', api('POST', '/v1/vault/records', 201, 'vault.write')],
    ['api', api('POST', '/v1/vault/records/search', 200, 'vault.look')],
    ['api', api('GET', '/v1/audit/entries', 200, 'audit.read')],
    ['network', flow(443, 1, 48_000)],
    ['network', flow(443, 2, 2_000)],
    ['network', flow(5432, 3, 9_000)],
    ['network', flow(53, 2, 200)],
    ['dns', dns('www.example.org', 'A', 'NOERROR')],
    ['dns', dns('mail.example.com', 'AAAA', 'NOERROR')],
    ['dns', dns('typo.example.net', 'A', 'NXDOMAIN')],
    ['authentication', logon('anna', 1)],
    ['authentication', logon('bela', 1)],
    ['authentication', logon('carl', 2)],
    ['finding', finding('Protocol anomaly')],
    ['finding', finding('Checksum invalid')],
  ];
  return events.map(([name, observed], i) =>
    eventOf(SOURCE, { class: name, uid: `sample_${i}`, time: NOON + i * 1000, ...observed }, NOON + i * 1000),
  );
}

/** @returns why, null where it does not */
export function matchesTooMuch({ classes, detection }: SingleRule): string | null {
  const events = quietEvents().filter(({ class_uid }) => classes.includes(class_uid));
  if (events.length === 0) return null;
  const slots = createSlots();
  const matches = compileDetection(detection, slots);
  const view = new View(slots.fields);
  const matched = events.filter((event) => {
    view.look(event);
    return matches(view);
  }).length;
  return matched * 2 > events.length ? `it matches ${matched} of ${events.length} events of an ordinary day` : null;
}
