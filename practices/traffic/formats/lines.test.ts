import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { TrafficEvent } from '../event.ts';
import { accessLog, CLF, COMBINED } from './access-log.ts';
import { readLines, type LineFormat, type LineParser } from './lines.ts';
import { FORMATS, lineFormat, recognise } from './recognise.ts';
import { isPlain } from './text.ts';
import { vpcFlowLog } from './vpc-flow.ts';

const NOW = Date.UTC(2026, 10, 26, 14);
const LINE_FORMATS = FORMATS.filter((each) => each !== 'pcap' && each !== 'pcapng');

const parser = (format: LineFormat, options = {}): LineParser =>
  readLines(format, { logName: 'test', clock: () => NOW }, options);

function all(format: LineFormat, text: string | Buffer): TrafficEvent[] {
  const one = parser(format);
  return [...one.feed(Buffer.from(text)), ...one.end()];
}

const only = (format: LineFormat, text: string): TrafficEvent => {
  const events = all(format, text);
  assert.equal(events.length, 1, text);
  return events[0] as TrafficEvent;
};

const REQUEST = '203.0.113.9 - - [26/Nov/2026:13:00:00 +0100] "GET /a?b=c HTTP/1.1" 404 153';
const COMBINED_LINE = `${REQUEST} "https://example.org/" "curl/8.5"`;
const EVE = {
  timestamp: '2026-11-26T13:00:00.123456+0100',
  flow_id: 123,
  event_type: 'alert',
  src_ip: '203.0.113.9',
  src_port: 50096,
  dest_ip: '2001:DB8:0:0::1',
  dest_port: 80,
  proto: 'TCP',
  alert: {
    action: 'allowed',
    gid: 1,
    signature_id: 2_018_358,
    rev: 10,
    signature: 'ET HUNTING something',
    category: 'Potentially Bad Traffic',
    severity: 2,
    metadata: { mitre_technique_id: ['T1071'] },
  },
};
const eve = (fields: object): string => JSON.stringify({ ...EVE, ...fields });

test('a line of CLF and of COMBINED is one HTTP event', () => {
  const clf = only(accessLog(), REQUEST);
  const combined = only(accessLog(), `${COMBINED_LINE}\n`);

  assert.equal(clf.time, Date.UTC(2026, 10, 26, 12));
  assert.deepEqual(clf.http_request, {
    http_method: 'GET',
    url: { path: '/a', query_string: 'b=c' },
    version: '1.1',
  });
  assert.deepEqual([clf.class_uid, clf.activity_id, clf.status_id], [4002, 3, 2]);
  assert.deepEqual(clf.src_endpoint, { ip: '203.0.113.9' });
  assert.deepEqual(clf.http_response, { code: 404, length: 153 });
  assert.equal(combined.http_request?.user_agent, 'curl/8.5');
  assert.equal(combined.http_request?.referrer, 'https://example.org/');
  assert.deepEqual(combined.metadata.log_name, 'test');
  assert.equal(combined.metadata.logged_time, NOW);
});

test('a log_format of nginx is declared as nginx writes it', () => {
  const format = accessLog(
    '$remote_addr:$remote_port|$host|$request_method|$request_uri|$status|$request_time|$ssl_protocol|$msec',
  );

  const event = only(format, '2001:db8:0:0::9:443|shop.example|POST|/login?x=1|200|0.042|TLSv1.3|1795700000.123');

  assert.equal(event.time, 1_795_700_000_123);
  assert.deepEqual(event.http_request?.url, { path: '/login', query_string: 'x=1', hostname: 'shop.example' });
  assert.equal(event.http_response?.latency, 42);
  assert.deepEqual(event.tls, { version: 'TLSv1.3' });
  assert.throws(() => accessLog('$remote_addr$status'), /touch/);
  assert.throws(() => accessLog('nothing'), /no variable/);
});

test('quotes that Apache and nginx escaped end no value, and what is appended to COMBINED is left alone', () => {
  const format = accessLog();

  const apache = only(format, `${REQUEST} "-" "a \\"quoted\\" agent \\\\" 0.004 extra`);
  const nginx = only(format, `${REQUEST} "-" "a \\x22quoted\\x22"`);

  assert.equal(apache.http_request?.user_agent, 'a \\"quoted\\" agent \\\\');
  assert.equal(nginx.http_request?.user_agent, 'a \\x22quoted\\x22');
  assert.equal(nginx.http_request?.referrer, undefined);
});

test('a name with brackets in it moves neither the time nor the request', () => {
  const event = only(
    accessLog(),
    '203.0.113.9 - x [01/Jan/2000:00:00:00 +0000 [26/Nov/2026:13:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
  );

  assert.equal(event.time, Date.UTC(2026, 10, 26, 13));
  assert.equal(event.actor?.user?.uid, 'x [01/Jan/2000:00:00:00 +0000');
});

test('bytes that are no request are kept as what they are', () => {
  const line = '203.0.113.9 - - [26/Nov/2026:13:00:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"';

  const event = only(accessLog(), line);

  assert.equal(event.http_request?.http_method, 'UNKNOWN');
  assert.equal(event.unmapped?.request, '\\x16\\x03\\x01');
});

test('a line read twice has one uid; the same words elsewhere in the log have another', () => {
  const twice = `${REQUEST}\n${REQUEST}\n`;

  const first = all(accessLog(), twice).map(({ metadata }) => metadata.uid);
  const again = all(accessLog(), twice).map(({ metadata }) => metadata.uid);
  const resumed = parser(accessLog(), { position: REQUEST.length + 1 }).feed(Buffer.from(`${REQUEST}\n`));

  assert.deepEqual(first, again);
  assert.notEqual(first[0], first[1]);
  assert.equal(resumed[0]?.metadata.uid, first[1]);
});

test('however the bytes are cut into pieces, the events are the same', () => {
  const text = Buffer.from(`${COMBINED_LINE}\r\nnot a line ä\n\n${REQUEST} "-" "käse"\nunfinished`);
  const whole = all(accessLog(), text);

  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
      const one = parser(accessLog());
      const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
      const events = edges.slice(1).flatMap((to, at) => one.feed(text.subarray(edges[at], to)));
      assert.deepEqual([...events, ...one.end()], whole);
    }),
  );
});

test('a line of a megabyte is cut, counted, held in bounds, and the next one is read', () => {
  const one = parser(accessLog(), { mostLineBytes: 4096 });
  const long = `203.0.113.9 - - [26/Nov/2026:13:00:00 +0000] "GET /${'a'.repeat(1_000_000)} HTTP/1.1" 200 5\n`;

  const events = [...one.feed(Buffer.from(long.slice(0, 500_000))), ...one.feed(Buffer.from(long.slice(500_000)))];
  const pending = one.pendingBytes();
  const next = one.feed(Buffer.from(`${REQUEST}\n`));

  assert.equal(one.counts().cut, 1);
  // who makes a line too long does not hide with it
  assert.equal(events[0]?.src_endpoint?.ip, '203.0.113.9');
  assert.equal(events[0]?.http_request?.url.path.length, 2048);
  assert.equal(pending, 0);
  assert.equal(next.length, 1);
  assert.equal(all(lineFormat('eve'), `{"event_type":"${'x'.repeat(300_000)}`).length, 0);
});

test('an alert of Suricata is a finding, with addresses in one spelling', () => {
  const event = only(lineFormat('eve'), eve({}));

  assert.equal(event.class_uid, 2004);
  assert.equal(event.time, Date.UTC(2026, 10, 26, 12, 0, 0, 123));
  assert.deepEqual(event.finding_info, {
    uid: '1:2018358:10',
    title: 'ET HUNTING something',
    types: ['Potentially Bad Traffic'],
  });
  assert.equal(event.severity_id, 3);
  assert.equal(event.dst_endpoint?.ip, '2001:db8::1');
  assert.equal(event.unmapped?.['alert.mitre_technique_id'], 'T1071');
  assert.equal(event.connection_info?.session?.uid, '123');
});

test('flow, dns, http, tls and anomaly of Suricata; others are ignored', () => {
  const flow = only(
    lineFormat('eve'),
    eve({
      event_type: 'flow',
      flow: {
        pkts_toserver: 4,
        pkts_toclient: 3,
        bytes_toserver: 400,
        bytes_toclient: 300,
        start: '2026-11-26T12:59:00.000000+0100',
        end: '2026-11-26T12:59:30.500000+0100',
        state: 'closed',
      },
      tcp: { tcp_flags: '1b' },
    }),
  );
  const dns = only(
    lineFormat('eve'),
    eve({
      event_type: 'dns',
      src_port: 53,
      dest_port: 4444,
      dns: {
        version: 2,
        type: 'answer',
        rrname: 'example.org',
        rrtype: 'A',
        rcode: 'NOERROR',
        answers: [{ rrname: 'example.org', rrtype: 'A', ttl: 3, rdata: '192.0.2.7' }],
      },
    }),
  );
  const http = only(
    lineFormat('eve'),
    eve({ event_type: 'http', http: { hostname: 'h', url: '/x?y', http_method: 'POST', status: 500, length: 7 } }),
  );
  const tls = only(
    lineFormat('eve'),
    eve({ event_type: 'tls', tls: { sni: 'a.example', version: 'TLS 1.3', ja4: 't' } }),
  );
  const anomaly = only(
    lineFormat('eve'),
    eve({ event_type: 'anomaly', anomaly: { type: 'decode', event: 'decoder.x' } }),
  );

  assert.deepEqual(flow.traffic, { bytes_out: 400, bytes_in: 300, packets_out: 4, packets_in: 3 });
  assert.equal(flow.duration, 30_500);
  assert.equal(flow.connection_info?.tcp_flags, 0x1b);
  assert.deepEqual(dns.answers, [{ rdata: '192.0.2.7', type: 'A' }]);
  assert.equal(dns.dst_endpoint?.port, 53);
  assert.equal(dns.activity_id, 2);
  assert.deepEqual(http.http_request?.url, { path: '/x', query_string: 'y', hostname: 'h' });
  assert.equal(http.status_id, 2);
  assert.deepEqual(tls.tls, { version: 'TLS 1.3', sni: 'a.example', ja4: 't' });
  assert.equal(anomaly.finding_info?.title, 'decoder.x');
  assert.deepEqual(all(lineFormat('eve'), eve({ event_type: 'stats' })), []);
});

test('what stands in the place of an address is one, in the spelling that PostgreSQL takes, or a name', () => {
  const ends = (address: string) =>
    [
      only(lineFormat('zeek'), JSON.stringify({ ts: 1, conn_state: 'SF', 'id.orig_h': address })),
      only(lineFormat('eve'), JSON.stringify({ ...EVE, src_ip: address })),
      ...all(accessLog(), COMBINED_LINE.replace('203.0.113.9', address)),
      ...all(lineFormat('syslog'), `Nov 26 13:00:00 h sshd[1]: Failed password for a from ${address} port 1 ssh2`),
    ].map(({ src_endpoint: from }) => from?.ip);

  for (const [address, ip] of [
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
  ] as const)
    assert.deepEqual(ends(address), [ip, ip, ip, ip], address);
  for (const junk of [
    '192.0.2.01',
    '192.0.2.1/8',
    '[::1]:80',
    '192.0.2.1:80',
    '1.2.3',
    '0x7f.1',
    ':::',
    '::1::',
    '%',
    '-',
  ])
    assert.deepEqual([...new Set(ends(junk))], [undefined], junk);
});

test('conn, dns, http, ssl and notice of Zeek, told by _path or by their fields', () => {
  const ids = { 'id.orig_h': '10.0.0.5', 'id.orig_p': 5353, 'id.resp_h': '192.0.2.1', 'id.resp_p': 53 };
  const zeek = (fields: object): TrafficEvent =>
    only(lineFormat('zeek'), JSON.stringify({ ts: 1_795_700_000.25, uid: 'CabC', ...ids, ...fields }));

  const conn = zeek({
    proto: 'tcp',
    conn_state: 'REJ',
    duration: 0.5,
    orig_ip_bytes: 60,
    resp_ip_bytes: 40,
    local_orig: true,
    local_resp: false,
  });
  const dns = zeek({ _path: 'dns', proto: 'udp', query: 'x.example', qtype_name: 'TXT', rcode_name: 'NXDOMAIN' });
  const http = zeek({ trans_depth: 1, method: 'GET', host: 'h.example', uri: '/?q', status_code: 200 });
  const ssl = zeek({ server_name: 's.example', established: true, next_protocol: 'h2' });
  const notice = zeek({ note: 'Scan::Port_Scan', msg: '10.0.0.5 scanned', src: '10.0.0.5' });

  assert.equal(conn.time, 1_795_700_000_250);
  assert.deepEqual([conn.activity_id, conn.status_id, conn.duration], [5, 2, 500]);
  // 1e308 s in milliseconds is no number that anything can hold
  assert.equal(zeek({ conn_state: 'SF', duration: 1e308 }).duration, undefined);
  assert.equal(conn.connection_info?.direction_id, 2);
  assert.deepEqual([dns.rcode, dns.query], ['NXDOMAIN', { hostname: 'x.example', type: 'TXT' }]);
  assert.equal(http.http_request?.url.hostname, 'h.example');
  assert.deepEqual(ssl.tls, { sni: 's.example', alpn: ['h2'] });
  assert.equal(notice.finding_info?.uid, 'Scan::Port_Scan');
  assert.deepEqual(all(lineFormat('zeek'), '{"ts":1,"_path":"weird"}'), []);
});

test('VPC flow logs: the default, a header of its own, REJECT, NODATA and SKIPDATA', () => {
  const two = '2 123456789012 eni-1 203.0.113.9 10.0.0.4 4444 22 6 20 4249 1418530010 1418530070 REJECT OK';
  const five = `version vpc-id srcaddr dstaddr protocol flow-direction tcp-flags bytes start end log-status
5 vpc-1 10.0.0.4 203.0.113.9 17 egress 0 99 1418530010 1418530070 OK`;

  const refused = only(lineFormat('vpc-flow'), two);
  const egress = only(lineFormat('vpc-flow'), five);
  const skipped = only(vpcFlowLog(), '2 123456789012 eni-1 - - - - - - - 1418530010 1418530070 - SKIPDATA');

  assert.deepEqual([refused.activity_id, refused.status_id, refused.duration], [5, 2, 60_000]);
  assert.deepEqual(refused.traffic, { bytes_out: 4249, packets_out: 20 });
  assert.equal(egress.connection_info?.direction_id, 2);
  assert.equal(egress.connection_info?.protocol_name, 'udp');
  assert.equal(skipped.class_uid, 2004);
  assert.deepEqual(all(vpcFlowLog(), '2 123456789012 eni-1 - - - - - - - 1418530010 1418530070 - NODATA'), []);
});

test('a time that no source can mean stays; what nothing can hold is bent, and the time it came in is ours', () => {
  const old = only(lineFormat('eve'), eve({ timestamp: '0001-01-01T00:00:00.000000+0000' }));
  const far = only(lineFormat('zeek'), '{"ts":1e300,"note":"x"}');
  const future = only(lineFormat('eve'), eve({ timestamp: '2999-01-01T00:00:00.000000+0000' }));

  assert.equal(old.time, 0);
  assert.equal(new Date(far.time).getUTCFullYear(), 9999);
  assert.equal(future.time, Date.UTC(2999, 0, 1));
  assert.equal(future.metadata.logged_time, NOW);
});

test('no escape sequence, NUL, override or half a character reaches an event or what is kept aside', () => {
  const nasty = '\u001b[2J\u0000\u202egpj\u009b31m\ud800';
  const lines: [LineFormat, string][] = [
    [lineFormat('eve'), eve({ alert: { ...EVE.alert, signature: nasty, category: nasty }, app_proto: nasty })],
    [lineFormat('zeek'), JSON.stringify({ ts: 1, note: nasty, msg: nasty, src: nasty, sub: nasty })],
    [
      accessLog(),
      `${nasty.replace(' ', '')} - ${nasty} [26/Nov/2026:13:00:00 +0000] "GET /${nasty} HTTP/1.1" 200 5 "${nasty}" "${nasty}"`,
    ],
    [
      lineFormat('syslog'),
      `Nov 26 13:00:00 ${nasty} sshd[1]: Failed password for ${nasty} from 203.0.113.9 port 2 ssh2`,
    ],
    [lineFormat('vpc-flow'), `2 1 ${nasty} 203.0.113.9 10.0.0.4 4444 22 6 20 4249 1 2 ${nasty} OK`],
  ];

  for (const [format, line] of lines) {
    assertPlain(only(format, line));
    const one = parser(format);
    one.feed(Buffer.from(`${nasty} is no line\n`));
    assert.equal(one.counts().malformed, 1, format.product);
    assertPlain(one.aside());
  }
});

function assertPlain(value: unknown): void {
  if (typeof value === 'string') assert.ok(isPlain(value), JSON.stringify(value));
  else if (typeof value === 'object' && value !== null)
    [...Object.keys(value), ...Object.values(value)].forEach(assertPlain);
}

test('any bytes: nothing is thrown, every event is plain, what is held is bounded', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    fc
      .constantFrom(REQUEST, COMBINED_LINE, eve({}), '<34>1 2026-11-26T13:00:00Z h sshd 1 - - ')
      .map((text) => Buffer.from(text)),
    fc
      .json()
      .map((json) =>
        Buffer.from(`{"event_type":"alert","timestamp":${json},"alert":${json},"ts":${json},"note":${json}}`),
      ),
    fc.constant(Buffer.from('\n')),
  );
  fc.assert(
    fc.property(fc.constantFrom(...LINE_FORMATS), fc.array(piece, { maxLength: 12 }), (name, pieces) => {
      const one = parser(lineFormat(name), { mostLineBytes: 512 });
      const events = pieces.flatMap((each) => one.feed(each));
      assertPlain([...events, ...one.end(), ...one.aside()]);
      for (const { time } of events) assert.ok(Number.isSafeInteger(time) && time >= 0);
      assert.ok(one.aside().length <= 20);
    }),
    { numRuns: 300 },
  );
});

test('each format is known by what it begins with, one damaged line or not', () => {
  const beginnings = {
    eve: eve({}),
    zeek: '{"ts":1,"uid":"C","conn_state":"SF"}',
    'access-log': COMBINED_LINE,
    syslog: 'Nov 26 13:00:00 host sshd[1]: Connection from 1.2.3.4',
    'vpc-flow': '2 123456789012 eni-1 203.0.113.9 10.0.0.4 4444 22 6 20 4249 1418530010 1418530070 REJECT OK',
  };

  for (const [name, line] of Object.entries(beginnings)) {
    assert.equal(recognise(Buffer.from(`${line}\n${line}`)), name);
    assert.equal(recognise(Buffer.from(`\u0000damaged\n${line}\n`)), name);
  }
  assert.equal(recognise(Buffer.from('version account-id srcaddr dstaddr\n')), 'vpc-flow');
  assert.equal(recognise(Buffer.from('d4c3b2a1', 'hex')), 'pcap');
  assert.equal(recognise(Buffer.from('0a0d0d0a', 'hex')), 'pcapng');
  assert.equal(recognise(Buffer.from('hello')), null);
  assert.equal(recognise(Buffer.alloc(0)), null);
  assert.equal(all(accessLog(CLF), REQUEST).length, all(accessLog(COMBINED), REQUEST).length);
});

test('whoever calls themselves like an id of this system is not taken for it', () => {
  const id = '01kb0000000000000000000000';
  for (const name of [`key_${id}`, `per_${id}`, `PER_${id}`, `wkl_${id}`])
    assert.equal(only(accessLog(), REQUEST.replace('- - [', `- ${name} [`)).actor?.user?.uid, `foreign:${name}`);
  assert.equal(only(accessLog(), REQUEST.replace('- - [', '- keyboard [')).actor?.user?.uid, 'keyboard');
});
