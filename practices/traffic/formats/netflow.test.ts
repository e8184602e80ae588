import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readNetflow } from './netflow.ts';

const NOW = Date.UTC(2026, 10, 26, 14);
const EXPORTER = '198.51.100.1';

const u8 = (...values: number[]): Buffer => Buffer.from(values);
const u16 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => u8(value >> 8, value & 255)));
const u32 = (value: number): Buffer => u16(value >>> 16, value & 0xffff);
const set = (id: number, ...body: Buffer[]): Buffer => {
  const all = Buffer.concat(body);
  return Buffer.concat([u16(id, all.length + 4), all]);
};

const v9 = (sequence: number, ...sets: Buffer[]): Buffer =>
  Buffer.concat([u16(9, sets.length), u32(100_000), u32(NOW / 1000), u32(sequence), u32(5), ...sets]);

const ipfix = (sequence: number, ...sets: Buffer[]): Buffer => {
  const body = Buffer.concat(sets);
  return Buffer.concat([u16(10, 16 + body.length), u32(NOW / 1000), u32(sequence), u32(5), body]);
};

/** Source, destination, ports, protocol, flags, bytes, packets, first and last by up-time. */
const V9_TEMPLATE = set(0, u16(256, 10, 8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 1, 4, 2, 4, 22, 4, 21, 4));
const V9_RECORD = Buffer.concat([
  u8(10, 0, 0, 1, 192, 0, 2, 1),
  u16(40_000, 443),
  u8(6, 0x1b),
  u32(5000),
  u32(9),
  u32(40_000),
  u32(42_500),
]);

/** IPv6 addresses, bytes of 8, milliseconds, a name of variable length of an enterprise, bytes of the other direction. */
const IPFIX_TEMPLATE = set(
  2,
  u16(300, 8, 27, 16, 28, 16, 4, 1, 1, 8, 152, 8, 153, 8, 0x8000 | 7, 65_535),
  u32(9999),
  u16(0x8000 | 1, 4),
  u32(29_305),
);
const ms = (value: number): Buffer => Buffer.concat([u32(Math.trunc(value / 2 ** 32)), u32(value % 2 ** 32)]);
const V6 = Buffer.concat([u16(0x2001, 0xdb8), Buffer.alloc(11)]);
const ipfixRecord = (name: Buffer): Buffer =>
  Buffer.concat([V6, u8(1), V6, u8(2), u8(17), ms(7000), ms(NOW - 900), ms(NOW - 400), name, u32(77)]);

const parser = () => readNetflow({ logName: 'flows', clock: () => NOW });

test('a record of NetFlow 9 is a flow, its times by the exporter’s clock', () => {
  const [event, ...others] = parser().feed(v9(1, V9_TEMPLATE, set(256, V9_RECORD, u8(0, 0))), EXPORTER);

  assert.deepEqual(others, []);
  assert.deepEqual(event?.src_endpoint, { ip: '10.0.0.1', port: 40_000 });
  assert.deepEqual(event?.dst_endpoint, { ip: '192.0.2.1', port: 443 });
  assert.deepEqual(event?.traffic, { bytes_out: 5000, packets_out: 9 });
  assert.deepEqual([event?.time, event?.duration], [NOW - 60_000, 2500]);
  assert.deepEqual(event?.connection_info, { protocol_name: 'tcp', tcp_flags: 0x1b });
});

test('an up-time that began again, or had not begun, is still the right time', () => {
  const record = Buffer.concat([V9_RECORD.subarray(0, 22), u32(2 ** 32 - 500_000), u32(2 ** 32 - 400_000)]);

  const [event] = parser().feed(v9(1, V9_TEMPLATE, set(256, record)), EXPORTER);

  assert.deepEqual([event?.time, event?.duration], [NOW - 600_000, 100_000]);
});

test('IPFIX: fields of variable length, of enterprises, and of the other direction', () => {
  const one = parser();
  const short = ipfixRecord(Buffer.concat([u8(3), Buffer.from('abc')]));
  const long = ipfixRecord(Buffer.concat([u8(255), u16(300), Buffer.alloc(300)]));

  const events = one.feed(ipfix(0, IPFIX_TEMPLATE, set(300, short, long)), EXPORTER);

  assert.equal(events.length, 2);
  for (const event of events) {
    assert.deepEqual([event.src_endpoint, event.dst_endpoint], [{ ip: '2001:db8::1' }, { ip: '2001:db8::2' }]);
    assert.deepEqual(event.traffic, { bytes_out: 7000, bytes_in: 77 });
    assert.deepEqual([event.time, event.duration], [NOW - 900, 500]);
  }
  assert.equal(new Set(events.map(({ metadata }) => metadata.uid)).size, 2);
});

test('records before their template wait for it, another exporter’s template is not theirs, and what waits is bounded', () => {
  const one = parser();

  const before = one.feed(v9(1, set(256, V9_RECORD)), EXPORTER);
  const strange = one.feed(v9(1, V9_TEMPLATE), '198.51.100.2');
  const after = one.feed(v9(2, V9_TEMPLATE), EXPORTER);
  for (let at = 0; at < 100; at += 1) one.feed(v9(3 + at, set(999, Buffer.alloc(1000))), EXPORTER);

  assert.deepEqual([before.length, strange.length, after.length], [0, 0, 1]);
  assert.equal(one.counts().waited, 101);
  assert.equal(one.counts().waitedInVain, 84);
  assert.equal(one.held().waitingBytes, 16_000);
});

test('large templates of many domains are held in bounds: the domain that was used last stays', () => {
  const one = parser();
  const template = (id: number) => u16(id, 128, ...Array.from({ length: 128 }, () => [1, 4]).flat());
  const from = (domain: number, ...sets: Buffer[]) => {
    const datagram = v9(1, ...sets);
    datagram.writeUInt32BE(domain, 16);
    return one.feed(datagram, EXPORTER);
  };

  for (let domain = 0; domain < 40; domain += 1)
    from(domain, set(0, ...Array.from({ length: 100 }, (_, at) => template(300 + at))));
  from(99, V9_TEMPLATE);

  const { domains, templates, fields } = one.held();
  assert.deepEqual([domains, templates, fields], [11, 1001, 128_010]);
  assert.equal(from(99, set(256, V9_RECORD)).length, 1);
  // replaced and dropped ones are counted no more
  for (let domain = 100; domain < 400; domain += 1) from(domain, V9_TEMPLATE, V9_TEMPLATE);
  assert.deepEqual([one.held().domains, one.held().fields], [256, 2560]);
});

test('a withdrawn template is gone; options are read over; lost datagrams and records are counted', () => {
  const one = parser();
  one.feed(ipfix(0, IPFIX_TEMPLATE, set(300, ipfixRecord(u8(0)))), EXPORTER);

  one.feed(ipfix(11, set(3, u16(400, 1, 1, 149, 4)), set(2, u16(300, 0))), EXPORTER);
  const gone = one.feed(ipfix(11, set(300, ipfixRecord(u8(0)))), EXPORTER);
  one.feed(v9(1), EXPORTER);
  one.feed(v9(4), EXPORTER);
  one.feed(v9(3), EXPORTER);

  assert.equal(gone.length, 0);
  assert.deepEqual([one.counts().options, one.counts().lost], [1, 12]);
});

test('a datagram that came twice makes the same uids', () => {
  const one = parser();
  const datagram = v9(1, V9_TEMPLATE, set(256, V9_RECORD, V9_RECORD));
  const uids = () => one.feed(datagram, EXPORTER).map(({ metadata }) => metadata.uid);

  const first = uids();

  assert.deepEqual(uids(), first);
  assert.equal(new Set(first).size, 2);
});

test('any datagram, from anybody, cut anywhere: nothing is thrown, what is held is bounded', () => {
  const whole = [v9(1, V9_TEMPLATE, set(256, V9_RECORD)), ipfix(0, IPFIX_TEMPLATE, set(300, ipfixRecord(u8(1, 65))))];
  const one = parser();
  for (const datagram of whole)
    for (let at = 0; at < datagram.length; at += 1) one.feed(datagram.subarray(0, at), EXPORTER);
  const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
  const changed = fc
    .tuple(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }))
    .map(([datagram, changes]) => {
      const copy = Buffer.from(datagram);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    });

  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        changed,
        bytes.map((body) => v9(1, set(0, body), set(256, body))),
      ),
      fc.nat(5000),
      (datagram, from) => {
        for (const event of one.feed(datagram, `10.0.${from >> 8}.${from & 255}`))
          assert.ok(Number.isSafeInteger(event.time));
      },
    ),
    { numRuns: 2000 },
  );

  // a template whose records have no bytes makes no end of them
  assert.equal(one.feed(v9(9, set(0, u16(260, 1, 8, 0)), set(260, Buffer.alloc(100))), EXPORTER).length, 0);
  const { domains, templates, waitingBytes } = one.held();
  assert.ok(domains <= 256 && templates <= 256 * 256 && waitingBytes <= 1024 * 1024);
  assert.ok(one.aside().length <= 20);
});
