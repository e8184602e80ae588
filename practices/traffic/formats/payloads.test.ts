/** What packets carry: names asked for, hellos of TLS, requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readDns } from './dns.ts';
import { readHello } from './hello.ts';
import { ja4Of } from './ja4.ts';
import {
  answer,
  clientHello,
  dns,
  ethernet,
  ipv4,
  labels,
  pcap,
  tcpFrame,
  udp,
  udpFrame,
  type Timed,
} from './written-packets.ts';
import { SPEC, NOW, wire, all, back, GET } from './testing-wire.ts';

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
  const began = process.threadCpuUsage();

  const told = all(pcap(frames)).find(({ tls }) => tls !== undefined);

  assert.equal(told?.tls?.ja4, 't13d1516h2_8daaf6152771_e5627efa2ab1');
  // copied again with each record it takes minutes
  assert.ok(process.threadCpuUsage(began).user < 5_000_000);
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
