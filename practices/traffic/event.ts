/**
 * What every sensor makes of what it saw: one event, in the words of OCSF 1.6 (https://schema.ocsf.io), of which only what
 * detections and people look at is here. Times are milliseconds since 1970, sizes are bytes.
 *
 * INVARIANT: an event of the system's own requests carries no value of a customer's: its path is the route's pattern.
 * Events of foreign sensors can (an address in a query string): they are stored sealed, and leave only to people.
 */

/** OCSF class_uid. */
export const CLASSES = {
  /** Detection Finding: what another tool has already judged, as a Suricata alert. */
  finding: 2004,
  authentication: 3002,
  /** Network Activity: a flow, a connection, a TLS hello. */
  network: 4001,
  http: 4002,
  dns: 4003,
  /** API Activity: one of the system's own requests. */
  api: 6003,
} as const;
export type ClassName = keyof typeof CLASSES;
export type ClassUid = (typeof CLASSES)[ClassName];

export type Endpoint = Readonly<{
  ip?: string;
  port?: number;
  hostname?: string;
  /** ISO 3166-1 alpha-2. */
  location?: Readonly<{ country: string }>;
}>;

export type TrafficEvent = Readonly<{
  class_uid: ClassUid;
  /** Of the class's own list (HTTP Activity: 3 is Get; Authentication: 1 is Logon); 0 where the sensor does not say. */
  activity_id: number;
  /** When it was, by the sensor's clock. */
  time: number;
  /** 1 informational … 5 critical: what the source says, not what we make of it. */
  severity_id: number;
  /** 1 success, 2 failure. */
  status_id?: 1 | 2;
  status_code?: string;
  metadata: Readonly<{
    /** The same for the same line read twice: what is read again after a restart is stored once. */
    uid: string;
    /** Of the sensor, as it is named in this installation. */
    log_name: string;
    product: Readonly<{ name: string; vendor_name?: string }>;
    version: '1.6.0';
    /** When it came in, by our clock. */
    logged_time: number;
  }>;
  src_endpoint?: Endpoint;
  dst_endpoint?: Endpoint;
  /** Who did it: `key_…`, `person_…` of this system; a name where a foreign log has one. */
  actor?: Readonly<{ user?: Readonly<{ uid: string; type?: string }>; session?: Readonly<{ uid: string }> }>;
  http_request?: Readonly<{
    http_method: string;
    url: Readonly<{ path: string; query_string?: string; hostname?: string }>;
    user_agent?: string;
    referrer?: string;
    version?: string;
    length?: number;
  }>;
  http_response?: Readonly<{ code: number; length?: number; /** Milliseconds. */ latency?: number }>;
  api?: Readonly<{ operation: string; request?: Readonly<{ uid: string }> }>;
  connection_info?: Readonly<{
    /** `tcp`, `udp`, `icmp`. */
    protocol_name: string;
    /** 1 inbound, 2 outbound, 3 lateral; 0 unknown. */
    direction_id?: 0 | 1 | 2 | 3;
    /** All flags seen, or-ed (RFC 9293 §3.1). */
    tcp_flags?: number;
    session?: Readonly<{ uid: string }>;
  }>;
  traffic?: Readonly<{ bytes_in?: number; bytes_out?: number; packets_in?: number; packets_out?: number }>;
  /** Of a flow: from `time` on, in milliseconds. */
  duration?: number;
  query?: Readonly<{ hostname: string; type?: string }>;
  /** RFC 1035 §4.1.1, as text: NOERROR, NXDOMAIN. */
  rcode?: string;
  answers?: readonly Readonly<{ rdata: string; type?: string }>[];
  tls?: Readonly<{ version?: string; sni?: string; ja4?: string; cipher?: string; alpn?: readonly string[] }>;
  finding_info?: Readonly<{ uid: string; title: string; types?: readonly string[] }>;
  /** What only this system knows of one of its own requests (an OCSF extension). */
  strongroom?: Readonly<{
    /** Audit action, as `vault.read`. */
    action?: string;
    role?: string;
    purpose?: string;
    classes?: readonly string[];
    /** How many different customers it touched. */
    subjects?: number;
    /** How many of them were planted. */
    honey?: number;
    /** The first of the policies that refused it. */
    refused_by?: string;
    /** Problem code of a refusal. */
    code?: string;
  }>;
  /** What the source said and OCSF has no place for; field names are the source's own, flat. */
  unmapped?: Readonly<Record<string, string | number | boolean>>;
}>;

/** Fields that a source fills; what is always the same is put in by `eventOf`. */
export type Observed = Omit<TrafficEvent, 'class_uid' | 'metadata' | 'activity_id' | 'severity_id'> &
  Readonly<{ class: ClassName; uid: string; activity_id?: number; severity_id?: number }>;

export type Source = Readonly<{ log_name: string; product: string; vendor?: string }>;

export function eventOf({ log_name, product, vendor }: Source, observed: Observed, loggedTime: number): TrafficEvent {
  const { class: name, uid, activity_id = 0, severity_id = 1, ...rest } = observed;
  return {
    class_uid: CLASSES[name],
    activity_id,
    severity_id,
    ...rest,
    metadata: {
      uid,
      log_name,
      product: { name: product, ...(vendor === undefined ? {} : { vendor_name: vendor }) },
      version: '1.6.0',
      logged_time: loggedTime,
    },
  };
}
