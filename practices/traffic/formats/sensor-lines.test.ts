/** What Suricata, Zeek and the cloud say of traffic. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TrafficEvent } from '../event.ts';
import { accessLog } from './access-log.ts';
import { lineFormat } from './recognise.ts';
import { vpcFlowLog } from './vpc-flow.ts';
import { all, only, COMBINED_LINE, EVE, eve } from './testing-lines.ts';

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
