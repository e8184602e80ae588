/** Packets become flows: what a connection is, in any container, and whatever somebody sends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { plainAddress } from '#platform/networks';

import { addressText } from './addresses.ts';
import {
  answer,
  clientHello,
  dns,
  ethernet,
  extension,
  ipv4,
  ipv6,
  pcap,
  pcapng,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
  type Timed,
} from './written-packets.ts';
import { SPEC, NOW, FIN, SYN, RST, ACK, wire, all, back, GET, CONNECTION } from './testing-wire.ts';

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
