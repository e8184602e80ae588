/** Events as the sensors make them, of what somebody makes up: for the simulator, tests and the benchmark. */
import { eventOf, type Observed, type TrafficEvent } from '../event.ts';

const OWN = { log_name: 'requests', product: 'Strongroom' };
const LOGINS = { log_name: 'log-ins', product: 'Strongroom' };
const WEB = { log_name: 'nginx', product: 'nginx' };
const WIRE = { log_name: 'wire', product: 'tcpdump' };

export type Maker = Readonly<{
  request: (made: Request) => TrafficEvent;
  logIn: (made: Readonly<{ time: number; account: string; address: string; worked: boolean }>) => TrafficEvent;
  web: (
    made: Readonly<{ time: number; address: string; path: string; code: number; bytes?: number; agent?: string }>,
  ) => TrafficEvent;
  flow: (made: Flow) => TrafficEvent;
  dns: (
    made: Readonly<{ time: number; from: string; hostname: string; type?: string; rcode?: string }>,
  ) => TrafficEvent;
}>;

export type Request = Readonly<{
  time: number;
  actor: string;
  address: string;
  path?: string;
  operation?: string;
  code?: number;
  bytes?: number;
  role?: string;
  purpose?: string;
  subjects?: number;
  agent?: string;
  ja4?: string;
  country?: string;
  host?: string;
}>;

export type Flow = Readonly<{
  time: number;
  from: string;
  to: string;
  port: number;
  protocol?: string;
  /** From source to destination. */
  out?: number;
  back?: number;
  /** Whether it was answered; not: a SYN alone. */
  worked?: boolean;
}>;

/** Numbers its events: the same calls make the same uids. */
export function createMaker(prefix = 'e'): Maker {
  let made = 0;
  const make = (source: typeof OWN, observed: Omit<Observed, 'uid'>): TrafficEvent =>
    eventOf(source, { ...observed, uid: `${prefix}${(made += 1)}` }, observed.time);
  return {
    request: ({ time, actor, address, code = 200, ...more }) =>
      make(OWN, {
        class: 'api',
        time,
        status_id: code < 400 ? 1 : 2,
        actor: { user: { uid: actor } },
        src_endpoint: { ip: address, ...(more.country === undefined ? {} : { location: { country: more.country } }) },
        ...(more.host === undefined ? {} : { dst_endpoint: { ip: more.host } }),
        api: { operation: more.operation ?? 'readCustomer', request: { uid: `request-${made}` } },
        http_request: {
          http_method: 'GET',
          url: { path: more.path ?? '/v1/subjects/{id}' },
          user_agent: more.agent ?? 'node',
        },
        http_response: { code, length: more.bytes ?? 700 },
        ...(more.ja4 === undefined ? {} : { tls: { ja4: more.ja4 } }),
        strongroom: {
          action: 'vault.read',
          role: more.role ?? 'support',
          purpose: more.purpose ?? 'support',
          subjects: more.subjects ?? 0,
        },
      }),
    logIn: ({ time, account, address, worked }) =>
      make(LOGINS, {
        class: 'authentication',
        activity_id: 1,
        time,
        status_id: worked ? 1 : 2,
        actor: { user: { uid: account } },
        src_endpoint: { ip: address },
      }),
    web: ({ time, address, path, code, bytes = 2000, agent = 'Mozilla/5.0 Firefox/146.0' }) =>
      make(WEB, {
        class: 'http',
        time,
        status_id: code < 400 ? 1 : 2,
        src_endpoint: { ip: address },
        http_request: { http_method: 'GET', url: { path }, user_agent: agent },
        http_response: { code, length: bytes },
      }),
    flow: ({ time, from, to, port, protocol = 'tcp', out = 500, back = 900, worked = true }) =>
      make(WIRE, {
        class: 'network',
        time,
        status_id: worked ? 1 : 2,
        src_endpoint: { ip: from, port: 40_000 },
        dst_endpoint: { ip: to, port },
        connection_info: {
          protocol_name: protocol,
          direction_id: 0,
          ...(protocol === 'tcp' ? { tcp_flags: worked ? 0x1b : 0x02 } : {}),
        },
        traffic: { bytes_out: worked ? out : 60, bytes_in: worked ? back : 0 },
      }),
    dns: ({ time, from, hostname, type = 'A', rcode = 'NOERROR' }) =>
      make(WIRE, { class: 'dns', time, src_endpoint: { ip: from }, query: { hostname, type }, rcode }),
  };
}
