import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { plainAddress } from '#platform/networks';

import type { TrafficEvent } from '../event.ts';
import { addressText } from './addresses.ts';
import { readDns } from './dns.ts';
import { readHello } from './hello.ts';
import { ja4Of } from './ja4.ts';
import { readWire, type WireParser } from './wire.ts';
import {
  answer,
  clientHello,
  dns,
  ethernet,
  extension,
  ipv4,
  ipv6,
  labels,
  pcap,
  pcapng,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
  type Sent,
  type Timed,
} from './written-packets.ts';

const NOW = Date.UTC(2026, 10, 26, 14);
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

const wire = (limits = {}): WireParser => readWire({ logName: 'wire', clock: () => NOW }, limits);

function all(bytes: Buffer, parser = wire()): TrafficEvent[] {
  return [...parser.feed(bytes), ...parser.end()];
}

/** A side's answer: ports and addresses turned round. */
const back = ({ from = '10.0.0.1', to = '192.0.2.1', fromPort = 40_000, toPort = 80, ...rest }: Sent): Buffer =>
  tcpFrame({ ...rest, from: to, to: from, fromPort: toPort, toPort: fromPort });

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/8\r\n\r\n';

const CONNECTION: readonly Timed[] = [
  [NOW, tcpFrame({ flags: SYN, sequence: 100 })],
  [NOW + 1, back({ flags: SYN | ACK })],
  [NOW + 2, tcpFrame({ flags: ACK, sequence: 101 })],
  [NOW + 3, tcpFrame({ sequence: 101, payload: GET })],
  [NOW + 40, back({ payload: 'HTTP/1.1 200 OK\r\n\r\n' })],
  [NOW + 41, back({ flags: FIN | ACK })],
  [NOW + 42, tcpFrame({ flags: FIN | ACK })],
  [NOW + 43, back({ flags: ACK })],
];

test('a connection is one flow with both directions, and its request an HTTP event', () => {
  const [http, flow, ...others] = all(pcap(CONNECTION));

  assert.deepEqual(others, []);
  assert.deepEqual(flow?.src_endpoint, { ip: '10.0.0.1', port: 40_000 });
  assert.deepEqual(flow?.dst_endpoint, { ip: '192.0.2.1', port: 80 });
  assert.deepEqual([flow?.class_uid, flow?.activity_id, flow?.time, flow?.duration], [4001, 2, NOW, 43]);
  assert.deepEqual(flow?.traffic, {
    bytes_out: 40 * 4 + GET.length,
    bytes_in: 40 * 4 + 19,
    packets_out: 4,
    packets_in: 4,
  });
  assert.equal(flow?.connection_info?.tcp_flags, FIN | SYN | ACK | 8);
  assert.deepEqual(http?.http_request, {
    http_method: 'GET',
    url: { path: '/a', query_string: 'b=c', hostname: 'shop.example' },
    user_agent: 'curl/8',
    version: '1.1',
  });
  assert.equal(http?.activity_id, 3);
});

test('each container, byte order and clock gives the same events', () => {
  const want = all(pcap(CONNECTION));

  for (const file of [
    pcap(CONNECTION, { big: true }),
    pcap(CONNECTION, { nano: true }),
    pcap(CONNECTION, { nano: true, big: true }),
    pcapng(CONNECTION),
    pcapng(CONNECTION, { big: true }),
    Buffer.concat([pcapng(CONNECTION.slice(0, 4)), pcapng(CONNECTION.slice(4), { big: true })]),
  ])
    assert.deepEqual(all(file), want);
});

test('each link type is read, with VLAN tags or without', () => {
  const packet = ipv4(6, tcp({ flags: SYN }));
  const sll = Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), packet]);
  const sll2 = Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), packet]);
  const want = all(pcap([[NOW, ethernet(packet)]]));

  const read = (linkType: number, frame: Buffer) => all(pcap([[NOW, frame]], { linkType }));

  assert.equal(want.length, 1);
  assert.deepEqual(read(1, ethernet(packet, 0x0800, [0x8100])), want);
  assert.deepEqual(read(1, ethernet(packet, 0x0800, [0x88a8, 0x8100])), want);
  assert.deepEqual(read(113, sll), want);
  assert.deepEqual(read(276, sll2), want);
  for (const raw of [101, 12, 228]) assert.deepEqual(read(raw, packet), want);
  for (const loopback of [0, 108])
    assert.deepEqual(read(loopback, Buffer.concat([Buffer.from([2, 0, 0, 0]), packet])), want);
});

test('IPv6 is read through its extension headers, and written in its shortest form', () => {
  const fragment = Buffer.concat([Buffer.from([17, 0, 0, 1]), Buffer.alloc(4)]);
  const chain = Buffer.concat([extension(43), extension(60, 3), extension(44), fragment, udp({ toPort: 9999 })]);

  const [flow] = all(pcap([[NOW, ethernet(ipv6(0, chain), 0x86dd)]]));

  assert.deepEqual(flow?.src_endpoint, { ip: '2001:db8::1', port: 40_000 });
  assert.equal(flow?.connection_info?.protocol_name, 'udp');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 }), (groups) => {
      const characters = groups.map((group) => String.fromCharCode(group >> 8, group & 255)).join('');
      const written = groups.map((group) => group.toString(16)).join(':');
      assert.equal(addressText(characters, 0, 16), plainAddress(written));
    }),
  );
});

test('fragments behind the first, ARP and cut packets are counted, and make no event', () => {
  const parser = wire();
  const later = ethernet(ipv4(17, Buffer.alloc(100), {}, 185));
  const first = ethernet(ipv4(17, udp({ toPort: 99 }), {}, 0x2000));

  const events = all(
    pcap([
      [NOW, later],
      [NOW, first],
      [NOW, ethernet(Buffer.alloc(28), 0x0806)],
      [NOW, tcpFrame({}).subarray(0, 36)],
    ]),
    parser,
  );

  assert.equal(events.length, 1);
  const { fragments, notIp, truncated, packets } = parser.counts();
  assert.deepEqual([fragments, notIp, truncated, packets], [1, 1, 1, 4]);
});

test('nobody answers, somebody refuses, a half-open scan, a reset', () => {
  const activity = (...frames: Buffer[]) => {
    const flow = all(pcap(frames.map((frame, at) => [NOW + at, frame])))[0];
    return [flow?.activity_id, flow?.status_id, flow?.src_endpoint?.port];
  };
  const syn = tcpFrame({ flags: SYN });

  assert.deepEqual(activity(syn, syn), [4, 2, 40_000]);
  assert.deepEqual(activity(syn, back({ flags: RST | ACK })), [5, 2, 40_000]);
  assert.deepEqual(activity(syn, back({ flags: SYN | ACK }), tcpFrame({ flags: RST })), [3, undefined, 40_000]);
  // the capture began in the middle
  assert.deepEqual(activity(back({ flags: SYN | ACK }), tcpFrame({ flags: ACK })), [6, undefined, 40_000]);
  assert.deepEqual(activity(back({ flags: ACK }), tcpFrame({ flags: ACK })), [6, undefined, 40_000]);
});

test('a long flow is told in parts whose bytes add up; a quiet one ends; ports used again are a new flow', () => {
  const parser = wire({ intervalMs: 60_000, tcpIdleMs: 300_000 });
  const minutes = Array.from({ length: 10 }, (_, at): Timed => [
    NOW + at * 30_000,
    tcpFrame({ payload: 'x'.repeat(60) }),
  ]);

  const during = parser.feed(pcap(minutes));
  const quiet = parser.tick(NOW + 3_600_000);

  const told = [...during, ...quiet];
  assert.equal(
    told.reduce((sum, { traffic }) => sum + (traffic?.bytes_out ?? 0), 0),
    1000,
  );
  assert.deepEqual(
    told.map(({ unmapped }) => unmapped?.why),
    ['interval', 'interval', 'interval', 'idle'],
  );
  assert.equal(new Set(told.map(({ metadata }) => metadata.uid)).size, 4);
  assert.equal(parser.held().flows, 0);
  const again = all(pcap([...CONNECTION, ...CONNECTION.map(([time, frame]): Timed => [time + 100, frame])]));
  assert.equal(again.filter(({ class_uid }) => class_uid === 4001).length, 2);
});

test('a flood of new flows is held in bounds, and each is told', () => {
  const parser = wire({ mostFlows: 100 });
  const frames = Array.from({ length: 3000 }, (_, at): Timed => [
    NOW,
    tcpFrame({ flags: SYN, from: `10.1.${at >> 8}.${at & 255}` }),
  ]);

  const events = parser.feed(pcap(frames));

  assert.equal(parser.held().flows, 100);
  assert.equal(events.length, 2900);
  assert.equal(parser.counts().flowsFull, 2900);
  assert.equal(new Set(events.map(({ metadata }) => metadata.uid)).size, 2900);
});

test('DNS questions and answers over UDP and TCP, in the words of who asked', () => {
  const address = answer(1, Buffer.from([192, 0, 2, 7]));
  const alias = answer(5, Buffer.concat([Buffer.from([3]), Buffer.from('www'), Buffer.from([0xc0, 12])]));
  const text = answer(16, Buffer.from('\x02hi\x03all'));
  const response = dns('Shop.EXAMPLE', { answers: [alias, address, text] });
  const length = Buffer.from([response.length >> 8, response.length & 255]);
  const events = all(
    pcap([
      [NOW, udpFrame({ payload: dns('Shop.EXAMPLE') })],
      [
        NOW + 1,
        ethernet(
          ipv4(17, udp({ fromPort: 53, toPort: 40_000, payload: response }), { from: '192.0.2.1', to: '10.0.0.1' }),
        ),
      ],
      [NOW + 2, back({ toPort: 53, flags: 0x18, payload: Buffer.concat([length, response]) })],
      [NOW + 3, udpFrame({ payload: dns('no.example', { isResponse: true, rcode: 3 }) })],
    ]),
  ).filter(({ class_uid }) => class_uid === 4003);

  const [question, answered, overTcp, nothing] = events;
  assert.deepEqual(question?.query, { hostname: 'shop.example', type: 'A' });
  assert.deepEqual([question?.activity_id, answered?.activity_id, answered?.rcode], [1, 2, 'NOERROR']);
  assert.deepEqual(answered?.src_endpoint, question?.src_endpoint);
  assert.deepEqual(answered?.answers, [
    { type: 'CNAME', rdata: 'www.shop.example' },
    { type: 'A', rdata: '192.0.2.7' },
    { type: 'TXT', rdata: 'hiall' },
  ]);
  assert.deepEqual(overTcp?.answers, answered?.answers);
  assert.deepEqual([nothing?.rcode, nothing?.status_id], ['NXDOMAIN', 2]);
});

test('names that point at themselves, forwards, or on and on are refused', () => {
  const header = dns('a').subarray(0, 12);
  const message = (...name: number[]) => Buffer.concat([header, Buffer.from([...name, 0, 1, 0, 1])]);

  assert.equal(readDns(message(0xc0, 12), 0, 18), null);
  assert.equal(readDns(message(0xc0, 14, 0xc0, 12), 0, 20), null);
  assert.equal(readDns(message(0xc0, 200), 0, 18), null);
  // forwards to what would be a name, as its question's name and as an answer's
  const ahead = Buffer.concat([message(0xc0, 18).subarray(0, 14), Buffer.from([0, 1, 0, 1, 1, 97, 0])]);
  assert.equal(readDns(ahead, 0, ahead.length), null);
  const record = Buffer.concat([Buffer.from([0xc0, 31, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1]), labels('b')]);
  const answered = dns('a', { answers: [record] });
  assert.deepEqual(readDns(answered, 0, answered.length)?.answers, []);
  assert.equal(readDns(message(64), 0, 17), null);
  const long = Buffer.concat([header, labels(Array(50).fill('abcdef').join('.')), Buffer.from([0, 1, 0, 1])]);
  assert.equal(readDns(long, 0, long.length), null);
  const strange = Buffer.concat([header, labels('a\u0000b'), Buffer.from([0, 1, 0, 1])]);
  assert.equal(readDns(strange, 0, strange.length)?.hostname, 'a\\000b');
});

// published: FoxIO's specification, and a fingerprint in its raw form that a public service gave of a browser
const SPEC = {
  ciphers: [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
    0x0035,
  ],
  extensions: [
    0x001b, 0, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a,
    0x0015,
  ],
  signatures: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  versions: [0x7a7a, 0x0304, 0x0303],
  alpn: ['h2', 'http/1.1'],
};

function fingerprint(record: Buffer): string {
  const hello = readHello(record, 0, record.length);
  assert.ok(hello !== null && hello !== 'more');
  return ja4Of(hello);
}

test('JA4 is what the specification says, GREASE left out', () => {
  const browser = {
    ...SPEC,
    ciphers: [0xdada, ...SPEC.ciphers],
    extensions: [
      0x3a3a, 0x002d, 0x0033, 0x0010, 0xfe0d, 0x0017, 0x44cd, 0, 0x000b, 0x000a, 0x002b, 0xff01, 0x0023, 0x0012, 0x0005,
      0x000d, 0x001b,
    ],
  };

  assert.equal(fingerprint(clientHello(SPEC)), 't13d1516h2_8daaf6152771_e5627efa2ab1');
  assert.equal(fingerprint(clientHello(browser)), 't13d1516h2_8daaf6152771_d8a2da3f94cd');
  const bare = fingerprint(clientHello({ ciphers: [], extensions: [], version: 0x0301 }));
  assert.equal(bare, 't10i000000_000000000000_000000000000');
  const alpn = (...bytes: number[]) => fingerprint(clientHello({ ...SPEC, alpn: [Buffer.from(bytes)] })).slice(8, 10);
  assert.deepEqual(
    [
      alpn(0xab),
      alpn(0xab, 0xcd),
      alpn(0x30, 0xab),
      alpn(0x30, 0x31, 0xab, 0xcd),
      alpn(0x30, 0xab, 0xcd, 0x31),
      alpn(0x68),
    ],
    ['ab', 'ad', '3b', '3d', '01', 'hh'],
  );
});

test('a hello cut into segments, with one sent twice, is one event; a gap is counted', () => {
  const hello = clientHello(SPEC);
  const part = (from: number, to: number): Timed => [
    NOW,
    tcpFrame({ toPort: 443, sequence: 0xffff_ff00 + from, payload: hello.subarray(from, to) }),
  ];
  const whole = all(pcap([part(0, hello.length)]));

  const cut = all(pcap([part(0, 3), part(0, 3), part(3, 100), part(50, 200), part(200, hello.length)]));
  const parser = wire();
  all(pcap([part(0, 50), part(60, hello.length)]), parser);

  const told = whole.find(({ tls }) => tls !== undefined);
  assert.deepEqual(told?.tls, {
    version: 'TLS 1.3',
    sni: 'shop.example',
    ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    alpn: ['h2', 'http/1.1'],
  });
  assert.deepEqual(cut.find(({ tls }) => tls !== undefined)?.tls, told?.tls);
  assert.equal(parser.counts().openingsUnread, 1);
  assert.equal(parser.held().openingBytes, 0);
});

test('a hello in records of one byte each, a segment each, is read, and costs no more than its bytes', () => {
  const said = clientHello({ ...SPEC, sni: 'x'.repeat(2000) }).subarray(5);
  const records = [...said].map((byte) => Buffer.from([22, 3, 1, 0, 1, byte]));
  const frames = records.map((payload, at): Timed => [NOW, tcpFrame({ toPort: 443, sequence: at * 6, payload })]);
  const began = performance.now();

  const told = all(pcap(frames)).find(({ tls }) => tls !== undefined);

  assert.equal(told?.tls?.ja4, 't13d1516h2_8daaf6152771_e5627efa2ab1');
  // copied again with each record it takes minutes
  assert.ok(performance.now() - began < 5000);
});

test('requests in several segments, one after the other, and one that never ends', () => {
  const at = (sequence: number, payload: string): Timed => [NOW, tcpFrame({ sequence, payload })];
  const paths = (...frames: Timed[]) =>
    all(pcap(frames)).flatMap(({ http_request: request }) =>
      request === undefined ? [] : [`${request.url.hostname}${request.url.path}`],
    );

  assert.deepEqual(paths(at(1, GET.slice(0, 2)), at(3, GET.slice(2, 40)), at(41, GET.slice(40)), at(500, GET)), [
    'shop.example/a',
    'shop.example/a',
  ]);
  assert.deepEqual(paths(at(1, 'GET /never HTTP/1.1\r\nHost: h\r\n')), ['h/never']);
  assert.deepEqual(paths(at(1, 'SSH-2.0-x'), at(10, GET)), []);
});

test('whatever is in a packet, cut at every length: nothing is thrown, the next packet is read', () => {
  const chain = Buffer.concat([extension(6), tcp({ payload: GET })]);
  const frames = [
    tcpFrame({ payload: clientHello(SPEC) }),
    tcpFrame({ payload: GET }),
    udpFrame({ payload: dns('shop.example', { answers: [answer(1, Buffer.from([1, 2, 3, 4]))] }) }),
    ethernet(ipv6(0, chain), 0x86dd, [0x8100]),
    ethernet(ipv4(1, Buffer.alloc(8))),
  ];
  for (const frame of frames) {
    const cuts = Array.from({ length: frame.length }, (_, length): Timed => [NOW, frame.subarray(0, length)]);
    const parser = wire();
    all(pcap([...cuts, [NOW + 1, udpFrame({ toPort: 9, fromPort: 9 })]]), parser);
    assert.equal(parser.counts().packets, cuts.length + 1);
  }
});

test('files cut at every length and in any pieces give the same, and never throw', () => {
  for (const file of [pcap(CONNECTION), pcapng(CONNECTION)]) {
    const want = all(file);
    for (let length = 0; length < file.length; length += 1) all(file.subarray(0, length));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: file.length }), { maxLength: 10 }), (cuts) => {
        const parser = wire();
        const edges = [0, ...cuts.sort((a, b) => a - b), file.length];
        // memory that is used again behind us
        const events = edges.slice(1).flatMap((to, at) => {
          const piece = Buffer.from(file.subarray(edges[at], to));
          const told = parser.feed(piece);
          piece.fill(0);
          return told;
        });
        assert.deepEqual([...events, ...parser.end()], want);
      }),
    );
  }
});

test('any bytes as a file, a frame or a payload: nothing is thrown, what is held is bounded', () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each));
  const changed = fc
    .tuple(
      fc.constantFrom(pcap(CONNECTION), pcapng(CONNECTION)),
      fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([file, changes]) => {
      const copy = Buffer.from(file);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    });
  fc.assert(
    fc.property(
      fc.oneof(bytes, changed),
      bytes,
      fc.constantFrom(0, 1, 101, 108, 113, 276, 999),
      (file, body, linkType) => {
        all(file);
        const magic = Buffer.concat([pcapng([]), body]);
        all(magic);
        const frames: Timed[] = [
          [NOW, body],
          [NOW, ethernet(body)],
          [NOW, ethernet(body, 0x86dd)],
          [NOW, udpFrame({ payload: body })],
          [NOW, tcpFrame({ payload: Buffer.concat([Buffer.from([22, 3, 1]), body]) })],
          [NOW, tcpFrame({ payload: Buffer.concat([Buffer.from('GET '), body]) })],
        ];
        const parser = wire({ mostFlows: 3 });
        parser.feed(pcap(frames, { linkType }));
        assert.ok(parser.held().flows <= 3 && parser.held().openingBytes < 20_000);
        parser.end();
        assert.equal(parser.held().openingBytes, 0);
      },
    ),
    { numRuns: 400 },
  );
});
